//! Reports: what a member shows of a message is checked by a server that cannot read it.

use crate::administration::{asks, with_role};
use crate::communities::founded;
use crate::support::group::TestGroup;
use crate::support::{Answer, Person, TestServer, admin, mls, random};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::rest::chat::{DeleteEntries, NamedEntry, Publish, Published};
use sotto_protocol::rest::report::{
    NewReport, NewSubject, Outcome, Reason, ReportTaken, Reports, SaidWithProof, SaidWithoutProof,
    ShownReport, Subject,
};
use sotto_protocol::{
    AccountId, ChatId, Commitment, CommunityId, FrankedPlace, MessageId, ProblemCode, Retention, RevealedKey,
    Seq, limits,
};
use sotto_server::config::Rate;

const THREAT: &[u8] = b"I know where you live";

/// A message that its sender has committed to, and what proves it.
struct Sent {
    entry: NamedEntry,
    key: [u8; 32],
}

impl Sent {
    fn shown_as(&self, content: &[u8]) -> SaidWithProof {
        SaidWithProof {
            seq: self.entry.seq,
            key: RevealedKey::from_bytes(self.key),
            content: content.to_vec().into(),
        }
    }
}

async fn says(
    server: &TestServer,
    from: &Person,
    chat: ChatId,
    content: &[u8],
    retention: Retention,
) -> Sent {
    let (key, message) = (random(), MessageId::from_bytes(random()));
    let place = FrankedPlace {
        chat,
        message,
        from: from.address(),
    };
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(&place.context());
    mac.update(content);
    let commitment = Commitment::from_bytes(mac.finalize().into_bytes().into());
    let data = commitment.authenticated_data();
    let inside = [&[u8::try_from(data.len()).unwrap()], &data[..], b"sealed"].concat();
    let publish = Publish {
        message,
        after: Seq::ZERO,
        retention,
        payload: mls::application(chat, 1, &inside).into(),
    };
    let published = from.posts(server, &format!("/v1/chat/{chat}"), &publish).await;
    let published: Published = published.ok();
    let entry = NamedEntry {
        seq: published.seq.unwrap_or(Seq(1)),
        message,
    };
    Sent { entry, key }
}

async fn reports(server: &TestServer, by: &Person, subject: NewSubject) -> Answer {
    let report = NewReport {
        subject,
        reason: Reason::Violence,
        comment: "please look".to_owned(),
    };
    by.posts(server, "/v1/report", &report).await
}

const fn shows(chat: ChatId, said: Vec<SaidWithProof>) -> NewSubject {
    NewSubject::Message { chat, said }
}

fn says_so(chat: ChatId, from: &Person, message: MessageId) -> NewSubject {
    let content = THREAT.to_vec().into();
    NewSubject::UnprovenMessage {
        chat,
        from: from.account,
        said: vec![SaidWithoutProof { message, content }],
    }
}

#[track_caller]
fn is_taken(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
}

#[tokio::test]
async fn a_message_is_reported_once_by_each_member_and_not_by_others() {
    let server = TestServer::start().await;
    let [alice, bob, eve] = [
        Person::register(&server, "alice").await,
        Person::register(&server, "bob").await,
        Person::register(&server, "eve").await,
    ];
    let chat = alice.start_chat(&server, &bob).await;
    let threat = says(&server, &alice, chat, THREAT, Retention::Keep).await;
    let edit = says(&server, &alice, chat, b"edited", Retention::Keep).await;
    let subject = || shows(chat, vec![threat.shown_as(THREAT), edit.shown_as(b"edited")]);
    reports(&server, &eve, subject())
        .await
        .is(ProblemCode::ChatNotFound);
    server
        .post("/v1/report")
        .json(&json!({}))
        .await
        .is(ProblemCode::Unauthenticated);
    let _: ReportTaken = reports(&server, &bob, subject()).await.ok();
    for again in [subject(), says_so(chat, &alice, threat.entry.message)] {
        reports(&server, &bob, again)
            .await
            .is(ProblemCode::AlreadyReported);
    }
    // Who has said it is not asked about it.
    reports(&server, &alice, subject())
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn what_was_never_said_is_not_taken_as_proven() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let greeting = says(&server, &alice, chat, b"good morning", Retention::Keep).await;
    let other = says(&server, &alice, chat, THREAT, Retention::Keep).await;
    let own = says(&server, &bob, chat, THREAT, Retention::Keep).await;
    let mut other_key = greeting.shown_as(b"good morning");
    other_key.key = RevealedKey::from_bytes(random());
    let mut elsewhere = other.shown_as(THREAT);
    elsewhere.seq = greeting.entry.seq;
    for forged in [greeting.shown_as(THREAT), other_key, elsewhere.clone()] {
        reports(&server, &bob, shows(chat, vec![forged]))
            .await
            .is(ProblemCode::ReportRefused);
    }
    // One that is forged among genuine ones.
    let forged = vec![other.shown_as(THREAT), elsewhere];
    reports(&server, &bob, shows(chat, forged))
        .await
        .is(ProblemCode::ReportRefused);
    // Of several people, twice, nothing, too much.
    let genuine = || greeting.shown_as(b"good morning");
    for odd in [
        vec![genuine(), own.shown_as(THREAT)],
        vec![genuine(), genuine()],
        vec![],
    ] {
        reports(&server, &bob, shows(chat, odd))
            .await
            .is(ProblemCode::InvalidRequest);
    }
    let many = (1..=9).map(|seq| SaidWithProof {
        seq: Seq(seq),
        ..genuine()
    });
    reports(&server, &bob, shows(chat, many.collect()))
        .await
        .is(ProblemCode::TooLarge);
    let long = vec![0; limits::PAYLOAD_BYTES + 1];
    reports(&server, &bob, shows(chat, vec![greeting.shown_as(&long)]))
        .await
        .is(ProblemCode::TooLarge);
    is_taken(&reports(&server, &bob, shows(chat, vec![genuine()])).await);
}

#[tokio::test]
async fn what_the_server_has_no_more_is_reported_without_proof() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let eve = Person::register(&server, "eve").await;
    let chat = alice.start_chat(&server, &bob).await;
    let deleted = says(&server, &alice, chat, THREAT, Retention::Keep).await;
    let fleeting = says(&server, &alice, chat, THREAT, Retention::Never).await;
    let deletion = DeleteEntries {
        entries: vec![deleted.entry],
    };
    let answer = alice
        .posts(&server, &format!("/v1/chat/{chat}/deletion"), &deletion)
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let mut never_there = fleeting.shown_as(THREAT);
    never_there.seq = Seq(2);
    for gone in [deleted.shown_as(THREAT), never_there] {
        reports(&server, &bob, shows(chat, vec![gone]))
            .await
            .is(ProblemCode::ReportUnprovable);
    }
    is_taken(&reports(&server, &bob, says_so(chat, &alice, deleted.entry.message)).await);
    is_taken(&reports(&server, &bob, says_so(chat, &alice, fleeting.entry.message)).await);
    let message = MessageId::from_bytes(random());
    reports(&server, &eve, says_so(chat, &alice, message))
        .await
        .is(ProblemCode::ChatNotFound);
    reports(&server, &bob, says_so(chat, &bob, message))
        .await
        .is(ProblemCode::InvalidRequest);
}

#[tokio::test]
async fn accounts_groups_and_communities_are_reported_too() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let by_admins = JoinPolicy::Invite { by: Inviters::Admins };
    let group = TestGroup::new(&alice, by_admins)
        .create(&server, &alice, &[])
        .await;
    let of = |account: AccountId| NewSubject::Account { account };
    let of_group = |group: ChatId| NewSubject::Group { group };
    is_taken(&reports(&server, &bob, of(alice.account)).await);
    is_taken(&reports(&server, &bob, of_group(group.id)).await);
    for again in [of(alice.account), of_group(group.id)] {
        reports(&server, &bob, again)
            .await
            .is(ProblemCode::AlreadyReported);
    }
    reports(&server, &bob, of(AccountId::from_bytes(random())))
        .await
        .is(ProblemCode::UserNotFound);
    reports(&server, &bob, of_group(ChatId::from_bytes(random())))
        .await
        .is(ProblemCode::GroupNotFound);
    reports(&server, &bob, of(bob.account))
        .await
        .is(ProblemCode::InvalidRequest);
    let path = founded(&server, &alice).await;
    let community: CommunityId = path.rsplit('/').next().unwrap().parse().unwrap();
    let of_community = |community: CommunityId| NewSubject::Community { community };
    let ReportTaken { report } = reports(&server, &bob, of_community(community)).await.ok();
    reports(&server, &bob, of_community(community))
        .await
        .is(ProblemCode::AlreadyReported);
    reports(&server, &alice, of_community(community))
        .await
        .is(ProblemCode::InvalidRequest);
    reports(&server, &bob, of_community(CommunityId::from_bytes(random())))
        .await
        .is(ProblemCode::CommunityNotFound);
    // What it was called stays to be read when it is called something else, and when it is gone.
    let renamed = alice.posts(&server, &path, &json!({ "title": "Shop" })).await;
    assert_eq!(renamed.status, StatusCode::OK);
    alice.deletes(&server, &path).await;
    let moderator = with_role(&server, "moderator", "moderator").await;
    let shown = format!("/report/{report}");
    let shown: ShownReport = asks(&server, &moderator, Method::GET, &shown, Value::Null)
        .await
        .ok();
    let expected = Subject::Community {
        community,
        title: "Choir".to_owned(),
        founder: alice.account,
    };
    assert_eq!(shown.report.subject, expected);
    assert_eq!(shown.accounts.len(), 2);
    let (listed, _) = admin(&server, &["report", "list"]).await.unwrap();
    let line = format!("alice's community {community}: Choir");
    assert!(listed.contains(&line), "{listed}");
}

#[tokio::test]
async fn a_report_is_read_and_handled_by_those_who_may_and_the_log_says_so() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let moderator = with_role(&server, "moderator", "moderator").await;
    let chat = alice.start_chat(&server, &bob).await;
    let threat = says(&server, &alice, chat, THREAT, Retention::Keep).await;
    let subject = shows(chat, vec![threat.shown_as(THREAT)]);
    let ReportTaken { report } = reports(&server, &bob, subject).await.ok();
    let of_moderator = NewSubject::Account {
        account: moderator.account,
    };
    let ReportTaken { report: of_moderator } = reports(&server, &bob, of_moderator).await.ok();

    let page: Reports = asks(&server, &moderator, Method::GET, "/report", Value::Null)
        .await
        .ok();
    let listed: Vec<_> = page.reports.iter().map(|listed| listed.report).collect();
    // What is about oneself is not there: it would tell who has reported it.
    assert_eq!((listed, page.next), (vec![report], None));
    let named: Vec<_> = page
        .accounts
        .iter()
        .map(|account| account.name.as_str())
        .collect();
    assert_eq!(named, ["alice", "bob"]);
    let path = format!("/report/{report}");
    let shown: ShownReport = asks(&server, &moderator, Method::GET, &path, Value::Null)
        .await
        .ok();
    let Subject::Message { is_proven, said, .. } = shown.report.subject else {
        panic!("{shown:?}");
    };
    assert!(is_proven);
    assert_eq!(said[0].content.as_slice(), THREAT);
    for (method, body) in [
        (Method::GET, Value::Null),
        (Method::POST, json!({ "outcome": "dismissed" })),
    ] {
        asks(
            &server,
            &moderator,
            method,
            &format!("/report/{of_moderator}"),
            body,
        )
        .await
        .is(ProblemCode::ReportNotFound);
    }
    let body = json!({ "outcome": "acted", "note": "warned" });
    let handled: ShownReport = asks(&server, &moderator, Method::POST, &path, body).await.ok();
    let handled = handled.report.handled.unwrap();
    assert_eq!(
        (handled.by, handled.outcome, handled.note.as_str()),
        (Some(moderator.account), Outcome::Acted, "warned")
    );
    // Whoever comes second learns how it was handled, and changes nothing.
    let body = json!({ "outcome": "dismissed", "note": "a joke" });
    let again: ShownReport = asks(&server, &moderator, Method::POST, &path, body).await.ok();
    assert_eq!(again.report.handled.unwrap().note, "warned");
    let (waiting, _) = admin(&server, &["report", "list"]).await.unwrap();
    assert!(!waiting.contains(&report.to_string()), "{waiting}");
    assert!(waiting.contains(&of_moderator.to_string()), "{waiting}");
    let report = report.to_string();
    let (shown, _) = admin(&server, &["report", "show", &report]).await.unwrap();
    assert!(shown.contains("a message of alice"), "{shown}");
    let of_moderator = of_moderator.to_string();
    admin(&server, &["report", "handle", &of_moderator, "dismissed"])
        .await
        .unwrap();
    let (log, _) = admin(&server, &["audit"]).await.unwrap();
    let line = format!("handled the report {report} about alice: something was done");
    assert!(log.contains(&line), "{log}");
    assert!(log.contains("about moderator: nothing was to be done"), "{log}");
}

#[tokio::test]
async fn reports_have_a_rate_and_their_words_a_length() {
    let server = TestServer::start_with(|config| config.limits.reports_per_account = Rate::new(3, 1)).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let with = |comment: String| NewReport {
        subject: NewSubject::Account {
            account: alice.account,
        },
        reason: Reason::Spam,
        comment,
    };
    let too_long = with("x".repeat(limits::REPORT_COMMENT_BYTES + 1));
    bob.posts(&server, "/v1/report", &too_long)
        .await
        .is(ProblemCode::TooLarge);
    bob.posts(&server, "/v1/report", &with("a\0b".to_owned()))
        .await
        .is(ProblemCode::InvalidRequest);
    is_taken(&bob.posts(&server, "/v1/report", &with(String::new())).await);
    bob.posts(&server, "/v1/report", &with(String::new()))
        .await
        .is(ProblemCode::RateLimited);
}
