//! `GET`, `PUT` and `DELETE /v1/server/broadcast`

use crate::app::{App, Backend};
use crate::auth::{Caller, ManageBroadcast, Permitted};
use crate::http::admin::administer;
use crate::http::{HttpProblem, Json};
use crate::store::NewChange;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::broadcast::{Broadcast, SetBroadcast};

/// The broadcast of the whole server, for anyone who has an account.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    _: Caller,
) -> Result<Json<Broadcast>, HttpProblem> {
    Ok(Json(super::read(&app, None).await?))
}

/// Says which group it is from now on.
pub(crate) async fn set<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageBroadcast>,
    Json(SetBroadcast { group }): Json<SetBroadcast>,
) -> Result<StatusCode, HttpProblem> {
    super::check(&app, by.address(), group, None).await?;
    let change = NewChange::SetBroadcast { group: Some(group) };
    administer(&app, &by, change, String::new()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Says that there is none any more.
pub(crate) async fn unset<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageBroadcast>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::SetBroadcast { group: None }, String::new()).await?;
    Ok(StatusCode::NO_CONTENT)
}
