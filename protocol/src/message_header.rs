//! What anyone on the way can read of an MLS message (RFC 9420, section 6): its form, group, epoch and content
//! type. A parser of a few lines: the server needs no MLS library, and so has none.

use crate::chat_rules::{self, ChatRules};
use crate::evidence::Evidence;
use crate::{ChatId, Commitment, Epoch, Suite};

/// The readable head of a message to a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageHeader {
    /// Whether the rest can be read by anyone.
    pub form: MessageForm,
    /// The group that the message is for.
    pub chat: ChatId,
    /// The epoch that it was made in.
    pub epoch: Epoch,
    /// What it is.
    pub content: ContentType,
}

/// The forms of a framed message (RFC 9420, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageForm {
    /// Signed, and for everyone to read. Sotto takes it for external Commits alone.
    Public {
        /// Whether it comes from a device that is about to join by this very Commit.
        new_member_commit: bool,
    },
    /// Sealed to the group.
    Private,
}

/// What a framed message contains (RFC 9420, section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// A message of the application.
    Application,
    /// A Proposal.
    Proposal,
    /// A Commit.
    Commit,
}

/// The bytes are not what they should be, by their form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an MLS 1.0 message of this kind")]
pub struct MalformedMessage;

const VERSION_MLS_10: u16 = 1;
const WIRE_FORMAT_PUBLIC_MESSAGE: u16 = 1;
const WIRE_FORMAT_PRIVATE_MESSAGE: u16 = 2;
const WIRE_FORMAT_WELCOME: u16 = 3;
const WIRE_FORMAT_GROUP_INFO: u16 = 4;
const WIRE_FORMAT_KEY_PACKAGE: u16 = 5;
const EXTENSION_EXTERNAL_PUB: u16 = 4;
const GROUP_INFO_LABEL: &[u8] = b"MLS 1.0 GroupInfoTBS";
const KEY_PACKAGE_REF_LABEL: &[u8] = b"MLS 1.0 KeyPackage Reference";
const SENDER_MEMBER: u8 = 1;
const SENDER_NEW_MEMBER_COMMIT: u8 = 4;

impl MessageHeader {
    /// Reads the head of an `MLSMessage` that is a `PublicMessage` or a `PrivateMessage`.
    pub fn read(message: &[u8]) -> Result<Self, MalformedMessage> {
        let mut reader = Reader(message);
        match reader.wire_format()? {
            WIRE_FORMAT_PRIVATE_MESSAGE => {
                let chat = reader.group_id()?;
                let epoch = Epoch(reader.u64()?);
                let content = reader.content_type()?;
                Ok(Self {
                    form: MessageForm::Private,
                    chat,
                    epoch,
                    content,
                })
            }
            WIRE_FORMAT_PUBLIC_MESSAGE => {
                let chat = reader.group_id()?;
                let epoch = Epoch(reader.u64()?);
                let new_member_commit = reader.sender()?;
                reader.bytes()?;
                let content = reader.content_type()?;
                Ok(Self {
                    form: MessageForm::Public { new_member_commit },
                    chat,
                    epoch,
                    content,
                })
            }
            _ => Err(MalformedMessage),
        }
    }
}

/// What a Commit that is framed as an `MLSMessage` brings along: its authenticated data.
pub fn commit_evidence(message: &[u8]) -> Result<Evidence, MalformedMessage> {
    let mut reader = Reader(message);
    let form = reader.wire_format()?;
    reader.group_id()?;
    reader.u64()?;
    match form {
        WIRE_FORMAT_PRIVATE_MESSAGE => {
            reader.content_type()?;
        }
        WIRE_FORMAT_PUBLIC_MESSAGE => reader.sender().map(|_| ())?,
        _ => return Err(MalformedMessage),
    }
    Evidence::decode(reader.bytes()?)
}

/// What the sender of an application message has committed to: its authenticated data.
pub fn message_commitment(message: &[u8]) -> Result<Commitment, MalformedMessage> {
    let mut reader = Reader(message);
    if reader.wire_format()? != WIRE_FORMAT_PRIVATE_MESSAGE {
        return Err(MalformedMessage);
    }
    reader.group_id()?;
    reader.u64()?;
    match reader.content_type()? {
        ContentType::Application => Commitment::of_authenticated_data(reader.bytes()?),
        ContentType::Proposal | ContentType::Commit => Err(MalformedMessage),
    }
}

/// The suite of a KeyPackage that is framed as an `MLSMessage` (RFC 9420, section 10).
pub fn key_package_suite(message: &[u8]) -> Result<Suite, MalformedMessage> {
    let mut reader = Reader(message);
    if reader.wire_format()? != WIRE_FORMAT_KEY_PACKAGE || reader.u16()? != VERSION_MLS_10 {
        return Err(MalformedMessage);
    }
    Suite::from_code_point(reader.u16()?).ok_or(MalformedMessage)
}

/// The suite of a Welcome that is framed as an `MLSMessage` (RFC 9420, section 12.4.3.1).
pub fn welcome_suite(message: &[u8]) -> Result<Suite, MalformedMessage> {
    let mut reader = Reader(message);
    if reader.wire_format()? != WIRE_FORMAT_WELCOME {
        return Err(MalformedMessage);
    }
    Suite::from_code_point(reader.u16()?).ok_or(MalformedMessage)
}

/// What a GroupInfo says in its GroupContext (RFC 9420, sections 8.1 and 12.4.3), and its external key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInfoHeader {
    /// The group's suite.
    pub suite: Suite,
    /// The group.
    pub chat: ChatId,
    /// The epoch that it lets one join.
    pub epoch: Epoch,
    /// The chat's rules.
    pub rules: ChatRules,
    /// The public half of the epoch's external key pair (RFC 9420, section 8.3): devices that join alone encapsulate to it.
    pub external_key: Vec<u8>,
}

impl GroupInfoHeader {
    /// Reads the head of a GroupInfo that is framed as an `MLSMessage`.
    pub fn read(message: &[u8]) -> Result<Self, MalformedMessage> {
        let mut reader = Reader(message);
        if reader.wire_format()? != WIRE_FORMAT_GROUP_INFO || reader.u16()? != VERSION_MLS_10 {
            return Err(MalformedMessage);
        }
        let suite = Suite::from_code_point(reader.u16()?).ok_or(MalformedMessage)?;
        let chat = reader.group_id()?;
        let epoch = Epoch(reader.u64()?);
        let _tree_hash = reader.bytes()?;
        let _confirmed_transcript_hash = reader.bytes()?;
        let rules = reader
            .extension(chat_rules::EXTENSION_TYPE)?
            .ok_or(MalformedMessage)?;
        let external_public_key = reader
            .extension(EXTENSION_EXTERNAL_PUB)?
            .ok_or(MalformedMessage)?;
        Ok(Self {
            suite,
            chat,
            epoch,
            rules: ChatRules::decode(rules).map_err(|_| MalformedMessage)?,
            external_key: Reader(external_public_key).bytes()?.to_vec(),
        })
    }
}

/// Who has signed a GroupInfo that is framed as an `MLSMessage`: the place of its leaf in the tree (RFC 9420, section 12.4.3).
pub fn group_info_signer(message: &[u8]) -> Result<u32, MalformedMessage> {
    SignedGroupInfo::read(message).map(|group_info| group_info.signer)
}

/// A GroupInfo, cut where its signature begins (RFC 9420, section 12.4.3). Whether that holds is for those to say who know keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedGroupInfo<'a> {
    /// The place in the tree of the leaf that has signed it.
    pub signer: u32,
    /// The signature.
    pub signature: &'a [u8],
    /// `GroupInfoTBS`.
    content: &'a [u8],
}

impl<'a> SignedGroupInfo<'a> {
    /// Reads a GroupInfo that is framed as an `MLSMessage`, and nothing after it.
    pub fn read(message: &'a [u8]) -> Result<Self, MalformedMessage> {
        let mut reader = Reader(message);
        if reader.wire_format()? != WIRE_FORMAT_GROUP_INFO {
            return Err(MalformedMessage);
        }
        let content = reader.0;
        if reader.u16()? != VERSION_MLS_10 {
            return Err(MalformedMessage);
        }
        let _suite = reader.u16()?;
        let _chat = reader.group_id()?;
        let _epoch = reader.u64()?;
        let _tree_hash = reader.bytes()?;
        let _confirmed_transcript_hash = reader.bytes()?;
        let _context_extensions = reader.bytes()?;
        let _extensions = reader.bytes()?;
        let _confirmation_tag = reader.bytes()?;
        let signer = reader.array().map(u32::from_be_bytes)?;
        let content = content
            .get(..content.len().saturating_sub(reader.0.len()))
            .ok_or(MalformedMessage)?;
        let signature = reader.bytes()?;
        if !reader.0.is_empty() {
            return Err(MalformedMessage);
        }
        Ok(Self {
            signer,
            signature,
            content,
        })
    }

    /// The `SignContent` that the signature covers (RFC 9420, section 5.1.2), under the label of a GroupInfo.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(GROUP_INFO_LABEL.len() + self.content.len() + 8);
        write_vector(GROUP_INFO_LABEL, &mut bytes);
        write_vector(self.content, &mut bytes);
        bytes
    }
}

/// What the reference of a KeyPackage that is framed as an `MLSMessage` hashes, by the suite's hash function: SHA-256 of both
/// suites here (RFC 9420, section 5.2).
pub fn key_package_ref_input(message: &[u8]) -> Result<Vec<u8>, MalformedMessage> {
    let mut reader = Reader(message);
    if reader.wire_format()? != WIRE_FORMAT_KEY_PACKAGE {
        return Err(MalformedMessage);
    }
    let mut bytes = Vec::with_capacity(KEY_PACKAGE_REF_LABEL.len() + reader.0.len() + 8);
    write_vector(KEY_PACKAGE_REF_LABEL, &mut bytes);
    write_vector(reader.0, &mut bytes);
    Ok(bytes)
}

/// Writes a variable-size vector of bytes (RFC 9420, section 2.1.2). No message is as long as the longest that has a length.
fn write_vector(vector: &[u8], bytes: &mut Vec<u8>) {
    let length = u32::try_from(vector.len()).unwrap_or(u32::MAX);
    let [first, second, third, last] = length.to_be_bytes();
    match length {
        0..0x40 => bytes.push(last),
        0x40..0x4000 => bytes.extend_from_slice(&[third | 0x40, last]),
        _ => bytes.extend_from_slice(&[first | 0x80, second, third, last]),
    }
    bytes.extend_from_slice(vector);
}

/// Reads the TLS presentation language (RFC 8446, section 3) with RFC 9420's variable-length sizes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], MalformedMessage> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(MalformedMessage)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], MalformedMessage> {
        self.take(N)?.try_into().map_err(|_| MalformedMessage)
    }

    fn u8(&mut self) -> Result<u8, MalformedMessage> {
        self.array().map(|[byte]: [u8; 1]| byte)
    }

    fn u16(&mut self) -> Result<u16, MalformedMessage> {
        self.array().map(u16::from_be_bytes)
    }

    fn u64(&mut self) -> Result<u64, MalformedMessage> {
        self.array().map(u64::from_be_bytes)
    }

    /// A variable-size vector length (RFC 9420, section 2.1.2): two bits say how many bytes, in the fewest.
    fn variable_length(&mut self) -> Result<usize, MalformedMessage> {
        let first = self.u8()?;
        let (mut length, more, shortest) = match first >> 6 {
            0 => (usize::from(first & 0x3f), 0, 0),
            1 => (usize::from(first & 0x3f), 1, 1 << 6),
            2 => (usize::from(first & 0x3f), 3, 1 << 14),
            _ => return Err(MalformedMessage),
        };
        for _ in 0..more {
            length = length << 8 | usize::from(self.u8()?);
        }
        if length < shortest {
            Err(MalformedMessage)
        } else {
            Ok(length)
        }
    }

    /// A variable-size vector of bytes.
    fn bytes(&mut self) -> Result<&'a [u8], MalformedMessage> {
        let length = self.variable_length()?;
        self.take(length)
    }

    /// The sender of a `PublicMessage`: whether it is about to join by this very Commit.
    fn sender(&mut self) -> Result<bool, MalformedMessage> {
        match self.u8()? {
            SENDER_MEMBER => {
                self.take(4)?;
                Ok(false)
            }
            SENDER_NEW_MEMBER_COMMIT => Ok(true),
            _ => Err(MalformedMessage),
        }
    }

    /// A list of extensions (RFC 9420, section 13): the data of the one with this type.
    fn extension(&mut self, sought: u16) -> Result<Option<&'a [u8]>, MalformedMessage> {
        let mut extensions = Reader(self.bytes()?);
        let mut found = None;
        while !extensions.0.is_empty() {
            let extension_type = extensions.u16()?;
            let data = extensions.bytes()?;
            if extension_type == sought && found.replace(data).is_some() {
                return Err(MalformedMessage);
            }
        }
        Ok(found)
    }

    /// The wire format of an `MLSMessage`, its version checked.
    fn wire_format(&mut self) -> Result<u16, MalformedMessage> {
        if self.u16()? == VERSION_MLS_10 {
            self.u16()
        } else {
            Err(MalformedMessage)
        }
    }

    fn group_id(&mut self) -> Result<ChatId, MalformedMessage> {
        self.bytes()?.try_into().map_err(|_| MalformedMessage)
    }

    fn content_type(&mut self) -> Result<ContentType, MalformedMessage> {
        match self.u8()? {
            1 => Ok(ContentType::Application),
            2 => Ok(ContentType::Proposal),
            3 => Ok(ContentType::Commit),
            _ => Err(MalformedMessage),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CHAT: [u8; 16] = [7; 16];

    fn private_message(content_type: u8) -> Vec<u8> {
        let mut message = vec![0, 1, 0, 2, 16];
        message.extend(CHAT);
        message.extend(9_u64.to_be_bytes());
        message.push(content_type);
        message
    }

    fn public_message(sender: &[u8], authenticated_data: &[u8]) -> Vec<u8> {
        let mut message = vec![0, 1, 0, 1, 16];
        message.extend(CHAT);
        message.extend(9_u64.to_be_bytes());
        message.extend(sender);
        message.extend(authenticated_data);
        message.push(3);
        message
    }

    /// `GroupInfoTBS` with these extensions, and the message that it is in.
    fn group_info(extensions: &[u8], signer: u32, signature: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut content = vec![0, 1, 0, 3];
        write_vector(&CHAT, &mut content);
        content.extend(9_u64.to_be_bytes());
        for field in [
            b"tree hash".as_slice(),
            b"transcript hash",
            b"",
            extensions,
            b"tag",
        ] {
            write_vector(field, &mut content);
        }
        content.extend(signer.to_be_bytes());
        let mut message = vec![0, 1, 0, 4];
        message.extend_from_slice(&content);
        write_vector(signature, &mut message);
        (content, message)
    }

    #[test]
    fn a_private_message_shows_group_epoch_and_content_type() {
        assert_eq!(
            MessageHeader::read(&private_message(1)),
            Ok(MessageHeader {
                form: MessageForm::Private,
                chat: ChatId::from_bytes(CHAT),
                epoch: Epoch(9),
                content: ContentType::Application,
            })
        );
    }

    #[test]
    fn a_commitment_is_read_of_an_application_message_alone() {
        let commitment = Commitment::from_bytes([9; 32]);
        let with = |content_type: u8, data: &[u8]| {
            let mut message = private_message(content_type);
            write_vector(data, &mut message);
            message_commitment(&message)
        };
        let data = commitment.authenticated_data();
        assert_eq!(with(1, &data), Ok(commitment));
        assert_eq!(with(3, &data), Err(MalformedMessage));
        assert_eq!(with(1, &data[1..]), Err(MalformedMessage));
        assert_eq!(with(1, &[&data[..], &[0]].concat()), Err(MalformedMessage));
        assert_eq!(with(1, &[]), Err(MalformedMessage));
        assert_eq!(message_commitment(&private_message(1)), Err(MalformedMessage));
        assert_eq!(
            message_commitment(&public_message(&[4], &[0])),
            Err(MalformedMessage)
        );
    }

    #[test]
    fn an_external_commit_is_told_from_a_members_public_commit() {
        let external = MessageHeader::read(&public_message(&[4], &[0])).unwrap();
        assert_eq!(
            external.form,
            MessageForm::Public {
                new_member_commit: true
            }
        );
        let member = MessageHeader::read(&public_message(&[1, 0, 0, 0, 5], &[2, 0xaa, 0xbb])).unwrap();
        assert_eq!(
            member.form,
            MessageForm::Public {
                new_member_commit: false
            }
        );
        assert_eq!(member.content, ContentType::Commit);
    }

    #[test]
    fn a_header_cut_anywhere_is_refused() {
        for message in [
            private_message(3),
            public_message(&[1, 0, 0, 0, 5], &[2, 0xaa, 0xbb]),
        ] {
            for length in 0..message.len() {
                assert_eq!(MessageHeader::read(&message[..length]), Err(MalformedMessage));
            }
        }
    }

    #[test]
    fn a_group_id_of_another_length_or_in_too_many_bytes_is_refused() {
        let mut short = private_message(1);
        short[4] = 15;
        assert_eq!(MessageHeader::read(&short), Err(MalformedMessage));
        let mut overlong = private_message(1);
        overlong.splice(4..5, [0x40, 16]);
        assert_eq!(MessageHeader::read(&overlong), Err(MalformedMessage));
    }

    #[test]
    fn other_versions_wire_formats_and_content_types_are_refused() {
        for (position, value) in [(1, 2), (3, 3), (3, 9)] {
            let mut message = private_message(1);
            message[position] = value;
            assert_eq!(MessageHeader::read(&message), Err(MalformedMessage));
        }
        assert_eq!(MessageHeader::read(&private_message(4)), Err(MalformedMessage));
    }

    proptest! {
        #[test]
        fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = MessageHeader::read(&bytes);
            let _ = GroupInfoHeader::read(&bytes);
            let _ = key_package_suite(&bytes);
            let _ = welcome_suite(&bytes);
            let _ = commit_evidence(&bytes);
            let _ = group_info_signer(&bytes);
            let _ = key_package_ref_input(&bytes);
        }

        #[test]
        fn a_vector_is_read_as_it_was_written(bytes in proptest::collection::vec(any::<u8>(), 0..20_000)) {
            let mut written = Vec::new();
            write_vector(&bytes, &mut written);
            let mut reader = Reader(&written);
            prop_assert_eq!(reader.bytes(), Ok(bytes.as_slice()));
            prop_assert!(reader.0.is_empty());
        }

        #[test]
        fn what_is_signed_of_a_group_info_is_all_of_it_but_its_frame_and_signature(
            extensions in proptest::collection::vec(any::<u8>(), 0..300),
            signer: u32,
            signature in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let (content, message) = group_info(&extensions, signer, &signature);
            let read = SignedGroupInfo::read(&message).unwrap();
            prop_assert_eq!((read.signer, read.signature), (signer, signature.as_slice()));
            let mut expected = Vec::new();
            write_vector(b"MLS 1.0 GroupInfoTBS", &mut expected);
            write_vector(&content, &mut expected);
            prop_assert_eq!(read.signed_bytes(), expected);
            for length in 0..message.len() {
                prop_assert_eq!(SignedGroupInfo::read(&message[..length]), Err(MalformedMessage));
            }
            let continued = [message.as_slice(), &[0]].concat();
            prop_assert_eq!(SignedGroupInfo::read(&continued), Err(MalformedMessage));
        }
    }
}
