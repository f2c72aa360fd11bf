//! Messages that are deleted for all.

use crate::support::group::TestGroup;
use crate::support::{Answer, Person, TestServer, mls, random};
use http::StatusCode;
use serde_json::json;
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::frame::EntryKind;
use sotto_protocol::rest::chat::{ChatPage, DeleteEntries, NamedEntry, Publish, Published};
use sotto_protocol::{ChatId, MessageId, ProblemCode, Retention, Seq, limits};

fn message(text: &str, chat: ChatId) -> Publish {
    Publish {
        message: MessageId::from_bytes(random()),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload: mls::application(chat, 1, text.as_bytes()).into(),
    }
}

async fn publishes(server: &TestServer, from: &Person, chat: ChatId, message: &Publish) -> NamedEntry {
    let published: Published = from
        .posts(server, &format!("/v1/chat/{chat}"), message)
        .await
        .ok();
    NamedEntry {
        seq: published.seq.unwrap(),
        message: message.message,
    }
}

async fn says(server: &TestServer, from: &Person, chat: ChatId, text: &str) -> NamedEntry {
    publishes(server, from, chat, &message(text, chat)).await
}

async fn deletes(server: &TestServer, by: &Person, chat: ChatId, entries: &[NamedEntry]) -> Answer {
    let request = DeleteEntries {
        entries: entries.to_vec(),
    };
    by.posts(server, &format!("/v1/chat/{chat}/deletion"), &request)
        .await
}

/// Asserts that a deletion was answered with nothing.
#[track_caller]
fn are_gone(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    assert!(answer.body.is_empty());
}

/// What each position has, as this person reads it.
async fn kinds(server: &TestServer, reader: &Person, chat: ChatId) -> Vec<EntryKind> {
    let page: ChatPage = reader.gets(server, &format!("/v1/chat/{chat}")).await.ok();
    for entry in &page.entries {
        let is_empty = entry.payload.as_slice().is_empty();
        assert_eq!(is_empty, entry.kind == EntryKind::Deleted);
    }
    page.entries.iter().map(|entry| entry.kind).collect()
}

const THERE: EntryKind = EntryKind::Application;
const GONE: EntryKind = EntryKind::Deleted;

#[tokio::test]
async fn a_deleted_message_is_read_by_nobody_and_its_position_stays() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let sent = message("to be deleted", chat);
    let first = publishes(&server, &alice, chat, &sent).await;
    says(&server, &bob, chat, "hm").await;
    let third = says(&server, &alice, chat, "to be deleted too").await;
    let before: ChatPage = bob.gets(&server, &format!("/v1/chat/{chat}")).await.ok();
    let request = [first, third];
    are_gone(&deletes(&server, &alice, chat, &request).await);
    // The answer was lost.
    are_gone(&deletes(&server, &alice, chat, &request).await);
    assert_eq!(publishes(&server, &alice, chat, &sent).await, first);
    for reader in [&alice, &bob] {
        assert_eq!(kinds(&server, reader, chat).await, [GONE, THERE, GONE]);
    }
    let server = server.restart().await;
    let after: ChatPage = bob.gets(&server, &format!("/v1/chat/{chat}")).await.ok();
    assert_eq!(after.last, before.last);
    for (before, after) in before.entries.iter().zip(&after.entries) {
        let known = |entry: &sotto_protocol::rest::chat::StoredEntry| {
            (entry.seq, entry.from, entry.message, entry.at, entry.retention)
        };
        assert_eq!(known(after), known(before));
    }
    assert_eq!(kinds(&server, &bob, chat).await, [GONE, THERE, GONE]);
    let next = says(&server, &bob, chat, "and on").await;
    assert_eq!(next.seq, Seq(4));
}

#[tokio::test]
async fn of_two_each_deletes_their_own_alone() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let hers = says(&server, &alice, chat, "hers").await;
    let his = says(&server, &bob, chat, "his").await;
    for (by, request) in [(&alice, vec![hers, his]), (&bob, vec![hers])] {
        deletes(&server, by, chat, &request)
            .await
            .is(ProblemCode::Forbidden);
        assert_eq!(kinds(&server, by, chat).await, [THERE, THERE]);
    }
    // Whoever is not in the chat cannot tell it from none, nor a device of his that has not joined.
    let eve = Person::register(&server, "eve").await;
    let new_device = bob.at_new_device(&server).await;
    let nothing = ChatId::from_bytes(random());
    for outsider in [&eve, &new_device] {
        for chat in [chat, nothing] {
            deletes(&server, outsider, chat, &[his])
                .await
                .is(ProblemCode::ChatNotFound);
        }
    }
    server
        .post(&format!("/v1/chat/{chat}/deletion"))
        .json(&DeleteEntries { entries: vec![his] })
        .await
        .is(ProblemCode::Unauthenticated);
    are_gone(&deletes(&server, &bob, chat, &[his]).await);
    assert_eq!(kinds(&server, &alice, chat).await, [THERE, GONE]);
}

#[tokio::test]
async fn the_owner_of_a_group_deletes_what_anybody_said() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let policy = JoinPolicy::Invite {
        by: Inviters::Members,
    };
    let group = TestGroup::new(&alice, policy);
    let group = group.create(&server, &alice, &[&bob]).await.id;
    let his = says(&server, &bob, group, "his").await;
    let hers = says(&server, &alice, group, "hers").await;
    deletes(&server, &bob, group, &[his, hers])
        .await
        .is(ProblemCode::Forbidden);
    assert_eq!(kinds(&server, &bob, group).await, [THERE, THERE]);
    are_gone(&deletes(&server, &alice, group, &[his, hers]).await);
    assert_eq!(kinds(&server, &bob, group).await, [GONE, GONE]);
}

#[tokio::test]
async fn a_request_names_some_messages_and_not_too_many() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let said = says(&server, &alice, chat, "hello").await;
    let absent = |seq| NamedEntry {
        seq: Seq(seq),
        message: MessageId::from_bytes(random()),
    };
    let mut request: Vec<_> = (2..).map(absent).take(limits::DELETIONS).collect();
    are_gone(&deletes(&server, &alice, chat, &request).await);
    request.push(said);
    deletes(&server, &alice, chat, &request)
        .await
        .is(ProblemCode::TooLarge);
    deletes(&server, &alice, chat, &[])
        .await
        .is(ProblemCode::InvalidRequest);
    let id = said.message;
    for nonsense in [
        json!({}),
        json!({ "entries": [{ "seq": 1 }] }),
        json!({ "entries": [{ "seq": -1, "message": id }] }),
        json!({ "entries": [{ "seq": 1, "message": "x" }] }),
        json!({ "entries": [{ "seq": 1, "message": id, "kind": "application" }] }),
        json!({ "entries": [{ "seq": 1, "message": id }], "all": true }),
    ] {
        alice
            .posts(&server, &format!("/v1/chat/{chat}/deletion"), &nonsense)
            .await
            .is(ProblemCode::InvalidRequest);
    }
    assert_eq!(kinds(&server, &bob, chat).await, [THERE]);
    request.remove(0);
    are_gone(&deletes(&server, &alice, chat, &request).await);
    assert_eq!(kinds(&server, &bob, chat).await, [GONE]);
}
