//! A login between its two round trips. The server keeps nothing of it: the client carries it, sealed.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRng;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sotto_protocol::{AccountId, AccountName, Timestamp};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const NONCE_BYTES: usize = 24;

/// Longest sealed state in bytes, several times what one needs.
const SEALED_BYTES_MAX: usize = 1024;

/// A login of some kind between its two round trips.
pub(crate) trait PendingLogin: Serialize + DeserializeOwned {
    /// Keeps the states of one kind apart from those of others.
    const LABEL: &'static [u8];

    /// When it is too late to finish.
    fn expires_at(&self) -> Timestamp;
}

/// A login by password between its two round trips.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct LoginState {
    /// Random: what marks the login as used.
    pub(crate) login: [u8; 16],
    /// The name that it is for.
    #[zeroize(skip)]
    pub(crate) name: AccountName,
    /// The account that had the name at the start, or random bytes: the state is as long for a name that nobody has.
    #[zeroize(skip)]
    pub(crate) account: AccountId,
    /// When it is too late to finish.
    #[zeroize(skip)]
    pub(crate) expires_at: Timestamp,
    /// OPAQUE's own state.
    pub(crate) opaque: Vec<u8>,
}

impl PendingLogin for LoginState {
    const LABEL: &'static [u8] = b"sotto.v1 server login state";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// The text was not sealed here, or its time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a login that can still be finished")]
pub(crate) struct NoSuchLogin;

/// Seals and opens login states: XChaCha20-Poly1305 with a random nonce before the ciphertext, the label as
/// associated data.
pub(crate) struct LoginStates {
    cipher: XChaCha20Poly1305,
}

impl LoginStates {
    /// With this key.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(key.into()),
        }
    }

    /// Seals a state.
    #[allow(
        clippy::expect_used,
        reason = "sealing a few hundred bytes in memory has no error to return"
    )]
    pub(crate) fn seal<L: PendingLogin>(&self, rng: &mut impl CryptoRng, state: &L) -> Vec<u8> {
        let plain = Zeroizing::new(postcard::to_allocvec(state).expect("plain data always encodes"));
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let payload = Payload {
            msg: &plain,
            aad: L::LABEL,
        };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("far below the cipher's limit");
        [&nonce[..], &sealed].concat()
    }

    /// Opens a state that is still in time at `now`.
    pub(crate) fn open<L: PendingLogin>(&self, sealed: &[u8], now: Timestamp) -> Result<L, NoSuchLogin> {
        if sealed.len() > SEALED_BYTES_MAX {
            return Err(NoSuchLogin);
        }
        let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(NoSuchLogin)?;
        let payload = Payload {
            msg: ciphertext,
            aad: L::LABEL,
        };
        let plain = self
            .cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| NoSuchLogin)?;
        let state: L = postcard::from_bytes(&plain).map_err(|_| NoSuchLogin)?;
        if now < state.expires_at() {
            Ok(state)
        } else {
            Err(NoSuchLogin)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> LoginState {
        LoginState {
            login: [3; 16],
            name: "alice".parse().unwrap(),
            account: AccountId::from_bytes([4; 16]),
            expires_at: Timestamp(1000),
            opaque: vec![7; 200],
        }
    }

    fn sealed(states: &LoginStates) -> Vec<u8> {
        states.seal(&mut rand_core::UnwrapErr(getrandom::SysRng), &state())
    }

    #[test]
    fn a_login_can_be_finished_until_its_time_is_over() {
        let states = LoginStates::new(&[1; 32]);
        let sealed = sealed(&states);
        assert_eq!(
            states.open::<LoginState>(&sealed, Timestamp(999)).unwrap().opaque,
            vec![7; 200]
        );
        assert!(states.open::<LoginState>(&sealed, Timestamp(1000)).is_err());
    }

    #[test]
    fn a_state_that_was_changed_cut_or_sealed_elsewhere_is_refused() {
        let states = LoginStates::new(&[1; 32]);
        let sealed = sealed(&states);
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert!(states.open::<LoginState>(&changed, Timestamp(0)).is_err());
            assert!(
                states
                    .open::<LoginState>(&sealed[..position], Timestamp(0))
                    .is_err()
            );
        }
        assert!(
            LoginStates::new(&[2; 32])
                .open::<LoginState>(&sealed, Timestamp(0))
                .is_err()
        );
        assert!(
            states
                .open::<LoginState>(&vec![0; SEALED_BYTES_MAX + 1], Timestamp(0))
                .is_err()
        );
    }

    #[test]
    fn what_a_client_carries_does_not_show_the_name() {
        let sealed = sealed(&LoginStates::new(&[1; 32]));
        assert!(!sealed.windows(5).any(|window| window == b"alice"));
    }
}
