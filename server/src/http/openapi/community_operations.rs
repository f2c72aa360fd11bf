//! The operations on communities.

use super::operations::{Operation, limit, text};
use super::schemas::Schemas;
use ProblemCode as P;
use serde_json::json;
use sotto_protocol::rest::{admin, broadcast, community, group};
use sotto_protocol::{AccountId, ChatId, CommunityId, ProblemCode};

const PATH: &str = "/v1/community/{id}";

pub(super) fn community_operations() -> Vec<Operation> {
    let mut all = Vec::from(finding());
    all.extend(what_it_says());
    all.extend(pictures());
    all.extend(who_is_in_it());
    let mut groups = of_community(Operation::new(
        "get",
        "/v1/community/{id}/group",
        "communityGroups",
        "The listed groups of a community. Those alone come into one who are in the community",
    ))
    .parameter("query", "limit", "At most so many, and at most 50.", limit)
    .parameter(
        "query",
        "after",
        "`next` of the page before.",
        Schemas::of::<ChatId>,
    )
    .answers::<group::GroupsFound>(
        200,
        "A page of them, in the order of their ids; it may have fewer.",
    )
    .answers_conditionally()
    .fails(&[P::CommunityNotFound]);
    for parameter in &mut groups.parameters {
        parameter.required = parameter.place == "path";
    }
    all.push(groups);
    all.push(
        of_community(Operation::new(
            "delete",
            "/v1/admin/community/{id}",
            "deleteCommunityAsAdministrator",
            "Deletes a community whose founder may do no more than oneself. Needs handle-reports",
        ))
        .takes::<admin::ForReason>()
        .answers_nothing(204, "It is gone, and the audit log has it.")
        .fails(&[P::CommunityNotFound, P::UserNotFound, P::PermissionExceeded]),
    );
    all.extend(broadcasts());
    all
}

fn broadcasts() -> [Operation; 6] {
    const OF_COMMUNITY: &str = "/v1/community/{id}/broadcast";
    const OF_SERVER: &str = "/v1/server/broadcast";
    [
        of_community(Operation::new(
            "get",
            OF_COMMUNITY,
            "communityBroadcast",
            "In which group a few speak to everyone in a community, who join it alone and read",
        ))
        .answers::<broadcast::Broadcast>(200, "The group, if there is one.")
        .fails(&[P::CommunityNotFound]),
        of_community(Operation::new(
            "put",
            OF_COMMUNITY,
            "setCommunityBroadcast",
            "Says which group is a community's broadcast, for its founder and its moderators: one that they own or administer",
        ))
        .takes::<broadcast::SetBroadcast>()
        .answers_nothing(204, "It is.")
        .fails(&[
            P::CommunityNotFound,
            P::NotInCommunity,
            P::GroupNotFound,
            P::NotABroadcast,
        ]),
        of_community(Operation::new(
            "delete",
            OF_COMMUNITY,
            "unsetCommunityBroadcast",
            "Says that a community has no broadcast any more; the group goes on",
        ))
        .answers_nothing(204, "It has none.")
        .fails(&[P::CommunityNotFound, P::NotInCommunity]),
        Operation::new(
            "get",
            OF_SERVER,
            "serverBroadcast",
            "In which group a few speak to everyone who has an account, who join it alone and read",
        )
        .by_device()
        .answers::<broadcast::Broadcast>(200, "The group, if there is one."),
        Operation::new(
            "put",
            OF_SERVER,
            "setServerBroadcast",
            "Says which group is the server's broadcast: one that the caller owns or administers. Needs manage-broadcast",
        )
        .by_device()
        .takes::<broadcast::SetBroadcast>()
        .answers_nothing(204, "It is.")
        .fails(&[P::GroupNotFound, P::NotABroadcast]),
        Operation::new(
            "delete",
            OF_SERVER,
            "unsetServerBroadcast",
            "Says that the server has no broadcast any more; the group goes on. Needs manage-broadcast",
        )
        .by_device()
        .answers_nothing(204, "It has none."),
    ]
}

fn of_community(operation: Operation) -> Operation {
    operation
        .by_device()
        .parameter("path", "id", "The community.", Schemas::of::<CommunityId>)
}

fn of_account(operation: Operation) -> Operation {
    of_community(operation).parameter("path", "account", "The account.", Schemas::of::<AccountId>)
}

/// Where to search.
fn near(operation: Operation) -> Operation {
    operation
        .parameter(
            "query",
            "near",
            "Near this place, as LATITUDE,LONGITUDE in degrees. It is rounded to tenths of a degree, and kept nowhere.",
            |_| Ok(json!({ "type": "string", "example": "48.1,11.6" })),
        )
        .parameter("query", "within_km", "How near: 10 to 500 km.", |_| {
            Ok(json!({ "type": "integer", "minimum": 10, "maximum": 500 }))
        })
}

fn finding() -> [Operation; 3] {
    let search = Operation::new(
        "get",
        "/v1/community",
        "searchCommunities",
        "Communities that a text fits, that are about a topic, or that are near; all, if nothing is said",
    )
    .by_device()
    .parameter(
        "query",
        "q",
        "The text, 1 to 128 bytes: part of a title, of what communities say of themselves, or of where they are.",
        text,
    )
    .parameter("query", "topic", "About this topic.", |_| {
        Ok(json!({ "type": "string", "example": "music" }))
    });
    let mut search = near(search)
        .parameter("query", "limit", "At most so many, and at most 50.", limit)
        .parameter("query", "after", "`next` of the page before.", text)
        .answers::<community::CommunitiesFound>(200, "A page of them.");
    for parameter in &mut search.parameters {
        parameter.required = false;
    }
    let new = Operation::new(
        "get",
        "/v1/community/new",
        "newCommunities",
        "Communities near a place that were founded lately. Who asks is kept nowhere",
    );
    let mut new = near(new.by_device())
        .parameter(
            "query",
            "since",
            "Founded after this time, in milliseconds since 1970, and in the last 30 days.",
            |_| Ok(json!({ "type": "integer", "format": "int64", "minimum": 0 })),
        )
        .answers::<community::CommunitiesFound>(200, "The latest first, at most 50.");
    for parameter in &mut new.parameters {
        parameter.required = parameter.name != "within_km";
    }
    [
        search,
        new,
        Operation::new(
            "get",
            "/v1/community/joined",
            "joinedCommunities",
            "The communities that one is in, by title",
        )
        .by_device()
        .answers::<community::JoinedCommunities>(200, "All of them.")
        .answers_conditionally(),
    ]
}

fn what_it_says() -> [Operation; 4] {
    [
        of_community(Operation::new(
            "get",
            PATH,
            "readCommunity",
            "A community, for anyone who has an account",
        ))
        .answers::<community::Community>(200, "The community.")
        .answers_conditionally()
        .fails(&[P::CommunityNotFound]),
        of_community(Operation::new(
            "put",
            PATH,
            "foundCommunity",
            "Founds a community. Needs create-communities, which ordinary members have by default",
        ))
        .takes::<community::FoundCommunity>()
        .answers::<community::Community>(201, "It is founded, or was by the same account before.")
        .fails(&[P::UserNotFound, P::CommunityTaken, P::TooManyCommunities]),
        of_community(Operation::new(
            "post",
            PATH,
            "updateCommunity",
            "Changes what a community says, for its founder and its moderators",
        ))
        .takes::<community::UpdateCommunity>()
        .answers::<community::Community>(200, "The community.")
        .fails(&[P::CommunityNotFound, P::NotInCommunity]),
        of_community(Operation::new(
            "delete",
            PATH,
            "deleteCommunity",
            "Deletes a community, for its founder",
        ))
        .answers_nothing(204, "It is gone, and its id is given to nobody again.")
        .fails(&[P::CommunityNotFound, P::NotInCommunity]),
    ]
}

fn pictures() -> [Operation; 4] {
    let set = |path, id, summary| {
        of_community(Operation::new("put", path, id, summary))
            .takes_bytes("image/*")
            .answers::<community::Community>(200, "The community.")
            .fails(&[
                P::CommunityNotFound,
                P::NotInCommunity,
                P::InvalidPicture,
                P::TooManyPixels,
            ])
    };
    let remove = |path, id, summary| {
        of_community(Operation::new("delete", path, id, summary))
            .answers::<community::Community>(200, "The community.")
            .fails(&[P::CommunityNotFound, P::NotInCommunity])
    };
    let (picture, cover) = ("/v1/community/{id}/picture", "/v1/community/{id}/cover");
    [
        set(
            picture,
            "setCommunityPicture",
            "Gives a community a picture, for its founder and its moderators: as of a profile",
        ),
        remove(
            picture,
            "removeCommunityPicture",
            "Takes a community's picture away",
        ),
        set(
            cover,
            "setCommunityCover",
            "Gives a community a cover, for its founder and its moderators: as of a profile",
        ),
        remove(cover, "removeCommunityCover", "Takes a community's cover away"),
    ]
}

fn who_is_in_it() -> Vec<Operation> {
    let mut members = of_community(Operation::new(
        "get",
        "/v1/community/{id}/member",
        "communityMembers",
        "Who is in a community, for its members: the founder, the moderators, the others",
    ))
    .parameter("query", "limit", "At most so many, and at most 200.", limit)
    .parameter("query", "after", "`next` of the page before.", text)
    .answers::<community::CommunityMembers>(200, "A page of them.")
    .answers_conditionally()
    .fails(&[P::CommunityNotFound, P::NotInCommunity]);
    for parameter in &mut members.parameters {
        parameter.required = parameter.place == "path";
    }
    vec![
        of_community(Operation::new(
            "post",
            "/v1/community/{id}/join",
            "joinCommunity",
            "Joins a community",
        ))
        .answers::<community::Community>(200, "The community, which one is in.")
        .fails(&[
            P::CommunityNotFound,
            P::UserNotFound,
            P::CommunityBanned,
            P::TooManyCommunities,
        ]),
        of_community(Operation::new(
            "post",
            "/v1/community/{id}/leave",
            "leaveCommunity",
            "Leaves a community; the founder hands it over first",
        ))
        .answers_nothing(204, "One is not in it.")
        .fails(&[P::CommunityNotFound, P::FounderStays]),
        members,
        of_account(Operation::new(
            "put",
            "/v1/community/{id}/member/{account}/role",
            "setCommunityRole",
            "Makes a member a moderator or takes that back, or hands the community over, for its founder",
        ))
        .takes::<community::SetCommunityRole>()
        .answers_nothing(204, "The member is that.")
        .fails(&[
            P::CommunityNotFound,
            P::NotInCommunity,
            P::UserNotFound,
            P::FounderStays,
            P::TooManyCommunities,
            P::CommunityFull,
        ]),
        of_account(Operation::new(
            "delete",
            "/v1/community/{id}/member/{account}",
            "removeCommunityMember",
            "Takes a member out of a community, for those who are more there",
        ))
        .answers_nothing(204, "It is not in it any more, and may join again.")
        .fails(&[P::CommunityNotFound, P::NotInCommunity, P::UserNotFound]),
        of_community(Operation::new(
            "get",
            "/v1/community/{id}/ban",
            "communityBans",
            "Who is banned from a community, for its founder and its moderators",
        ))
        .answers::<community::CommunityBans>(200, "The latest first.")
        .fails(&[P::CommunityNotFound, P::NotInCommunity]),
        of_account(Operation::new(
            "put",
            "/v1/community/{id}/ban/{account}",
            "banFromCommunity",
            "Takes an account out of a community and lets it in no more, for those who are more there",
        ))
        .answers_nothing(204, "It is banned from it.")
        .fails(&[
            P::CommunityNotFound,
            P::NotInCommunity,
            P::UserNotFound,
            P::CommunityFull,
        ]),
        of_account(Operation::new(
            "delete",
            "/v1/community/{id}/ban/{account}",
            "unbanFromCommunity",
            "Lets an account into a community again, for its founder and its moderators",
        ))
        .answers_nothing(204, "It may join.")
        .fails(&[P::CommunityNotFound, P::NotInCommunity]),
    ]
}
