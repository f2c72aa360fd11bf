//! Reports: what one member has said to another is proven to a server that cannot read it, and nothing that was not said is.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::frame::Outcome;
use sotto_client_sdk::protocol::rest::report::{Report, Subject};
use sotto_client_sdk::protocol::{ChatId, MessageId, ProblemCode, Seq, Timestamp};
use sotto_client_sdk::{
    ClientError, FoundCommunity, GrantedHistory, GroupSettings, Message, ReportReason, ReportedBody,
    ReportedContent,
};
use sotto_tests::malicious::Malicious;
use sotto_tests::world::{BY_MEMBERS, Device, PASSWORD, Pair, World, gardeners, text_of};

const WHY: ReportReason = ReportReason::Violence;

/// What the message with this text says now.
async fn the_message(device: &Device, chat: ChatId, text: &str) -> Message {
    let messages = device.messages(chat).await;
    let found = messages.into_iter().find(|message| text_of(message) == text);
    found.unwrap_or_else(|| panic!("nobody has said {text}"))
}

/// Reports the message with this text; whether that is proven.
async fn reports(device: &Device, chat: ChatId, text: &str) -> Result<bool, ClientError> {
    let message = the_message(device, chat, text).await;
    let reported = device
        .client
        .report_message(chat, message.id, WHY, "look")
        .await?;
    Ok(reported.is_proven)
}

/// Who is reported to have said what, and whether that is proven, by text.
fn shown(report: &Report) -> (bool, Vec<String>) {
    let Subject::Message { is_proven, said, .. } = &report.subject else {
        panic!("no message");
    };
    let words = said.iter().map(|said| {
        let content = ReportedContent::read(said.content.as_slice()).unwrap();
        assert_eq!(content.message, said.message);
        match content.body {
            ReportedBody::Text(text) | ReportedBody::Edit { text, .. } => text.text,
            ReportedBody::File { info, caption } => format!("{}: {}", info.name, caption.text),
            ReportedBody::Other => panic!("nothing to see"),
        }
    });
    (*is_proven, words.collect())
}

#[track_caller]
fn is_refused(result: &Result<bool, ClientError>, code: ProblemCode) {
    assert!(
        matches!(result, Err(ClientError::Refused(problem)) if problem.code == code),
        "{result:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_and_edited_is_proven_to_who_handles_the_report() {
    let Pair {
        mut world,
        alice,
        bob,
        chat,
    } = Pair::start().await;
    alice.sends(chat, "nice house").await;
    bob.ends_with(chat, "nice house").await;
    let said = the_message(&bob, chat, "nice house").await.id;
    alice.sees(chat, said, |_| true).await;
    alice
        .client
        .edit(chat, said, "I know where you live")
        .await
        .unwrap();
    bob.sees(chat, said, |message| text_of(message) == "I know where you live")
        .await;
    // On another device of his, which has it from the archive alone.
    bob.client.archive_now().await.unwrap();
    let phone = world.device().await;
    phone.client.log_in("bob", PASSWORD).await.unwrap();
    phone.has_chat(chat).await;
    phone
        .sees(chat, said, |message| message.editions.len() == 2)
        .await;
    assert_eq!(reports(&phone, chat, "I know where you live").await, Ok(true));
    is_refused(
        &reports(&bob, chat, "I know where you live").await,
        ProblemCode::AlreadyReported,
    );
    // One's own words are nothing to report.
    assert_eq!(
        reports(&alice, chat, "I know where you live").await,
        Err(ClientError::MessageRefused)
    );
    let person = bob.client.person("alice").await.unwrap().account;
    bob.client.report_person(person, WHY, "").await.unwrap();

    let kept = world.reports().await;
    assert_eq!(kept.len(), 2);
    assert_eq!((kept[0].by, kept[0].reason), (bob.account(), WHY));
    assert_eq!(kept[0].comment, "look");
    assert!(matches!(kept[0].subject, Subject::Message { from, .. } if from == alice.account()));
    assert_eq!(
        shown(&kept[0]),
        (
            true,
            vec!["nice house".to_owned(), "I know where you live".to_owned()]
        )
    );
    assert_eq!(kept[1].subject, Subject::Account { account: person });
}

async fn is_sent(outcome: impl Future<Output = Outcome>) -> Seq {
    match outcome.await {
        Outcome::Accepted { seq: Some(seq), .. } => seq,
        other => panic!("{other:?}"),
    }
}

/// Nobody is shown what they could not report: what its sender has not committed to, and what one member has said and another sent,
/// which the server would take for the other's.
#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_reported_is_not_shown_and_what_is_gone_is_reported_by_ones_word() {
    let mut world = World::start().await;
    let alice = world.person("alice").await;
    let mut mallory = Malicious::registers(&world, "mallory").await;
    let mut trudy = Malicious::registers(&world, "trudy").await;
    let group = alice.founds(gardeners(BY_MEMBERS, &["mallory", "trudy"])).await;
    assert_eq!(
        (mallory.is_let_in().await, trudy.is_let_in().await),
        (group, group)
    );

    let (message, payload) = mallory.says(group, "a threat that nobody can prove", false);
    is_sent(mallory.publishes(group, message, payload)).await;
    let (message, payload) = mallory.says(group, "this threat of Mallory's is sent by Trudy", true);
    trudy.catches_up(group).await;
    is_sent(trudy.publishes(group, message, payload)).await;
    let (kept, payload) = mallory.says(group, "I will find you, said Mallory", true);
    is_sent(mallory.publishes(group, kept, payload)).await;
    let (gone, payload) = mallory.says(group, "Nobody will believe you", true);
    let seq = is_sent(mallory.publishes(group, gone, payload)).await;
    alice
        .hears(
            group,
            &["I will find you, said Mallory", "Nobody will believe you"],
        )
        .await;
    assert_eq!(alice.client.chats().await.unwrap()[0].undecryptable, 2);

    // Erased on the server, and no member is told.
    mallory.erases(group, seq, gone).await;
    assert_eq!(
        reports(&alice, group, "I will find you, said Mallory").await,
        Ok(true)
    );
    assert_eq!(reports(&alice, group, "Nobody will believe you").await, Ok(false));
    let fleeting = MessageId::from_bytes([9; 16]);
    let from = mallory.address().account;
    let reported = alice
        .client
        .report_unproven(group, from, fleeting, "boo", WHY, "");
    assert!(!reported.await.unwrap().is_proven);
    alice.client.report_group(group, WHY, "").await.unwrap();
    let choir = FoundCommunity {
        title: "Choir".to_owned(),
        topics: vec!["music".to_owned()],
        place: String::new(),
        location: None,
        description: String::new(),
    };
    let bob = world.person("bob").await;
    let choir = bob.client.communities().found(&choir).await.unwrap();
    alice
        .client
        .report_community(choir.community, WHY, "")
        .await
        .unwrap();
    let kept = world.reports().await;
    let said: Vec<_> = kept[..3].iter().map(shown).collect();
    let of = |is_proven: bool, text: &str| (is_proven, vec![text.to_owned()]);
    assert_eq!(
        said,
        [
            of(true, "I will find you, said Mallory"),
            of(false, "Nobody will believe you"),
            of(false, "boo")
        ]
    );
    assert_eq!(kept[3].subject, Subject::Group { group });
    assert_eq!(
        kept[4].subject,
        Subject::Community {
            community: choir.community,
            title: "Choir".to_owned(),
            founder: bob.account(),
        }
    );
}

/// Whoever tells a newcomer what was said can make something up; the server does not take it for what was said.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_newcomer_was_told_is_proven_too() {
    let mut world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let group = alice.founds(gardeners(BY_MEMBERS, &["bob"])).await;
    bob.takes(group).await;
    alice.sends(group, "I know where you live").await;
    bob.ends_with(group, "I know where you live").await;
    bob.sends(group, "so do I").await;
    alice.ends_with(group, "so do I").await;
    let settings = GroupSettings {
        history: Some(GrantedHistory::Since(Timestamp(0))),
        ..GroupSettings::default()
    };
    alice.client.set_group(group, settings).await.unwrap();
    let carol = world.person("carol").await;
    alice.client.add_to_group(group, &["carol"]).await.unwrap();
    carol.takes(group).await;
    carol.hears(group, &["I know where you live", "so do I"]).await;
    // One of them has told what it has said itself.
    for text in ["I know where you live", "so do I"] {
        assert_eq!(reports(&carol, group, text).await, Ok(true));
    }
    assert_eq!(world.reports().await.len(), 2);
}
