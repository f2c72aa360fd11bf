//! `GET /v1/user/{name}` and `GET /v1/user/by-id/{account}`: public, as the profile is. A device that is about to enrol
//! reads the current device list here before it has a session.

use crate::app::{App, Backend};
use crate::http::{Answer, AnswerVersion, HttpProblem, Path, Revalidated};
use crate::store::{AccountStore as _, RowVersion, VersionStore as _};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::{AccountId, AccountName, ProblemCode};

/// The profile of the account with this name.
pub(crate) async fn by_name<B: Backend>(
    State(app): State<App<B>>,
    Path(name): Path<AccountName>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let found = app.accounts.account_version_by_name(&name).await?;
    let (account, version) = found.ok_or(ProblemCode::UserNotFound)?;
    answer(&app, account, version, &headers).await
}

/// The profile of the account with this id.
pub(crate) async fn by_id<B: Backend>(
    State(app): State<App<B>>,
    Path(account): Path<AccountId>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let found = app.accounts.account_version(account).await?;
    answer(&app, account, found.ok_or(ProblemCode::UserNotFound)?, &headers).await
}

/// The profile, of which there is this version.
async fn answer<B: Backend>(
    app: &App<B>,
    account: AccountId,
    version: RowVersion,
    headers: &HeaderMap,
) -> Result<Response, HttpProblem> {
    let (asked, version) = (Answer::User(account), AnswerVersion::User(version));
    if let Some(kept) = app.answers.get(asked, &version) {
        return Ok(kept.answer(headers));
    }
    let user = app.accounts.account(account).await?;
    let told = Revalidated::json(&user.ok_or(ProblemCode::UserNotFound)?)?;
    app.answers.keep(asked, version, &told);
    Ok(told.answer(headers))
}
