//! Proofs of work that were given: each counts once.

use super::StoreError;
use sotto_protocol::Timestamp;

/// A captcha whose solution is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpentCaptcha {
    /// The challenge: a hash, which is another one each time.
    pub challenge: [u8; 32],
    /// When its solution would not be taken any more in any case.
    pub expires_at: Timestamp,
}

/// Captchas that were solved. A registration spends one by [`super::AccountStore::create_account`], in the transaction that
/// creates the account.
pub trait CaptchaStore: Send + Sync + 'static {
    /// Spends a solution: whoever is first gets `true`, and nobody after that.
    fn spend_captcha(&self, captcha: SpentCaptcha) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets those whose time is over.
    fn purge_captchas(&self, now: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}
