//! `GET /v1/record/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::RecordStore as _;
use axum::extract::State;
use sotto_protocol::rest::record::Record;
use sotto_protocol::{ProblemCode, RecordId};

/// A private record of the caller's account.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(id): Path<RecordId>,
) -> Result<Json<Record>, HttpProblem> {
    let record = app.accounts.record(caller.address.account, id).await?;
    let record = record.ok_or(ProblemCode::RecordNotFound)?;
    Ok(Json(Record {
        revision: record.revision,
        sealed: record.sealed.into(),
    }))
}
