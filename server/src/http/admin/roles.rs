//! `GET /v1/admin/role`, `PUT` and `DELETE /v1/admin/role/{role}`

use super::administer;
use crate::app::{App, Backend};
use crate::auth::{ManageRoles, Permitted, SeeAccounts};
use crate::http::{HttpProblem, Json, Path};
use crate::store::{NewChange, RoleStore as _};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::RoleName;
use sotto_protocol::rest::admin::{ForReason, PutRole, Roles};

/// All roles: whoever sees which role accounts have may know what that means.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    _: Permitted<SeeAccounts>,
) -> Result<Json<Roles>, HttpProblem> {
    let roles = app.accounts.roles().await?;
    Ok(Json(Roles { roles }))
}

/// Makes a role, or says anew what it permits.
pub(crate) async fn put<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageRoles>,
    Path(role): Path<RoleName>,
    Json(PutRole { permissions, reason }): Json<PutRole>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::PutRole { role, permissions }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a role that no account has.
pub(crate) async fn delete<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageRoles>,
    Path(role): Path<RoleName>,
    Json(ForReason { reason }): Json<ForReason>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::DeleteRole { role }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
