//! What an encrypted export says: blocks, each with its length and its tag.
//!
//! `length (4 bytes, big-endian) ‖ block ‖ tag`, one after the other. A block is encoded and compressed as what is in the archive is. The
//! first one says whose export it is; then come each chat and its messages; the last one says how many there were, so that an
//! export which was not finished is not taken for one that was.

use crate::archive::{ArchivedChat, ArchivedMessage, Positions, pack, unpack};
use crate::error::ClientError;
use serde::{Deserialize, Serialize};
use sotto_crypto_core::ExportAuthenticator;
use sotto_crypto_core::export::BLOCK_TAG_BYTES;
use sotto_protocol::{AccountId, ChatId, IdentityKey, MessageId, Timestamp};
use zeroize::{Zeroize as _, Zeroizing};

/// Bytes of the longest block: what is unpacked has the same bound.
const BLOCK_BYTES: usize = 4 * 1024 * 1024;
const LENGTH_BYTES: usize = 4;

/// A part of an export. Append-only, as is all that is in it: what comes after the variants here is of a newer version.
#[derive(Serialize, Deserialize)]
pub(super) enum Block {
    /// The first.
    Head(Head),
    /// The messages after it are of this chat.
    Chat(Box<ExportedChat>),
    /// Messages of the last chat, in their order.
    Messages(Vec<ArchivedMessage>),
    /// The last.
    End(End),
}

/// The first block, and nothing else: it is decoded before it is believed.
#[derive(Deserialize)]
enum First {
    Head(Head),
}

/// Whose export it is.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) account: AccountId,
    pub(super) identity_key: IdentityKey,
    /// When it was begun.
    pub(super) at: Timestamp,
}

/// What is in it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) chats: u64,
    pub(super) messages: u64,
}

/// A chat in an export.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ExportedChat {
    pub(crate) chat: ChatId,
    pub(crate) about: ArchivedChat,
    /// Entries of the log whose outcome is in the export.
    pub(crate) covered: Positions,
    /// Every message up to here was read.
    pub(crate) read: u64,
    /// Messages that are shown above the others, the latest last.
    pub(crate) pinned: Vec<MessageId>,
    /// Messages that the account has starred, the latest last.
    pub(crate) starred: Vec<MessageId>,
}

/// Encodes blocks, one after the other.
pub(super) struct BlockWriter {
    authenticator: ExportAuthenticator,
    next: u64,
}

impl BlockWriter {
    pub(super) const fn new(authenticator: ExportAuthenticator) -> Self {
        Self {
            authenticator,
            next: 0,
        }
    }

    pub(super) fn encode(&mut self, block: &Block) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        const UNENCODABLE: ClientError = ClientError::Failed("a message is too long for an export");
        let packed = Zeroizing::new(pack(block).map_err(|_| UNENCODABLE)?);
        let length = u32::try_from(packed.len())
            .ok()
            .filter(|_| packed.len() <= BLOCK_BYTES)
            .ok_or(UNENCODABLE)?;
        let tag = self.authenticator.tag(self.next, &packed);
        self.next += 1;
        let mut encoded = Zeroizing::new(Vec::with_capacity(LENGTH_BYTES + packed.len() + tag.len()));
        encoded.extend_from_slice(&length.to_be_bytes());
        encoded.extend_from_slice(&packed);
        encoded.extend_from_slice(&tag);
        Ok(encoded)
    }
}

/// Finds blocks in what comes in pieces.
pub(super) struct BlockReader {
    authenticator: ExportAuthenticator,
    account: AccountId,
    identity_key: IdentityKey,
    next: u64,
    /// Less than a block, as blocks are taken out as soon as they are whole.
    waiting: Zeroizing<Vec<u8>>,
}

impl BlockReader {
    /// Of an export of this account.
    pub(super) fn new(
        authenticator: ExportAuthenticator,
        account: AccountId,
        identity_key: IdentityKey,
    ) -> Self {
        Self {
            authenticator,
            account,
            identity_key,
            next: 0,
            waiting: Zeroizing::default(),
        }
    }

    /// Takes what comes next.
    pub(super) fn push(&mut self, content: &[u8]) {
        self.waiting.extend_from_slice(content);
    }

    /// Whether everything that came was taken out.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The next block, if it is whole.
    pub(super) fn next(&mut self) -> Result<Option<Block>, ClientError> {
        let Some((length, rest)) = self.waiting.split_first_chunk::<LENGTH_BYTES>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*length))
            .ok()
            .filter(|&length| length <= BLOCK_BYTES)
            .ok_or(ClientError::ExportDamaged)?;
        let Some((packed, rest)) = rest.split_at_checked(length) else {
            return Ok(None);
        };
        let Some((tag, _)) = rest.split_first_chunk::<BLOCK_TAG_BYTES>() else {
            return Ok(None);
        };
        let is_ours = self.authenticator.verifies(self.next, packed, tag);
        let block = if self.next == 0 {
            self.head(packed, is_ours)?
        } else if is_ours {
            unpack(packed).map_err(|_| ClientError::NotAnExport)?
        } else {
            return Err(ClientError::ExportDamaged);
        };
        self.next += 1;
        let taken = LENGTH_BYTES + length + BLOCK_TAG_BYTES;
        if let Some(taken) = self.waiting.get_mut(..taken) {
            taken.zeroize();
        }
        self.waiting.drain(..taken);
        Ok(Some(block))
    }

    /// The first block. It is read before it is known to be this account's, so that another's is called that.
    fn head(&self, packed: &[u8], is_ours: bool) -> Result<Block, ClientError> {
        let First::Head(head) = unpack(packed).map_err(|_| ClientError::NotAnExport)?;
        if (head.account, head.identity_key) != (self.account, self.identity_key) {
            return Err(ClientError::AnotherAccountsExport);
        }
        if is_ours {
            Ok(Block::Head(head))
        } else {
            Err(ClientError::ExportDamaged)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::ArchivedKind;
    use sotto_crypto_core::AccountRoot;

    const ACCOUNT: AccountId = AccountId::from_bytes([1; 16]);
    const KEY: IdentityKey = IdentityKey::from_bytes([2; 32]);

    fn authenticator(root: u8) -> ExportAuthenticator {
        ExportAuthenticator::new(&AccountRoot::from_bytes([root; 32]), &[9; 45])
    }

    fn reader() -> BlockReader {
        BlockReader::new(authenticator(1), ACCOUNT, KEY)
    }

    fn head(account: AccountId) -> Block {
        Block::Head(Head {
            account,
            identity_key: KEY,
            at: Timestamp(5),
        })
    }

    fn chat() -> Block {
        Block::Chat(Box::new(ExportedChat {
            chat: ChatId::from_bytes([3; 16]),
            about: ArchivedChat {
                kind: ArchivedKind::Notes,
                is_left: false,
                is_accepted: true,
            },
            covered: Positions::of(1..=9),
            read: 7,
            pinned: vec![MessageId::from_bytes([4; 16])],
            starred: Vec::new(),
        }))
    }

    fn written(root: u8, blocks: &[Block]) -> Vec<Vec<u8>> {
        let mut writer = BlockWriter::new(authenticator(root));
        blocks
            .iter()
            .map(|block| writer.encode(block).unwrap().to_vec())
            .collect()
    }

    #[test]
    fn blocks_come_out_as_they_went_in_however_they_are_cut_up() {
        let end = End {
            chats: 1,
            messages: 0,
        };
        let written = written(1, &[head(ACCOUNT), chat(), Block::End(end)]).concat();
        let mut reader = reader();
        let mut found = Vec::new();
        for byte in written {
            reader.push(&[byte]);
            while let Some(block) = reader.next().unwrap() {
                found.push(block);
            }
        }
        assert!(reader.is_empty());
        let [Block::Head(_), Block::Chat(chat), Block::End(found_end)] = found.as_slice() else {
            panic!("{} blocks", found.len());
        };
        assert_eq!((chat.read, *found_end == end), (7, true));
    }

    #[test]
    fn blocks_that_no_device_of_the_account_wrote_are_not_believed() {
        // Whoever knows the passphrase, and who the account is.
        let forged = written(2, &[head(ACCOUNT), chat()]);
        let mut victim = reader();
        victim.push(&forged[0]);
        assert_eq!(victim.next().err(), Some(ClientError::ExportDamaged));
        let own = written(1, &[head(ACCOUNT), chat(), chat()]);
        for blocks in [[&own[0], &forged[1]], [&own[0], &own[2]]] {
            let mut victim = reader();
            victim.push(blocks[0]);
            assert!(matches!(victim.next(), Ok(Some(Block::Head(_)))));
            victim.push(blocks[1]);
            assert_eq!(victim.next().err(), Some(ClientError::ExportDamaged));
        }
    }

    #[test]
    fn another_accounts_export_is_called_that() {
        let other = AccountId::from_bytes([7; 16]);
        let mut reader = reader();
        reader.push(&written(2, &[head(other)])[0]);
        assert_eq!(reader.next().err(), Some(ClientError::AnotherAccountsExport));
    }

    #[test]
    fn what_is_not_believed_yet_is_decoded_as_a_first_block_alone() {
        let mut reader = reader();
        reader.push(&written(2, &[chat()])[0]);
        assert_eq!(reader.next().err(), Some(ClientError::NotAnExport));
    }

    #[test]
    fn a_length_that_no_block_has_is_refused_before_it_is_waited_for() {
        let mut reader = reader();
        let length = u32::try_from(BLOCK_BYTES + 1).unwrap();
        reader.push(&length.to_be_bytes());
        assert_eq!(reader.next().err(), Some(ClientError::ExportDamaged));
    }

    #[test]
    fn the_format_is_as_it_was() {
        // Before compression, whose output may change.
        let end = Block::End(End {
            chats: 1,
            messages: 300,
        });
        let blocks = [head(ACCOUNT), chat(), Block::Messages(Vec::new()), end];
        let encoded = blocks.map(|block| postcard::to_allocvec(&block).unwrap());
        let hex = encoded.map(|bytes| {
            bytes
                .iter()
                .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
        });
        let (ids, key) = (["01", "03", "04"].map(|byte| byte.repeat(16)), "02".repeat(32));
        let [account, chat, pinned] = ids;
        // Notes that were not left and are accepted; one range, 1 to 9; read up to 7; one pinned, none starred.
        assert_eq!(
            hex,
            [
                format!("00{account}{key}05"),
                format!("01{chat}0100010101090701{pinned}00"),
                "0200".to_owned(),
                "0301ac02".to_owned(),
            ]
        );
    }
}
