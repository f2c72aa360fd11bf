//! Messages that look like MLS from the outside: the heads that the server reads, and nothing inside.

use super::random;
use ed25519_dalek::{Signer as _, SigningKey};
use sotto_protocol::message_header::SignedGroupInfo;
use sotto_protocol::{ChatId, ChatRules, DeviceAddress, Evidence, Suite, chat_rules};

const APPLICATION: u8 = 1;
const COMMIT: u8 = 3;

fn framed(wire_format: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut message = vec![0, 1, 0, wire_format];
    message.extend(parts.concat());
    message
}

fn private(chat: ChatId, epoch: u64, content_type: u8, inside: &[u8]) -> Vec<u8> {
    framed(
        2,
        &[
            &[16],
            chat.as_bytes(),
            &epoch.to_be_bytes(),
            &[content_type],
            inside,
        ],
    )
}

/// A PrivateMessage with application content.
pub(crate) fn application(chat: ChatId, epoch: u64, inside: &[u8]) -> Vec<u8> {
    private(chat, epoch, APPLICATION, inside)
}

/// A PrivateMessage with a Commit.
pub(crate) fn commit(chat: ChatId, epoch: u64) -> Vec<u8> {
    let no_authenticated_data = b"\0";
    private(
        chat,
        epoch,
        COMMIT,
        &[no_authenticated_data, b"commit".as_slice()].concat(),
    )
}

/// A PublicMessage with a Commit of a device that joins by it.
pub(crate) fn external_commit(chat: ChatId, epoch: u64) -> Vec<u8> {
    external_commit_showing(chat, epoch, &Evidence::default())
}

/// As [`external_commit`], with this as its authenticated data.
pub(crate) fn external_commit_showing(chat: ChatId, epoch: u64, evidence: &Evidence) -> Vec<u8> {
    let new_member_commit = 4;
    framed(
        1,
        &[
            &[16],
            chat.as_bytes(),
            &epoch.to_be_bytes(),
            &[new_member_commit],
            &vector(&evidence.encode()),
            &[COMMIT],
            b"commit",
        ],
    )
}

/// The key with which a device signs: it follows from its address.
pub(crate) fn signing_key(device: DeviceAddress) -> SigningKey {
    let seed = [device.account.as_bytes().as_slice(), device.device.as_bytes()].concat();
    SigningKey::from_bytes(&seed.try_into().unwrap())
}

/// A GroupInfo of a chat with these rules, signed by this device.
pub(crate) fn group_info(
    by: DeviceAddress,
    chat: ChatId,
    epoch: u64,
    suite: Suite,
    rules: &ChatRules,
) -> Vec<u8> {
    let external_pub = vector(&[u8::try_from(epoch % 256).unwrap(); 32]);
    let signer = [0; 4];
    let mut message = framed(
        4,
        &[
            &[0, 1],
            &suite.code_point().to_be_bytes(),
            &vector(chat.as_bytes()),
            &epoch.to_be_bytes(),
            &vector(b"tree hash"),
            &vector(b"transcript hash"),
            &vector(&extension(chat_rules::EXTENSION_TYPE, &rules.encode().unwrap())),
            &vector(&extension(4, &external_pub)),
            &vector(b"confirmation tag"),
            &signer,
        ],
    );
    let unsigned = [message.as_slice(), &[0]].concat();
    let content = SignedGroupInfo::read(&unsigned).unwrap().signed_bytes();
    message.extend(vector(&signing_key(by).sign(&content).to_bytes()));
    message
}

fn extension(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), vector(data).as_slice()].concat()
}

/// A vector of bytes with its length (RFC 9420, section 2.1.2).
fn vector(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut vector = if length < 64 {
        vec![u8::try_from(length).unwrap()]
    } else {
        (length | 0x4000).to_be_bytes().to_vec()
    };
    vector.extend_from_slice(bytes);
    vector
}

/// A Welcome.
pub(crate) fn welcome(suite: Suite) -> Vec<u8> {
    framed(3, &[&suite.code_point().to_be_bytes(), b"welcome"])
}

/// A KeyPackage unlike any other.
pub(crate) fn key_package(suite: Suite) -> Vec<u8> {
    framed(5, &[&[0, 1], &suite.code_point().to_be_bytes(), &random::<32>()])
}
