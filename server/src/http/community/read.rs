//! `GET /v1/community/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{Answer, AnswerVersion, HttpProblem, Path, Revalidated};
use crate::store::{CommunityStore as _, VersionStore as _};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::{CommunityId, ProblemCode};

/// A community, for anyone who has an account.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let reader = caller.address.account;
    let version = app.accounts.community_version(community, reader).await?;
    let version = version.ok_or(ProblemCode::CommunityNotFound)?;
    let (asked, kept_as) = (
        Answer::Community(community, version.own_role),
        AnswerVersion::Community(version),
    );
    if let Some(kept) = app.answers.get(asked, &kept_as) {
        return Ok(kept.answer(&headers));
    }
    let read = app.accounts.community(community, reader).await?;
    let read = read.ok_or(ProblemCode::CommunityNotFound)?;
    let told = Revalidated::json(&read)?.private();
    // Offices go back and forth, which a version does not count: what was read has to be of the same.
    if (read.founder.account, read.own_role) == (version.founder, version.own_role) {
        app.answers.keep(asked, kept_as, &told);
    }
    Ok(told.answer(&headers))
}
