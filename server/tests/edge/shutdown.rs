use crate::support::{Person, TestServer, mls, random, soon};
use bytes::Bytes;
use sotto_protocol::frame::{ClientFrame, Goodbye, Outcome, RequestId, ServerFrame};
use sotto_protocol::rest::chat::ChatPage;
use sotto_protocol::{MessageId, Retention, Seq};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn stopping_tells_every_connection_to_come_again() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut socket = alice.connect(&server).await;
    let (_, ()) = tokio::join!(server.stop(), socket.is_told_goodbye(Goodbye::Restarting));
}

#[tokio::test]
async fn what_was_accepted_before_a_stop_is_there_after_it_once_and_in_order() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut socket = alice.connect(&server).await;
    let messages: Vec<_> = (0..100).map(|_| MessageId::from_bytes(random())).collect();
    for (number, &message) in (0..).zip(&messages) {
        let payload = Bytes::from(mls::application(chat, 1, &[number]));
        let frame = ClientFrame::Send {
            request: RequestId(u32::from(number)),
            chat,
            message,
            after: Seq::ZERO,
            retention: Retention::Keep,
            payload,
        };
        socket.send(&frame).await;
    }
    // Stopped in the middle of it: some are answered, some are not.
    let stopping = tokio::spawn(server.restart());
    let mut accepted = Vec::new();
    while let Some(frame) = socket.next().await {
        match frame {
            ServerFrame::Response {
                request,
                outcome: Outcome::Accepted { seq: Some(seq), .. },
            } => accepted.push((seq, messages[request.0 as usize])),
            ServerFrame::Response { .. } | ServerFrame::Goodbye(Goodbye::Restarting) => {}
            other => panic!("{other:?}"),
        }
    }
    let server = soon(stopping).await.unwrap();
    let page: ChatPage = server
        .get(&format!("/v1/chat/{chat}"))
        .token(&alice.tokens.access_token)
        .send()
        .await
        .ok();
    let stored: Vec<_> = page
        .entries
        .iter()
        .map(|entry| (entry.seq, entry.message))
        .collect();
    for entry in &accepted {
        assert!(stored.contains(entry), "{entry:?} was accepted and is lost");
    }
    let numbers: Vec<_> = stored.iter().map(|(seq, _)| seq.0).collect();
    assert_eq!(numbers, (1..=stored.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_stops() {
    let server = TestServer::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let body = r#"{"name":"alice","request":""}"#;
    let head = format!(
        "POST /v1/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The handler is reading the body once this has come.
    let mut go_on = [0; 25];
    soon(stream.read_exact(&mut go_on)).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    let stopping = tokio::spawn(server.stop());
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("invalid-request"), "{answer}");
    soon(stopping).await.unwrap();
}
