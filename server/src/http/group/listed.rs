//! Groups as searches and directories show them.

use crate::app::{App, Backend};
use crate::http::HttpProblem;
use crate::store::GroupStore as _;
use sotto_protocol::ChatId;
use sotto_protocol::rest::group::FoundGroup;

/// Those of the groups that are listed, in their order.
pub(in crate::http) async fn listed<B: Backend>(
    app: &App<B>,
    ids: &[ChatId],
) -> Result<Vec<FoundGroup>, HttpProblem> {
    let mut standings = app.delivery.group_standings(ids).await?;
    let mut groups = Vec::with_capacity(ids.len());
    for &group in ids {
        let Some(standing) = standings
            .remove(&group)
            .filter(|standing| standing.rules.is_listed)
        else {
            continue;
        };
        if let Some(profile) = app.accounts.group_profile(group).await? {
            groups.push(FoundGroup {
                group,
                group_key: standing.rules.group_key,
                profile,
                join_policy: standing.rules.join_policy,
                members: standing.members,
            });
        }
    }
    Ok(groups)
}
