//! `GET /health/live`, `GET /health/ready`: what asks a process whether to restart it, and a node whether to send anyone.

use super::{HttpProblem, Json};
use crate::app::{App, Backend};
use crate::bus::BusState;
use crate::store::{SessionId, SessionStore as _};
use crate::telemetry::{NotReady, answers};
use axum::extract::State;
use serde::Serialize;
use sotto_protocol::{Problem, ProblemCode};

/// The answer of a server that is well.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    status: &'static str,
    version: &'static str,
}

const OK: Json<Health> = Json(Health {
    status: "ok",
    version: env!("CARGO_PKG_VERSION"),
});

/// Answers: a process that does not has to be restarted. It asks nothing of any database, for a restart heals none.
pub(crate) async fn live() -> Json<Health> {
    OK
}

/// The answer of a server that does its work without hearing of other nodes: no other node would do better.
const DEGRADED: Json<Health> = Json(Health {
    status: "degraded",
    version: env!("CARGO_PKG_VERSION"),
});

/// Whether the server can do its work, as it has seen within the last second or so. One that cannot answers 503 and why,
/// so that a balancer tries another.
pub(crate) async fn ready<B: Backend>(State(app): State<App<B>>) -> Result<Json<Health>, HttpProblem> {
    match app.readiness.get() {
        Ok(()) if app.delivery.bus_state() == Some(BusState::Disconnected) => Ok(DEGRADED),
        Ok(()) => Ok(OK),
        Err(reason) => Err(Problem::new(ProblemCode::Unavailable)
            .with_detail(reason.to_string())
            .into()),
    }
}

/// Asks every database something small.
pub(crate) async fn look<B: Backend>(app: &App<B>) -> Result<(), NotReady> {
    let accounts = answers(
        app.accounts.session(SessionId([0; 16]), app.now()),
        NotReady::Accounts,
    );
    tokio::try_join!(accounts, app.delivery.look()).map(drop)
}
