//! Identifiers. All are random, or a hash of what is, and carry no meaning.

use crate::fixed_bytes::fixed_bytes;
use serde::{Deserialize, Serialize};

fixed_bytes! {
    /// An account: a person or a bot. Chosen at random by the account's first device.
    AccountId[16];
    /// One client of an account. Chosen at random by the device.
    DeviceId[16];
    /// A chat: an MLS group and its log. It is also the MLS group id (RFC 9420, section 8.1).
    ChatId[16];
    /// A message, chosen at random by its sender. A retry carries the same id, so the server can tell.
    MessageId[16];
    /// An encrypted file on the server. Chosen at random by the server: whoever can name it may read it.
    BlobId[16];
    /// An upload, chosen at random by the uploader. A repetition carries the same id, so the server can tell.
    UploadId[16];
    /// An old device's offer to let a new one in. It comes of the secret that the old one shows, and says nothing of it.
    DeviceLinkId[16];
    /// A private record of an account. Derived from the account's root and the record's name: the server does not learn what
    /// the record is for.
    RecordId[16];
    /// An invite, by which its maker names it; it says nothing of the code. Chosen at random by the server.
    InviteId[16];
    /// A report to those who look after the server. Chosen at random by the server.
    ReportId[16];
    /// A passkey: the SHA-256 of the id that its authenticator gave it.
    PasskeyId[32];
    /// A segment of an archive. Chosen at random by the device that adds it.
    SegmentId[16];
    /// A picture of a profile, of one size. Chosen at random by the server; another picture has another id.
    PictureId[16];
    /// A community. Chosen at random by who founds it: a retry carries the same id, so the server can tell.
    CommunityId[16];
}

/// A device and the account that it belongs to: where an entry comes from or a Welcome goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceAddress {
    /// The account.
    pub account: AccountId,
    /// One of its devices.
    pub device: DeviceId,
}
