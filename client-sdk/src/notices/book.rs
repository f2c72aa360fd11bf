//! All notices, as the engine holds them. They go with what they are about, in the batch in which that goes.

use super::{About, NOTICES, NoticeId, NoticeRecord};
use crate::contacts::Names;
use crate::devices::OwnDeviceRecord;
use crate::messages::MessageRecord;
use crate::record_key;
use crate::store::{Changes, Records, RecordsError, Scan, Store, decode};
use sotto_crypto_core::secret::SecretBytes;
use sotto_protocol::{AccountId, ChatId, DeviceId, MessageId};
use std::collections::BTreeMap;

/// Every notice that is kept, as stored.
#[derive(Default)]
pub(crate) struct Notices {
    kept: BTreeMap<NoticeId, NoticeRecord>,
}

impl Notices {
    /// Those in the store.
    pub(crate) async fn load<S: Store>(records: &Records<S>) -> Result<Self, RecordsError> {
        let found = records
            .scan::<NoticeRecord>(Scan::prefix(record_key::notices()))
            .await?;
        let kept = found
            .into_iter()
            .filter_map(|(key, record)| Some((record_key::notice_id(&key)?, record)));
        Ok(Self { kept: kept.collect() })
    }

    /// Keeps a notice. Of too many the oldest goes.
    pub(crate) fn add(&mut self, id: NoticeId, about: About, is_seen: bool, changes: &mut Changes) {
        if let About::Reaction { to, by, .. } = &about {
            // Of one who reacts again the latest counts.
            let (message, by) = (to.message, *by);
            self.remove(changes, |about| is_reaction(about, message, by));
        }
        let record = NoticeRecord { about, is_seen };
        changes.put(record_key::notice(id), &record);
        self.kept.insert(id, record);
        while self.kept.len() > NOTICES
            && let Some((oldest, _)) = self.kept.pop_first()
        {
            changes.delete(record_key::notice(oldest));
        }
    }

    /// Somebody has read a chat up to here, or to its end.
    pub(crate) fn read(&mut self, chat: ChatId, up_to: u64, is_all: bool, changes: &mut Changes) {
        self.see(changes, |about| {
            about.chat() == Some(chat) && about.is_read(up_to, is_all)
        });
    }

    /// Somebody has decided whether a chat is wanted.
    pub(crate) fn see_invitation(&mut self, chat: ChatId, changes: &mut Changes) {
        self.see(changes, |about| {
            about.chat() == Some(chat) && about.spot().is_none()
        });
    }

    /// Somebody has looked at all there are.
    pub(crate) fn see_all(&mut self, changes: &mut Changes) {
        self.see(changes, |_| true);
    }

    /// What becomes of notices when these changes are made.
    pub(crate) fn follow(&mut self, changes: &mut Changes, names: &impl Names) {
        if self.kept.is_empty() {
            return;
        }
        let mut fates = Vec::new();
        for (key, value) in changes.iter() {
            if let Some((chat, position)) = record_key::message_parts(key) {
                self.follow_message(chat, position, value.map(decode), names, &mut fates);
            } else if let Some(device) = record_key::own_device_id(key) {
                fates.extend(self.follow_device(device, value));
            } else if let Some(chat) = record_key::chat_id(key).filter(|_| value.is_none()) {
                let of_chat = self.ids(|about| about.chat() == Some(chat));
                fates.extend(of_chat.into_iter().map(Fate::Gone));
            }
        }
        for fate in fates {
            match fate {
                Fate::Gone(id) => {
                    self.kept.remove(&id);
                    changes.delete(record_key::notice(id));
                }
                Fate::Seen(id) => {
                    if let Some(record) = self.kept.get_mut(&id).filter(|record| !record.is_seen) {
                        record.is_seen = true;
                        changes.put(record_key::notice(id), record);
                    }
                }
            }
        }
    }

    fn follow_message(
        &self,
        chat: ChatId,
        position: u64,
        message: Option<Result<MessageRecord, RecordsError>>,
        names: &impl Names,
        fates: &mut Vec<Fate>,
    ) {
        let is_there = |about: &About| {
            about
                .spot()
                .is_some_and(|spot| spot.chat == chat && spot.position == position)
        };
        let at_this_place = self.ids(is_there);
        if at_this_place.is_empty() {
            return;
        }
        let message = message.and_then(Result::ok);
        fates.extend(at_this_place.into_iter().filter_map(|id| {
            let about = &self.kept.get(&id)?.about;
            let holds = message
                .as_ref()
                .is_some_and(|message| about.holds(message, names));
            (!holds).then_some(Fate::Gone(id))
        }));
    }

    fn follow_device(&self, device: DeviceId, value: Option<&SecretBytes>) -> Vec<Fate> {
        let of_device = self.ids(|about| *about == About::Device(device));
        let fate = match value.map(decode::<OwnDeviceRecord>) {
            None => Fate::Gone,
            Some(Ok(record)) if record.is_noticed => Fate::Seen,
            Some(_) => return Vec::new(),
        };
        of_device.into_iter().map(fate).collect()
    }

    fn see(&mut self, changes: &mut Changes, is_seen: impl Fn(&About) -> bool) {
        for (&id, record) in &mut self.kept {
            if !record.is_seen && is_seen(&record.about) {
                record.is_seen = true;
                changes.put(record_key::notice(id), record);
            }
        }
    }

    fn remove(&mut self, changes: &mut Changes, is_gone: impl Fn(&About) -> bool) {
        for id in self.ids(is_gone) {
            self.kept.remove(&id);
            changes.delete(record_key::notice(id));
        }
    }

    fn ids(&self, wanted: impl Fn(&About) -> bool) -> Vec<NoticeId> {
        let found = self.kept.iter().filter(|(_, record)| wanted(&record.about));
        found.map(|(&id, _)| id).collect()
    }
}

/// What becomes of a notice.
enum Fate {
    Gone(NoticeId),
    Seen(NoticeId),
}

fn is_reaction(about: &About, message: MessageId, by: AccountId) -> bool {
    matches!(about, About::Reaction { to, by: account, .. } if to.message == message && *account == by)
}

#[cfg(test)]
mod tests {
    use super::super::Spot;
    use super::*;
    use sotto_protocol::{Seq, Timestamp};

    const CHAT: ChatId = ChatId::from_bytes([1; 16]);

    fn id(at: u64) -> NoticeId {
        NoticeId::new(Timestamp(at), Seq::ZERO, [9; 16])
    }

    fn spot(position: u64) -> Spot {
        Spot {
            chat: CHAT,
            message: MessageId::from_bytes([2; 16]),
            position,
        }
    }

    #[test]
    fn of_too_many_notices_the_oldest_goes() {
        let (mut notices, mut changes) = (Notices::default(), Changes::new());
        for at in 0..=NOTICES as u64 {
            notices.add(id(at), About::Mention(spot(at)), false, &mut changes);
        }
        assert_eq!(notices.kept.len(), NOTICES);
        assert!(!notices.kept.contains_key(&id(0)));
        let deleted: Vec<_> = changes.iter().filter(|(_, value)| value.is_none()).collect();
        assert_eq!(deleted.len(), 1);
        assert_eq!(record_key::notice_id(deleted[0].0), Some(id(0)));
    }

    #[test]
    fn of_one_who_reacts_again_the_latest_reaction_counts() {
        let (mut notices, mut changes) = (Notices::default(), Changes::new());
        let by = AccountId::from_bytes([3; 16]);
        for at in [5, 7] {
            let about = About::Reaction {
                to: spot(1),
                by,
                seq: at,
            };
            notices.add(id(at), about, false, &mut changes);
        }
        assert_eq!(notices.kept.keys().copied().collect::<Vec<_>>(), [id(7)]);
    }

    #[test]
    fn a_chat_takes_its_notices_with_it() {
        let (mut notices, mut changes) = (Notices::default(), Changes::new());
        let other = ChatId::from_bytes([4; 16]);
        notices.add(id(1), About::Added { chat: CHAT, by: None }, false, &mut changes);
        notices.add(
            id(2),
            About::Added {
                chat: other,
                by: None,
            },
            false,
            &mut changes,
        );
        let mut changes = Changes::new();
        changes.delete(record_key::chat(CHAT));
        notices.follow(&mut changes, &crate::contacts::Contacts::default());
        assert_eq!(notices.kept.keys().copied().collect::<Vec<_>>(), [id(2)]);
        assert_eq!(changes.len(), 2);
    }
}
