//! An OpenID provider on this machine, and the browser of who logs in there. It signs what it is told to, also what an honest one would not.

use super::random;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use reqwest::Url;
use serde_json::{Value, json};
use sotto_protocol::binary;
use sotto_protocol::rest::oidc::REDIRECT_PATH;
use sotto_server::clock::{Clock as _, SystemClock};
use sotto_server::config::Config;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::net::TcpListener;

/// Where the web app is said to be.
pub(crate) const WEB: &str = "https://chat.example.org";
/// What the provider calls the server.
pub(crate) const CLIENT: &str = "sotto";
/// What the interface is called in access tokens.
pub(crate) const AUDIENCE: &str = "https://chat.example.org/v1";
const SECRET: &str = "a secret: with & signs";

/// A key by which tokens are signed.
pub(crate) struct Key {
    pub(crate) id: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Key {
    pub(crate) fn rsa(id: &'static str) -> Self {
        let pair = Pair::Rsa(rsa::KeyPair::generate(KeySize::Rsa2048).unwrap());
        Self { id, pair }
    }

    pub(crate) fn ec(id: &'static str) -> Self {
        let pair = Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap());
        Self { id, pair }
    }

    pub(crate) fn ed(id: &'static str) -> Self {
        let pair = Pair::Ed(Ed25519KeyPair::generate().unwrap());
        Self { id, pair }
    }

    pub(crate) const fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    /// The public key, as it is published.
    pub(crate) fn jwk(&self) -> Value {
        let (id, algorithm) = (self.id, self.algorithm());
        let own = match &self.pair {
            Pair::Rsa(pair) => json!({
                "kty": "RSA",
                "n": binary::encode(pair.public_key().modulus().big_endian_without_leading_zero()),
                "e": binary::encode(pair.public_key().exponent().big_endian_without_leading_zero()),
            }),
            Pair::Ec(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (binary::encode(&point[1..33]), binary::encode(&point[33..65]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": binary::encode(pair.public_key().as_ref()) })
            }
        };
        let mut jwk = json!({ "kid": id, "alg": algorithm, "use": "sig" });
        jwk.as_object_mut()
            .unwrap()
            .extend(own.as_object().unwrap().clone());
        jwk
    }

    /// A token with this header and these claims.
    pub(crate) fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let message = signed.as_bytes();
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        };
        format!("{signed}.{}", binary::encode(&signature))
    }

    /// The header that goes with its tokens.
    pub(crate) fn header(&self) -> Value {
        json!({ "alg": self.algorithm(), "kid": self.id })
    }
}

/// A token without its signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| binary::encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// The provider.
pub(crate) struct Issuer {
    pub(crate) url: String,
    state: Arc<Mutex<Known>>,
}

#[derive(Default)]
struct Known {
    published: Vec<Value>,
    discovery: Value,
    /// By code: what has to come with it, and the token for it.
    codes: HashMap<String, (Asked, String)>,
    reads: usize,
}

struct Asked {
    challenge: String,
    redirect_uri: String,
}

impl Issuer {
    pub(crate) async fn start(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(Known {
            discovery: json!({
                "issuer": url,
                "authorization_endpoint": format!("{url}/authorize?tenant=1"),
                "token_endpoint": format!("{url}/token"),
                "jwks_uri": format!("{url}/keys"),
                "authorization_response_iss_parameter_supported": true,
            }),
            ..Known::default()
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(published))
            .route("/token", post(redeem))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let issuer = Self { url, state };
        issuer.publishes(keys);
        issuer
    }

    /// Lets a server send people here.
    pub(crate) fn is_configured(&self, config: &mut Config) {
        config.oidc.enabled = true;
        config.oidc.issuer.clone_from(&self.url);
        CLIENT.clone_into(&mut config.oidc.client_id);
        config.oidc.origins = vec![WEB.to_owned()];
        "Example".clone_into(&mut config.oidc.name);
        let secret = config.storage.data.join("oidc-secret");
        std::fs::write(&secret, format!("{SECRET}\n")).unwrap();
        config.oidc.client_secret_file = Some(secret);
    }

    pub(crate) fn publishes(&self, keys: &[&Key]) {
        self.known().published = keys.iter().map(|key| key.jwk()).collect();
    }

    /// Says something else of itself.
    pub(crate) fn says(&self, member: &str, value: Value) {
        self.known().discovery[member] = value;
    }

    /// How often its keys were read.
    pub(crate) fn reads(&self) -> usize {
        self.known().reads
    }

    /// The claims of an honest ID token for this login.
    pub(crate) fn claims(&self, authorization_url: &str, subject: &str) -> Value {
        let mut claims = self.access_claims(subject);
        claims["aud"] = CLIENT.into();
        claims["nonce"] = parameter(authorization_url, "nonce").into();
        claims["preferred_username"] = format!("{subject}@example.org").into();
        claims
    }

    /// The claims of an honest access token.
    pub(crate) fn access_claims(&self, subject: &str) -> Value {
        let now = SystemClock.now().0 / 1000;
        json!({
            "iss": self.url, "sub": subject, "aud": AUDIENCE, "iat": now, "exp": now + 300,
            "client_id": "a script",
        })
    }

    /// Somebody logs in, and the code that comes back is good for this token.
    pub(crate) fn logs_in(&self, authorization_url: &str, id_token: String) -> String {
        let asked = |name| parameter(authorization_url, name);
        let page = format!("{}/authorize?tenant=1&", self.url);
        assert!(authorization_url.starts_with(&page), "{authorization_url}");
        assert_eq!(asked("response_type"), "code");
        assert_eq!(asked("client_id"), CLIENT);
        assert_eq!(asked("scope"), "openid profile");
        assert_eq!(asked("code_challenge_method"), "S256");
        let code = binary::encode(&random::<16>());
        let asked = Asked {
            challenge: asked("code_challenge"),
            redirect_uri: asked("redirect_uri"),
        };
        self.known().codes.insert(code.clone(), (asked, id_token));
        code
    }

    /// Somebody logs in as it should be. The query of the address to which the browser is sent back.
    pub(crate) fn sends_back(&self, key: &Key, authorization_url: &str, subject: &str) -> String {
        let token = key.sign(&key.header(), &self.claims(authorization_url, subject));
        let code = self.logs_in(authorization_url, token);
        let state = parameter(authorization_url, "state");
        format!("?code={code}&state={state}&iss={}", self.url)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.state.lock().unwrap()
    }
}

/// The page to which the provider sends back.
pub(crate) fn page() -> String {
    format!("{WEB}{REDIRECT_PATH}")
}

pub(crate) fn parameter(url: &str, name: &str) -> String {
    let url = Url::parse(url).unwrap();
    let (_, value) = url.query_pairs().find(|(found, _)| found == name).unwrap();
    value.into_owned()
}

type Shared = State<Arc<Mutex<Known>>>;

async fn discovery(State(known): Shared) -> Json<Value> {
    Json(known.lock().unwrap().discovery.clone())
}

async fn published(State(known): Shared) -> Json<Value> {
    let mut known = known.lock().unwrap();
    known.reads += 1;
    // With one that nobody here can use.
    let mut keys = known.published.clone();
    keys.push(json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "new", "pub": "AA" }));
    Json(json!({ "keys": keys }))
}

async fn redeem(State(known): Shared, headers: HeaderMap, body: Bytes) -> (StatusCode, Json<Value>) {
    let mut known = known.lock().unwrap();
    let form = Url::parse(&format!("http://form/?{}", std::str::from_utf8(&body).unwrap())).unwrap();
    let form: HashMap<_, _> = form.query_pairs().into_owned().collect();
    // RFC 6749, section 2.3.1: each part as in a form.
    let credentials = "Basic c290dG86YSUyMHNlY3JldCUzQSUyMHdpdGglMjAlMjYlMjBzaWducw==";
    let refused = (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" })));
    let Some((asked, id_token)) = known.codes.remove(&form["code"]) else {
        return refused;
    };
    let verified = binary::encode(digest(&SHA256, form["code_verifier"].as_bytes()).as_ref());
    let holds = headers["authorization"] == credentials
        && form["grant_type"] == "authorization_code"
        && form["redirect_uri"] == asked.redirect_uri
        && verified == asked.challenge;
    if !holds {
        return refused;
    }
    let token = json!({ "access_token": "a", "token_type": "Bearer", "id_token": id_token });
    (StatusCode::OK, Json(token))
}
