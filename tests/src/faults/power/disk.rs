//! A disk that writes down what is done to it.

use super::tape::{FileId, Place, Recorded, Step, Tape};
use crate::faults::workload::RunClock;
use fuser::{
    AccessFlags, BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem,
    FopenFlags, Generation, INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate,
    ReplyData, ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request,
    TimeOrNow, WriteFlags,
};
use std::collections::{BTreeMap, HashMap};
use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long the kernel may believe what it was told: nobody but it changes anything.
const TTL: Duration = Duration::from_hours(1);
const BLOCK_BYTES: u32 = 4096;
/// Blocks that are free, whatever is written.
const FREE_BLOCKS: u64 = 1 << 24;

/// A disk in memory, mounted by FUSE, that writes down every step. Dropping it unmounts it.
#[derive(Debug)]
pub struct RecordingDisk {
    session: BackgroundSession,
    state: Arc<Mutex<State>>,
}

impl RecordingDisk {
    /// Mounts an empty one over a folder. This needs `/dev/fuse`, and root or fusermount3.
    pub fn mount(folder: &Path, clock: RunClock) -> Result<Self, String> {
        let state = Arc::new(Mutex::new(State::new(clock)));
        let files = Files(Arc::clone(&state));
        let mut options = Config::default();
        options.mount_options = vec![MountOption::FSName("sotto-recording-disk".to_owned())];
        let session = fuser::spawn_mount(files, folder, &options)
            .map_err(|error| format!("a recording disk cannot be mounted here (FUSE): {error}"))?;
        Ok(Self { session, state })
    }

    /// Why none can be mounted here, if that is so. It is tried: that there is a device does not mean that one may.
    pub fn try_out() -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        Self::mount(folder.path(), RunClock::start())?.eject().map(drop)
    }

    /// Steps so far.
    #[must_use]
    pub fn steps(&self) -> usize {
        lock(&self.state).tape.0.len()
    }

    /// Unmounts it. Nobody has a file of it open.
    pub fn eject(self) -> Result<Tape, String> {
        self.session
            .umount_and_join()
            .map_err(|error| format!("the recording disk cannot be unmounted: {error}"))?;
        Ok(std::mem::take(&mut lock(&self.state).tape))
    }
}

/// What a panic elsewhere leaves is whole: each step is taken at once.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<OsString, FileId>),
}

#[derive(Debug)]
struct Node {
    content: Content,
    permissions: u16,
    owner: (u32, u32),
}

/// The files as those see them who use them. Files without a name stay: somebody may have them open.
#[derive(Debug)]
struct State {
    clock: RunClock,
    nodes: HashMap<FileId, Node>,
    last: FileId,
    tape: Tape,
}

impl State {
    fn new(clock: RunClock) -> Self {
        let root = Node {
            content: Content::Folder(BTreeMap::new()),
            permissions: 0o755,
            owner: (0, 0),
        };
        Self {
            clock,
            nodes: HashMap::from([(FileId::ROOT, root)]),
            last: FileId::ROOT,
            tape: Tape::default(),
        }
    }

    fn record(&mut self, step: Step) {
        let at = self.clock.now();
        self.tape.0.push(Recorded { at, step });
    }

    fn attributes(&self, file: FileId) -> Result<FileAttr, Errno> {
        let node = self.nodes.get(&file).ok_or(Errno::ENOENT)?;
        let (kind, size) = match &node.content {
            Content::File(bytes) => (FileType::RegularFile, bytes.len() as u64),
            Content::Folder(_) => (FileType::Directory, 0),
        };
        Ok(FileAttr {
            ino: INodeNo(file.0),
            size,
            blocks: size.div_ceil(512),
            atime: UNIX_EPOCH,
            mtime: UNIX_EPOCH,
            ctime: UNIX_EPOCH,
            crtime: UNIX_EPOCH,
            kind,
            perm: node.permissions,
            nlink: 1,
            uid: node.owner.0,
            gid: node.owner.1,
            rdev: 0,
            blksize: BLOCK_BYTES,
            flags: 0,
        })
    }

    fn names(&mut self, folder: FileId) -> Result<&mut BTreeMap<OsString, FileId>, Errno> {
        match self.nodes.get_mut(&folder).map(|node| &mut node.content) {
            Some(Content::Folder(names)) => Ok(names),
            Some(Content::File(_)) => Err(Errno::ENOTDIR),
            None => Err(Errno::ENOENT),
        }
    }

    fn bytes(&mut self, file: FileId) -> Result<&mut Vec<u8>, Errno> {
        match self.nodes.get_mut(&file).map(|node| &mut node.content) {
            Some(Content::File(bytes)) => Ok(bytes),
            Some(Content::Folder(_)) => Err(Errno::EISDIR),
            None => Err(Errno::ENOENT),
        }
    }

    fn look_up(&mut self, place: &Place) -> Result<FileAttr, Errno> {
        let found = self.names(place.folder)?.get(&place.name).copied();
        self.attributes(found.ok_or(Errno::ENOENT)?)
    }

    fn make(&mut self, place: Place, content: Content, rights: (u16, u32, u32)) -> Result<FileAttr, Errno> {
        let file = FileId(self.last.0 + 1);
        let names = self.names(place.folder)?;
        if names.contains_key(&place.name) {
            return Err(Errno::EEXIST);
        }
        names.insert(place.name.clone(), file);
        self.last = file;
        let is_folder = matches!(content, Content::Folder(_));
        let (permissions, user, group) = rights;
        let node = Node {
            content,
            permissions,
            owner: (user, group),
        };
        self.nodes.insert(file, node);
        self.record(Step::Made {
            place,
            file,
            is_folder,
        });
        self.attributes(file)
    }

    fn remove(&mut self, place: Place) -> Result<(), Errno> {
        let file = self.look_up(&place)?;
        let is_full = matches!(self.names(FileId(file.ino.0)), Ok(names) if !names.is_empty());
        if is_full {
            return Err(Errno::ENOTEMPTY);
        }
        self.names(place.folder)?.remove(&place.name);
        self.record(Step::Removed { place });
        Ok(())
    }

    fn rename(&mut self, from: Place, to: Place) -> Result<(), Errno> {
        let file = FileId(self.look_up(&from)?.ino.0);
        self.names(to.folder)?;
        self.names(from.folder)?.remove(&from.name);
        self.names(to.folder)?.insert(to.name.clone(), file);
        self.record(Step::Moved { from, to });
        Ok(())
    }

    fn resize(&mut self, file: FileId, length: u64) -> Result<(), Errno> {
        let length = usize::try_from(length).map_err(|_| Errno::EFBIG)?;
        self.bytes(file)?.resize(length, 0);
        self.record(Step::Resized { file, length });
        Ok(())
    }

    fn write(&mut self, file: FileId, offset: u64, bytes: &[u8]) -> Result<u32, Errno> {
        let offset = usize::try_from(offset).map_err(|_| Errno::EFBIG)?;
        let end = offset.checked_add(bytes.len()).ok_or(Errno::EFBIG)?;
        let content = self.bytes(file)?;
        if content.len() < end {
            content.resize(end, 0);
        }
        if let Some(there) = content.get_mut(offset..end) {
            there.copy_from_slice(bytes);
        }
        let bytes = bytes.to_vec();
        let written = u32::try_from(bytes.len()).map_err(|_| Errno::EFBIG)?;
        self.record(Step::Written { file, offset, bytes });
        Ok(written)
    }
}

/// What the kernel asks.
#[derive(Debug)]
struct Files(Arc<Mutex<State>>);

impl Files {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

fn place(folder: INodeNo, name: &OsStr) -> Place {
    Place {
        folder: FileId(folder.0),
        name: name.to_owned(),
    }
}

fn permissions(mode: u32, umask: u32) -> u16 {
    u16::try_from(mode & !umask & 0o7777).unwrap_or_default()
}

fn answer(done: Result<(), Errno>, reply: ReplyEmpty) {
    match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

impl Filesystem for Files {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        match self.state().look_up(&place(parent, name)) {
            Ok(found) => reply.entry(&TTL, &found, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, ino: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.state().attributes(FileId(ino.0)) {
            Ok(found) => reply.attr(&TTL, &found),
            Err(error) => reply.error(error),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let (mut state, file) = (self.state(), FileId(ino.0));
        if let (Some(mode), Some(node)) = (mode, state.nodes.get_mut(&file)) {
            node.permissions = permissions(mode, 0);
        }
        let resized = size.map_or(Ok(()), |size| state.resize(file, size));
        match resized.and_then(|()| state.attributes(file)) {
            Ok(found) => reply.attr(&TTL, &found),
            Err(error) => reply.error(error),
        }
    }

    fn mkdir(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        reply: ReplyEntry,
    ) {
        let rights = (permissions(mode, umask), request.uid(), request.gid());
        let folder = Content::Folder(BTreeMap::new());
        match self.state().make(place(parent, name), folder, rights) {
            Ok(found) => reply.entry(&TTL, &found, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        let rights = (permissions(mode, umask), request.uid(), request.gid());
        let file = Content::File(Vec::new());
        let flags = FopenFlags::FOPEN_KEEP_CACHE;
        match self.state().make(place(parent, name), file, rights) {
            Ok(found) => reply.created(&TTL, &found, Generation(0), FileHandle(0), flags),
            Err(error) => reply.error(error),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(self.state().remove(place(parent, name)), reply);
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(self.state().remove(place(parent, name)), reply);
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        if !flags.is_empty() {
            return reply.error(Errno::EINVAL);
        }
        let renamed = self
            .state()
            .rename(place(parent, name), place(new_parent, new_name));
        answer(renamed, reply);
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::FOPEN_KEEP_CACHE);
    }

    fn read(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        match self.state().bytes(FileId(ino.0)) {
            Ok(bytes) => {
                let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let end = begin.saturating_add(size as usize).min(bytes.len());
                reply.data(bytes.get(begin..end).unwrap_or_default());
            }
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        ino: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.state().write(FileId(ino.0), offset, data) {
            Ok(written) => reply.written(written),
            Err(error) => reply.error(error),
        }
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, ino: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let file = FileId(ino.0);
        self.state().record(Step::Synced { file });
        reply.ok();
    }

    fn fsyncdir(&self, _: &Request, _: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        self.state().record(Step::FolderSynced);
        reply.ok();
    }

    fn readdir(&self, _: &Request, ino: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let mut state = self.state();
        let names: Vec<(OsString, FileId)> = match state.names(FileId(ino.0)) {
            Ok(names) => names.iter().map(|(name, &file)| (name.clone(), file)).collect(),
            Err(error) => return reply.error(error),
        };
        for (number, (name, file)) in (1..)
            .zip(names)
            .skip(usize::try_from(offset).unwrap_or(usize::MAX))
        {
            let kind = state
                .attributes(file)
                .map_or(FileType::RegularFile, |found| found.kind);
            if reply.add(INodeNo(file.0), number, kind, name) {
                break;
            }
        }
        reply.ok();
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        let blocks = FREE_BLOCKS;
        reply.statfs(
            blocks,
            blocks,
            blocks,
            blocks,
            blocks,
            BLOCK_BYTES,
            255,
            BLOCK_BYTES,
        );
    }

    fn access(&self, _: &Request, _: INodeNo, _: AccessFlags, reply: ReplyEmpty) {
        reply.ok();
    }
}
