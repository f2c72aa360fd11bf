//! The native transport against servers on real sockets, good ones and bad ones.

#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]
#![cfg(not(target_family = "wasm"))]

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use sotto_client_sdk::native::{HttpTransport, InvalidServer};
use sotto_client_sdk::platform::{
    Connection as _, FrameSink as _, FrameSource as _, Method, Request, RequestBody, Transport as _,
    TransportError,
};
use sotto_client_sdk::protocol::limits::{BODY_BYTES, FRAME_BYTES};
use sotto_client_sdk::protocol::rest::auth::Token;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

async fn listener() -> (TcpListener, HttpTransport) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (
        listener,
        HttpTransport::new(&format!("http://{address}/")).unwrap(),
    )
}

fn token() -> Token {
    Token::new("a-token".to_owned())
}

fn get(path: &str) -> Request {
    Request {
        method: Method::Get,
        path: path.to_owned(),
        token: None,
        body: None,
        range: None,
    }
}

/// Answers one request with these bytes; gives what it was asked.
fn answer(listener: TcpListener, response: Vec<u8>) -> JoinHandle<String> {
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let request = read_request(&mut stream).await;
        // The client may hang up in the middle.
        let _ = stream.write_all(&response).await;
        request
    })
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let expected = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase()
                        .strip_prefix("content-length: ")?
                        .parse::<usize>()
                        .ok()
                })
                .unwrap_or(0);
            if body.len() >= expected || read == 0 {
                return text;
            }
        }
    }
}

/// Accepts one WebSocket; gives it with the request's headers.
#[allow(clippy::result_large_err, reason = "the callback's type is tungstenite's")]
async fn accept(listener: TcpListener) -> (WebSocketStream<TcpStream>, server::Request) {
    let (stream, _) = listener.accept().await.unwrap();
    let mut seen = None;
    let socket = accept_hdr_async(
        stream,
        |request: &server::Request, mut response: server::Response| {
            seen = Some(request.clone());
            response
                .headers_mut()
                .insert("sec-websocket-protocol", "sotto.v1".parse().unwrap());
            Ok(response)
        },
    )
    .await
    .unwrap();
    (socket, seen.unwrap())
}

#[tokio::test]
async fn a_request_carries_method_path_token_and_body() {
    let (listener, transport) = listener().await;
    let response = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}".to_vec();
    let asked = answer(listener, response);
    let request = Request {
        method: Method::Put,
        path: "/v1/user/ada?x=%20y".to_owned(),
        token: Some(token()),
        body: Some(RequestBody::Json(b"{\"a\":1}".to_vec())),
        range: None,
    };
    let response = transport.request(request).await.unwrap();
    assert_eq!((response.status, response.body), (201, b"{}".to_vec()));
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("PUT /v1/user/ada?x=%20y HTTP/1.1\r\n"));
    assert!(asked.contains("authorization: Bearer a-token\r\n"));
    assert!(asked.contains("content-type: application/json\r\n"));
    assert!(asked.ends_with("{\"a\":1}"));
}

#[tokio::test]
async fn every_status_is_an_answer_and_a_redirect_is_not_followed() {
    for status in [
        "302 Found\r\nlocation: http://127.0.0.1:9/",
        "404 Not Found",
        "503 Busy",
    ] {
        let (listener, transport) = listener().await;
        let asked = answer(
            listener,
            format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").into_bytes(),
        );
        let response = transport.request(get("/v1/device")).await.unwrap();
        assert_eq!(response.status.to_string(), status[..3]);
        asked.await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_cut_off() {
    let (listener, transport) = listener().await;
    let mut response = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    response.resize(BODY_BYTES + 1000, b' ');
    let asked = answer(listener, response);
    let refused = transport.request(get("/v1/device")).await;
    assert_eq!(refused, Err(TransportError::Protocol("the answer is too long")));
    asked.await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_not_there_or_hangs_up_or_speaks_nonsense_is_unreachable() {
    let (gone, transport) = listener().await;
    drop(gone);
    let refused = transport.request(get("/v1/device")).await;
    assert!(matches!(refused, Err(TransportError::Unreachable(_))));
    let refused = transport.connect(&token()).await;
    assert!(matches!(refused, Err(TransportError::Unreachable(_))));

    for nonsense in [
        &b""[..],
        b"HTTP/1.1 2",
        b"\0\xff\xfe garbage \r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort",
    ] {
        let (listener, transport) = listener().await;
        let asked = answer(listener, nonsense.to_vec());
        let refused = transport.request(get("/v1/device")).await;
        assert!(
            matches!(refused, Err(TransportError::Unreachable(_))),
            "{refused:?}"
        );
        asked.await.unwrap();
    }
}

#[tokio::test]
async fn no_error_tells_the_path() {
    let (gone, transport) = listener().await;
    drop(gone);
    let error = transport.request(get("/v1/user/ada")).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("ada"));
}

#[tokio::test]
async fn a_path_that_would_lead_elsewhere_is_not_sent() {
    let transport = HttpTransport::new("http://127.0.0.1:9").unwrap();
    for path in ["", "v1/device", "@evil.example/", ".evil.example/"] {
        assert_eq!(
            transport.request(get(path)).await,
            Err(TransportError::Malformed),
            "{path}"
        );
    }
    let bad_token = Token::new("line\r\nbreak".to_owned());
    assert_eq!(
        transport.connect(&bad_token).await.err(),
        Some(TransportError::Malformed)
    );
}

#[test]
fn a_servers_address_is_http_or_https_and_nothing_more() {
    for (given, kept) in [
        ("https://sotto.example", "https://sotto.example"),
        (" https://sotto.example/ ", "https://sotto.example"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/chat/", "http://[::1]:8080/chat"),
    ] {
        assert_eq!(HttpTransport::new(given).unwrap().server(), kept);
    }
    for given in [
        "",
        "sotto.example",
        "ws://sotto.example",
        "file:///etc/passwd",
        "https://",
        "https://ada:secret@sotto.example",
        "https://sotto.example/?q",
        "https://sotto.example/#f",
    ] {
        assert_eq!(
            HttpTransport::new(given).err(),
            Some(InvalidServer::Address),
            "{given}"
        );
    }
}

#[tokio::test]
async fn frames_go_both_ways_up_to_the_limit() {
    let (listener, transport) = listener().await;
    let server = tokio::spawn(async move {
        let (mut socket, request) = accept(listener).await;
        while let Some(Ok(message)) = socket.next().await {
            if message.is_binary() {
                socket.send(message).await.unwrap();
            }
        }
        request
    });
    let (mut sink, mut source) = transport.connect(&token()).await.unwrap().split();
    for length in [0, 1, 70_000, FRAME_BYTES] {
        let frame = Bytes::from(vec![7; length]);
        sink.send(frame.clone()).await.unwrap();
        assert_eq!(source.next().await, Some(Ok(frame)));
    }
    sink.close().await;
    assert_eq!(source.next().await, None);
    assert_eq!(source.next().await, None);
    let request = server.await.unwrap();
    assert_eq!(request.uri().path(), "/v1/ws");
    assert_eq!(request.headers()["authorization"], "Bearer a-token");
    assert_eq!(request.headers()["sec-websocket-protocol"], "sotto.v1");
}

#[tokio::test]
async fn a_connection_tells_how_the_server_closed_it() {
    for (code, expected) in [
        (Some(1000), None),
        (Some(1001), None),
        (None, None),
        (Some(1008), Some(Err(TransportError::Closed { code: 1008 }))),
        (Some(4001), Some(Err(TransportError::Closed { code: 4001 }))),
    ] {
        let (listener, transport) = listener().await;
        let server = tokio::spawn(async move {
            let (mut socket, _) = accept(listener).await;
            socket
                .send(Message::Binary(Bytes::from_static(b"last words")))
                .await
                .unwrap();
            let goodbye = code.map(|code: u16| CloseFrame {
                code: code.into(),
                reason: "".into(),
            });
            socket.close(goodbye).await.unwrap();
            while let Some(Ok(_)) = socket.next().await {}
        });
        let (_sink, mut source) = transport.connect(&token()).await.unwrap().split();
        assert_eq!(source.next().await, Some(Ok(Bytes::from_static(b"last words"))));
        assert_eq!(source.next().await, expected);
        assert_eq!(source.next().await, None);
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_an_error() {
    let (listener, transport) = listener().await;
    let server = tokio::spawn(async move { drop(accept(listener).await) });
    let (mut sink, mut source) = transport.connect(&token()).await.unwrap().split();
    server.await.unwrap();
    assert_eq!(
        source.next().await,
        Some(Err(TransportError::Closed { code: 1006 }))
    );
    assert_eq!(source.next().await, None);
    assert_eq!(
        sink.send(Bytes::from_static(b"too late")).await,
        Err(TransportError::Closed { code: 1006 })
    );
    sink.close().await;
}

#[tokio::test]
async fn frames_that_are_too_long_or_text_end_the_connection() {
    for message in [
        Message::Binary(Bytes::from(vec![0; FRAME_BYTES + 1])),
        Message::Text("hello".into()),
    ] {
        let (listener, transport) = listener().await;
        let server = tokio::spawn(async move {
            let (mut socket, _) = accept(listener).await;
            let _ = socket.send(message).await;
            while let Some(Ok(_)) = socket.next().await {}
        });
        let (sink, mut source) = transport.connect(&token()).await.unwrap().split();
        assert!(matches!(
            source.next().await,
            Some(Err(TransportError::Protocol(_)))
        ));
        assert_eq!(source.next().await, None);
        drop((sink, source));
        server.await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_upgrade_tells_its_status() {
    let (listener, transport) = listener().await;
    let asked = answer(
        listener,
        b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n".to_vec(),
    );
    let refused = transport.connect(&token()).await.err();
    assert_eq!(refused, Some(TransportError::Refused { status: 401 }));
    asked.await.unwrap();
}

#[tokio::test]
async fn a_server_of_another_subprotocol_is_refused() {
    let (listener, transport) = listener().await;
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // An upgrade that names no subprotocol.
        let _ = tokio_tungstenite::accept_async(stream).await;
    });
    let refused = transport.connect(&token()).await.err();
    assert_eq!(refused, Some(TransportError::Protocol("another subprotocol")));
    server.await.unwrap();
}

#[tokio::test]
async fn waiting_for_a_frame_can_be_given_up_without_losing_one() {
    let (listener, transport) = listener().await;
    let (frame_wanted, wanted) = tokio::sync::oneshot::channel();
    let server = tokio::spawn(async move {
        let (mut socket, _) = accept(listener).await;
        wanted.await.unwrap();
        socket
            .send(Message::Binary(Bytes::from(vec![1; 300_000])))
            .await
            .unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    });
    let (sink, mut source) = transport.connect(&token()).await.unwrap().split();
    assert!(futures_util::poll!(Box::pin(source.next())).is_pending());
    frame_wanted.send(()).unwrap();
    let frame = loop {
        // Each round gives up at once: the frame arrives in pieces meanwhile.
        if let std::task::Poll::Ready(frame) = futures_util::poll!(Box::pin(source.next())) {
            break frame;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(frame, Some(Ok(Bytes::from(vec![1; 300_000]))));
    drop((sink, source));
    server.await.unwrap();
}
