use crate::support::group::TestGroup;
use crate::support::{Answer, Person, TestServer, mls, random};
use http::StatusCode;
use sotto_protocol::chat_rules::{Approvers, Inviters, JoinPolicy, Role};
use sotto_protocol::frame::{Change, Outcome, ServerFrame};
use sotto_protocol::rest::chat::{ChatCreated, GroupInfo};
use sotto_protocol::rest::group::{
    AskToJoin, CreateGroup, Group, GroupsFound, JoinRequests, LeaveGroup, UpdateGroup,
};
use sotto_protocol::{ChatId, Epoch, ProblemCode, Suite};

const BY_ADMINS: JoinPolicy = JoinPolicy::Invite { by: Inviters::Admins };

async fn people(server: &TestServer) -> [Person; 3] {
    [
        Person::register(server, "alice").await,
        Person::register(server, "bob").await,
        Person::register(server, "carol").await,
    ]
}

fn asking(suite: Suite) -> AskToJoin {
    AskToJoin {
        key_package: mls::key_package(suite).into(),
    }
}

async fn asks(server: &TestServer, who: &Person, group: &TestGroup) -> Answer {
    who.puts(server, &group.path("/request"), &asking(Suite::XWing))
        .await
}

async fn requests(server: &TestServer, who: &Person, group: &TestGroup) -> JoinRequests {
    who.gets(server, &group.path("/request")).await.ok()
}

fn is_accepted(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

#[tokio::test]
async fn whoever_knows_the_id_reads_what_is_public_of_a_group() {
    let server = TestServer::start().await;
    let [alice, bob, carol] = people(&server).await;
    let group = TestGroup::new(&alice, BY_ADMINS);
    let request = group.creation(&[&bob]);
    let first = alice.puts(&server, &group.path(""), &request).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let first: ChatCreated = first.ok();
    // A retry, whose answer was lost.
    let again: ChatCreated = alice.puts(&server, &group.path(""), &request).await.ok();
    assert_eq!(again, first);
    let read = group.read(&server, &carol).await;
    let expected = Group {
        group: group.id,
        created_at: first.created_at,
        suite: Suite::XWing,
        epoch: Epoch(1),
        group_key: group.rules.group_key,
        external_key: vec![1; 32].into(),
        join_policy: BY_ADMINS,
        is_listed: false,
        community: None,
        profile: None,
        members: 2,
    };
    assert_eq!(read, expected);
    server
        .get(&group.path(""))
        .send()
        .await
        .is(ProblemCode::Unauthenticated);
    let direct = alice.start_chat(&server, &bob).await;
    for none in [direct, ChatId::from_bytes(random())] {
        alice
            .gets(&server, &format!("/v1/group/{none}"))
            .await
            .is(ProblemCode::GroupNotFound);
    }
    alice
        .gets(&server, "/v1/group/nonsense")
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn a_group_that_is_not_what_its_messages_say_is_not_created() {
    let server = TestServer::start().await;
    let [alice, bob, carol] = people(&server).await;
    let group = TestGroup::new(&alice, JoinPolicy::Open).listed();
    let good = || group.creation(&[&bob]);
    let unlisted = TestGroup {
        id: group.id,
        ..TestGroup::new(&alice, JoinPolicy::Open)
    };
    let not_alices = TestGroup {
        id: group.id,
        ..TestGroup::new(&carol, JoinPolicy::Open)
    };
    let other_key = TestGroup::new(&alice, JoinPolicy::Open);
    let forged = TestGroup {
        key: other_key.key,
        ..group.clone()
    };
    let info = |rules, epoch| mls::group_info(alice.address(), group.id, epoch, Suite::XWing, rules).into();
    let mut stranger = bob.address();
    stranger.device = carol.device;
    let cases = [
        (
            CreateGroup {
                group_info: info(&alice.direct_with(&bob), 1),
                ..good()
            },
            ProblemCode::MalformedMessage,
        ),
        (
            CreateGroup {
                group_info: b"nonsense".to_vec().into(),
                ..good()
            },
            ProblemCode::MalformedMessage,
        ),
        (
            CreateGroup {
                added: vec![stranger],
                ..good()
            },
            ProblemCode::MembershipRefused,
        ),
        (
            CreateGroup {
                welcome: None,
                ..good()
            },
            ProblemCode::MembershipRefused,
        ),
        (
            CreateGroup {
                profile: None,
                ..not_alices.creation(&[&bob])
            },
            ProblemCode::MembershipRefused,
        ),
        (
            CreateGroup {
                profile: good().profile,
                ..unlisted.creation(&[&bob])
            },
            ProblemCode::InvalidRequest,
        ),
        (
            CreateGroup {
                profile: Some(forged.profile(1, "Gardeners")),
                ..good()
            },
            ProblemCode::InvalidRequest,
        ),
        (
            CreateGroup {
                profile: Some(group.profile(2, "Gardeners")),
                ..good()
            },
            ProblemCode::InvalidRequest,
        ),
    ];
    for (number, (request, code)) in cases.iter().enumerate() {
        let answer = alice.puts(&server, &group.path(""), request).await;
        assert_eq!(answer.problem().code, *code, "{number}");
    }
    alice
        .gets(&server, &group.path(""))
        .await
        .is(ProblemCode::GroupNotFound);
    let _: ChatCreated = alice.puts(&server, &group.path(""), &good()).await.ok();
    let taken = bob
        .puts(
            &server,
            &group.path(""),
            &TestGroup::new(&bob, JoinPolicy::Open).creation(&[]),
        )
        .await;
    assert!(taken.status.is_client_error());
}

#[tokio::test]
async fn a_listed_group_is_found_by_its_profile_until_it_is_listed_no_more() {
    let server = TestServer::start().await;
    let [alice, bob, carol] = people(&server).await;
    let mut group = TestGroup::new(&alice, JoinPolicy::Open)
        .listed()
        .create(&server, &alice, &[&bob])
        .await;
    TestGroup::new(&alice, JoinPolicy::Open)
        .create(&server, &alice, &[])
        .await;
    let found =
        async |query: &str| -> GroupsFound { carol.gets(&server, &format!("/v1/group{query}")).await.ok() };
    let all = found("").await;
    assert_eq!((all.groups.len(), all.next), (1, None));
    assert_eq!(all.groups[0].profile, group.profile(1, "Gardeners"));
    assert_eq!(
        (all.groups[0].group_key, all.groups[0].members),
        (group.rules.group_key, 2)
    );
    assert_eq!(found("?q=SLUGS&limit=1").await.groups.len(), 1);
    assert_eq!(found("?q=quiet").await.groups.len(), 0);
    let long = "a".repeat(129);
    for query in ["?limit=0", "?after=nonsense", "?unknown=1", &format!("?q={long}")] {
        carol
            .gets(&server, &format!("/v1/group{query}"))
            .await
            .is(ProblemCode::InvalidRequest);
    }

    let update = |revision, title: &str| UpdateGroup {
        profile: group.profile(revision, title),
    };
    for other in [&bob, &carol] {
        let refused = other
            .posts(&server, &group.path(""), &update(2, "Slug friends"))
            .await;
        refused.is(ProblemCode::Forbidden);
    }
    let updated: Group = alice
        .posts(&server, &group.path(""), &update(2, "Seedlings"))
        .await
        .ok();
    assert_eq!(updated.profile, Some(group.profile(2, "Seedlings")));
    for revision in [1, 2, u64::MAX] {
        alice
            .posts(&server, &group.path(""), &update(revision, "Other"))
            .await
            .is(ProblemCode::StaleProfile);
    }
    let mut of_another = update(3, "Other");
    of_another.profile.signature = sotto_protocol::Signature::from_bytes([1; 64]);
    alice
        .posts(&server, &group.path(""), &of_another)
        .await
        .is(ProblemCode::InvalidRequest);

    group.rules.is_listed = false;
    let mut socket = alice.connect(&server).await;
    is_accepted(&group.commits(&mut socket, vec![], vec![]).await);
    assert_eq!(found("").await.groups.len(), 0);
    let read = group.read(&server, &carol).await;
    assert_eq!(
        (read.is_listed, read.profile, read.epoch),
        (false, None, Epoch(2))
    );
    alice
        .posts(
            &server,
            &group.path(""),
            &UpdateGroup {
                profile: group.profile(3, "Seedlings"),
            },
        )
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn requests_to_join_are_seen_by_members_and_go_when_they_are_answered() {
    let server = TestServer::start().await;
    let [alice, bob, carol] = people(&server).await;
    let policy = JoinPolicy::Approval {
        by: Approvers::AnyMember,
    };
    let mut group = TestGroup::new(&alice, policy)
        .create(&server, &alice, &[&bob])
        .await;
    let mut at_alice = alice.connect(&server).await;
    let changed = Change::JoinRequests(group.id);
    let is_told = |frame: &ServerFrame| *frame == ServerFrame::Changed(changed);

    assert_eq!(asks(&server, &carol, &group).await.status, StatusCode::NO_CONTENT);
    at_alice.until(is_told).await;
    let waiting = requests(&server, &bob, &group).await.requests;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].account, carol.account);
    carol
        .gets(&server, &group.path("/request"))
        .await
        .is(ProblemCode::ChatNotFound);
    // Members have no need to ask.
    asks(&server, &bob, &group)
        .await
        .is(ProblemCode::MembershipRefused);

    let request_of = |who: &Person| group.path(&format!("/request/{}", who.account));
    let (of_carol, of_bob) = (request_of(&carol), request_of(&bob));
    carol
        .deletes(&server, &of_bob)
        .await
        .is(ProblemCode::ChatNotFound);
    bob.deletes(&server, &of_bob)
        .await
        .is(ProblemCode::RequestNotFound);
    for who in [&carol, &bob] {
        asks(&server, &carol, &group).await;
        let forgotten = who.deletes(&server, &of_carol).await;
        assert_eq!(forgotten.status, StatusCode::NO_CONTENT);
        at_alice.until(is_told).await;
        who.deletes(&server, &of_carol)
            .await
            .is(ProblemCode::RequestNotFound);
    }

    asks(&server, &carol, &group).await;
    let outcome = group.commits(&mut at_alice, vec![carol.address()], vec![]).await;
    is_accepted(&outcome);
    at_alice.until(is_told).await;
    assert_eq!(requests(&server, &carol, &group).await.requests.len(), 0);
    assert_eq!(group.read(&server, &bob).await.members, 3);
}

#[tokio::test]
async fn a_request_that_may_not_stand_is_refused_with_the_reason() {
    let server = TestServer::start().await;
    let [alice, bob, carol] = people(&server).await;
    let policy = JoinPolicy::Approval {
        by: Approvers::AnyAdmin,
    };
    let mut group = TestGroup::new(&alice, policy)
        .create(&server, &alice, &[&bob])
        .await;
    let asks_with = async |key_package: Vec<u8>| {
        let request = AskToJoin {
            key_package: key_package.into(),
        };
        carol.puts(&server, &group.path("/request"), &request).await
    };
    asks_with(vec![0; 9000]).await.is(ProblemCode::TooLarge);
    asks_with(b"nonsense".to_vec())
        .await
        .is(ProblemCode::MalformedMessage);
    asks_with(mls::key_package(Suite::X25519))
        .await
        .is(ProblemCode::MalformedMessage);
    assert!(
        asks_with(mls::key_package(Suite::XWing))
            .await
            .status
            .is_success()
    );
    // Here admins alone let in, so they alone decline.
    let of_carol = group.path(&format!("/request/{}", carol.account));
    bob.deletes(&server, &of_carol).await.is(ProblemCode::Forbidden);
    assert!(alice.deletes(&server, &of_carol).await.status.is_success());

    let nowhere = TestGroup::new(&alice, policy);
    asks(&server, &carol, &nowhere)
        .await
        .is(ProblemCode::GroupNotFound);
    group.rules.ban(carol.account);
    let mut socket = alice.connect(&server).await;
    is_accepted(&group.commits(&mut socket, vec![], vec![]).await);
    asks(&server, &carol, &group)
        .await
        .is(ProblemCode::MembershipRefused);
    let open = TestGroup::new(&alice, JoinPolicy::Open)
        .create(&server, &alice, &[])
        .await;
    asks(&server, &carol, &open).await.is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn whoever_is_let_in_by_nobody_joins_an_open_group_alone() {
    let server = TestServer::start().await;
    let [alice, bob, carol] = people(&server).await;
    let mut open = TestGroup::new(&alice, JoinPolicy::Open)
        .create(&server, &alice, &[])
        .await;
    let mut closed = TestGroup::new(&alice, BY_ADMINS)
        .create(&server, &alice, &[])
        .await;
    let info = async |who: &Person, group: &TestGroup| {
        who.gets(&server, &format!("/v1/chat/{}/group-info", group.id))
            .await
    };
    info(&carol, &closed).await.is(ProblemCode::ChatNotFound);
    let found: GroupInfo = info(&carol, &open).await.ok();
    assert_eq!(found.epoch, Epoch(1));
    let mut at_carol = carol.connect(&server).await;
    let refused = closed.lets_in(&mut at_carol, &carol).await;
    assert_eq!(refused, Outcome::Refused(ProblemCode::ChatNotFound.into()));
    is_accepted(&open.lets_in(&mut at_carol, &carol).await);
    is_accepted(&at_carol.say(open.id, 2, b"hello").await);
    assert_eq!(open.read(&server, &bob).await.members, 2);
}

#[tokio::test]
async fn whoever_leaves_is_out_at_once() {
    let server = TestServer::start().await;
    let [alice, bob, _] = people(&server).await;
    let mut group = TestGroup::new(&alice, BY_ADMINS)
        .create(&server, &alice, &[&bob])
        .await;
    let mut at_bob = bob.connect(&server).await;
    let leave = group.path("/leave");
    let stale = LeaveGroup {
        epoch: Some(Epoch(9)),
    };
    let refused = bob.posts(&server, &leave, &stale).await;
    refused.is(ProblemCode::StaleEpoch);
    let now = LeaveGroup {
        epoch: Some(Epoch(1)),
    };
    for _ in 0..2 {
        let left = bob.posts(&server, &leave, &now).await;
        assert_eq!(left.status, StatusCode::NO_CONTENT);
    }
    let refused = at_bob.say(group.id, 1, b"hello").await;
    assert_eq!(refused, Outcome::Refused(ProblemCode::ChatNotFound.into()));
    bob.gets(&server, &format!("/v1/chat/{}", group.id))
        .await
        .is(ProblemCode::ChatNotFound);
    assert_eq!(group.read(&server, &bob).await.members, 1);
    group.rules.removals += 1;
    let mut at_alice = alice.connect(&server).await;
    is_accepted(&group.commits(&mut at_alice, vec![], vec![bob.address()]).await);
    let nowhere = TestGroup::new(&alice, BY_ADMINS);
    let left = bob.posts(&server, &nowhere.path("/leave"), &now).await;
    left.is(ProblemCode::GroupNotFound);
}

#[tokio::test]
async fn a_deleted_group_is_gone_for_everyone() {
    let server = TestServer::start().await;
    let [alice, bob, carol] = people(&server).await;
    let policy = JoinPolicy::Invite {
        by: Inviters::Members,
    };
    let mut group = TestGroup::new(&alice, policy)
        .listed()
        .create(&server, &alice, &[&bob])
        .await;
    let mut at_alice = alice.connect(&server).await;
    let mut at_bob = bob.connect(&server).await;
    group.rules.appoint(bob.party(), Role::Admin);
    is_accepted(&group.commits(&mut at_alice, vec![], vec![]).await);
    is_accepted(&at_alice.say(group.id, 2, b"hello").await);
    asks(&server, &carol, &group).await;
    for other in [&bob, &carol] {
        other
            .deletes(&server, &group.path(""))
            .await
            .is(ProblemCode::Forbidden);
    }
    let deleted = alice.deletes(&server, &group.path("")).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    let change = ServerFrame::Changed(Change::ChatDeleted(group.id));
    at_bob.until(|frame| *frame == change).await;
    for (rest, code) in [
        ("", ProblemCode::GroupNotFound),
        ("/request", ProblemCode::GroupNotFound),
    ] {
        alice.gets(&server, &group.path(rest)).await.is(code);
    }
    alice
        .deletes(&server, &group.path(""))
        .await
        .is(ProblemCode::GroupNotFound);
    alice
        .gets(&server, &format!("/v1/chat/{}", group.id))
        .await
        .is(ProblemCode::ChatNotFound);
    let found: GroupsFound = carol.gets(&server, "/v1/group").await.ok();
    assert_eq!(found.groups, []);
    let again = TestGroup {
        epoch: 1,
        ..group.clone()
    };
    let fresh = TestGroup {
        rules: TestGroup::new(&alice, policy).rules,
        ..again
    };
    alice
        .puts(&server, &group.path(""), &fresh.creation(&[]))
        .await
        .is(ProblemCode::ChatTaken);
}
