//! Accounts, as the rules of chats name them.

use super::HttpProblem;
use crate::app::{App, Backend};
use crate::store::AccountStore as _;
use sotto_protocol::chat_rules::Party;
use sotto_protocol::{AccountId, ProblemCode};

/// The account with the identity key that it has.
pub(super) async fn party<B: Backend>(app: &App<B>, account: AccountId) -> Result<Party, HttpProblem> {
    let user = app
        .accounts
        .account(account)
        .await?
        .ok_or(ProblemCode::UserNotFound)?;
    Ok(Party {
        account,
        identity_key: user.identity_key,
    })
}
