//! `/v1/server/broadcast` and `/v1/community/{id}/broadcast`: in which group a few speak to everyone who is on a server, or in a
//! community. That it is one stands in its rules ([`GroupRules::is_broadcast`](crate::GroupRules::is_broadcast)), where each member
//! reads it. Here it is found.

use super::group::FoundGroup;
use crate::ChatId;
use serde::{Deserialize, Serialize};

/// `GET`: the broadcast of a server, for whoever has an account there, or of a community, likewise: whoever is in the community joins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Broadcast {
    /// The group, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<FoundGroup>,
}

/// `PUT`: says which group is the broadcast from now on, in the place of the one before. It is one that the caller owns or administers,
/// and a broadcast of nothing else. `DELETE`: none is any more; the group goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetBroadcast {
    /// The group.
    pub group: ChatId,
}
