//! `/v1/community/…`. Who may do what in a community is the store's question, which decides it in the transaction that does it; here
//! it becomes HTTP.

pub(super) mod bans;
pub(super) mod delete;
pub(super) mod found;
pub(super) mod groups;
pub(super) mod join;
pub(super) mod joined;
pub(super) mod latest;
pub(super) mod members;
pub(super) mod picture;
mod profile;
pub(super) mod read;
pub(super) mod search;
pub(super) mod update;

use super::HttpProblem;
use crate::app::{App, Backend};
use crate::store::{CommunityError, CommunityMembershipStore as _, CommunityStore as _};
use sotto_protocol::rest::community::CommunityRole;
use sotto_protocol::{AccountId, CommunityId, ProblemCode};

impl From<CommunityError> for HttpProblem {
    fn from(error: CommunityError) -> Self {
        match error {
            CommunityError::NotFound => ProblemCode::CommunityNotFound.into(),
            CommunityError::Taken => ProblemCode::CommunityTaken.into(),
            CommunityError::UserNotFound => ProblemCode::UserNotFound.into(),
            CommunityError::Forbidden => ProblemCode::Forbidden.into(),
            CommunityError::GroupNotFound => ProblemCode::ChatNotFound.into(),
            CommunityError::NotAMember => ProblemCode::NotInCommunity.into(),
            CommunityError::Banned => ProblemCode::CommunityBanned.into(),
            CommunityError::FounderStays => ProblemCode::FounderStays.into(),
            CommunityError::TooMany => ProblemCode::TooManyCommunities.into(),
            CommunityError::Full => ProblemCode::CommunityFull.into(),
            CommunityError::Store(error) => error.into(),
        }
    }
}

/// What somebody is in a community, who is in it.
async fn role_in<B: Backend>(
    app: &App<B>,
    community: CommunityId,
    account: AccountId,
) -> Result<CommunityRole, HttpProblem> {
    if let Some(role) = app.accounts.community_role(community, account).await? {
        return Ok(role);
    }
    match app.accounts.community(community, account).await? {
        Some(_) => Err(ProblemCode::NotInCommunity.into()),
        None => Err(ProblemCode::CommunityNotFound.into()),
    }
}
