//! The key that all nodes of an installation share.

use crate::store::{SecretStore, StoreError};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use zeroize::Zeroizing;

const PREFIX_LABEL: &[u8] = b"sotto.v1 bus subject";
/// Bytes of the hash that tells installations on one NATS apart.
const PREFIX_BYTES: usize = 8;

/// Seals what the nodes of an installation say to each other. It is in the accounts database: whoever can read that is a
/// node.
pub(crate) struct BusKey(Zeroizing<[u8; 32]>);

impl BusKey {
    /// Its name among the installation's secrets.
    pub(crate) const NAME: &str = "bus-key";

    /// Reads the key, or makes it. `None` if what is stored is no key.
    pub(crate) async fn load(
        store: &impl SecretStore,
        rng: &mut (impl CryptoRng + Send),
    ) -> Result<Option<Self>, StoreError> {
        let mut fresh = Zeroizing::new(vec![0; 32]);
        rng.fill_bytes(&mut fresh);
        let stored = store.server_secret(Self::NAME, fresh).await?;
        let key = stored.as_slice().try_into().ok();
        Ok(key.map(|key| Self(Zeroizing::new(key))))
    }

    #[cfg(test)]
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the subjects of the installation begin with: `sotto.<hash of the key>`.
    pub(super) fn subject_prefix(&self) -> String {
        let hash = Sha256::new()
            .chain_update(PREFIX_LABEL)
            .chain_update([0])
            .chain_update(*self.0)
            .finalize();
        let mut prefix = "sotto.".to_owned();
        for byte in hash.iter().take(PREFIX_BYTES) {
            // Writing to a string does not fail.
            let _ = write!(prefix, "{byte:02x}");
        }
        prefix
    }
}

impl std::fmt::Debug for BusKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BusKey")
    }
}
