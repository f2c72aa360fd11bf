//! The operations on groups.

use super::operations::{Operation, limit, text};
use super::schemas::Schemas;
use ProblemCode as P;
use sotto_protocol::rest::{chat, group};
use sotto_protocol::{AccountId, ChatId, ProblemCode};

pub(super) fn group_operations() -> Vec<Operation> {
    let id = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "id", "The group.", Schemas::of::<ChatId>)
    };
    let path = "/v1/group/{id}";
    let mut search = Operation::new(
        "get",
        "/v1/group",
        "searchGroups",
        "Listed groups whose title or description contains a text",
    )
    .by_account()
    .parameter("query", "q", "The text, at most 128 bytes; none for all.", text)
    .parameter("query", "limit", "At most so many.", limit)
    .parameter("query", "after", "`next` of the page before.", text)
    .answers::<group::GroupsFound>(200, "A page of them.");
    for parameter in &mut search.parameters {
        parameter.required = false;
    }
    let mut all = vec![
        search,
        id(Operation::new(
            "get",
            path,
            "readGroup",
            "What anyone who knows the id may know of a group",
        ))
        .by_account()
        .answers::<group::Group>(200, "The group.")
        .answers_conditionally()
        .fails(&[P::GroupNotFound]),
        id(Operation::new("put", path, "createGroup", "Creates a group"))
            .takes::<group::CreateGroup>()
            .answers::<chat::ChatCreated>(201, "It is created.")
            .fails(&[
                P::UserNotFound,
                P::ChatTaken,
                P::MalformedMessage,
                P::MembershipRefused,
                P::GroupInfoRefused,
                P::GroupFull,
                P::CommunityNotFound,
                P::NotInCommunity,
            ]),
        id(Operation::new(
            "post",
            path,
            "updateGroup",
            "Replaces the profile of a listed group",
        ))
        .takes::<group::UpdateGroup>()
        .answers::<group::Group>(200, "The group.")
        .fails(&[P::GroupNotFound, P::StaleProfile]),
        id(Operation::new(
            "delete",
            path,
            "deleteGroup",
            "Deletes a group that one owns, with all that is in it",
        ))
        .answers_nothing(204, "It is gone, and its id is given to nobody again.")
        .fails(&[P::GroupNotFound]),
        id(Operation::new(
            "post",
            "/v1/group/{id}/leave",
            "leaveGroup",
            "Leaves a group; whoever is the last in it ends it",
        ))
        .takes::<group::LeaveGroup>()
        .answers_nothing(204, "Nothing more of it reaches the account's devices.")
        .fails(&[P::GroupNotFound, P::StaleEpoch]),
    ];
    all.extend(request_operations(id));
    all
}

fn request_operations(id: impl Fn(Operation) -> Operation) -> [Operation; 3] {
    let path = "/v1/group/{id}/request";
    [
        id(Operation::new(
            "get",
            path,
            "joinRequests",
            "Who asks to be let into a group",
        ))
        .answers::<group::JoinRequests>(200, "The requests, oldest first.")
        .fails(&[P::GroupNotFound, P::ChatNotFound]),
        id(Operation::new(
            "put",
            path,
            "askToJoin",
            "Asks to be let into a group",
        ))
        .takes::<group::AskToJoin>()
        .answers_nothing(204, "The request waits, in place of an earlier one.")
        .fails(&[
            P::GroupNotFound,
            P::MalformedMessage,
            P::MembershipRefused,
            P::NotInCommunity,
            P::TooManyRequests,
        ]),
        id(Operation::new(
            "delete",
            "/v1/group/{id}/request/{account}",
            "forgetJoinRequest",
            "Withdraws one's own request, or declines another's",
        ))
        .parameter(
            "path",
            "account",
            "The account that asks.",
            Schemas::of::<AccountId>,
        )
        .answers_nothing(204, "It is gone.")
        .fails(&[P::GroupNotFound, P::ChatNotFound, P::RequestNotFound]),
    ]
}
