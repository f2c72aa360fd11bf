//! What OpenMLS is given for one operation.

use super::MlsRecords;
use super::storage::Storage;
use crate::suite::SuiteCrypto;
use openmls_traits::OpenMlsProvider;

/// Crypto, randomness and storage of one operation on one set of records.
pub(crate) struct Provider<'a> {
    crypto: SuiteCrypto,
    storage: Storage<'a>,
}

impl<'a> Provider<'a> {
    pub(crate) const fn new(crypto: SuiteCrypto, records: &'a mut MlsRecords) -> Self {
        Self {
            crypto,
            storage: Storage::new(records),
        }
    }
}

impl<'a> OpenMlsProvider for Provider<'a> {
    type CryptoProvider = SuiteCrypto;
    type RandProvider = SuiteCrypto;
    type StorageProvider = Storage<'a>;

    fn storage(&self) -> &Storage<'a> {
        &self.storage
    }

    fn crypto(&self) -> &SuiteCrypto {
        &self.crypto
    }

    fn rand(&self) -> &SuiteCrypto {
        &self.crypto
    }
}
