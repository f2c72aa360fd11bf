//! `DELETE /v1/community/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Path};
use crate::store::CommunityStore as _;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::CommunityId;

/// Deletes a community, for its founder. Its id is given to nobody again.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<StatusCode, HttpProblem> {
    app.accounts
        .delete_community(community, caller.address.account)
        .await?;
    tracing::info!(?community, "a community was deleted");
    Ok(StatusCode::NO_CONTENT)
}
