//! Clients that want to do harm, over real sockets.

use crate::raw_socket::{RawSocket, masked};
use crate::support::{Person, Socket, TestServer, eventually, mls, random, soon};
use bytes::Bytes;
use http::StatusCode;
use sotto_protocol::frame::{ClientFrame, EntryKind, Goodbye, Outcome, RequestId, ServerFrame};
use sotto_protocol::{ChatId, MessageId, Retention, Seq, limits};
use std::io::ErrorKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const BINARY: u8 = 0x82;
const TEXT: u8 = 0x81;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
const CLOSE: u8 = 0x88;

#[tokio::test]
async fn compression_is_never_negotiated_and_a_frame_that_claims_it_ends_the_connection() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let offer = "sec-websocket-extensions: permessage-deflate; client_max_window_bits\r\n";
    let mut socket = RawSocket::open(&server, &alice, offer).await;
    assert!(
        !socket.answer.contains("sec-websocket-extensions"),
        "{}",
        socket.answer
    );
    // What a megabyte of zeros begins with, deflated.
    socket
        .send_frame(BINARY | 0x40, b"\xec\xc1\x01\x01\x00\x00\x00\x80\x90")
        .await;
    socket.is_closed(Goodbye::Malformed, 1002).await;
}

#[tokio::test]
async fn a_message_that_does_not_come_to_its_end_is_not_waited_for() {
    let server = TestServer::start_with(|config| config.timeouts.request_seconds = 1).await;
    let alice = Person::register(&server, "alice").await;
    let whole = masked(BINARY, &ClientFrame::Ping.encode());
    let beginnings: [&[u8]; 4] = [
        &whole[..1],
        &whole[..5],
        &whole[..whole.len() - 1],
        // A fragment, and signs of life that are no excuse.
        &[masked(0x02, b"a"), masked(PONG, b""), masked(0x00, b"b")].concat(),
    ];
    for beginning in beginnings {
        let mut socket = RawSocket::connect(&server, &alice).await;
        socket.send(beginning).await;
        socket.is_closed(Goodbye::Malformed, 1008).await;
    }
}

#[tokio::test]
async fn a_message_byte_by_byte_in_fragments_with_pings_between_is_one() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mut socket = RawSocket::connect(&server, &alice).await;
    let chat = ChatId::from_bytes([1; 16]);
    let fetch = ClientFrame::Fetch {
        request: RequestId(7),
        chat,
        after: Seq(0),
        limit: 1,
    };
    let bytes = fetch.encode();
    let (last, others) = bytes.split_last().unwrap();
    let mut first = 0x02;
    for (number, byte) in (0_u8..).zip(others) {
        socket.send_frame(first, &[*byte]).await;
        socket.send_frame(PING, &[number]).await;
        let pong = socket.next().await.unwrap();
        assert_eq!((pong.first, pong.payload), (PONG, vec![number]));
        first = 0x00;
    }
    socket.send_frame(0x80, &[*last]).await;
    let answer = socket.until(|_| true).await;
    assert!(
        matches!(
            answer,
            ServerFrame::Response {
                request: RequestId(7),
                ..
            }
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn what_breaks_the_websocket_protocol_is_named_by_the_close_code() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let promise = |bytes: usize| [&[BINARY, 0xff][..], &(bytes as u64).to_be_bytes(), &[0; 4]].concat();
    let cases: [(Vec<u8>, u16); 8] = [
        // Not masked.
        (vec![BINARY, 1, 6], 1002),
        (masked(0x83, b"of no known kind"), 1002),
        (masked(0x09, b"a ping in fragments"), 1002),
        (masked(PING, &[0; 126]), 1002),
        (masked(TEXT, b"a text, which no frame is"), 1002),
        (masked(TEXT, b"\xff"), 1007),
        (promise(limits::FRAME_BYTES + 1), 1009),
        (
            [masked(0x02, b"1"), masked(0x00, &vec![0; limits::FRAME_BYTES])].concat(),
            1009,
        ),
    ];
    for (bytes, code) in cases {
        let mut socket = RawSocket::connect(&server, &alice).await;
        socket.send(&bytes).await;
        socket.is_closed(Goodbye::Malformed, code).await;
    }
}

#[tokio::test]
async fn a_close_is_answered_with_its_code_and_the_stream_ends() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    for payload in [&b""[..], b"\x03\xe8", b"\x0f\xa0with a reason"] {
        let mut socket = RawSocket::connect(&server, &alice).await;
        socket.send_frame(CLOSE, payload).await;
        let close = socket.next().await.unwrap();
        assert_eq!(
            (close.first, &*close.payload),
            (CLOSE, &payload[..payload.len().min(2)])
        );
        assert_eq!(socket.next().await, None);
    }
}

async fn send(socket: &mut Socket, chat: ChatId, retention: Retention, payload: Bytes) {
    let outcome = socket
        .ask(|request| ClientFrame::Send {
            request,
            chat,
            message: MessageId::from_bytes(random()),
            after: Seq::ZERO,
            retention,
            payload,
        })
        .await;
    assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
}

#[tokio::test]
async fn what_waits_for_a_device_that_does_not_read_is_erased_when_its_time_is_over() {
    const MESSAGES: u64 = 50;
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut sleeper = RawSocket::connect(&server, &bob).await;
    let mut at_alice = alice.connect(&server).await;
    // More than both systems hold, and less than the outbox.
    let payload = Bytes::from(mls::application(chat, 1, &vec![7; limits::PAYLOAD_BYTES - 100]));
    for _ in 0..MESSAGES {
        send(
            &mut at_alice,
            chat,
            Retention::For { seconds: 1 },
            payload.clone(),
        )
        .await;
    }
    let is_over = async || {
        let after = Seq(MESSAGES - 1);
        let fetch = |request| ClientFrame::Fetch {
            request,
            chat,
            after,
            limit: 1,
        };
        let Outcome::Page(page) = at_alice.ask(fetch).await else {
            panic!("no page");
        };
        page.entries[0].kind == EntryKind::Deleted
    };
    eventually(is_over).await;
    let mut last = None;
    for expected in 1..=MESSAGES {
        let frame = sleeper
            .until(|frame| matches!(frame, ServerFrame::Entry { .. }))
            .await;
        let ServerFrame::Entry { entry, .. } = frame else {
            unreachable!("it is an entry");
        };
        assert_eq!(entry.seq, Seq(expected));
        last = Some((entry.kind, entry.payload.len()));
    }
    assert_eq!(last, Some((EntryKind::Deleted, 0)));
}

#[tokio::test]
async fn a_device_that_does_not_read_is_cut_off_and_nobody_waits_for_it() {
    const MESSAGES: u32 = 250;
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let chat = alice.start_chat(&server, &bob).await;
    let mut sleeper = RawSocket::connect(&server, &bob).await;
    let mut at_alice = alice.connect(&server).await;
    let payload = Bytes::from(mls::application(chat, 1, &vec![7; limits::PAYLOAD_BYTES - 100]));
    // More than both systems and the outbox hold.
    for _ in 0..MESSAGES {
        send(&mut at_alice, chat, Retention::Keep, payload.clone()).await;
    }
    sleeper.is_closed(Goodbye::TooSlow, 1013).await;
    let mut awake = RawSocket::open(&server, &bob, "").await;
    let cursor = awake
        .until(|frame| matches!(frame, ServerFrame::Cursor { .. }))
        .await;
    assert!(
        matches!(cursor, ServerFrame::Cursor { last, .. } if last == Seq(u64::from(MESSAGES))),
        "{cursor:?}"
    );
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answers_is_cut_off() {
    let server = TestServer::start_with(|config| config.timeouts.write_seconds = 1).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = format!(
        "GET /v1/openapi.json HTTP/1.1\r\nhost: {}\r\n\r\n",
        server.address
    );
    let requests = request.repeat(100);
    // Until the answers fill what both systems hold, no request is read any more, and then the connection is gone.
    let refused = soon(async {
        loop {
            if let Err(error) = stream.write_all(requests.as_bytes()).await {
                return error;
            }
        }
    });
    let kind = refused.await.kind();
    assert!(
        matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe),
        "{kind}"
    );
}

#[tokio::test]
async fn when_all_places_are_taken_who_comes_is_told_to_come_again() {
    let server = TestServer::start_with(|config| config.network.connections_max = 2).await;
    let mut there = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /").await.unwrap();
        there.push(stream);
    }
    let answer = answer_of_one_more(&server).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    assert!(answer.contains("\"unavailable\""), "{answer}");
    there.pop();
    // Whoever comes before the server has noticed is told the same once more.
    let is_served = async { while !answer_of_one_more(&server).await.starts_with("HTTP/1.1 200 ") {} };
    soon(is_served).await;
}

/// What a connection is answered that comes beside those that are there.
async fn answer_of_one_more(server: &TestServer) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = b"GET /health HTTP/1.1\r\nhost: sotto\r\nconnection: close\r\n\r\n";
    // A full server answers before it is asked, and may be gone by then.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = soon(stream.read_to_end(&mut answer)).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn connections_that_say_nothing_keep_nobody_out_and_are_dropped() {
    let server = TestServer::start_with(|config| {
        config.timeouts.header_seconds = 1;
        config.network.connections_max = 50;
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(server.address).await.unwrap());
    }
    // It comes after them in the queue, and its turn comes.
    assert_eq!(server.get("/health").send().await.status, StatusCode::OK);
    for mut stream in silent {
        let mut nothing = Vec::new();
        let _ = soon(stream.read_to_end(&mut nothing)).await;
    }
}
