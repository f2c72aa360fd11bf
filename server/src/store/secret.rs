//! Secrets of the server itself.

use super::StoreError;
use zeroize::Zeroizing;

/// The server's own secrets: what it seals login states with, signs tokens with, and its OPAQUE setup. They belong
/// to the installation and are in its accounts database, so every node has the same.
pub trait SecretStore: Send + Sync + 'static {
    /// The secret with this name. If there is none, `fresh` becomes it; of two callers at once, one wins and both get
    /// the winner's.
    fn server_secret(
        &self,
        name: &'static str,
        fresh: Zeroizing<Vec<u8>>,
    ) -> impl Future<Output = Result<Zeroizing<Vec<u8>>, StoreError>> + Send;
}
