//! Every domain-separation label of ours. What is derived, signed or sealed for one purpose is worth nothing for
//! another. (MLS has labels of its own, RFC 9420, section 5.1.2 and 5.1.3.)

use crate::Secret;
use hkdf::Hkdf;
use sha2::Sha256;
use sotto_protocol::{franking, login_proof};

/// Defines the labels, so that [`Label::ALL`] can miss none.
macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)+) => {
        /// A purpose. Each has a known-answer vector in `tests/vectors/labels.json`; a label once used is never changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Label {
            $($(#[$doc])* $name,)+
        }

        impl Label {
            /// Every label.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The label's text: ASCII without a NUL.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

labels! {
    /// Account root → seed of the identity key.
    IdentityKey = "sotto.v1 identity key";
    /// Account root → key of the account's archive.
    ArchiveKey = "sotto.v1 archive key";
    /// Account root → key of the profile's private part.
    ProfileKey = "sotto.v1 profile key";
    /// Account root → key of the account's private records on the server.
    VaultRecordKey = "sotto.v1 vault record key";
    /// What the identity key signs about a device.
    DeviceCredential = "sotto.v1 device credential";
    /// What the identity key signs about the list of devices.
    DeviceList = "sotto.v1 device list";
    /// OPAQUE export key → key that seals the root; begins that seal's associated data.
    VaultByPassword = "sotto.v1 vault by password";
    /// Recovery code → key that seals the root; begins that seal's associated data.
    VaultByRecoveryCode = "sotto.v1 vault by recovery code";
    /// What a passkey's PRF gives → key that seals the root; begins that seal's associated data.
    VaultByPasskey = "sotto.v1 vault by passkey";
    /// What is hashed to the input of a passkey's PRF.
    PasskeyPrf = "sotto.v1 passkey prf";
    /// Begins the associated data of a passkey's name, which the vault record key seals.
    PasskeyName = "sotto.v1 passkey name";
    /// Begins the associated data of a record in a client's store.
    StoreRecord = "sotto.v1 store record";
    /// Stretched passphrase → key of a client's store.
    StoreKeyFromPassphrase = "sotto.v1 store key from passphrase";
    /// What a group's key signs about the group's profile.
    GroupProfile = "sotto.v1 group profile";
    /// What a device's key signs about a newcomer that it approves.
    Approval = "sotto.v1 approval";
    /// What a device's key signs when its account leaves a group.
    Departure = "sotto.v1 departure";
    /// Begins what a safety number hashes.
    SafetyNumber = "sotto.v1 safety number";
    /// A file's secret → the key that seals its chunks; begins their associated data.
    File = "sotto.v1 file";
    /// Begins the HPKE `info` of a group's key that is shared with a device.
    GroupKeyShare = "sotto.v1 group key share";
    /// Begins the HPKE `info` of the key of a file in which a newcomer is given history.
    HistoryShare = "sotto.v1 history share";
    /// What a group's key signs about an invite link.
    InviteLink = "sotto.v1 invite link";
    /// What an invite link's key signs about a device that uses it.
    InvitationUse = "sotto.v1 invitation use";
    /// Recovery code → seed of the key that logs in by it; what that key signs.
    RecoveryLogin = login_proof::RECOVERY_LOGIN;
    /// Secret of a device link → the link's id on the server.
    DeviceLinkId = "sotto.v1 device link id";
    /// Secret of a device link → id of the device that comes by it.
    DeviceLinkDevice = "sotto.v1 device link device";
    /// Secret of a device link → key that seals the root; begins that seal's associated data.
    DeviceLinkVault = "sotto.v1 device link vault";
    /// Secret of a device link → seed of the key that logs in by it; what that key signs.
    DeviceLinkLogin = login_proof::DEVICE_LINK_LOGIN;
    /// Begins the associated data of a device's name, which the vault record key seals.
    DeviceName = "sotto.v1 device name";
    /// Begins what a device's code hashes.
    DeviceCode = "sotto.v1 device code";
    /// Key of the account's private records and a record's name → the record's place on the server.
    AccountRecordId = "sotto.v1 account record id";
    /// Begins the associated data of a private record on the server.
    AccountRecord = "sotto.v1 account record";
    /// MLS exporter → key of an epoch's signals; begins their associated data.
    Signal = "sotto.v1 signal";
    /// MLS exporter → key of an epoch's markers; begins their associated data.
    Marker = "sotto.v1 marker";
    /// Begins the associated data of the part of a marker that is for the account's own devices.
    OwnMarker = "sotto.v1 own marker";
    /// Begins the associated data of the index of a chat's archive.
    ArchiveIndex = "sotto.v1 archive index";
    /// Begins the associated data of a segment of a chat's archive.
    ArchiveSegment = "sotto.v1 archive segment";
    /// Stretched passphrase → the key that seals an export's chunks; begins their associated data.
    Export = "sotto.v1 export";
    /// Account root → key that authenticates the blocks of an export; begins what is authenticated.
    ExportBlock = "sotto.v1 export block";
    /// Begins what the sender of a message commits to.
    Franking = franking::FRANKING;
    /// Secret of a bot's token → what it shows to the server, once, to register the bot.
    BotAdmission = "sotto.v1 bot admission";
    /// Secret of a bot's token → the bot's password.
    BotPassword = "sotto.v1 bot password";
}

impl Label {
    /// `HKDF-SHA-256(salt = none, IKM = secret, info = label, L = 32)`, RFC 5869.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "HKDF-SHA-256 gives up to 8,160 bytes, and this asks for 32"
    )]
    pub fn derive<const N: usize>(self, secret: &Secret<N>) -> Secret<32> {
        let hkdf = Hkdf::<Sha256>::new(None, secret.expose());
        Secret::try_filled(|key| hkdf.expand(self.as_str().as_bytes(), key))
            .expect("32 bytes are within HKDF's bound")
    }

    /// `HKDF-SHA-256(salt = none, IKM = secret, info = label ‖ 0x00 ‖ name, L = 32)`, RFC 5869.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "HKDF-SHA-256 gives up to 8,160 bytes, and this asks for 32"
    )]
    pub(crate) fn derive_for(self, secret: &Secret<32>, name: &[u8]) -> Secret<32> {
        let hkdf = Hkdf::<Sha256>::new(None, secret.expose());
        Secret::try_filled(|key| hkdf.expand(&self.prefix(name), key))
            .expect("32 bytes are within HKDF's bound")
    }

    /// `label ‖ 0x00 ‖ bytes`: what is signed, hashed, or bound to a ciphertext as its associated data.
    #[must_use]
    pub fn prefix(self, bytes: &[u8]) -> Vec<u8> {
        let label = self.as_str().as_bytes();
        let mut prefixed = Vec::with_capacity(label.len() + 1 + bytes.len());
        prefixed.extend_from_slice(label);
        prefixed.push(0);
        prefixed.extend_from_slice(bytes);
        prefixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_labels_are_the_same_and_none_has_the_separator_in_it() {
        let texts: BTreeSet<_> = Label::ALL.iter().map(|label| label.as_str()).collect();
        assert_eq!(texts.len(), Label::ALL.len());
        for text in texts {
            assert!(text.starts_with("sotto.v1 "), "{text}");
            assert!(
                text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()),
                "{text}"
            );
        }
    }
}
