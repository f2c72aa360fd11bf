//! Communities, as strangers, members and those who look after them see them.

use crate::administration::{asks, with_role};
use crate::support::{Answer, Person, TestServer, admin, random};
use http::{Method, StatusCode};
use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};
use sotto_protocol::rest::admin::{AdminChange, AuditLog};
use sotto_protocol::rest::community::{
    CommunitiesFound, Community, CommunityBans, CommunityMembers, CommunityRole, JoinedCommunities,
};
use sotto_protocol::rest::server::ServerInfo;
use sotto_protocol::{CommunityId, ProblemCode};
use std::io::Cursor;

pub(crate) fn choir() -> Value {
    json!({
        "title": "Choir", "topics": ["music"], "place": "Munich", "description": "We sing.",
        "location": { "latitude": 48.137_23, "longitude": 11.575_48 },
    })
}

async fn founds(server: &TestServer, who: &Person, community: CommunityId, what: &Value) -> Answer {
    who.puts(server, &format!("/v1/community/{community}"), what)
        .await
}

/// A community that somebody founds, and its path.
pub(crate) async fn founded(server: &TestServer, who: &Person) -> String {
    let id = CommunityId::from_bytes(random());
    let answer = founds(server, who, id, &choir()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    format!("/v1/community/{id}")
}

pub(crate) async fn joins(server: &TestServer, who: &Person, path: &str) -> Answer {
    who.posts(server, &format!("{path}/join"), &json!({})).await
}

pub(crate) async fn sends_picture(server: &TestServer, who: &Person, path: &str) -> Answer {
    let mut png = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(30, 20)
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    let request = server.put(path).token(&who.tokens.access_token);
    request.body("image/png", png.into_inner()).send().await
}

fn is_done(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{:?}", answer.body);
}

#[tokio::test]
async fn a_community_is_founded_found_joined_and_left() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let info: ServerInfo = server.get("/v1/server").send().await.ok();
    assert!(info.topics.contains(&"music".to_owned()));
    let path = founded(&server, &alice).await;
    // To a tenth of a degree, and no closer.
    let read = bob.gets(&server, &path).await;
    let body = String::from_utf8(read.body.clone()).unwrap();
    assert!(body.contains(r#""latitude":48.1,"longitude":11.6"#), "{body}");
    let community: Community = read.ok();
    assert_eq!((community.members, community.own_role), (1, None));
    assert_eq!(community.founder.name, alice.name);
    for query in [
        "",
        "?q=hoi",
        "?topic=music",
        "?near=48,11.5",
        "?q=sing&topic=music&near=48,11.5",
    ] {
        let path = format!("/v1/community{query}");
        let found: CommunitiesFound = bob.gets(&server, &path).await.ok();
        assert_eq!(found.communities[0].title, "Choir", "{query}");
    }
    let none: CommunitiesFound = bob.gets(&server, "/v1/community?topic=art").await.ok();
    assert_eq!((none.communities, none.next), (vec![], None));
    let since = community.created_at.0 - 1;
    let new = format!("/v1/community/new?near=48,11.5&since={since}");
    let new: CommunitiesFound = bob.gets(&server, &new).await.ok();
    assert_eq!(new.communities[0].community, community.community);
    let later = format!("/v1/community/new?near=48,11.5&since={}", since + 1);
    let later: CommunitiesFound = bob.gets(&server, &later).await.ok();
    assert_eq!(later.communities, []);

    let members = format!("{path}/member");
    bob.gets(&server, &members).await.is(ProblemCode::NotInCommunity);
    let joined: Community = joins(&server, &bob, &path).await.ok();
    assert_eq!(
        (joined.members, joined.own_role),
        (2, Some(CommunityRole::Member))
    );
    let seen: CommunityMembers = bob.gets(&server, &format!("{members}?limit=1")).await.ok();
    assert_eq!(seen.members[0].name, alice.name);
    let next = format!("{members}?limit=1&after={}", seen.next.unwrap());
    let rest: CommunityMembers = bob.gets(&server, &next).await.ok();
    assert_eq!((rest.members[0].account, rest.next), (bob.account, None));
    let own: JoinedCommunities = bob.gets(&server, "/v1/community/joined").await.ok();
    assert_eq!(own.communities[0].community.title, "Choir");
    is_done(&bob.posts(&server, &format!("{path}/leave"), &json!({})).await);
    let own: JoinedCommunities = bob.gets(&server, "/v1/community/joined").await.ok();
    assert_eq!(own.communities, []);
}

#[tokio::test]
async fn nobody_does_in_a_community_what_is_not_theirs() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let eve = Person::register(&server, "eve").await;
    let path = founded(&server, &alice).await;
    joins(&server, &bob, &path).await;
    let of_eve = format!("{path}/ban/{}", eve.account);
    let of_alice = format!("{path}/member/{}", alice.account);
    let to_bob = format!("{path}/member/{}/role", bob.account);
    for (who, code) in [
        (&bob, ProblemCode::Forbidden),
        (&eve, ProblemCode::NotInCommunity),
    ] {
        let named = json!({ "title": "Mine" });
        who.posts(&server, &path, &named).await.is(code);
        who.deletes(&server, &path).await.is(code);
        who.deletes(&server, &of_alice).await.is(code);
        who.puts(&server, &of_eve, &json!({})).await.is(code);
        who.deletes(&server, &of_eve).await.is(code);
        who.gets(&server, &format!("{path}/ban")).await.is(code);
        let founder = json!({ "role": "founder" });
        who.puts(&server, &to_bob, &founder).await.is(code);
        for picture in ["picture", "cover"] {
            let picture = format!("{path}/{picture}");
            let token = &who.tokens.access_token;
            let sent = server.put(&picture).token(token).body("image/png", "no").send();
            sent.await.is(code);
            who.deletes(&server, &picture).await.is(code);
        }
    }
    server.get(&path).send().await.is(ProblemCode::Unauthenticated);
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    founds(&server, &bob, id, &choir())
        .await
        .is(ProblemCode::CommunityTaken);
    // Who may, does.
    let moderator = json!({ "role": "moderator" });
    is_done(&alice.puts(&server, &to_bob, &moderator).await);
    let changed: Community = bob.posts(&server, &path, &json!({ "title": "Big" })).await.ok();
    assert_eq!(
        (changed.title.as_str(), changed.place.as_str()),
        ("Big", "Munich")
    );
    bob.deletes(&server, &of_alice).await.is(ProblemCode::Forbidden);
    is_done(&bob.puts(&server, &of_eve, &json!({})).await);
    joins(&server, &eve, &path).await.is(ProblemCode::CommunityBanned);
    let bans: CommunityBans = bob.gets(&server, &format!("{path}/ban")).await.ok();
    assert_eq!(bans.bans[0].name, eve.name);
    let leave = format!("{path}/leave");
    let stays = alice.posts(&server, &leave, &json!({})).await;
    stays.is(ProblemCode::FounderStays);
    is_done(&alice.puts(&server, &to_bob, &json!({ "role": "founder" })).await);
    is_done(&alice.posts(&server, &leave, &json!({})).await);
    is_done(&bob.deletes(&server, &path).await);
    bob.gets(&server, &path).await.is(ProblemCode::CommunityNotFound);
    joins(&server, &eve, &path)
        .await
        .is(ProblemCode::CommunityNotFound);
    founds(&server, &eve, id, &choir())
        .await
        .is(ProblemCode::CommunityTaken);
}

#[tokio::test]
async fn what_a_community_says_is_within_bounds() {
    let server = TestServer::start_with(|config| {
        config.communities.topics = vec!["music".to_owned(), "スポーツ".to_owned()];
    })
    .await;
    let alice = Person::register(&server, "alice").await;
    let with = |member: &str, value: Value| {
        let mut choir = choir();
        choir[member] = value;
        choir
    };
    for (wrong, code) in [
        (with("title", json!("")), ProblemCode::InvalidRequest),
        (with("title", json!(" a ")), ProblemCode::InvalidRequest),
        (with("title", json!("a\nb")), ProblemCode::InvalidRequest),
        (with("title", json!("a".repeat(129))), ProblemCode::TooLarge),
        (with("place", json!("a".repeat(129))), ProblemCode::TooLarge),
        (
            with("description", json!("a".repeat(2049))),
            ProblemCode::TooLarge,
        ),
        (with("description", json!("\u{0}")), ProblemCode::InvalidRequest),
        (with("topics", json!([])), ProblemCode::InvalidRequest),
        (with("topics", json!(["art"])), ProblemCode::InvalidRequest),
        (
            with("topics", json!(["music", "music"])),
            ProblemCode::InvalidRequest,
        ),
        (
            with("location", json!({ "latitude": 91, "longitude": 0 })),
            ProblemCode::InvalidRequest,
        ),
        (with("other", json!(1)), ProblemCode::InvalidRequest),
    ] {
        let id = CommunityId::from_bytes(random());
        founds(&server, &alice, id, &wrong).await.is(code);
    }
    let id = CommunityId::from_bytes(random());
    let fits = with("topics", json!(["スポーツ"]));
    let community: Community = founds(&server, &alice, id, &fits).await.ok();
    assert_eq!(community.topics, ["スポーツ"]);
    for wrong in [
        "?q=",
        "?topic=",
        "?limit=0",
        "?within_km=50",
        "?near=91,0",
        "?near=1,1&within_km=9",
        "?after=x",
        "?after=5~YQ",
        "?near=1,1&after=b~YQ",
        "/new?near=1,1",
        "/new?since=1",
        "/new?near=1,1&since=-1",
        "/not-an-id",
    ] {
        let path = format!("/v1/community{wrong}");
        alice.gets(&server, &path).await.is(ProblemCode::InvalidRequest);
    }
    let members = format!("/v1/community/{id}/member");
    for wrong in ["?limit=0", "?after=x"] {
        let path = format!("{members}{wrong}");
        alice.gets(&server, &path).await.is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_communitys_picture_is_made_anew_and_goes_with_it() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let path = founded(&server, &alice).await;
    let sends = async |what: &str| -> Community {
        let path = format!("{path}/{what}");
        sends_picture(&server, &alice, &path).await.ok()
    };
    let picture = sends("picture").await.picture.unwrap();
    let cover = sends("cover").await.cover.unwrap();
    for id in [picture.large, picture.small, cover] {
        let read = server.get(&format!("/v1/picture/{id}")).send().await;
        assert_eq!(read.header("content-type"), "image/jpeg");
    }
    let found: CommunitiesFound = alice.gets(&server, "/v1/community").await.ok();
    assert_eq!(found.communities[0].picture, Some(picture.small));
    is_done(&alice.deletes(&server, &path).await);
    let gone = server.get(&format!("/v1/picture/{cover}")).send().await;
    gone.is(ProblemCode::PictureNotFound);
}

#[tokio::test]
async fn the_command_line_finds_shows_and_deletes_communities() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let run = async |arguments: &str| {
        let arguments: Vec<_> = arguments.split(' ').collect();
        admin(&server, &[&["community"], &arguments[..]].concat()).await
    };
    let (none, remark) = run("list").await.unwrap();
    assert_eq!(
        (none.as_str(), remark.as_str()),
        ("", "There are no communities.\n")
    );
    let path = founded(&server, &alice).await;
    let id = path.rsplit('/').next().unwrap();
    let (listed, _) = run("list").await.unwrap();
    assert!(listed.contains(id), "{listed}");
    let (found, _) = run("list --search hoi --topic music").await.unwrap();
    let line = found.lines().nth(1).unwrap();
    assert!(line.starts_with(id) && line.contains("  Choir  1 "), "{found}");
    let (_, remark) = run("list --search hoi --topic art").await.unwrap();
    assert_eq!(remark, "There is no such community.\n");
    let (shown, _) = run(&format!("show {id} --public-url https://chat.example.org"))
        .await
        .unwrap();
    for line in [
        "Founder  alice\n",
        "Members  1\n",
        "Place    Munich\n",
        "About    We sing.\n",
        &format!("Page     https://chat.example.org/community/{id}\n"),
    ] {
        assert!(shown.contains(line), "{shown}");
    }

    let unsure = run(&format!("delete {id}")).await.unwrap_err();
    assert!(unsure.contains("--yes") && unsure.contains("Choir"), "{unsure}");
    // It was in an answer that the server has in memory.
    let read = alice.gets(&server, &path).await;
    assert_eq!(read.status, StatusCode::OK);
    let (_, remark) = run(&format!("delete {id} --yes --reason shop")).await.unwrap();
    assert_eq!(remark, "The community Choir is deleted.\n");
    alice
        .gets(&server, &path)
        .await
        .is(ProblemCode::CommunityNotFound);
    for again in ["show", "delete --yes"] {
        let gone = run(&format!("{again} {id}")).await.unwrap_err();
        assert!(gone.contains("community list"), "{gone}");
    }
    let (log, _) = admin(&server, &["audit"]).await.unwrap();
    let line = log.lines().nth(1).unwrap();
    assert!(
        line.contains("command line  deleted alice's community") && line.ends_with("shop"),
        "{log}"
    );
}

#[tokio::test]
async fn a_role_permits_to_found_communities_and_to_delete_those_of_others() {
    let server = TestServer::start().await;
    let alice = with_role(&server, "alice", "administrator").await;
    let bob = Person::register(&server, "bob").await;
    let warden = with_role(&server, "warden", "moderator").await;
    let path = founded(&server, &bob).await;
    let nothing = json!({ "permissions": [] });
    asks(&server, &alice, Method::PUT, "/role/member", nothing).await;
    let id = CommunityId::from_bytes(random());
    founds(&server, &bob, id, &choir())
        .await
        .is(ProblemCode::Forbidden);
    let id = path.rsplit('/').next().unwrap();
    let admin_path = format!("/community/{id}");
    let reason = json!({ "reason": "spam" });
    asks(&server, &bob, Method::DELETE, &admin_path, reason.clone())
        .await
        .is(ProblemCode::Forbidden);
    is_done(&asks(&server, &warden, Method::DELETE, &admin_path, reason.clone()).await);
    bob.gets(&server, &path).await.is(ProblemCode::CommunityNotFound);
    asks(&server, &warden, Method::DELETE, &admin_path, reason)
        .await
        .is(ProblemCode::CommunityNotFound);
    let log: AuditLog = alice.gets(&server, "/v1/admin/audit?limit=1").await.ok();
    assert_eq!(log.acts[0].reason, "spam");
    let AdminChange::CommunityDeleted { title, founder, .. } = &log.acts[0].change else {
        panic!("{:?}", log.acts);
    };
    assert_eq!((title.as_str(), &founder.name), ("Choir", &bob.name));
}
