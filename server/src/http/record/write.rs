//! `PUT /v1/record/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::{RecordStore as _, Written};
use axum::extract::State;
use sotto_protocol::rest::record::{RecordWritten, WriteRecord};
use sotto_protocol::{ProblemCode, RecordId, limits};

/// Replaces a private record of the caller's account, and tells its other devices.
pub(crate) async fn write<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(id): Path<RecordId>,
    Json(WriteRecord { replaces, sealed }): Json<WriteRecord>,
) -> Result<Json<RecordWritten>, HttpProblem> {
    if sealed.0.len() > limits::ACCOUNT_RECORD_BYTES {
        return Err(ProblemCode::TooLarge.into());
    }
    let account = caller.address.account;
    let written = app.accounts.write_record(account, id, replaces, sealed.0);
    match written.await? {
        Written::Revision(revision) => {
            app.delivery.records_changed(caller.address);
            Ok(Json(RecordWritten { revision }))
        }
        Written::Stale => Err(ProblemCode::StaleRecord.into()),
        Written::TooMany => Err(ProblemCode::TooManyRecords.into()),
    }
}
