//! `GET /v1/admin/bot`, `PUT` and `DELETE /v1/admin/bot/{name}`

use super::administer;
use crate::app::{App, Backend};
use crate::auth::{ManageBots, Permitted};
use crate::http::{HttpProblem, Json, Path};
use crate::store::{BotStore as _, NewChange};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::AccountName;
use sotto_protocol::rest::admin::{Bots, CreateBot, ForReason};

/// All bots.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    _: Permitted<ManageBots>,
) -> Result<Json<Bots>, HttpProblem> {
    let bots = app.accounts.bots(app.now()).await?;
    Ok(Json(Bots { bots }))
}

/// Makes a bot, which its program then registers. The token is made where it stays, and only its hash comes here.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageBots>,
    Path(bot): Path<AccountName>,
    Json(CreateBot { token_hash: token }): Json<CreateBot>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::CreateBot { bot, token }, String::new()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Revokes a bot's token.
pub(crate) async fn revoke<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageBots>,
    Path(bot): Path<AccountName>,
    Json(ForReason { reason }): Json<ForReason>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::RevokeBot { bot }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
