//! `GET /v1/community/new?near=…&within_km=…&since=…`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::user::search::{WITHIN_KM, near_to};
use crate::http::{HttpProblem, Json, Query};
use crate::store::{CommunityStore as _, FindNewCommunities};
use axum::extract::State;
use sotto_protocol::rest::community::{CommunitiesFound, NewCommunities};
use sotto_protocol::{Timestamp, limits};

/// Communities near a place that were founded lately. That somebody asks, and where they are, is kept nowhere.
pub(crate) async fn latest<B: Backend>(
    State(app): State<App<B>>,
    _: Caller,
    Query(NewCommunities {
        near,
        within_km,
        since,
    }): Query<NewCommunities>,
) -> Result<Json<CommunitiesFound>, HttpProblem> {
    let earliest = Timestamp(app.now().0.saturating_sub(limits::COMMUNITY_NEW_MILLIS));
    let find = FindNewCommunities {
        near: near_to(&near, within_km.unwrap_or(WITHIN_KM))?,
        since: since.max(earliest),
        limit: limits::SEARCH_RESULTS,
    };
    let communities = app.accounts.new_communities(find).await?;
    Ok(Json(CommunitiesFound {
        communities,
        next: None,
    }))
}
