//! `POST /v1/community/{id}`

use super::profile::{check_description, check_place, check_title, check_topics};
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::{CommunityChange, CommunityStore as _};
use axum::extract::State;
use sotto_protocol::CommunityId;
use sotto_protocol::rest::community::{Community, UpdateCommunity};

/// Changes what a community says, for its founder and its moderators.
pub(crate) async fn update<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(community): Path<CommunityId>,
    Json(UpdateCommunity {
        title,
        topics,
        place,
        location,
        description,
    }): Json<UpdateCommunity>,
) -> Result<Json<Community>, HttpProblem> {
    title.as_deref().map_or(Ok(()), check_title)?;
    place.as_deref().map_or(Ok(()), check_place)?;
    description.as_deref().map_or(Ok(()), check_description)?;
    if let Some(topics) = &topics {
        check_topics(topics, &app.config.communities.topics)?;
    }
    let change = CommunityChange::Profile {
        title,
        topics,
        place,
        location,
        description,
    };
    let by = caller.address.account;
    Ok(Json(app.accounts.change_community(community, by, change).await?))
}
