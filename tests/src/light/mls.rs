//! Messages that look like MLS from the outside: the heads that the server reads, and whatever bytes inside.

use bytes::Bytes;
use sotto_protocol::{ChatId, Epoch, Suite};

const PUBLIC_MESSAGE: u8 = 1;
const PRIVATE_MESSAGE: u8 = 2;
const WELCOME: u8 = 3;
const GROUP_INFO: u8 = 4;
const KEY_PACKAGE: u8 = 5;

const APPLICATION: u8 = 1;
const COMMIT: u8 = 3;

/// Bytes of a message's head: what is inside begins after them.
pub const PRIVATE_HEAD_BYTES: usize = 4 + 1 + ChatId::LENGTH + 8 + 1;

fn framed(wire_format: u8, parts: &[&[u8]]) -> Bytes {
    let mut message = Vec::with_capacity(4 + parts.iter().map(|part| part.len()).sum::<usize>());
    message.extend([0, 1, 0, wire_format]);
    for part in parts {
        message.extend_from_slice(part);
    }
    message.into()
}

fn private(chat: ChatId, epoch: Epoch, content_type: u8, inside: &[u8]) -> Bytes {
    let epoch = epoch.0.to_be_bytes();
    framed(
        PRIVATE_MESSAGE,
        &[&[16], chat.as_bytes(), &epoch, &[content_type], inside],
    )
}

/// A `PrivateMessage` with application content.
#[must_use]
pub fn application(chat: ChatId, epoch: Epoch, inside: &[u8]) -> Bytes {
    private(chat, epoch, APPLICATION, inside)
}

/// A `PrivateMessage` with a Commit.
#[must_use]
pub fn commit(chat: ChatId, epoch: Epoch, inside: &[u8]) -> Bytes {
    private(chat, epoch, COMMIT, inside)
}

/// A `PublicMessage` with the Commit of a device that joins by it.
#[must_use]
pub fn external_commit(chat: ChatId, epoch: Epoch, inside: &[u8]) -> Bytes {
    const NEW_MEMBER_COMMIT: u8 = 4;
    let epoch = epoch.0.to_be_bytes();
    let no_authenticated_data = 0;
    let content = [NEW_MEMBER_COMMIT, no_authenticated_data, COMMIT];
    framed(
        PUBLIC_MESSAGE,
        &[&[16], chat.as_bytes(), &epoch, &content, inside],
    )
}

/// A GroupInfo with its GroupContext's head, and `tree` for the rest.
#[must_use]
pub fn group_info(chat: ChatId, epoch: Epoch, suite: Suite, tree: &[u8]) -> Bytes {
    let suite = suite.code_point().to_be_bytes();
    let epoch = epoch.0.to_be_bytes();
    framed(
        GROUP_INFO,
        &[&[0, 1], &suite, &[16], chat.as_bytes(), &epoch, tree],
    )
}

/// A Welcome.
#[must_use]
pub fn welcome(suite: Suite, inside: &[u8]) -> Bytes {
    framed(WELCOME, &[&suite.code_point().to_be_bytes(), inside])
}

/// A KeyPackage.
#[must_use]
pub fn key_package(suite: Suite, inside: &[u8]) -> Bytes {
    framed(KEY_PACKAGE, &[&[0, 1], &suite.code_point().to_be_bytes(), inside])
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_protocol::message_header::{
        ContentType, GroupInfoHeader, MessageForm, MessageHeader, key_package_suite, welcome_suite,
    };

    #[test]
    fn the_server_reads_the_heads_as_they_were_meant() {
        let (chat, epoch) = (ChatId::from_bytes([3; 16]), Epoch(7));
        let head = |message: &[u8]| MessageHeader::read(message).unwrap();
        let sent = application(chat, epoch, b"anything");
        assert_eq!(sent.get(PRIVATE_HEAD_BYTES..).unwrap(), b"anything");
        for (message, form, content) in [
            (sent, MessageForm::Private, ContentType::Application),
            (
                commit(chat, epoch, b""),
                MessageForm::Private,
                ContentType::Commit,
            ),
            (
                external_commit(chat, epoch, b"x"),
                MessageForm::Public {
                    new_member_commit: true,
                },
                ContentType::Commit,
            ),
        ] {
            let expected = MessageHeader {
                form,
                chat,
                epoch,
                content,
            };
            assert_eq!(head(&message), expected);
        }
        for suite in Suite::ALL {
            let info = GroupInfoHeader::read(&group_info(chat, epoch, suite, b"tree")).unwrap();
            assert_eq!((info.suite, info.chat, info.epoch), (suite, chat, epoch));
            assert_eq!(welcome_suite(&welcome(suite, b"")), Ok(suite));
            assert_eq!(key_package_suite(&key_package(suite, b"k")), Ok(suite));
        }
    }
}
