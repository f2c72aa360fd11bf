//! `/v1/server/broadcast` and `/v1/community/{id}/broadcast`: which group speaks to everyone.

pub(super) mod community;
pub(super) mod server;

use super::HttpProblem;
use crate::app::{App, Backend};
use crate::delivery::GroupOf;
use crate::http::group::listed;
use crate::store::BroadcastStore as _;
use sotto_protocol::chat_rules::Role;
use sotto_protocol::rest::broadcast::Broadcast;
use sotto_protocol::{ChatId, CommunityId, DeviceAddress, ProblemCode};

async fn read<B: Backend>(app: &App<B>, community: Option<CommunityId>) -> Result<Broadcast, HttpProblem> {
    let group = match app.accounts.broadcast(community).await? {
        Some(group) => listed(app, &[group]).await?.pop(),
        None => None,
    };
    Ok(Broadcast { group })
}

/// Whether somebody may say that a group is the broadcast of these people: it is one, for good, and they speak in it.
async fn check<B: Backend>(
    app: &App<B>,
    caller: DeviceAddress,
    group: ChatId,
    community: Option<CommunityId>,
) -> Result<(), HttpProblem> {
    let GroupOf { standing, role, .. } = app.delivery.group_of(caller, group).await?;
    if role.is_none_or(|role| role < Role::Admin) {
        return Err(ProblemCode::Forbidden.into());
    }
    if !standing.rules.is_broadcast || standing.rules.community != community {
        return Err(ProblemCode::NotABroadcast.into());
    }
    Ok(())
}
