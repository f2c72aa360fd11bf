//! The keys of every record that the client keeps. Kinds are part of the stored format: they never change.

use crate::notices::NoticeId;
use crate::store::RecordKey;
use sotto_protocol::{AccountId, BlobId, ChatId, DeviceId, MessageId, Seq, Suite, Timestamp};

const ACCOUNT: u8 = 0x01;
const SESSION: u8 = 0x02;
const KEY_PACKAGE: u8 = 0x03;
const KEY_PACKAGE_ROTATION: u8 = 0x04;
const CONTACT: u8 = 0x08;
const CHAT: u8 = 0x10;
const GROUP: u8 = 0x11;
const MESSAGE: u8 = 0x12;
const OUTBOX: u8 = 0x13;
const PENDING_COMMIT: u8 = 0x14;
const CREATION: u8 = 0x15;
const UNDECRYPTABLE: u8 = 0x16;
const SENT: u8 = 0x17;
const GROUP_KEY: u8 = 0x18;
const INTENT: u8 = 0x19;
const DEVICE_LIST: u8 = 0x1A;
const EXPIRY: u8 = 0x1B;
const RECEIPTS: u8 = 0x1C;
const PRIVACY: u8 = 0x1D;
const PLACE: u8 = 0x1E;
const GROUP_PICTURE: u8 = 0x1F;
const OWN_DEVICE: u8 = 0x20;
const OFFERED_DEVICES: u8 = 0x21;
const VERIFIED_CONTACT: u8 = 0x22;
const ERASURE: u8 = 0x23;
const VERDICTS: u8 = 0x24;
const REQUEST: u8 = 0x25;
const STARS: u8 = 0x26;
const CHAT_PREFERENCES: u8 = 0x27;
const DRAFTS: u8 = 0x28;
const UPLOAD: u8 = 0x29;
const UPLOAD_PART: u8 = 0x2A;
const BLOB_ERASURE: u8 = 0x2B;
const ARCHIVE: u8 = 0x2C;
const ARCHIVE_CHANGE: u8 = 0x2D;
const ARCHIVE_HEADS: u8 = 0x2E;
const ARCHIVES_LISTED: u8 = 0x2F;
const NOTICE: u8 = 0x30;
const WAKE_UP: u8 = 0x31;
const IMPORTED: u8 = 0x32;
const LOOKED_FOR_COMMUNITIES: u8 = 0x33;

/// Whether a key is one of these, and not the store's own.
pub(crate) fn is_ours(key: &[u8]) -> bool {
    key.first()
        .is_some_and(|kind| (ACCOUNT..=LOOKED_FOR_COMMUNITIES).contains(kind))
}

/// The account and this device's keys.
pub(crate) fn account() -> RecordKey {
    RecordKey::new(ACCOUNT)
}

/// The session's tokens.
pub(crate) fn session() -> RecordKey {
    RecordKey::new(SESSION)
}

/// The private material of every KeyPackage.
pub(crate) fn key_packages() -> RecordKey {
    RecordKey::new(KEY_PACKAGE)
}

/// One record of that material, by the key that `sotto-crypto-core` gave it.
pub(crate) fn key_package(key: &[u8]) -> RecordKey {
    key_packages().bytes(key)
}

/// When the last-resort KeyPackage of a suite was made. That of the first suite has the key that it had when there was no other.
pub(crate) fn key_package_rotation(suite: Suite) -> RecordKey {
    let key = RecordKey::new(KEY_PACKAGE_ROTATION);
    match suite {
        Suite::XWing => key,
        Suite::X25519 => key.number(suite.code_point().into()),
    }
}

/// Every contact.
pub(crate) fn contacts() -> RecordKey {
    RecordKey::new(CONTACT)
}

/// One contact.
pub(crate) fn contact(account: AccountId) -> RecordKey {
    contacts().id(account.as_bytes())
}

/// Every chat.
pub(crate) fn chats() -> RecordKey {
    RecordKey::new(CHAT)
}

/// One chat.
pub(crate) fn chat(chat: ChatId) -> RecordKey {
    chats().id(chat.as_bytes())
}

/// The chat, if the key is that of one.
pub(crate) fn chat_id(key: &[u8]) -> Option<ChatId> {
    (key.first() == Some(&CHAT)).then(|| first_id(key))?
}

/// Every record of a chat's MLS group.
pub(crate) fn group(chat: ChatId) -> RecordKey {
    RecordKey::new(GROUP).id(chat.as_bytes())
}

/// One record of a chat's MLS group, by the key that `sotto-crypto-core` gave it.
pub(crate) fn group_record(chat: ChatId, key: &[u8]) -> RecordKey {
    group(chat).bytes(key)
}

/// Every message of a chat, in the order of their positions.
pub(crate) fn messages(chat: ChatId) -> RecordKey {
    RecordKey::new(MESSAGE).id(chat.as_bytes())
}

/// The message at a position.
pub(crate) fn message(chat: ChatId, position: u64) -> RecordKey {
    messages(chat).number(position)
}

/// The chat and position that a message's key was made of.
pub(crate) fn message_parts(key: &[u8]) -> Option<(ChatId, u64)> {
    let (&MESSAGE, rest) = key.split_first()? else {
        return None;
    };
    let (chat, position) = rest.split_at_checked(ChatId::LENGTH)?;
    Some((
        ChatId::try_from(chat).ok()?,
        u64::from_be_bytes(position.try_into().ok()?),
    ))
}

/// Where in its chat a message stands.
pub(crate) fn place(chat: ChatId, message: MessageId) -> RecordKey {
    RecordKey::new(PLACE).id(chat.as_bytes()).id(message.as_bytes())
}

/// When each message that vanishes does, the first one first.
pub(crate) fn expiries() -> RecordKey {
    RecordKey::new(EXPIRY)
}

/// Those before this time.
pub(crate) fn expiries_until(end: Timestamp) -> RecordKey {
    expiries().number(end.0)
}

/// That the message at a position vanishes at this time.
pub(crate) fn expiry(at: Timestamp, chat: ChatId, position: u64) -> RecordKey {
    expiries_until(at).id(chat.as_bytes()).number(position)
}

/// The time, chat and position that such a key was made of.
pub(crate) fn expiry_parts(key: &[u8]) -> Option<(Timestamp, ChatId, u64)> {
    let (&EXPIRY, rest) = key.split_first()? else {
        return None;
    };
    let (at, rest) = rest.split_first_chunk::<8>()?;
    let (chat, position) = rest.split_at_checked(ChatId::LENGTH)?;
    Some((
        Timestamp(u64::from_be_bytes(*at)),
        ChatId::try_from(chat).ok()?,
        u64::from_be_bytes(position.try_into().ok()?),
    ))
}

/// What the devices of others have told in a chat of how far they are.
pub(crate) fn receipts(chat: ChatId) -> RecordKey {
    RecordKey::new(RECEIPTS).id(chat.as_bytes())
}

/// What others are told of this account.
pub(crate) fn privacy() -> RecordKey {
    RecordKey::new(PRIVACY)
}

/// Every message of every chat that the server has not accepted yet.
pub(crate) fn outboxes() -> RecordKey {
    RecordKey::new(OUTBOX)
}

/// A message that the server has not accepted yet, by its number in the chat's outbox.
pub(crate) fn outbox(chat: ChatId, ordinal: u64) -> RecordKey {
    outboxes().id(chat.as_bytes()).number(ordinal)
}

/// The chat and number that an outbox key was made of.
pub(crate) fn outbox_parts(key: &[u8]) -> Option<(ChatId, u64)> {
    let (&OUTBOX, rest) = key.split_first()? else {
        return None;
    };
    let (chat, ordinal) = rest.split_at_checked(ChatId::LENGTH)?;
    Some((
        ChatId::try_from(chat).ok()?,
        u64::from_be_bytes(ordinal.try_into().ok()?),
    ))
}

/// Every Commit that waits for the server's answer.
pub(crate) fn pending_commits() -> RecordKey {
    RecordKey::new(PENDING_COMMIT)
}

/// The Commit of a chat that waits for the server's answer.
pub(crate) fn pending_commit(chat: ChatId) -> RecordKey {
    pending_commits().id(chat.as_bytes())
}

/// Every chat that this device is creating.
pub(crate) fn creations() -> RecordKey {
    RecordKey::new(CREATION)
}

/// The request that creates a chat.
pub(crate) fn creation(chat: ChatId) -> RecordKey {
    creations().id(chat.as_bytes())
}

/// Why an entry could not be decrypted.
pub(crate) fn undecryptable(chat: ChatId, seq: Seq) -> RecordKey {
    RecordKey::new(UNDECRYPTABLE).id(chat.as_bytes()).number(seq.0)
}

/// That a message whose id the application chose was taken.
pub(crate) fn sent(message: MessageId) -> RecordKey {
    RecordKey::new(SENT).id(message.as_bytes())
}

/// The secret half of a group's key.
pub(crate) fn group_key(chat: ChatId) -> RecordKey {
    RecordKey::new(GROUP_KEY).id(chat.as_bytes())
}

/// Everything that was asked for in groups and is not done.
pub(crate) fn intents() -> RecordKey {
    RecordKey::new(INTENT)
}

/// Something that was asked for in a group, by its number.
pub(crate) fn intent(chat: ChatId, ordinal: u64) -> RecordKey {
    intents().id(chat.as_bytes()).number(ordinal)
}

/// What is known of the account's signed device list.
pub(crate) fn device_list() -> RecordKey {
    RecordKey::new(DEVICE_LIST)
}

/// A group's picture, as it was read from the server.
pub(crate) fn group_picture(chat: ChatId) -> RecordKey {
    RecordKey::new(GROUP_PICTURE).id(chat.as_bytes())
}

/// Every device of the account that this one knows.
pub(crate) fn own_devices() -> RecordKey {
    RecordKey::new(OWN_DEVICE)
}

/// A device of the account.
pub(crate) fn own_device(device: DeviceId) -> RecordKey {
    own_devices().id(device.as_bytes())
}

/// The device, if the key is that of one of the account's.
pub(crate) fn own_device_id(key: &[u8]) -> Option<DeviceId> {
    (key.first() == Some(&OWN_DEVICE)).then(|| first_id(key))?
}

/// The devices that codes of this one let in.
pub(crate) fn offered_devices() -> RecordKey {
    RecordKey::new(OFFERED_DEVICES)
}

/// Every contact whose identity key was compared.
pub(crate) fn verified_contacts() -> RecordKey {
    RecordKey::new(VERIFIED_CONTACT)
}

/// The identity key of a contact that was compared.
pub(crate) fn verified_contact(account: AccountId) -> RecordKey {
    verified_contacts().id(account.as_bytes())
}

/// Every entry that the server is to erase.
pub(crate) fn erasures() -> RecordKey {
    RecordKey::new(ERASURE)
}

/// An entry that the server is to erase.
pub(crate) fn erasure(chat: ChatId, seq: Seq) -> RecordKey {
    erasures().id(chat.as_bytes()).number(seq.0)
}

/// Every file that is to be brought to the server.
pub(crate) fn uploads() -> RecordKey {
    RecordKey::new(UPLOAD)
}

/// A file that is to be brought to the server, by its message.
pub(crate) fn upload(message: MessageId) -> RecordKey {
    uploads().id(message.as_bytes())
}

/// A part of the content of such a file, by its number.
pub(crate) fn upload_part(message: MessageId, part: u64) -> RecordKey {
    RecordKey::new(UPLOAD_PART).id(message.as_bytes()).number(part)
}

/// Every blob that the server is to delete.
pub(crate) fn blob_erasures() -> RecordKey {
    RecordKey::new(BLOB_ERASURE)
}

/// A blob that the server is to delete.
pub(crate) fn blob_erasure(blob: BlobId) -> RecordKey {
    blob_erasures().id(blob.as_bytes())
}

/// What is known of every chat's archive.
pub(crate) fn archives() -> RecordKey {
    RecordKey::new(ARCHIVE)
}

/// What is known of a chat's archive.
pub(crate) fn archive(chat: ChatId) -> RecordKey {
    archives().id(chat.as_bytes())
}

/// Every message of a chat that has changed and may be in the archive as it was.
pub(crate) fn archive_changes(chat: ChatId) -> RecordKey {
    RecordKey::new(ARCHIVE_CHANGE).id(chat.as_bytes())
}

/// That the message at a position has changed, and where in the log that was said.
pub(crate) fn archive_change(chat: ChatId, position: u64) -> RecordKey {
    archive_changes(chat).number(position)
}

/// How far each chat is archived, as the account's devices know.
pub(crate) fn archive_heads() -> RecordKey {
    RecordKey::new(ARCHIVE_HEADS)
}

/// That the list of archives was read when this device was new.
pub(crate) fn archives_listed() -> RecordKey {
    RecordKey::new(ARCHIVES_LISTED)
}

/// What of a chat has come out of exports, and was not held against its archive.
pub(crate) fn imported(chat: ChatId) -> RecordKey {
    RecordKey::new(IMPORTED).id(chat.as_bytes())
}

/// What was decided about strangers.
pub(crate) fn verdicts() -> RecordKey {
    RecordKey::new(VERDICTS)
}

/// Which messages the account has starred.
pub(crate) fn stars() -> RecordKey {
    RecordKey::new(STARS)
}

/// Which chats are silent or put away.
pub(crate) fn chat_preferences() -> RecordKey {
    RecordKey::new(CHAT_PREFERENCES)
}

/// What was begun to be written, in every chat.
pub(crate) fn drafts() -> RecordKey {
    RecordKey::new(DRAFTS)
}

/// Every chat that a stranger has begun.
pub(crate) fn requests() -> RecordKey {
    RecordKey::new(REQUEST)
}

/// A chat that a stranger has begun.
pub(crate) fn request(chat: ChatId) -> RecordKey {
    requests().id(chat.as_bytes())
}

/// Every notice, in the order of time.
pub(crate) fn notices() -> RecordKey {
    RecordKey::new(NOTICE)
}

/// A notice.
pub(crate) fn notice(id: NoticeId) -> RecordKey {
    notices().bytes(&id.to_bytes())
}

/// The id that such a key was made of.
pub(crate) fn notice_id(key: &[u8]) -> Option<NoticeId> {
    let (&NOTICE, rest) = key.split_first()? else {
        return None;
    };
    NoticeId::from_bytes(rest)
}

/// When this device has looked for new communities.
pub(crate) fn looked_for_communities() -> RecordKey {
    RecordKey::new(LOOKED_FOR_COMMUNITIES)
}

/// Where this device is woken.
pub(crate) fn wake_up() -> RecordKey {
    RecordKey::new(WAKE_UP)
}

/// The id in a key of a kind and one id, or the first of several.
pub(crate) fn first_id<T: for<'a> TryFrom<&'a [u8]>>(key: &[u8]) -> Option<T> {
    T::try_from(key.get(1..17)?).ok()
}

/// The number at the end of a key.
pub(crate) fn last_number(key: &[u8]) -> Option<u64> {
    key.last_chunk().copied().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT_ID: ChatId = ChatId::from_bytes([7; 16]);

    #[test]
    fn an_outbox_key_gives_back_its_parts() {
        assert_eq!(
            outbox_parts(outbox(CHAT_ID, 258).as_slice()),
            Some((CHAT_ID, 258))
        );
        assert_eq!(outbox_parts(message(CHAT_ID, 258).as_slice()), None);
        assert_eq!(outbox_parts(&outbox(CHAT_ID, 258).as_slice()[..20]), None);
    }

    #[test]
    fn a_messages_key_gives_back_its_parts() {
        assert_eq!(
            message_parts(message(CHAT_ID, 258).as_slice()),
            Some((CHAT_ID, 258))
        );
        assert_eq!(message_parts(outbox(CHAT_ID, 258).as_slice()), None);
        assert_eq!(message_parts(messages(CHAT_ID).as_slice()), None);
    }

    #[test]
    fn ids_and_numbers_are_read_back_from_keys() {
        assert_eq!(first_id::<ChatId>(chat(CHAT_ID).as_slice()), Some(CHAT_ID));
        assert_eq!(first_id::<ChatId>(&[1, 2, 3]), None);
        assert_eq!(last_number(message(CHAT_ID, 5).as_slice()), Some(5));
    }
}
