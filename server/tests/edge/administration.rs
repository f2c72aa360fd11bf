//! Those who administer: who they are, what they see and do, and that it is written down.

use crate::support::{Answer, Person, TestServer, admin, random};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sotto_protocol::frame::{Change, ServerFrame};
use sotto_protocol::rest::admin::{
    AdminChange, AuditLog, InviteCreated, Invites, ListedAccount, ListedAccounts, Roles, StorageTotals,
};
use sotto_protocol::rest::role::OwnRole;
use sotto_protocol::rest::server::RegistrationPolicy;
use sotto_protocol::{AccountId, Permission, ProblemCode};

/// Somebody to whom the command line has given a role.
pub(crate) async fn with_role(server: &TestServer, name: &str, role: &str) -> Person {
    let person = Person::register(server, name).await;
    admin(server, &["account", "role", name, role]).await.unwrap();
    person
}

/// Somebody asks for something under `/v1/admin`.
pub(crate) async fn asks(
    server: &TestServer,
    who: &Person,
    method: Method,
    path: &str,
    body: Value,
) -> Answer {
    let request = server.request(method, &format!("/v1/admin{path}"));
    request.token(&who.tokens.access_token).json(&body).await
}

async fn reads<T: serde::de::DeserializeOwned>(server: &TestServer, who: &Person, path: &str) -> T {
    let request = server.get(&format!("/v1/admin{path}"));
    request.token(&who.tokens.access_token).send().await.ok()
}

#[tokio::test]
async fn every_administrative_operation_needs_its_permission() {
    let server = TestServer::start().await;
    let member = Person::register(&server, "member").await;
    let moderator = with_role(&server, "moderator", "moderator").await;
    let administrator = with_role(&server, "administrator", "administrator").await;
    let document: Value = server.get("/v1/openapi.json").send().await.ok();
    let of_moderators = [
        "listAccounts",
        "listedAccount",
        "banAccount",
        "unbanAccount",
        "listInvites",
        "createInvite",
        "revokeInvite",
        "listRoles",
        "listReports",
        "readReport",
        "handleReport",
        "deleteCommunityAsAdministrator",
    ];
    let mut operations = 0;
    let nobody = AccountId::from_bytes(random()).to_string();
    let paths = document["paths"].as_object().unwrap();
    for (path, methods) in paths.iter().filter(|(path, _)| path.starts_with("/v1/admin")) {
        let path = path
            .replace("{account}", &nobody)
            .replace("{id}", &nobody)
            .replace("{report}", &nobody)
            .replace("{role}", "nothing")
            .replace("{name}", "nobody");
        for (method, operation) in methods.as_object().unwrap() {
            operations += 1;
            let method: Method = method.to_uppercase().parse().unwrap();
            let operation = operation["operationId"].as_str().unwrap();
            let ask = |token| {
                let request = server.request(method.clone(), &path);
                let request = match token {
                    Some(token) => request.token(token),
                    None => request,
                };
                request.body("application/json", "{}").send()
            };
            ask(None).await.is(ProblemCode::Unauthenticated);
            ask(Some(&member.tokens.access_token))
                .await
                .is(ProblemCode::Forbidden);
            for (who, may) in [
                (&moderator, of_moderators.contains(&operation)),
                (&administrator, true),
            ] {
                let answer = ask(Some(&who.tokens.access_token)).await;
                assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{operation}");
                let refused = answer.status == StatusCode::FORBIDDEN;
                assert_eq!(refused, !may, "{operation} by {}", who.name);
            }
        }
    }
    assert_eq!(operations, 20);
}

#[tokio::test]
async fn a_role_permits_at_once_and_its_account_is_told() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    let bob = Person::register(&server, "bob").await;
    let own_role = async |who: &Person| -> OwnRole {
        let request = server.get("/v1/role").token(&who.tokens.access_token);
        request.send().await.ok()
    };
    let permitted: Vec<_> = own_role(&bob).await.permissions.iter().collect();
    assert_eq!(permitted, [Permission::CreateCommunities]);
    assert!(
        own_role(&alice)
            .await
            .permissions
            .contains(Permission::Administer)
    );
    let mut socket = bob.connect(&server).await;
    let permissions = json!({ "permissions": ["see-storage"] });
    asks(&server, &alice, Method::PUT, "/role/counter", permissions).await;
    let path = format!("/account/{}/role", bob.account);
    let body = json!({ "role": "counter", "reason": "counts" });
    let set = asks(&server, &alice, Method::PUT, &path, body.clone()).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    socket
        .until(|frame| *frame == ServerFrame::Changed(Change::Role))
        .await;
    assert_eq!(own_role(&bob).await.role.as_str(), "counter");
    let totals: StorageTotals = reads(&server, &bob, "/storage").await;
    assert_eq!((totals.accounts, totals.devices), (2, 2));
    // From the command line too, which tells nobody.
    admin(&server, &["account", "role", "bob", "member"])
        .await
        .unwrap();
    socket
        .until(|frame| *frame == ServerFrame::Changed(Change::Role))
        .await;
    let refused = server
        .get("/v1/admin/storage")
        .token(&bob.tokens.access_token)
        .send()
        .await;
    refused.is(ProblemCode::Forbidden);
    let in_use = asks(&server, &alice, Method::DELETE, "/role/moderator", json!({})).await;
    in_use.is(ProblemCode::InvalidRequest);
    let roles: Roles = reads(&server, &alice, "/role").await;
    let names: Vec<_> = roles.roles.iter().map(|role| role.role.as_str()).collect();
    assert_eq!(names, ["administrator", "counter", "member", "moderator"]);
}

#[tokio::test]
async fn the_last_administrator_hands_over_before_it_goes() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    let bob = Person::register(&server, "bob").await;
    alice
        .deletes_account(&server)
        .await
        .is(ProblemCode::LastAdministrator);
    let own = format!("/account/{}/role", alice.account);
    let member = json!({ "role": "member" });
    asks(&server, &alice, Method::PUT, &own, member)
        .await
        .is(ProblemCode::LastAdministrator);
    let path = format!("/account/{}/role", bob.account);
    let administrator = json!({ "role": "administrator" });
    asks(&server, &alice, Method::PUT, &path, administrator).await;
    let deleted = alice.deletes_account(&server).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    let log: AuditLog = reads(&server, &bob, "/audit").await;
    assert_eq!(log.acts[0].by.as_ref().unwrap().name, alice.name);
}

#[tokio::test]
async fn invites_are_made_and_ended_by_those_who_may() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "moderator").await;
    let (directory, mut config) = server.stop().await;
    config.registration.policy = RegistrationPolicy::Invited;
    let server = TestServer::start_in(directory, config).await;
    let wish = json!({ "uses": 1, "expires_in": 3600, "note": "for Zoë" });
    let created = asks(&server, &alice, Method::POST, "/invite", wish).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let created: InviteCreated = created.ok();
    assert_eq!(created.invite.made_by, Some(alice.account));
    let mut creation = serde_json::to_value(Person::creation(&server, "zoe").await).unwrap();
    creation["invite"] = serde_json::to_value(&created.code).unwrap();
    let zoe = server.put("/v1/user/zoe").json(&creation).await;
    assert_eq!(zoe.status, StatusCode::CREATED);
    let listed: Invites = reads(&server, &alice, "/invite").await;
    assert_eq!(listed.invites.len(), 1);
    assert_eq!(listed.invites[0].uses_left, 0);
    let path = format!("/invite/{}", created.invite.invite);
    let ended = asks(&server, &alice, Method::DELETE, &path, json!({})).await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    asks(&server, &alice, Method::DELETE, &path, json!({}))
        .await
        .is(ProblemCode::InviteNotFound);
    for wrong in [
        json!({ "uses": 0, "expires_in": 3600 }),
        json!({ "uses": 1, "expires_in": 0 }),
        json!({ "uses": 1, "expires_in": u32::MAX }),
        json!({ "uses": 1, "expires_in": 1, "note": "two\nlines" }),
    ] {
        asks(&server, &alice, Method::POST, "/invite", wrong)
            .await
            .is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn accounts_are_looked_through_in_pages_and_the_log_backwards() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    for name in ["bob", "carol"] {
        Person::register(&server, name).await;
    }
    let page: ListedAccounts = reads(&server, &alice, "/account?limit=2").await;
    assert_eq!(page.accounts.len(), 2);
    let next = page.next.unwrap();
    let rest: ListedAccounts = reads(&server, &alice, &format!("/account?limit=2&after={next}")).await;
    assert_eq!(rest.accounts.len(), 1);
    assert_eq!(rest.next, None);
    let found: ListedAccounts = reads(&server, &alice, "/account?role=administrator&banned=false").await;
    let listed: ListedAccount = reads(&server, &alice, &format!("/account/{}", alice.account)).await;
    assert_eq!(found.accounts, [listed]);
    for name in ["one", "two", "three"] {
        let role = json!({ "permissions": [], "reason": format!("needs {name}") });
        asks(&server, &alice, Method::PUT, &format!("/role/{name}"), role).await;
    }
    let log: AuditLog = reads(&server, &alice, "/audit?limit=3").await;
    assert_eq!(log.acts[0].reason, "needs three");
    let path = format!("/audit?limit=3&after={}", log.next.unwrap());
    let first: AuditLog = reads(&server, &alice, &path).await;
    assert_eq!(first.acts.len(), 1);
    let AdminChange::RoleSet { subject, .. } = &first.acts[0].change else {
        panic!("{:?}", first.acts);
    };
    assert_eq!(subject.name, alice.name);
    assert_eq!(first.acts[0].by, None);
}

#[tokio::test]
async fn the_command_line_shows_and_does_the_same() {
    let server = TestServer::start().await;
    Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let run = async |arguments: &str| {
        let arguments: Vec<_> = arguments.split(' ').collect();
        admin(&server, &arguments).await
    };
    run("role set warden ban-accounts see-accounts --reason nights")
        .await
        .unwrap();
    run("account role alice warden").await.unwrap();
    run("account ban bob --reason spam --for 2h").await.unwrap();
    let (accounts, _) = run("account list").await.unwrap();
    let lines: Vec<_> = accounts.lines().collect();
    assert!(lines[1].starts_with("alice  warden  "), "{accounts}");
    assert!(lines[2].contains("until 20"), "{accounts}");
    let (banned, _) = run("account list --banned --search o --role member")
        .await
        .unwrap();
    assert_eq!(banned.lines().count(), 2);
    let (shown, _) = run("account show bob").await.unwrap();
    assert!(shown.contains(&bob.account.to_string()), "{shown}");
    assert!(shown.contains("Reason        spam"), "{shown}");
    let (roles, _) = run("role list").await.unwrap();
    assert!(
        roles.contains("warden         1           see-accounts, ban-accounts"),
        "{roles}"
    );
    let in_use = run("role delete warden").await.unwrap_err();
    assert!(in_use.contains("account list --role warden"), "{in_use}");
    let (storage, _) = run("storage").await.unwrap();
    assert!(
        storage.starts_with("Accounts              2, 1 of them banned\n"),
        "{storage}"
    );
    let (_, remark) = run("account unban bob").await.unwrap();
    assert_eq!(remark, "bob is banned no more.\n");
    let (_, remark) = run("invite create --public-url https://chat.example.org")
        .await
        .unwrap();
    assert!(
        remark.contains("https://chat.example.org/register?invite="),
        "{remark}"
    );

    let mut socket = bob.connect(&server).await;
    let unsure = run("account delete bob").await.unwrap_err();
    assert!(unsure.contains("--yes"), "{unsure}");
    run("account delete bob --yes").await.unwrap();
    socket
        .is_told_goodbye(sotto_protocol::frame::Goodbye::SessionEnded)
        .await;
    server
        .get("/v1/user/bob")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
    let nobody = run("account ban bob --reason spam").await.unwrap_err();
    assert!(nobody.contains("there is no account bob"), "{nobody}");

    let (log, _) = run("audit").await.unwrap();
    let what: Vec<_> = log.lines().skip(1).collect();
    assert_eq!(what.len(), 6, "{log}");
    assert!(what[0].contains("command line  deleted bob"), "{log}");
    assert!(
        what[3].contains("banned bob until 20") && what[3].ends_with("spam"),
        "{log}"
    );
    assert!(what[5].ends_with("nights"), "{log}");
    let (of_alice, _) = run("audit --account alice --limit 1").await.unwrap();
    assert!(of_alice.contains("gave alice the role warden"), "{of_alice}");
}
