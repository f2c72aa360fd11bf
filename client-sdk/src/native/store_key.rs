//! Where a native store's key comes from: a passphrase, or a key ring.
//!
//! A passphrase does not make the store key; it opens a sealed copy of it in the store's header, so that a new passphrase costs
//! one write. Beside it stands a value sealed with the store key, by which a wrong one shows before anything is read.

use super::SqliteStore;
use crate::store::StoreError;
use sotto_crypto_core::record::{PassphraseError, SALT_LENGTH};
use sotto_crypto_core::{CryptoRng, Secret, SecretBytes, StoreKey};

const SALT: &str = "salt";
const SEALED_KEY: &str = "sealed-key";
const CHECK: &str = "check";

/// Why the store stays shut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// The passphrase is not the one that the store was made with. Ask again.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The key is not the one that the store was made with.
    #[error("the store key is wrong")]
    WrongKey,
    /// The store was made with a key from outside, and has no passphrase.
    #[error("the store has no passphrase")]
    NoPassphrase,
    /// The passphrase cannot be stretched on this machine.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SqliteStore {
    /// The store key that `passphrase` opens. The first call on a new store makes the key and sets the passphrase.
    pub async fn unlock(
        &self,
        passphrase: &SecretBytes,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<StoreKey, UnlockError> {
        let _one_at_a_time = self.inner.unlocking.lock().await;
        let salt = self.header(SALT).await?;
        let sealed = self.header(SEALED_KEY).await?;
        match (salt, sealed) {
            (Some(salt), Some(sealed)) => {
                let salt = salt
                    .try_into()
                    .map_err(|_| StoreError::Corrupted("its salt has another length".to_owned()))?;
                let wrapping_key = stretch(passphrase, salt).await?;
                let key = wrapping_key
                    .open(SEALED_KEY.as_bytes(), &sealed)
                    .map_err(|_| UnlockError::WrongPassphrase)?;
                let key = Secret::<32>::try_from(key.expose())
                    .map_err(|_| StoreError::Corrupted("its key has another length".to_owned()))?;
                Ok(StoreKey::from_bytes(*key.expose()))
            }
            (None, None) if self.header(CHECK).await?.is_some() => Err(UnlockError::NoPassphrase),
            (None, None) => {
                let key = StoreKey::generate(rng);
                self.seal_key(passphrase, &key, rng).await?;
                Ok(key)
            }
            (Some(_), None) | (None, Some(_)) => {
                Err(StoreError::Corrupted("half of its passphrase's records is missing".to_owned()).into())
            }
        }
    }

    /// Makes `passphrase` the one that opens the store from now on. `key` is the store's key, which does not change.
    pub async fn change_passphrase(
        &self,
        key: &StoreKey,
        passphrase: &SecretBytes,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<(), UnlockError> {
        let _one_at_a_time = self.inner.unlocking.lock().await;
        self.check(key).await?;
        self.seal_key(passphrase, key, rng).await
    }

    /// Checks that `key`, from a key ring, is this store's. The first call on a new store makes it so.
    pub async fn unlock_with(
        &self,
        key: &StoreKey,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<(), UnlockError> {
        let _one_at_a_time = self.inner.unlocking.lock().await;
        if self.check(key).await? {
            return Ok(());
        }
        let check = key.seal(rng, CHECK.as_bytes(), &[]);
        Ok(self.set_header(vec![(CHECK, check)]).await?)
    }

    /// Whether the store has a key, which is then this one.
    async fn check(&self, key: &StoreKey) -> Result<bool, UnlockError> {
        match self.header(CHECK).await? {
            Some(check) => key
                .open(CHECK.as_bytes(), &check)
                .map(|_| true)
                .map_err(|_| UnlockError::WrongKey),
            None => Ok(false),
        }
    }

    async fn seal_key(
        &self,
        passphrase: &SecretBytes,
        key: &StoreKey,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<(), UnlockError> {
        let mut salt = [0; SALT_LENGTH];
        rng.fill_bytes(&mut salt);
        let wrapping_key = stretch(passphrase, salt).await?;
        let sealed = wrapping_key.seal(rng, SEALED_KEY.as_bytes(), key.expose());
        let check = key.seal(rng, CHECK.as_bytes(), &[]);
        self.set_header(vec![(SALT, salt.to_vec()), (SEALED_KEY, sealed), (CHECK, check)])
            .await?;
        Ok(())
    }
}

/// Some tenths of a second of work, beside the runtime.
async fn stretch(passphrase: &SecretBytes, salt: [u8; SALT_LENGTH]) -> Result<StoreKey, UnlockError> {
    let passphrase = passphrase.clone();
    tokio::task::spawn_blocking(move || StoreKey::from_passphrase(passphrase.expose(), &salt))
        .await
        .map_err(|_| StoreError::Closed)?
        .map_err(UnlockError::Passphrase)
}
