//! `GET /v1/site/file/{name}`

use crate::app::{App, Backend};
use crate::http::path::PathPart;
use crate::http::{HttpProblem, Path, Revalidated};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::site::FileName;

impl PathPart for FileName {
    const PROBLEM: ProblemCode = ProblemCode::NotFound;
}

/// A picture of the operator's pages.
pub(crate) async fn file<B: Backend>(
    State(app): State<App<B>>,
    Path(name): Path<FileName>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let picture = app.site.picture(&name).await.ok_or(ProblemCode::NotFound)?;
    Ok(Revalidated::new(picture.kind.media_type(), picture.bytes).answer(&headers))
}
