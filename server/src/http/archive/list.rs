//! `GET /v1/archive?limit=…&after=…`

use super::archive;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Query};
use crate::store::{ArchivePosition, ArchiveStore as _};
use axum::extract::State;
use sotto_protocol::limits;
use sotto_protocol::rest::archive::{Archives, ReadArchives};

/// The archives of the caller's account, those first that were written last.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Query(ReadArchives { limit, after }): Query<ReadArchives>,
) -> Result<Json<Archives>, HttpProblem> {
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let after: Option<ArchivePosition> = after
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| HttpProblem::invalid_request("after: not the `next` of a page"))?;
    let limit = limit.unwrap_or(limits::ARCHIVES_READ).min(limits::ARCHIVES_READ);
    let stored = app
        .accounts
        .archives(caller.address.account, after, limit)
        .await?;
    let bytes: usize = stored.iter().map(|archive| archive.index.len()).sum();
    let is_full = stored.len() >= usize::from(limit) || bytes >= limits::PAGE_BYTES;
    let next = stored.last().filter(|_| is_full).map(|last| ArchivePosition {
        updated_at: last.updated_at,
        chat: last.chat,
    });
    Ok(Json(Archives {
        archives: stored.into_iter().map(archive).collect(),
        next: next.map(|position| position.to_string()),
    }))
}
