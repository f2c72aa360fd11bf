use crate::support::{Answer, Person, TestServer, mls, random};
use http::{Method, StatusCode};
use sotto_protocol::rest::chat::{ChatCreated, ChatPage, GroupInfo, Publish, Published};
use sotto_protocol::{
    AccountId, ChatId, DeviceAddress, DeviceId, Epoch, MessageId, ProblemCode, Retention, Seq, Suite,
};

fn publication(payload: Vec<u8>) -> Publish {
    Publish {
        message: MessageId::from_bytes(random()),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload: payload.into(),
    }
}

async fn publish(server: &TestServer, from: &Person, chat: ChatId, request: &Publish) -> Answer {
    server
        .post(&format!("/v1/chat/{chat}"))
        .token(&from.tokens.access_token)
        .json(request)
        .await
}

async fn read(server: &TestServer, reader: &Person, chat: ChatId, query: &str) -> Answer {
    server
        .get(&format!("/v1/chat/{chat}{query}"))
        .token(&reader.tokens.access_token)
        .send()
        .await
}

#[tokio::test]
async fn the_bare_noun_takes_no_method() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    for method in ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "BREW"] {
        let method: Method = method.parse().unwrap();
        for token in [None, Some(&alice.tokens.access_token)] {
            let request = server.request(method.clone(), "/v1/chat");
            let request = match token {
                Some(token) => request.token(token),
                None => request,
            };
            let answer = request.send().await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
            assert!(answer.headers.contains_key("allow"), "{method}");
            if method != Method::HEAD {
                answer.is(ProblemCode::MethodNotAllowed);
            }
        }
    }
}

#[tokio::test]
async fn two_people_have_one_chat() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = ChatId::from_bytes(random());
    let create = async |who: &Person, chat: ChatId, request: &_| {
        server
            .put(&format!("/v1/chat/{chat}"))
            .token(&who.tokens.access_token)
            .json(request)
            .await
    };
    let request = alice.invitation(&bob, chat);
    let created = create(&alice, chat, &request).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let first: ChatCreated = created.ok();
    // A retry, whose answer was lost.
    let again: ChatCreated = create(&alice, chat, &request).await.ok();
    assert_eq!(again, first);

    let other = ChatId::from_bytes(random());
    let refused = create(&bob, other, &bob.invitation(&alice, other)).await;
    refused.is(ProblemCode::DirectChatExists);
    assert_eq!(refused.problem().chat, Some(chat));
}

#[tokio::test]
async fn a_chat_that_is_not_what_its_messages_say_is_not_created() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let chat = ChatId::from_bytes(random());
    let other = ChatId::from_bytes(random());
    let mut requests = vec![alice.invitation(&bob, chat); 8];
    let rules = alice.direct_with(&bob);
    requests[0].welcome = Some(b"nonsense".to_vec().into());
    requests[1].welcome = Some(mls::welcome(Suite::X25519).into());
    requests[2].group_info = mls::group_info(alice.address(), other, 1, Suite::XWing, &rules).into();
    requests[3].group_info = mls::group_info(alice.address(), chat, 2, Suite::XWing, &rules).into();
    requests[4].added.push(carol.address());
    requests[5].added.push(DeviceAddress {
        account: bob.account,
        device: carol.device,
    });
    // Bob's account with another's identity key.
    let not_bob = Person {
        identity_key: carol.identity_key,
        ..bob.clone()
    };
    requests[6].group_info = mls::group_info(
        alice.address(),
        chat,
        1,
        Suite::XWing,
        &alice.direct_with(&not_bob),
    )
    .into();
    requests[7].with = AccountId::from_bytes(random());
    requests[7].added = vec![DeviceAddress {
        account: requests[7].with,
        device: DeviceId::from_bytes(random()),
    }];
    for (number, request) in requests.iter().enumerate() {
        let answer = server
            .put(&format!("/v1/chat/{chat}"))
            .token(&alice.tokens.access_token)
            .json(request)
            .await;
        let code = answer.problem().code;
        let expected = match number {
            0..4 => &[ProblemCode::MalformedMessage][..],
            4..7 => &[ProblemCode::MembershipRefused],
            _ => &[ProblemCode::UserNotFound],
        };
        assert!(expected.contains(&code), "{number}: {code}");
        read(&server, &alice, chat, "")
            .await
            .is(ProblemCode::ChatNotFound);
    }
}

#[tokio::test]
async fn what_was_published_is_read_by_both_in_order() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut payloads = Vec::new();
    for (number, from) in [&alice, &bob, &alice].into_iter().enumerate() {
        let payload = mls::application(chat, 1, format!("message {number}").as_bytes());
        let request = publication(payload.clone());
        let published: Published = publish(&server, from, chat, &request).await.ok();
        assert_eq!(published.seq, Some(Seq(number as u64 + 1)));
        let again: Published = publish(&server, from, chat, &request).await.ok();
        assert_eq!((again.seq, again.at), (published.seq, published.at));
        payloads.push(payload);
    }
    for reader in [&alice, &bob] {
        let page: ChatPage = read(&server, reader, chat, "").await.ok();
        assert_eq!(page.last, Seq(3));
        let read: Vec<_> = page
            .entries
            .iter()
            .map(|entry| entry.payload.as_slice().to_vec())
            .collect();
        assert_eq!(read, payloads);
    }
    let seqs = async |query: &str| {
        let page: ChatPage = read(&server, &bob, chat, query).await.ok();
        page.entries.iter().map(|entry| entry.seq.0).collect::<Vec<_>>()
    };
    assert_eq!(seqs("?after=1").await, [2, 3]);
    assert_eq!(seqs("?before=3&limit=1").await, [2]);
    assert_eq!(seqs("?after=0&limit=2").await, [1, 2]);
    assert_eq!(seqs("?before=9&limit=1").await, [3]);
    for query in ["?limit=0", "?after=x", "?limit=70000", "?page=1"] {
        read(&server, &bob, chat, query)
            .await
            .is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn whoever_is_not_in_a_chat_cannot_tell_it_from_none() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut bob = Person::register(&server, "bob").await;
    let carol = Person::register(&server, "carol").await;
    let chat = alice.start_chat(&server, &bob).await;
    let nothing = ChatId::from_bytes(random());
    // Bob's new device is of the account, and still not in the group.
    let new_device = bob.at_new_device(&server).await;
    for outsider in [&carol, &new_device] {
        for chat in [chat, nothing] {
            read(&server, outsider, chat, "")
                .await
                .is(ProblemCode::ChatNotFound);
            let request = publication(mls::application(chat, 1, b"hello"));
            publish(&server, outsider, chat, &request)
                .await
                .is(ProblemCode::ChatNotFound);
        }
    }
    let group_info = async |who: &Person| {
        server
            .get(&format!("/v1/chat/{chat}/group-info"))
            .token(&who.tokens.access_token)
            .send()
            .await
    };
    group_info(&carol).await.is(ProblemCode::ChatNotFound);
    let found: GroupInfo = group_info(&new_device).await.ok();
    assert_eq!((found.chat, found.epoch, found.last), (chat, Epoch(1), Seq::ZERO));

    let page: ChatPage = read(&server, &alice, chat, "").await.ok();
    assert_eq!(page.last, Seq::ZERO);
}

#[tokio::test]
async fn a_payload_that_may_not_stand_there_is_refused_with_the_reason() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let other = ChatId::from_bytes(random());
    let cases = [
        (b"nonsense".to_vec(), ProblemCode::MalformedMessage),
        (vec![], ProblemCode::MalformedMessage),
        (mls::application(other, 1, b""), ProblemCode::MalformedMessage),
        (mls::commit(chat, 1), ProblemCode::MalformedMessage),
        (mls::external_commit(chat, 1), ProblemCode::MalformedMessage),
        (
            mls::application(chat, 1, &vec![0; 128 * 1024]),
            ProblemCode::TooLarge,
        ),
    ];
    for (payload, code) in cases {
        publish(&server, &alice, chat, &publication(payload))
            .await
            .is(code);
    }
    for epoch in [0, 2, u64::MAX] {
        let stale = publish(
            &server,
            &alice,
            chat,
            &publication(mls::application(chat, epoch, b"")),
        )
        .await;
        stale.is(ProblemCode::StaleEpoch);
        assert_eq!(stale.problem().epoch, Some(Epoch(1)));
    }
    for seconds in [0, 365 * 24 * 60 * 60 + 1] {
        let request = Publish {
            retention: Retention::For { seconds },
            ..publication(mls::application(chat, 1, b""))
        };
        publish(&server, &alice, chat, &request)
            .await
            .is(ProblemCode::InvalidRetention);
    }
    let page: ChatPage = read(&server, &alice, chat, "").await.ok();
    assert_eq!(page.last, Seq::ZERO);
}
