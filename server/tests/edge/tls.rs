//! TLS on the server's own port, with a real client.

use crate::support::{Person, TestServer, eventually, soon};
use futures_util::StreamExt as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, NamedGroup, ProtocolVersion, RootCertStore, SupportedProtocolVersion};
use sotto_protocol::frame::ServerFrame;
use sotto_server::config::Tls;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/edge/tls")
        .join(name)
}

fn certificate(name: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(fixture(name)).unwrap()
}

/// A client that trusts this certificate alone.
fn client(trusted: &str, version: &'static SupportedProtocolVersion) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(trusted)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}

async fn handshake(server: &TestServer, client: &TlsConnector) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    soon(client.connect(name, stream)).await
}

async fn health(stream: &mut TlsStream<TcpStream>) -> String {
    stream
        .write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

/// A server whose certificate is a copy of the first one, in this folder.
async fn server_in(folder: &Path) -> TestServer {
    let files = Tls {
        certificate: folder.join("crt"),
        key: folder.join("key"),
    };
    std::fs::copy(fixture("first.crt"), &files.certificate).unwrap();
    std::fs::copy(fixture("first.key"), &files.key).unwrap();
    TestServer::start_with(|config| {
        config.network.tls = Some(files);
        config.timeouts.header_seconds = 1;
    })
    .await
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken_with_the_hybrid_key_exchange_in_the_newer() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_in(folder.path()).await;
    for (version, expected, group) in [
        (
            &rustls::version::TLS13,
            ProtocolVersion::TLSv1_3,
            Some(NamedGroup::X25519MLKEM768),
        ),
        (&rustls::version::TLS12, ProtocolVersion::TLSv1_2, None),
    ] {
        let mut stream = handshake(&server, &client("first.crt", version)).await.unwrap();
        let (_, connection) = stream.get_ref();
        assert_eq!(connection.protocol_version(), Some(expected));
        assert_eq!(connection.alpn_protocol(), Some(&b"http/1.1"[..]));
        if let Some(group) = group {
            let agreed = connection.negotiated_key_exchange_group().unwrap().name();
            assert_eq!(agreed, group);
        }
        let answer = health(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn a_websocket_over_tls_is_greeted_and_stays_when_the_certificate_changes() {
    let folder = tempfile::tempdir().unwrap();
    let plain = TestServer::start().await;
    let alice = Person::register(&plain, "alice").await;
    let (data, mut config) = plain.stop().await;
    for name in ["first.crt", "first.key"] {
        std::fs::copy(fixture(name), folder.path().join(&name[6..])).unwrap();
    }
    config.network.tls = Some(Tls {
        certificate: folder.path().join("crt"),
        key: folder.path().join("key"),
    });
    let server = TestServer::start_in(data, config).await;
    let first = client("first.crt", &rustls::version::TLS13);
    let stream = handshake(&server, &first).await.unwrap();
    let mut request = "wss://localhost/v1/ws".into_client_request().unwrap();
    let protocols = format!("sotto.v1, {}", alice.tokens.access_token.reveal());
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocols.parse().unwrap());
    let (mut socket, _) = soon(Box::pin(client_async(request, stream))).await.unwrap();
    loop {
        let message = soon(socket.next()).await.unwrap().unwrap();
        if let Message::Binary(bytes) = message
            && matches!(ServerFrame::decode(&bytes).unwrap(), ServerFrame::Ready { .. })
        {
            break;
        }
    }

    std::fs::copy(fixture("second.crt"), folder.path().join("crt")).unwrap();
    std::fs::copy(fixture("second.key"), folder.path().join("key")).unwrap();
    let second = client("second.crt", &rustls::version::TLS13);
    // The server was listening for the signal before it accepted anything.
    let signalled = std::process::Command::new("kill")
        .args(["-HUP", &std::process::id().to_string()])
        .status()
        .unwrap();
    assert!(signalled.success());
    eventually(async || handshake(&server, &second).await.is_ok()).await;
    // One that has no ticket to resume with.
    let newcomer = client("first.crt", &rustls::version::TLS13);
    assert!(handshake(&server, &newcomer).await.is_err());

    let ping = sotto_protocol::frame::ClientFrame::Ping.encode();
    let send = futures_util::SinkExt::send(&mut socket, Message::Binary(ping));
    soon(send).await.unwrap();
    let answer = soon(socket.next()).await.unwrap().unwrap();
    assert_eq!(
        ServerFrame::decode(&answer.into_data()).unwrap(),
        ServerFrame::Pong
    );
}

#[tokio::test]
async fn who_speaks_no_tls_or_says_nothing_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_in(folder.path()).await;
    let mut plain = TcpStream::connect(server.address).await.unwrap();
    plain
        .write_all(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut answer = Vec::new();
    // An alert, and the end.
    let _ = soon(plain.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    answer.clear();
    let ended = tokio::time::timeout(Duration::from_secs(10), silent.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the server still waits");
    assert!(answer.is_empty());
}
