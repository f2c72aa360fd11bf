//! Messages that look like MLS from the outside: the heads that the server reads, and nothing inside.

use super::random;
use sotto_protocol::{ChatId, Suite};

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
    private(chat, epoch, COMMIT, b"commit")
}

/// A PublicMessage with a Commit of a device that joins by it.
pub(crate) fn external_commit(chat: ChatId, epoch: u64) -> Vec<u8> {
    let new_member_commit = 4;
    framed(
        1,
        &[
            &[16],
            chat.as_bytes(),
            &epoch.to_be_bytes(),
            &[new_member_commit, 0, COMMIT],
            b"commit",
        ],
    )
}

/// A GroupInfo.
pub(crate) fn group_info(chat: ChatId, epoch: u64, suite: Suite) -> Vec<u8> {
    let suite = suite.code_point().to_be_bytes();
    framed(
        4,
        &[
            &[0, 1],
            &suite,
            &[16],
            chat.as_bytes(),
            &epoch.to_be_bytes(),
            b"tree",
        ],
    )
}

/// A Welcome.
pub(crate) fn welcome(suite: Suite) -> Vec<u8> {
    framed(3, &[&suite.code_point().to_be_bytes(), b"welcome"])
}

/// A KeyPackage unlike any other.
pub(crate) fn key_package(suite: Suite) -> Vec<u8> {
    framed(5, &[&[0, 1], &suite.code_point().to_be_bytes(), &random::<32>()])
}
