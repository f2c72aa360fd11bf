//! A push service, and a browser that has subscribed to it. The tests of clients use it too.

use super::{random, soon};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sotto_protocol::ChatId;
use sotto_protocol::rest::notification::PutSubscription;
use sotto_server::config::Config;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

/// A push service over TLS, at `localhost`.
pub(crate) struct PushService {
    address: SocketAddr,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    pushed: UnboundedReceiver<Pushed>,
}

/// A status, and a header.
type Answer = (u16, Option<(&'static str, String)>);

/// What came in.
#[derive(Debug)]
pub(crate) struct Pushed {
    pub(crate) path: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Pushed {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../server/tests/edge/tls")
        .join(name)
}

impl PushService {
    pub(crate) async fn start() -> Self {
        let certificate = CertificateDer::from_pem_file(fixture("first.crt")).unwrap();
        let key = PrivateKeyDer::from_pem_file(fixture("first.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(tls));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, pushed) = unbounded_channel();
        let router = Router::new()
            .fallback(receive)
            .with_state((Arc::clone(&answers), sender));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, service) = (tls.clone(), TowerToHyperService::new(router.clone()));
                tokio::spawn(async move {
                    let Ok(stream) = tls.accept(stream).await else {
                        return;
                    };
                    let _ = hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Self {
            address,
            answers,
            pushed,
        }
    }

    /// Lets a server send here.
    pub(crate) fn is_allowed(config: &mut Config) {
        config.push.allow_private_addresses = true;
        config.push.certificates = Some(fixture("first.crt"));
        "mailto:operator@example.org".clone_into(&mut config.push.contact);
    }

    pub(crate) fn origin(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// What the next request is answered that is not answered yet. Without a word it is 201.
    pub(crate) fn answers_next(&self, status: u16, header: Option<(&'static str, String)>) {
        self.answers.lock().unwrap().push_back((status, header));
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Pushed {
        soon(self.pushed.recv()).await.unwrap()
    }

    /// Paths of the requests that have come meanwhile.
    pub(crate) fn paths(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.pushed.try_recv().ok())
            .map(|pushed| pushed.path)
            .collect()
    }
}

type Received = (Arc<Mutex<VecDeque<Answer>>>, UnboundedSender<Pushed>);

async fn receive(
    State((answers, sender)): State<Received>,
    uri: http::Uri,
    headers: http::HeaderMap,
    body: Bytes,
) -> http::Response<axum::body::Body> {
    let path = uri.path().to_owned();
    let pushed = Pushed { path, headers, body };
    let (status, header) = answers.lock().unwrap().pop_front().unwrap_or((201, None));
    // The test may be over.
    let _ = sender.send(pushed);
    let mut response = http::Response::builder().status(status);
    if let Some((name, value)) = header {
        response = response.header(name, value);
    }
    response.body(axum::body::Body::empty()).unwrap()
}

/// A browser's side of a subscription.
pub(crate) struct Browser {
    key: PrivateKey,
    public: [u8; 65],
    auth: [u8; 16],
}

impl Browser {
    pub(crate) fn new() -> Self {
        let key = PrivateKey::generate(&ECDH_P256).unwrap();
        let public = key.compute_public_key().unwrap().as_ref().try_into().unwrap();
        Self {
            key,
            public,
            auth: random(),
        }
    }

    pub(crate) fn subscription(&self, endpoint: String, quiet_chats: Vec<ChatId>) -> PutSubscription {
        PutSubscription {
            endpoint,
            p256dh: self.public.to_vec().into(),
            auth: self.auth.to_vec().into(),
            quiet_chats,
        }
    }

    /// What a body says (RFC 8188 and 8291), padding taken off.
    pub(crate) fn decrypt(&self, body: &[u8]) -> Vec<u8> {
        let (salt, rest) = body.split_at(16);
        let (record_size, rest) = rest.split_at(4);
        assert!(u32::from_be_bytes(record_size.try_into().unwrap()) as usize > rest.len());
        let (sender, sealed) = rest[1..].split_at(usize::from(rest[0]));
        let peer = UnparsedPublicKey::new(&ECDH_P256, sender);
        let input = agreement::agree(&self.key, peer, (), |shared| {
            let info = [b"WebPush: info\0".as_slice(), &self.public, sender];
            Ok(derive(&self.auth, shared, &info, 32))
        })
        .unwrap();
        let key = derive(salt, &input, &[b"Content-Encoding: aes128gcm\0"], 16);
        let nonce = derive(salt, &input, &[b"Content-Encoding: nonce\0"], 12);
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).unwrap());
        let mut record = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).unwrap();
        let text = key.open_in_place(nonce, Aad::empty(), &mut record).unwrap();
        let end = text.iter().rposition(|&byte| byte != 0).unwrap();
        assert_eq!(text[end], 2, "the last record ends with 2");
        text[..end].to_vec()
    }
}

fn derive(salt: &[u8], input: &[u8], info: &[&[u8]], length: usize) -> Vec<u8> {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let key = Salt::new(HKDF_SHA256, salt).extract(input);
    let mut derived = vec![0; length];
    key.expand(info, Length(length))
        .unwrap()
        .fill(&mut derived)
        .unwrap();
    derived
}
