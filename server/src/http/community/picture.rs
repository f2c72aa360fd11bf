//! `PUT` and `DELETE` of `/v1/community/{id}/picture` and `/v1/community/{id}/cover`

use super::role_in;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::json::rejected;
use crate::http::user::picture::new_id;
use crate::http::{HttpProblem, Json, Path};
use crate::limit::Share;
use crate::store::{CommunityChange, CommunityStore as _};
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use sotto_protocol::rest::community::{Community, CommunityRole};
use sotto_protocol::{AccountId, CommunityId, ProblemCode};

/// Gives a community a picture, for its founder and its moderators.
pub(crate) async fn set_picture<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
    request: Request,
) -> Result<Json<Community>, HttpProblem> {
    let by = caller.address.account;
    let (file, _turn) = received(&app, community, by, request).await?;
    let ids = [new_id(&app), new_id(&app)];
    let picture = app.pictures.profile_picture(file, ids).await?;
    change(&app, community, by, CommunityChange::Picture(Some(picture))).await
}

/// Takes a community's picture away.
pub(crate) async fn remove_picture<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<Json<Community>, HttpProblem> {
    let by = caller.address.account;
    change(&app, community, by, CommunityChange::Picture(None)).await
}

/// Gives a community a cover, for its founder and its moderators.
pub(crate) async fn set_cover<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
    request: Request,
) -> Result<Json<Community>, HttpProblem> {
    let by = caller.address.account;
    let (file, _turn) = received(&app, community, by, request).await?;
    let cover = app.pictures.cover(file, new_id(&app)).await?;
    change(&app, community, by, CommunityChange::Cover(Some(cover))).await
}

/// Takes a community's cover away.
pub(crate) async fn remove_cover<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
) -> Result<Json<Community>, HttpProblem> {
    let by = caller.address.account;
    change(&app, community, by, CommunityChange::Cover(None)).await
}

/// The file that was sent by somebody who may change the community, and their turn.
async fn received<B: Backend>(
    app: &App<B>,
    community: CommunityId,
    by: AccountId,
    request: Request,
) -> Result<(Bytes, Share<AccountId>), HttpProblem> {
    // Looked at once more when the picture is kept: nobody shall make the server decode one who may not.
    if role_in(app, community, by).await? < CommunityRole::Moderator {
        return Err(ProblemCode::Forbidden.into());
    }
    app.limits.of_picture(by)?;
    let turn = app.pictures.turn_of(by)?;
    let file = Bytes::from_request(request, &())
        .await
        .map_err(|rejection| rejected(&rejection))?;
    Ok((file, turn))
}

async fn change<B: Backend>(
    app: &App<B>,
    community: CommunityId,
    by: AccountId,
    change: CommunityChange,
) -> Result<Json<Community>, HttpProblem> {
    Ok(Json(app.accounts.change_community(community, by, change).await?))
}
