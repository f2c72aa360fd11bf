//! Messages that look like MLS from the outside: the heads that the server reads, and whatever bytes inside.

use bytes::Bytes;
use ed25519_dalek::{Signer as _, SigningKey};
use sotto_protocol::chat_rules::EXTENSION_TYPE;
use sotto_protocol::message_header::SignedGroupInfo;
use sotto_protocol::{ChatId, ChatRules, DeviceAddress, Epoch, Suite};

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
    let no_authenticated_data = [0].as_slice();
    private(chat, epoch, COMMIT, &[no_authenticated_data, inside].concat())
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

/// A GroupInfo of a chat with these rules, signed by the device.
#[must_use]
pub fn group_info(by: DeviceAddress, chat: ChatId, epoch: Epoch, suite: Suite, rules: &ChatRules) -> Bytes {
    const EXTERNAL_PUB: u16 = 4;
    let suite = suite.code_point().to_be_bytes();
    let epoch = epoch.0.to_be_bytes();
    let no_hash = [0];
    // Rules that were made are of the form that rules have.
    let rules = rules.encode().unwrap();
    let external_key = vector(&[7; 32]);
    let (no_tag, signer) = ([0], [0; 4]);
    let head = framed(
        GROUP_INFO,
        &[
            &[0, 1],
            &suite,
            &vector(chat.as_bytes()),
            &epoch,
            &no_hash,
            &no_hash,
            &vector(&extension(EXTENSION_TYPE, &rules)),
            &vector(&extension(EXTERNAL_PUB, &external_key)),
            &no_tag,
            &signer,
        ],
    );
    let unsigned = [&*head, &[0]].concat();
    // It was made to be read.
    let content = SignedGroupInfo::read(&unsigned).unwrap().signed_bytes();
    let signature = signing_key(by).sign(&content).to_bytes();
    [&*head, &vector(&signature)].concat().into()
}

/// The key with which a light device signs: it follows from its address, so that whoever knows the one knows the other.
#[must_use]
pub fn signing_key(device: DeviceAddress) -> SigningKey {
    let mut seed = [0; 32];
    let address = device.account.as_bytes().iter().chain(device.device.as_bytes());
    for (byte, of_address) in seed.iter_mut().zip(address) {
        *byte = *of_address;
    }
    SigningKey::from_bytes(&seed)
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), vector(data).as_slice()].concat()
}

/// A vector of bytes after its length (RFC 9420, section 2.1.2).
fn vector(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut vector = match u8::try_from(length) {
        Ok(short) if short < 64 => vec![short],
        _ => (length | 0x4000).to_be_bytes().to_vec(),
    };
    vector.extend_from_slice(bytes);
    vector
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
    use crate::light::rules;
    use sotto_protocol::message_header::{
        ContentType, GroupInfoHeader, MessageForm, MessageHeader, commit_evidence, key_package_suite,
        welcome_suite,
    };
    use sotto_protocol::{AccountId, DeviceId, Evidence};

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
        assert_eq!(
            commit_evidence(&commit(chat, epoch, b"x")),
            Ok(Evidence::default())
        );
        assert_eq!(
            commit_evidence(&external_commit(chat, epoch, b"x")),
            Ok(Evidence::default())
        );
        let by = DeviceAddress {
            account: AccountId::from_bytes([1; 16]),
            device: DeviceId::from_bytes([2; 16]),
        };
        let rules = rules::group(by.account);
        for suite in Suite::ALL {
            let info = group_info(by, chat, epoch, suite, &rules);
            let info = GroupInfoHeader::read(&info).unwrap();
            assert_eq!((info.suite, info.chat, info.epoch), (suite, chat, epoch));
            assert_eq!((info.rules, info.external_key.len()), (rules.clone(), 32));
            assert_eq!(welcome_suite(&welcome(suite, b"")), Ok(suite));
            assert_eq!(key_package_suite(&key_package(suite, b"k")), Ok(suite));
        }
    }
}
