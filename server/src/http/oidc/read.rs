//! `GET /v1/auth/oidc/link`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json};
use crate::store::OidcStore as _;
use axum::extract::State;
use sotto_protocol::rest::oidc::OidcLink;

/// Whether the caller's account is linked: also where there is no provider any more, so that the link can be ended.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
) -> Result<Json<OidcLink>, HttpProblem> {
    let link = app.accounts.oidc_link(caller.address.account).await?;
    Ok(Json(OidcLink {
        linked_at: link.map(|(_, at)| at),
    }))
}
