//! `GET /v1/admin/account` and `GET /v1/admin/account/{account}`

use crate::app::{App, Backend};
use crate::auth::{Permitted, SeeAccounts};
use crate::http::{HttpProblem, Json, Path, Query};
use crate::store::{self, OverviewStore as _};
use axum::extract::State;
use sotto_protocol::rest::admin::{ListAccounts, ListedAccount, ListedAccounts};
use sotto_protocol::{AccountId, ProblemCode, limits};

/// Accounts on a page that does not say how many.
const LIMIT: u16 = 50;

/// A page of the accounts.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    _: Permitted<SeeAccounts>,
    Query(ListAccounts {
        q,
        role,
        banned,
        limit,
        after,
    }): Query<ListAccounts>,
) -> Result<Json<ListedAccounts>, HttpProblem> {
    if q.as_ref()
        .is_some_and(|text| text.len() > limits::SEARCH_QUERY_BYTES)
    {
        return Err(HttpProblem::invalid_request(format!(
            "q: at most {} bytes",
            limits::SEARCH_QUERY_BYTES
        )));
    }
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let limit = limit.unwrap_or(LIMIT).min(limits::ACCOUNTS_LISTED);
    let list = store::ListAccounts {
        text: q.filter(|text| !text.is_empty()),
        role,
        banned,
        after,
        limit,
    };
    let accounts = app.accounts.list_accounts(list, app.now()).await?;
    let next = accounts
        .last()
        .filter(|_| accounts.len() == usize::from(limit))
        .map(|last| last.name.clone());
    Ok(Json(ListedAccounts { accounts, next }))
}

/// One account.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    _: Permitted<SeeAccounts>,
    Path(account): Path<AccountId>,
) -> Result<Json<ListedAccount>, HttpProblem> {
    let listed = app.accounts.listed_account(account, app.now()).await?;
    Ok(Json(listed.ok_or(ProblemCode::UserNotFound)?))
}
