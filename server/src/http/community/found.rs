//! `PUT /v1/community/{id}`

use super::profile::{check_description, check_place, check_title, check_topics};
use crate::app::{App, Backend};
use crate::auth::{self, Permitted};
use crate::http::{HttpProblem, Json, Path};
use crate::store::{CommunityProfile, CommunityStore as _, NewCommunity};
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::CommunityId;
use sotto_protocol::rest::community::{Community, FoundCommunity};

/// Founds a community, for accounts whose role permits it.
pub(crate) async fn found<B: Backend>(
    State(app): State<App<B>>,
    by: Permitted<auth::CreateCommunities>,
    Path(community): Path<CommunityId>,
    Json(FoundCommunity {
        title,
        topics,
        place,
        location,
        description,
    }): Json<FoundCommunity>,
) -> Result<(StatusCode, Json<Community>), HttpProblem> {
    check_title(&title)?;
    check_topics(&topics, &app.config.communities.topics)?;
    check_place(&place)?;
    check_description(&description)?;
    let new = NewCommunity {
        community,
        founder: by.account(),
        profile: CommunityProfile {
            title,
            topics,
            place,
            location,
            description,
        },
        at: app.now(),
    };
    let founded = app.accounts.found_community(new).await?;
    tracing::info!(?community, founder = ?founded.founder.account, "a community was founded");
    Ok((StatusCode::CREATED, Json(founded)))
}
