//! What a disk holds for certain, and what it may hold.

use super::tape::{FileId, Place, Recorded, Step};
use super::wreck::Wreck;
use crate::faults::dice::Dice;
use std::collections::{BTreeMap, HashMap};

/// Bytes that a disk writes as a whole.
const SECTOR_BYTES: usize = 512;

/// Which syncs the disk obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syncs {
    /// All.
    Obeyed,
    /// None, and says that it has: as with syncing switched off.
    Ignored,
    /// Not those of files whose names end like this.
    IgnoredOf(&'static str),
}

/// What becomes of the writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    /// All are gone.
    Nothing,
    /// All are there: as when the power stays and the program is killed.
    Everything,
    /// All are there but the last, of which one half is.
    Torn,
    /// Of every write each sector, by chance: so many of 16.
    Sectors(usize),
}

impl Survival {
    /// One of them.
    pub fn random(dice: &mut Dice) -> Self {
        match dice.below(8) {
            0 | 1 => Self::Nothing,
            2 => Self::Everything,
            3 => Self::Torn,
            _ => Self::Sectors(1 + dice.below(15)),
        }
    }
}

/// A change to a file that was not synced.
#[derive(Clone, Copy, Debug)]
enum Change<'tape> {
    Write { offset: usize, bytes: &'tape [u8] },
    Resize(usize),
}

#[derive(Clone, Debug, Default)]
struct Surface<'tape> {
    safe: Vec<u8>,
    late: Vec<Change<'tape>>,
}

/// The names of a disk, and whether each is of a folder.
type Names = BTreeMap<Place, (FileId, bool)>;

/// A disk while a tape is played onto it.
#[derive(Debug)]
pub struct Platter<'tape> {
    syncs: Syncs,
    files: HashMap<FileId, Surface<'tape>>,
    safe_names: Names,
    /// Changes of names that were not synced. A file system writes them down in their order.
    late_names: Vec<&'tape Step>,
    /// By what name a file was made.
    called: HashMap<FileId, &'tape Place>,
    last_written: Option<FileId>,
}

impl<'tape> Platter<'tape> {
    /// An empty one.
    #[must_use]
    pub fn new(syncs: Syncs) -> Self {
        Self {
            syncs,
            files: HashMap::new(),
            safe_names: Names::new(),
            late_names: Vec::new(),
            called: HashMap::new(),
            last_written: None,
        }
    }

    /// Takes the next step.
    pub fn take(&mut self, recorded: &'tape Recorded) {
        let step = &recorded.step;
        match step {
            Step::Made { place, file, .. } => {
                self.called.insert(*file, place);
                self.files.entry(*file).or_default();
                self.late_names.push(step);
            }
            Step::Removed { .. } | Step::Moved { .. } => self.late_names.push(step),
            Step::Written { file, offset, bytes } => {
                let (offset, bytes) = (*offset, bytes.as_slice());
                self.late(*file, Change::Write { offset, bytes });
            }
            Step::Resized { file, length } => self.late(*file, Change::Resize(*length)),
            Step::Synced { file } if self.obeys(*file) => {
                if let Some(surface) = self.files.get_mut(file) {
                    for change in std::mem::take(&mut surface.late) {
                        apply(change, &mut surface.safe);
                    }
                }
            }
            Step::FolderSynced if self.syncs != Syncs::Ignored => {
                for step in std::mem::take(&mut self.late_names) {
                    rename(step, &mut self.safe_names);
                }
            }
            Step::Synced { .. } | Step::FolderSynced => {}
        }
    }

    fn late(&mut self, file: FileId, change: Change<'tape>) {
        self.files.entry(file).or_default().late.push(change);
        self.last_written = Some(file);
    }

    fn obeys(&self, file: FileId) -> bool {
        match self.syncs {
            Syncs::Obeyed => true,
            Syncs::Ignored => false,
            Syncs::IgnoredOf(ending) => {
                let place = self.called.get(&file);
                !place.is_some_and(|place| place.name.to_string_lossy().ends_with(ending))
            }
        }
    }

    /// What is found when the power comes back.
    #[must_use]
    pub fn wreck(&self, survival: Survival, dice: &mut Dice) -> Wreck {
        let mut names = self.safe_names.clone();
        let kept = match survival {
            Survival::Nothing => 0,
            Survival::Everything | Survival::Torn => self.late_names.len(),
            Survival::Sectors(_) => dice.below(self.late_names.len() + 1),
        };
        for step in self.late_names.iter().take(kept) {
            rename(step, &mut names);
        }
        let mut wreck = Wreck::default();
        for (place, &(file, is_folder)) in &names {
            let Some(path) = path(&names, place) else {
                continue;
            };
            if is_folder {
                wreck.folders.push(path);
            } else {
                wreck.files.insert(path, self.content(file, survival, dice));
            }
        }
        wreck.folders.sort();
        wreck
    }

    fn content(&self, file: FileId, survival: Survival, dice: &mut Dice) -> Vec<u8> {
        let Some(surface) = self.files.get(&file) else {
            return Vec::new();
        };
        let mut content = surface.safe.clone();
        let last = surface.late.len().saturating_sub(1);
        for (number, &change) in surface.late.iter().enumerate() {
            match survival {
                Survival::Nothing => {}
                Survival::Torn if number == last && self.last_written == Some(file) => {
                    tear(change, &mut content, dice);
                }
                Survival::Everything | Survival::Torn => apply(change, &mut content),
                Survival::Sectors(of_16) => scatter(change, &mut content, of_16, dice),
            }
        }
        content
    }
}

fn apply(change: Change<'_>, content: &mut Vec<u8>) {
    match change {
        Change::Resize(length) => content.resize(length, 0),
        Change::Write { offset, bytes } => {
            let end = offset + bytes.len();
            if content.len() < end {
                content.resize(end, 0);
            }
            if let Some(there) = content.get_mut(offset..end) {
                there.copy_from_slice(bytes);
            }
        }
    }
}

/// The first or the second half.
fn tear(change: Change<'_>, content: &mut Vec<u8>, dice: &mut Dice) {
    if let Change::Write { offset, bytes } = change {
        let (first, second) = bytes.split_at(bytes.len() / 2);
        let half = if dice.once_in(2) {
            Change::Write { offset, bytes: first }
        } else {
            let offset = offset + first.len();
            Change::Write {
                offset,
                bytes: second,
            }
        };
        apply(half, content);
    }
}

fn scatter(change: Change<'_>, content: &mut Vec<u8>, of_16: usize, dice: &mut Dice) {
    let mut survives = || dice.below(16) < of_16;
    match change {
        Change::Resize(_) if survives() => apply(change, content),
        Change::Resize(_) => {}
        Change::Write { offset, bytes } => {
            let mut rest = bytes;
            let mut offset = offset;
            while !rest.is_empty() {
                let to_the_end = SECTOR_BYTES - offset % SECTOR_BYTES;
                let (bytes, behind) = rest.split_at(to_the_end.min(rest.len()));
                if survives() {
                    apply(Change::Write { offset, bytes }, content);
                }
                offset += bytes.len();
                rest = behind;
            }
        }
    }
}

fn rename(step: &Step, names: &mut Names) {
    match step {
        Step::Made {
            place,
            file,
            is_folder,
        } => {
            names.insert(place.clone(), (*file, *is_folder));
        }
        Step::Removed { place } => {
            names.remove(place);
        }
        Step::Moved { from, to } => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Step::Written { .. } | Step::Resized { .. } | Step::Synced { .. } | Step::FolderSynced => {}
    }
}

/// Where a place is; nowhere, if a folder on the way is not there.
fn path(names: &Names, place: &Place) -> Option<std::path::PathBuf> {
    let mut path = std::path::PathBuf::from(&place.name);
    let mut folder = place.folder;
    while folder != FileId::ROOT {
        let (above, _) = names.iter().find(|(_, (file, _))| *file == folder)?;
        path = std::path::Path::new(&above.name).join(path);
        folder = above.folder;
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::history::Moment;
    use std::path::Path;

    const FILE: FileId = FileId(2);

    fn place(name: &str) -> Place {
        Place {
            folder: FileId::ROOT,
            name: name.into(),
        }
    }

    fn made(name: &str, file: FileId) -> Step {
        let (place, is_folder) = (place(name), false);
        Step::Made {
            place,
            file,
            is_folder,
        }
    }

    fn written(offset: usize, bytes: &[u8]) -> Step {
        Step::Written {
            file: FILE,
            offset,
            bytes: bytes.to_vec(),
        }
    }

    fn tape(steps: impl IntoIterator<Item = Step>) -> Vec<Recorded> {
        let at = Moment::default();
        steps.into_iter().map(|step| Recorded { at, step }).collect()
    }

    fn left(tape: &[Recorded], syncs: Syncs, survival: Survival, seed: u64) -> Wreck {
        let mut platter = Platter::new(syncs);
        for recorded in tape {
            platter.take(recorded);
        }
        platter.wreck(survival, &mut Dice::new(seed))
    }

    fn content(wreck: &Wreck, name: &str) -> Option<Vec<u8>> {
        wreck.files.get(Path::new(name)).cloned()
    }

    #[test]
    fn what_was_synced_is_there_and_what_was_not_may_be_gone() {
        let tape = tape([
            made("a", FILE),
            Step::FolderSynced,
            written(0, b"safe"),
            Step::Synced { file: FILE },
            written(2, b"late"),
        ]);
        let left = |syncs, survival| content(&left(&tape, syncs, survival, 1), "a");
        assert_eq!(left(Syncs::Obeyed, Survival::Nothing).unwrap(), b"safe");
        assert_eq!(left(Syncs::Obeyed, Survival::Everything).unwrap(), b"salate");
        assert_eq!(left(Syncs::Ignored, Survival::Nothing), None);
        assert_eq!(left(Syncs::IgnoredOf("a"), Survival::Nothing).unwrap(), b"");
        assert_eq!(left(Syncs::IgnoredOf("b"), Survival::Nothing).unwrap(), b"safe");
    }

    #[test]
    fn names_go_in_the_order_in_which_they_were_changed() {
        let other = FileId(3);
        let tape = tape([
            made("a", FILE),
            Step::FolderSynced,
            made("b", other),
            Step::Moved {
                from: place("b"),
                to: place("a"),
            },
            Step::Removed { place: place("a") },
        ]);
        let names = |seed| -> Vec<String> {
            let wreck = left(&tape, Syncs::Obeyed, Survival::Sectors(8), seed);
            wreck
                .files
                .keys()
                .map(|path| path.display().to_string())
                .collect()
        };
        let seen: std::collections::BTreeSet<_> = (0..100).map(names).collect();
        let all = [vec![], vec!["a".to_owned()], vec!["a".to_owned(), "b".to_owned()]];
        assert_eq!(seen, all.into());
    }

    #[test]
    fn a_sector_is_there_as_a_whole_or_not_at_all() {
        let tape = tape([made("a", FILE), Step::FolderSynced, written(100, &[7; 2000])]);
        let mut seen_some = false;
        for seed in 0..100 {
            let wreck = left(&tape, Syncs::Obeyed, Survival::Sectors(8), seed);
            let content = content(&wreck, "a").unwrap();
            let mut all = content.clone();
            all.resize(2100, 0);
            assert!(all.iter().take(100).all(|byte| *byte == 0));
            let rest: Vec<u8> = all.into_iter().skip(100).collect();
            let (first, others) = rest.split_at(412);
            for sector in [first].into_iter().chain(others.chunks(512)) {
                assert!(sector.iter().all(|byte| byte == &sector[0]), "{sector:?}");
            }
            seen_some |= !content.is_empty() && content.contains(&0) && content.len() > 512;
        }
        assert!(seen_some);
    }

    #[test]
    fn of_the_last_write_one_half_is_there() {
        let tape = tape([
            made("a", FILE),
            Step::FolderSynced,
            written(0, b"one"),
            written(3, b"twice!"),
        ]);
        for seed in 0..20 {
            let content = content(&left(&tape, Syncs::Obeyed, Survival::Torn, seed), "a").unwrap();
            assert!(content == b"onetwi" || content == b"one\0\0\0ce!", "{content:?}");
        }
    }
}
