//! `GET /health`: whether the server can do its work.

use super::{HttpProblem, Json};
use crate::app::{App, Backend};
use crate::store::{SessionId, SessionStore as _};
use axum::extract::State;
use serde::Serialize;
use sotto_protocol::ProblemCode;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(5);

/// The answer of a server that can.
#[derive(Debug, Serialize)]
pub(crate) struct Health {
    status: &'static str,
    version: &'static str,
}

/// Asks the database something small. A server that cannot answers 503, so that a balancer tries another.
pub(crate) async fn health<B: Backend>(State(app): State<App<B>>) -> Result<Json<Health>, HttpProblem> {
    let probe = app.accounts.session(SessionId([0; 16]), app.now());
    match tokio::time::timeout(PATIENCE, probe).await {
        Ok(Ok(_)) => Ok(Json(Health {
            status: "ok",
            version: env!("CARGO_PKG_VERSION"),
        })),
        Ok(Err(error)) => {
            tracing::error!(error = super::problem::chain(&error), "the health check failed");
            Err(ProblemCode::Unavailable.into())
        }
        Err(_) => Err(ProblemCode::Unavailable.into()),
    }
}
