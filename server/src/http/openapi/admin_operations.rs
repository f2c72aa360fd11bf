//! The operations of those who administer, and the one that says to a client whether it is of such.

use super::operations::{Operation, limit, text};
use super::schemas::Schemas;
use ProblemCode as P;
use serde_json::json;
use sotto_protocol::rest::{admin, role};
use sotto_protocol::{AccountId, AccountName, InviteId, ProblemCode, RoleName};

pub(super) fn admin_operations() -> Vec<Operation> {
    let mut all = vec![
        Operation::new(
            "get",
            "/v1/role",
            "ownRole",
            "The role of one's own account, and what it permits",
        )
        .by_account()
        .answers::<role::OwnRole>(200, "The role.")
        .answers_conditionally()
        .fails(&[P::UserNotFound]),
    ];
    all.extend(operations_on_accounts());
    all.extend(operations_on_invites());
    all.extend(operations_on_bots());
    all.extend(operations_on_roles());
    all.push(
        Operation::new(
            "get",
            "/v1/admin/storage",
            "storageTotals",
            "How much there is on the server. Needs see-storage",
        )
        .by_device()
        .answers::<admin::StorageTotals>(200, "The sums."),
    );
    let mut audit = Operation::new(
        "get",
        "/v1/admin/audit",
        "auditLog",
        "What those have done who administer, the latest first. Needs read-audit-log",
    )
    .by_device()
    .parameter(
        "query",
        "account",
        "Only what this one has done, or what was done to it.",
        Schemas::of::<AccountId>,
    )
    .parameter("query", "limit", "At most so many, and at most 200.", limit)
    .parameter("query", "after", "`next` of the page before.", |_| {
        Ok(json!({ "type": "integer", "format": "int64", "minimum": 0 }))
    })
    .answers::<admin::AuditLog>(200, "A page of it.");
    for parameter in &mut audit.parameters {
        parameter.required = false;
    }
    all.push(audit);
    all
}

fn operations_on_accounts() -> Vec<Operation> {
    let of_account = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "account", "The account.", Schemas::of::<AccountId>)
    };
    let mut list = Operation::new(
        "get",
        "/v1/admin/account",
        "listAccounts",
        "Accounts in the order of their names. Needs see-accounts",
    )
    .by_device()
    .parameter(
        "query",
        "q",
        "The name or display name contains this: at most 128 bytes.",
        text,
    )
    .parameter("query", "role", "They have this role.", Schemas::of::<RoleName>)
    .parameter("query", "banned", "They are banned, or they are not.", |_| {
        Ok(json!({ "type": "boolean" }))
    })
    .parameter("query", "limit", "At most so many, and at most 200.", limit)
    .parameter(
        "query",
        "after",
        "`next` of the page before.",
        Schemas::of::<AccountName>,
    )
    .answers::<admin::ListedAccounts>(200, "A page of them.");
    for parameter in &mut list.parameters {
        parameter.required = false;
    }
    vec![
        list,
        of_account(Operation::new(
            "get",
            "/v1/admin/account/{account}",
            "listedAccount",
            "An account, as those see it who administer. Needs see-accounts",
        ))
        .answers::<admin::ListedAccount>(200, "The account.")
        .fails(&[P::UserNotFound]),
        of_account(Operation::new(
            "put",
            "/v1/admin/account/{account}/role",
            "setRole",
            "Gives an account a role, as far as one may do oneself what that gives or takes. Needs manage-roles",
        ))
        .takes::<admin::SetRole>()
        .answers_nothing(204, "It has the role.")
        .fails(&[
            P::UserNotFound,
            P::RoleNotFound,
            P::PermissionExceeded,
            P::LastAdministrator,
        ]),
        of_account(Operation::new(
            "put",
            "/v1/admin/account/{account}/ban",
            "banAccount",
            "Bans an account that may do no more than oneself, and ends its connections. Needs ban-accounts",
        ))
        .takes::<admin::BanAccount>()
        .answers_nothing(204, "Nothing is open to it until that ends.")
        .fails(&[P::UserNotFound, P::PermissionExceeded, P::LastAdministrator]),
        of_account(Operation::new(
            "delete",
            "/v1/admin/account/{account}/ban",
            "unbanAccount",
            "Lifts a ban. Needs ban-accounts",
        ))
        .takes::<admin::ForReason>()
        .answers_nothing(204, "The account is not banned.")
        .fails(&[P::UserNotFound, P::PermissionExceeded]),
    ]
}

fn operations_on_invites() -> Vec<Operation> {
    vec![
        Operation::new(
            "get",
            "/v1/admin/invite",
            "listInvites",
            "The invites, without their codes. Needs manage-invites",
        )
        .by_device()
        .answers::<admin::Invites>(200, "All that are kept."),
        Operation::new(
            "post",
            "/v1/admin/invite",
            "createInvite",
            "Makes an invite code. Needs manage-invites",
        )
        .by_device()
        .takes::<admin::CreateInvite>()
        .answers::<admin::InviteCreated>(201, "The invite, and its code, which is shown this once.")
        .fails(&[P::TooManyInvites]),
        Operation::new(
            "delete",
            "/v1/admin/invite/{id}",
            "revokeInvite",
            "Ends an invite. Needs manage-invites",
        )
        .by_device()
        .parameter("path", "id", "The invite.", Schemas::of::<InviteId>)
        .takes::<admin::ForReason>()
        .answers_nothing(204, "Its code is good for nothing any more.")
        .fails(&[P::InviteNotFound]),
    ]
}

fn operations_on_bots() -> Vec<Operation> {
    let of_bot = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "name", "The bot's name.", Schemas::of::<AccountName>)
    };
    vec![
        Operation::new("get", "/v1/admin/bot", "listBots", "The bots. Needs manage-bots")
            .by_device()
            .answers::<admin::Bots>(200, "All of them."),
        of_bot(Operation::new(
            "put",
            "/v1/admin/bot/{name}",
            "createBot",
            "Makes a bot, or gives one that is yet to be registered another token. Needs manage-bots",
        ))
        .takes::<admin::CreateBot>()
        .answers_nothing(204, "Its program can register it, with the token.")
        .fails(&[P::InvalidName, P::NameTaken, P::TooManyBots]),
        of_bot(Operation::new(
            "delete",
            "/v1/admin/bot/{name}",
            "revokeBot",
            "Revokes a bot's token: its account is banned for good. Needs manage-bots",
        ))
        .takes::<admin::ForReason>()
        .answers_nothing(204, "It is logged out everywhere, and let in nowhere.")
        .fails(&[
            P::InvalidName,
            P::BotNotFound,
            P::PermissionExceeded,
            P::LastAdministrator,
        ]),
    ]
}

fn operations_on_roles() -> Vec<Operation> {
    let of_role = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "role", "The role.", Schemas::of::<RoleName>)
    };
    vec![
        Operation::new(
            "get",
            "/v1/admin/role",
            "listRoles",
            "The roles, and what they permit. Needs see-accounts",
        )
        .by_device()
        .answers::<admin::Roles>(200, "All of them."),
        of_role(Operation::new(
            "put",
            "/v1/admin/role/{role}",
            "putRole",
            "Makes a role, or says anew what it permits, as far as one may do that oneself. Needs manage-roles",
        ))
        .takes::<admin::PutRole>()
        .answers_nothing(204, "It permits that.")
        .fails(&[P::PermissionExceeded, P::TooManyRoles]),
        of_role(Operation::new(
            "delete",
            "/v1/admin/role/{role}",
            "deleteRole",
            "Deletes a role that no account has. Needs manage-roles",
        ))
        .takes::<admin::ForReason>()
        .answers_nothing(204, "There is no such role any more.")
        .fails(&[P::RoleNotFound, P::RoleInUse, P::PermissionExceeded]),
    ]
}
