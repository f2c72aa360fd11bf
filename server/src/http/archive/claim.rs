//! `POST /v1/archive/{id}/claim`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::{ArchiveClaimed, ArchiveStore as _, NewArchiveClaim};
use axum::extract::State;
use sotto_protocol::rest::archive::{ArchiveClaim, ClaimArchive};
use sotto_protocol::{ChatId, Problem, ProblemCode, limits};

/// Claims an archive for the calling device, unless another device of the account has.
pub(crate) async fn claim<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(ClaimArchive { seconds }): Json<ClaimArchive>,
) -> Result<Json<ArchiveClaim>, HttpProblem> {
    if seconds > limits::ARCHIVE_CLAIM_SECONDS_MAX {
        return Err(HttpProblem::invalid_request(format!(
            "seconds: at most {}",
            limits::ARCHIVE_CLAIM_SECONDS_MAX
        )));
    }
    let at = app.now();
    let claim = NewArchiveClaim {
        by: caller.address,
        chat,
        at,
        until: at.plus_seconds(seconds),
    };
    match app.accounts.claim_archive(claim).await? {
        ArchiveClaimed::Held { by, until } => Ok(Json(ArchiveClaim { held_by: by, until })),
        ArchiveClaimed::TooMany { until } => {
            let seconds = until.0.saturating_sub(at.0).div_ceil(1000);
            Err(Problem::new(ProblemCode::RateLimited)
                .with_retry_after(u32::try_from(seconds).unwrap_or(u32::MAX))
                .into())
        }
        ArchiveClaimed::AccountNotFound => Err(ProblemCode::UserNotFound.into()),
    }
}
