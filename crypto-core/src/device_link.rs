//! Device links: an old device shows a code, and whoever reads it is let into the account, once and soon.
//!
//! The code carries a secret that the server never sees. Four things come of it by HKDF: the name under which the server keeps
//! the offer, the key that seals the account's root for the new device, the key pair by which that one logs in, and the id that it
//! takes. The last lets the old device tell the one that came by its code from any other.

use crate::seal;
use crate::signature::sign;
use crate::vault::VaultError;
use crate::{AccountRoot, Label, Secret};
use core::fmt;
use core::str::FromStr;
use ed25519_dalek::SigningKey;
use rand_core::CryptoRng;
use sotto_protocol::{
    AccountId, AccountName, DeviceId, DeviceKey, DeviceLinkId, ListedDevice, LoginChallenge, LoginKey,
    Signature, binary, limits,
};
use zeroize::Zeroizing;

/// The secret of a device link.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceLink(pub(crate) Secret<32>);

/// What an old device seals for a new one.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkedAccount {
    /// The account's root.
    pub root: AccountRoot,
    /// The old device itself.
    pub offered_by: ListedDevice,
    /// The version of the device list that the old device knows: the new one is shown no older.
    pub list_version: u64,
}

impl DeviceLink {
    /// A new link.
    #[must_use]
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Secret::generate(rng))
    }

    /// Under what the server keeps the offer.
    #[must_use]
    pub fn id(&self) -> DeviceLinkId {
        DeviceLinkId::from_bytes(first_half(&Label::DeviceLinkId.derive(&self.0)))
    }

    /// The id that a new device takes.
    #[must_use]
    pub fn device(&self) -> DeviceId {
        DeviceId::from_bytes(first_half(&Label::DeviceLinkDevice.derive(&self.0)))
    }

    /// The public half of the key that logs in by this link, for the server.
    #[must_use]
    pub fn login_key(&self) -> LoginKey {
        LoginKey::from_bytes(self.signing_key().verifying_key().to_bytes())
    }

    /// Shows the server that one was shown the code, and nothing of its secret.
    #[must_use]
    pub fn prove(&self, challenge: LoginChallenge) -> Signature {
        let signed = challenge.by_device_link(self.id());
        sign(&self.signing_key(), Label::DeviceLinkLogin, &signed)
    }

    fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(Label::DeviceLinkLogin.derive(&self.0).expose())
    }

    /// Seals the account for the new device: `root ‖ device id ‖ device key ‖ list version`, bound to the account's id.
    #[must_use]
    pub fn seal(&self, rng: &mut impl CryptoRng, account: AccountId, linked: &LinkedAccount) -> Vec<u8> {
        let mut plain = Zeroizing::new(Vec::with_capacity(LINKED_ACCOUNT_BYTES));
        plain.extend_from_slice(linked.root.expose());
        plain.extend_from_slice(linked.offered_by.device.as_bytes());
        plain.extend_from_slice(linked.offered_by.device_key.as_bytes());
        plain.extend_from_slice(&linked.list_version.to_be_bytes());
        let key = Label::DeviceLinkVault.derive(&self.0);
        seal::seal(rng, &key, Label::DeviceLinkVault, account.as_bytes(), &plain)
    }

    /// Opens what [`Self::seal`] sealed.
    pub fn open(&self, account: AccountId, sealed: &[u8]) -> Result<LinkedAccount, VaultError> {
        if sealed.len() > limits::VAULT_BYTES {
            return Err(VaultError::DoesNotOpen);
        }
        let key = Label::DeviceLinkVault.derive(&self.0);
        let plain = seal::open(&key, Label::DeviceLinkVault, account.as_bytes(), sealed)
            .map_err(|seal::DoesNotOpen| VaultError::DoesNotOpen)?;
        read_linked(plain.expose()).ok_or(VaultError::NewerVersion)
    }
}

/// Bytes of a [`LinkedAccount`].
const LINKED_ACCOUNT_BYTES: usize = 32 + DeviceId::LENGTH + DeviceKey::LENGTH + 8;

fn read_linked(plain: &[u8]) -> Option<LinkedAccount> {
    let (root, rest) = plain.split_at_checked(32)?;
    let (device, rest) = rest.split_at_checked(DeviceId::LENGTH)?;
    let (device_key, version) = rest.split_at_checked(DeviceKey::LENGTH)?;
    Some(LinkedAccount {
        root: AccountRoot::try_from(root).ok()?,
        offered_by: ListedDevice {
            device: DeviceId::try_from(device).ok()?,
            device_key: DeviceKey::try_from(device_key).ok()?,
        },
        list_version: u64::from_be_bytes(version.try_into().ok()?),
    })
}

fn first_half(secret: &Secret<32>) -> [u8; 16] {
    let mut half = [0; 16];
    for (byte, &of_secret) in half.iter_mut().zip(secret.expose()) {
        *byte = of_secret;
    }
    half
}

/// What an old device shows, as a QR code or as text, and a new one reads.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceLinkCode {
    /// The secret.
    pub link: DeviceLink,
    /// The account's name.
    pub name: AccountName,
    /// The server's URL, as the old device reaches it.
    pub server: String,
}

/// The text is no code for a new device: copy all of it, or let the old device show it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that is not the code for a new device")]
pub struct NotADeviceLinkCode;

/// What a code begins with.
const SCHEME: &str = "sotto-device:";
const VERSION: u8 = 1;
/// Bytes of the longest URL of a server.
const SERVER_BYTES: usize = 255;
/// Longest text of a code in bytes, about twice what one needs.
const TEXT_BYTES: usize = 1024;

impl DeviceLinkCode {
    /// The code's text: to be shown to the account's owner, and for nothing else.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let name = self.name.as_str().as_bytes();
        // Room for all of it, so that growing leaves no copy behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 + 32 + name.len() + self.server.len()));
        bytes.push(VERSION);
        bytes.extend_from_slice(self.link.0.expose());
        // A name has at most 32 bytes.
        bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(self.server.as_bytes());
        let encoded = Zeroizing::new(binary::encode(&bytes));
        let mut text = Zeroizing::new(String::with_capacity(SCHEME.len() + encoded.len()));
        text.push_str(SCHEME);
        text.push_str(&encoded);
        text
    }

    /// The address of the server's login page with the code behind it, for a QR code: a phone that reads it opens the page. What
    /// stands behind `#` is not sent to the server.
    #[must_use]
    pub fn url(&self) -> Zeroizing<String> {
        const PAGE: &str = "/login#";
        let text = self.text();
        let server = self.server.trim_end_matches('/');
        let mut url = Zeroizing::new(String::with_capacity(server.len() + PAGE.len() + text.len()));
        url.push_str(server);
        url.push_str(PAGE);
        url.push_str(&text);
        url
    }
}

/// As text, or as the address that a QR code has. White space around and in the text does not matter: a code that was copied may be broken into lines.
impl FromStr for DeviceLinkCode {
    type Err = NotADeviceLinkCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > TEXT_BYTES {
            return Err(NotADeviceLinkCode);
        }
        let mut compact = Zeroizing::new(String::with_capacity(text.len()));
        compact.extend(text.split_whitespace());
        let fragment = compact.rsplit('#').next().unwrap_or_default();
        let encoded = fragment.strip_prefix(SCHEME).ok_or(NotADeviceLinkCode)?;
        let bytes = binary::decode(encoded)
            .map(Zeroizing::new)
            .ok_or(NotADeviceLinkCode)?;
        read_code(&bytes).ok_or(NotADeviceLinkCode)
    }
}

fn read_code(bytes: &[u8]) -> Option<DeviceLinkCode> {
    let (&VERSION, rest) = bytes.split_first()? else {
        return None;
    };
    let (secret, rest) = rest.split_at_checked(32)?;
    let (&name_length, rest) = rest.split_first()?;
    let (name, server) = rest.split_at_checked(usize::from(name_length))?;
    let server = core::str::from_utf8(server).ok()?;
    let is_url = !server.is_empty()
        && server.len() <= SERVER_BYTES
        && server.bytes().all(|byte| byte.is_ascii_graphic());
    is_url.then_some(())?;
    Some(DeviceLinkCode {
        link: DeviceLink(Secret::try_from(secret).ok()?),
        name: core::str::from_utf8(name).ok()?.parse().ok()?,
        server: server.to_owned(),
    })
}

macro_rules! debug_as_name {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )+};
}
debug_as_name!(DeviceLink, LinkedAccount, DeviceLinkCode);
