//! `GET` and `POST /v1/admin/invite`, `DELETE /v1/admin/invite/{id}`

use super::administer;
use crate::admin::{ActError, new_invite};
use crate::app::{App, Backend};
use crate::auth::{ManageInvites, Permitted};
use crate::http::{HttpProblem, Json, Path};
use crate::store::{InviteStore as _, NewChange};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::InviteId;
use sotto_protocol::rest::admin::{CreateInvite, ForReason, Invite, InviteCreated, Invites};
use sotto_protocol::rest::user::GivenInvite;

/// All invites, without their codes.
pub(crate) async fn list<B: Backend>(
    State(app): State<App<B>>,
    _: Permitted<ManageInvites>,
) -> Result<Json<Invites>, HttpProblem> {
    let invites = app.accounts.invites().await?;
    Ok(Json(Invites { invites }))
}

/// Makes an invite. Its code is in the answer and nowhere else.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageInvites>,
    Json(CreateInvite {
        uses,
        expires_in,
        note,
    }): Json<CreateInvite>,
) -> Result<(StatusCode, Json<InviteCreated>), HttpProblem> {
    let now = app.now();
    let (new, code) =
        new_invite(&mut app.rng(), uses, u64::from(expires_in) * 1000, note, now).map_err(ActError::from)?;
    let mut invite = Invite {
        invite: new.invite,
        uses_left: new.uses,
        note: new.note.clone(),
        made_at: now,
        expires_at: new.expires_at,
        made_by: None,
    };
    let done = administer(&app, &by, NewChange::CreateInvite(new), String::new()).await?;
    if let Some(done) = done {
        invite.made_at = done.at;
        invite.made_by = done.by.map(|by| by.account);
    }
    let code = GivenInvite::from(&code);
    Ok((StatusCode::CREATED, Json(InviteCreated { invite, code })))
}

/// Ends an invite. Accounts that were made with it stay.
pub(crate) async fn revoke<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<ManageInvites>,
    Path(invite): Path<InviteId>,
    Json(ForReason { reason }): Json<ForReason>,
) -> Result<StatusCode, HttpProblem> {
    administer(&app, &by, NewChange::RevokeInvite { invite }, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}
