//! `POST /v1/auth/logout`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, sessions};
use crate::store::SessionStore as _;
use axum::extract::State;
use http::StatusCode;

/// Ends the calling session.
pub(crate) async fn logout<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<StatusCode, HttpProblem> {
    app.accounts.end_session(caller.session).await?;
    sessions::ended(&app, caller.address);
    Ok(StatusCode::NO_CONTENT)
}
