//! `GET /v1/admin/storage`

use crate::app::{App, Backend};
use crate::auth::{Permitted, SeeStorage};
use crate::http::{HttpProblem, Json};
use crate::store::OverviewStore as _;
use axum::extract::State;
use sotto_protocol::rest::admin::StorageTotals;

/// How much there is on the server.
pub(crate) async fn totals<B: Backend>(
    State(app): State<App<B>>,
    _: Permitted<SeeStorage>,
) -> Result<Json<StorageTotals>, HttpProblem> {
    Ok(Json(app.accounts.storage_totals(app.now()).await?))
}
