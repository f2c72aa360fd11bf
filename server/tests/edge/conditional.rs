//! Reads of what a client has read before: nothing is sent twice, and nothing that has changed is told as it was.

use crate::administration::with_role;
use crate::bans::{UNTIL, bans, is_banned};
use crate::support::group::TestGroup;
use crate::support::{Answer, Person, TestServer, random};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sotto_protocol::chat_rules::JoinPolicy;
use sotto_protocol::frame::Outcome;
use sotto_protocol::rest::community::{Community, CommunityMembers, CommunityRole};
use sotto_protocol::rest::device::Devices;
use sotto_protocol::rest::group::{Group, GroupsFound, LeaveGroup, UpdateGroup};
use sotto_protocol::rest::user::User;
use sotto_protocol::{CommunityId, ProblemCode};

/// What somebody has read, and reads again as browsers do.
struct Reader<'a> {
    server: &'a TestServer,
    who: &'a Person,
    path: String,
    tag: String,
}

impl<'a> Reader<'a> {
    /// Reads it twice: the second time there is nothing to send.
    async fn reads(server: &'a TestServer, who: &'a Person, path: &str, cache_control: &str) -> Self {
        let mut reader = Self {
            server,
            who,
            path: path.to_owned(),
            tag: String::new(),
        };
        let first = who.gets(server, path).await;
        assert_eq!(first.status, StatusCode::OK, "{first:?}");
        assert_eq!(first.header("cache-control"), cache_control, "{path}");
        first.header("etag").clone_into(&mut reader.tag);
        assert!(reader.tag.len() > 10, "{path}");
        reader.has_it(cache_control).await;
        reader
    }

    async fn asks(&self) -> Answer {
        self.server
            .get(&self.path)
            .token(&self.who.tokens.access_token)
            .header("if-none-match", &self.tag)
            .send()
            .await
    }

    async fn has_it(&self, cache_control: &str) {
        let answer = self.asks().await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{}", self.path);
        assert_eq!(
            (
                answer.header("etag"),
                answer.header("cache-control"),
                answer.body.len()
            ),
            (self.tag.as_str(), cache_control, 0)
        );
    }

    /// Another answer than the one that it has; and the same to whoever asks for all of it.
    async fn has_changed<T: DeserializeOwned>(&mut self) -> T {
        let answer = self.asks().await;
        assert_eq!(answer.status, StatusCode::OK, "{}", self.path);
        assert_ne!(answer.header("etag"), self.tag);
        answer.header("etag").clone_into(&mut self.tag);
        assert_eq!(self.who.gets(self.server, &self.path).await.body, answer.body);
        answer.ok()
    }
}

async fn founds(server: &TestServer, who: &Person) -> String {
    let path = format!("/v1/community/{}", CommunityId::from_bytes(random()));
    let choir = json!({ "title": "Choir", "topics": ["music"], "place": "", "description": "We sing." });
    let founded = who.puts(server, &path, &choir).await;
    assert_eq!(founded.status, StatusCode::CREATED);
    path
}

#[tokio::test]
async fn a_profile_is_read_as_it_is_after_every_change_of_it() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let mut by_name = Reader::reads(&server, &bob, "/v1/user/alice", "no-cache").await;
    let mut by_id = Reader::reads(
        &server,
        &bob,
        &format!("/v1/user/by-id/{}", alice.account),
        "no-cache",
    )
    .await;
    assert_eq!(by_name.tag, by_id.tag);
    for about in ["Hello", "Hello again"] {
        let change = json!({ "about": about });
        let told: User = alice.posts(&server, "/v1/user/alice", &change).await.ok();
        assert_eq!(by_name.has_changed::<User>().await, told);
        assert_eq!(by_id.has_changed::<User>().await, told);
    }
    alice.at_new_device(&server).await;
    let list = by_id.has_changed::<User>().await.device_list;
    assert_eq!(list.claimed().unwrap().devices.len(), 2);
    alice.deletes_account(&server).await;
    by_id.asks().await.is(ProblemCode::UserNotFound);
    by_name.asks().await.is(ProblemCode::UserNotFound);
}

#[tokio::test]
async fn a_group_is_read_as_it_is_after_every_change_of_it() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let group = TestGroup::new(&alice, JoinPolicy::Open).listed();
    let mut group = group.create(&server, &alice, &[&bob]).await;
    let mut reader = Reader::reads(&server, &carol, &group.path(""), "private, no-cache").await;
    let mut at_alice = alice.connect(&server).await;
    let committed = group.commits(&mut at_alice, vec![], vec![]).await;
    assert!(matches!(committed, Outcome::Accepted { .. }), "{committed:?}");
    assert_eq!(reader.has_changed::<Group>().await.epoch.0, 2);
    let profile = group.profile(2, "Seedlings");
    let update = UpdateGroup {
        profile: profile.clone(),
    };
    let told: Group = alice.posts(&server, &group.path(""), &update).await.ok();
    assert_eq!(reader.has_changed::<Group>().await, told);
    assert_eq!(told.profile, Some(profile));
    let leave = LeaveGroup { epoch: None };
    let left = bob.posts(&server, &group.path("/leave"), &leave).await;
    assert_eq!(left.status, StatusCode::NO_CONTENT);
    assert_eq!(reader.has_changed::<Group>().await.members, 1);
    // Whoever has no session is told nothing, not even that nothing has changed.
    let stranger = server
        .get(&group.path(""))
        .header("if-none-match", &reader.tag)
        .send()
        .await;
    stranger.is(ProblemCode::Unauthenticated);
    let administrator = with_role(&server, "dora", "administrator").await;
    bans(&server, &administrator, &carol, Some(UNTIL)).await;
    is_banned(&reader.asks().await);
    alice.deletes(&server, &group.path("")).await;
    alice
        .gets(&server, &group.path(""))
        .await
        .is(ProblemCode::GroupNotFound);
}

#[tokio::test]
async fn a_community_is_read_as_it_is_and_by_each_as_what_they_are_in_it() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let path = founds(&server, &alice).await;
    let mut at_alice = Reader::reads(&server, &alice, &path, "private, no-cache").await;
    let mut at_bob = Reader::reads(&server, &bob, &path, "private, no-cache").await;
    let mut at_carol = Reader::reads(&server, &carol, &path, "private, no-cache").await;
    assert_eq!(at_bob.tag, at_carol.tag);
    assert_ne!(at_alice.tag, at_bob.tag);
    let joined: Community = bob.posts(&server, &format!("{path}/join"), &json!({})).await.ok();
    assert_eq!(at_bob.has_changed::<Community>().await, joined);
    assert_eq!(joined.own_role, Some(CommunityRole::Member));
    let seen: Community = at_carol.has_changed().await;
    assert_eq!((seen.members, seen.own_role), (2, None));
    let change = json!({ "description": "We sing on Fridays." });
    let told: Community = alice.posts(&server, &path, &change).await.ok();
    assert_eq!(at_alice.has_changed::<Community>().await, told);
    assert_eq!(
        at_carol.has_changed::<Community>().await.description,
        told.description
    );
    at_bob.has_changed::<Community>().await;
    // It is handed over, and back: each time all see who has it.
    for (from, to) in [(&alice, &bob), (&bob, &alice)] {
        let role = format!("{path}/member/{}/role", to.account);
        let handed = from.puts(&server, &role, &json!({ "role": "founder" })).await;
        assert_eq!(handed.status, StatusCode::NO_CONTENT);
        for (reader, who) in [(&mut at_alice, &alice), (&mut at_bob, &bob)] {
            let seen: Community = reader.has_changed().await;
            assert_eq!(seen.founder.account, to.account);
            let is_founder = seen.own_role == Some(CommunityRole::Founder);
            assert_eq!(is_founder, who.account == to.account);
        }
        let seen: Community = carol.gets(&server, &path).await.ok();
        assert_eq!((seen.founder.account, seen.own_role), (to.account, None));
    }
    let ban = format!("{path}/ban/{}", bob.account);
    alice.puts(&server, &ban, &json!({})).await;
    let seen: Community = at_bob.has_changed().await;
    assert_eq!((seen.members, seen.own_role), (1, None));
    alice.deletes(&server, &path).await;
    for reader in [at_alice, at_bob, at_carol] {
        reader.asks().await.is(ProblemCode::CommunityNotFound);
    }
}

#[tokio::test]
async fn lists_that_have_not_changed_are_not_sent_again() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let path = founds(&server, &alice).await;
    let of_members = format!("{path}/member");
    let of_groups = format!("{path}/group");
    {
        let mut members = Reader::reads(&server, &alice, &of_members, "no-store").await;
        let mut joined = Reader::reads(&server, &alice, "/v1/community/joined", "no-store").await;
        let mut groups = Reader::reads(&server, &bob, &of_groups, "private, no-cache").await;
        Reader::reads(&server, &alice, "/v1/role", "no-store").await;
        bob.posts(&server, &format!("{path}/join"), &json!({})).await;
        assert_eq!(members.has_changed::<CommunityMembers>().await.members.len(), 2);
        joined.has_changed::<Value>().await;
        let mut group = TestGroup::new(&alice, JoinPolicy::Open).listed();
        group.rules.community = path.rsplit('/').next().map(|id| id.parse().unwrap());
        let group = group.create(&server, &alice, &[]).await;
        assert_eq!(
            groups.has_changed::<GroupsFound>().await.groups[0].group,
            group.id
        );
    }
    let devices = alice.gets(&server, "/v1/device").await;
    let new = alice.at_new_device(&server).await;
    let tag = devices.header("etag");
    let again = server.get("/v1/device").header("if-none-match", tag);
    let again: Devices = again.token(&new.tokens.access_token).send().await.ok();
    assert_eq!(again.devices.len(), 2);
}
