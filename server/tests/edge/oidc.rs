//! Logins at an OpenID provider: what they give, what does not hold, and the provider's own access tokens.

use crate::administration::with_role;
use crate::bans::{UNTIL, bans, is_banned};
use crate::support::issuer::{AUDIENCE, CLIENT, Issuer, Key, WEB, page, unsigned};
use crate::support::{Answer, Person, TestServer, random};
use aws_lc_rs::hmac;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sotto_protocol::rest::auth::{SessionTokens, Token};
use sotto_protocol::rest::device::EnrolDevice;
use sotto_protocol::rest::oidc::{
    FinishOidc, LinkOidc, OidcFinished, OidcInfo, OidcLink, OidcStarted, StartOidc,
};
use sotto_protocol::rest::server::{RegistrationPolicy, ServerInfo};
use sotto_protocol::rest::user::{CreateUser, UpdateUser, User, UserCreated, UsersFound};
use sotto_protocol::{ProblemCode, binary};
use sotto_server::config::Config;

const START: &str = "/v1/auth/oidc";
const FINISH: &str = "/v1/auth/oidc/finish";
const LINK: &str = "/v1/auth/oidc/link";

async fn server(issuer: &Issuer, configure: impl FnOnce(&mut Config)) -> TestServer {
    TestServer::start_with(|config| {
        issuer.is_configured(config);
        configure(config);
    })
    .await
}

/// A client that begins a login, and what only it knows.
struct Beginning {
    started: OidcStarted,
    verifier: String,
}

impl Beginning {
    async fn at(server: &TestServer, redirect_uri: &str) -> Self {
        let verifier = binary::encode(&random::<32>());
        let start = StartOidc {
            redirect_uri: redirect_uri.to_owned(),
            challenge: Sha256::digest(verifier.as_bytes()).to_vec().into(),
        };
        let started = server.post(START).json(&start).await.ok();
        Self { started, verifier }
    }

    /// What the client sends that somebody came back to with this code.
    fn finish(&self, issuer: &Issuer, code: String) -> FinishOidc {
        FinishOidc {
            login: self.started.login.clone(),
            state: self.started.state.clone(),
            code: Token::new(code),
            iss: Some(issuer.url.clone()),
            verifier: Token::new(self.verifier.clone()),
        }
    }
}

/// Somebody logs in at the provider, as it should be.
pub(crate) async fn visits(server: &TestServer, issuer: &Issuer, key: &Key, subject: &str) -> OidcFinished {
    let begun = Beginning::at(server, &page()).await;
    let token = key.sign(
        &key.header(),
        &issuer.claims(&begun.started.authorization_url, subject),
    );
    let code = issuer.logs_in(&begun.started.authorization_url, token);
    server.post(FINISH).json(&begun.finish(issuer, code)).await.ok()
}

/// Somebody logs in at the provider, and it signs what `forge` makes of the claims.
async fn brings(server: &TestServer, issuer: &Issuer, forge: impl FnOnce(Value) -> String) -> Answer {
    let begun = Beginning::at(server, &page()).await;
    let token = forge(issuer.claims(&begun.started.authorization_url, "mallory"));
    let code = issuer.logs_in(&begun.started.authorization_url, token);
    server.post(FINISH).json(&begun.finish(issuer, code)).await
}

async fn enrols(server: &TestServer, person: &Person, ticket: Option<&Token>) -> Answer {
    let token = person.log_in(server).await.enrolment_token;
    let back = EnrolDevice {
        device_key: person.device_key,
        device_list: None,
        name: None,
        oidc: ticket.cloned(),
    };
    let path = format!("/v1/device/{}", person.device);
    server.put(&path).token(&token).json(&back).await
}

pub(crate) async fn links(server: &TestServer, person: &Person, ticket: &Token) -> Answer {
    let token = person.log_in(server).await.enrolment_token;
    let link = LinkOidc {
        ticket: ticket.clone(),
    };
    server.put(LINK).token(&token).json(&link).await
}

async fn link_of(server: &TestServer, person: &Person) -> OidcLink {
    person.gets(server, LINK).await.ok()
}

#[tokio::test]
async fn who_is_known_at_the_provider_makes_one_account_without_an_invite_and_is_known_again() {
    let keys = [Key::rsa("r"), Key::ec("e"), Key::ed("o")];
    let issuer = Issuer::start(&keys.each_ref()).await;
    let server = server(&issuer, |config| {
        config.oidc.registration = true;
        config.registration.policy = RegistrationPolicy::Closed;
        config.captcha.enabled = true;
    })
    .await;
    let info: ServerInfo = server.get("/v1/server").send().await.ok();
    let expected = OidcInfo {
        name: "Example".to_owned(),
        registration: true,
        required: false,
    };
    assert_eq!(info.oidc, Some(expected));
    for (name, key) in ["ada", "ben", "cleo"].into_iter().zip(&keys) {
        let new = visits(&server, &issuer, key, name).await;
        assert!(new.registration && new.account.is_none());
        assert_eq!(new.suggested_name.unwrap().as_str(), name);
        let path = format!("/v1/user/{name}");
        let creation = Person::creation(&server, name).await;
        let refused = server.put(&path).json(&creation).await;
        refused.is(ProblemCode::RegistrationClosed);
        let forged = CreateUser {
            oidc: Some(Token::new("AAAA".to_owned())),
            ..creation.clone()
        };
        server.put(&path).json(&forged).await.is(ProblemCode::OidcExpired);
        let creation = CreateUser {
            oidc: Some(new.ticket),
            ..creation
        };
        let created: UserCreated = server.put(&path).json(&creation).await.ok();
        let link: OidcLink = server
            .get(LINK)
            .token(&created.session.access_token)
            .send()
            .await
            .ok();
        assert!(link.linked_at.is_some());

        let known = visits(&server, &issuer, key, name).await;
        assert_eq!(known.account.unwrap().as_str(), name);
        assert!(!known.registration && known.suggested_name.is_none());
        // Neither while it is linked nor afterwards does the provider stand in for another invite.
        let other = format!("{name}2");
        let mut second = Person::creation(&server, &other).await;
        second.oidc = Some(known.ticket);
        let path = format!("/v1/user/{other}");
        server
            .put(&path)
            .json(&second)
            .await
            .is(ProblemCode::RegistrationClosed);
        let unlinked = server
            .delete(LINK)
            .token(&created.session.access_token)
            .send()
            .await;
        assert_eq!(unlinked.status, 204);
        assert!(!visits(&server, &issuer, key, name).await.registration);
        server
            .put(&path)
            .json(&second)
            .await
            .is(ProblemCode::RegistrationClosed);
    }
}

#[tokio::test]
async fn a_login_ends_once_and_at_the_client_that_began_it() {
    let key = Key::ed("o");
    let issuer = Issuer::start(&[&key]).await;
    let server = server(&issuer, |_| {}).await;
    let begins = async |redirect_uri: &str, challenge: usize| {
        let start = StartOidc {
            redirect_uri: redirect_uri.to_owned(),
            challenge: vec![1; challenge].into(),
        };
        server.post(START).json(&start).await
    };
    for redirect_uri in [
        page().as_str(),
        "http://127.0.0.1:4711/login/oidc",
        "http://[::1]:1/login/oidc",
    ] {
        assert_eq!(begins(redirect_uri, 32).await.status, 200, "{redirect_uri}");
    }
    for redirect_uri in [
        "https://evil.example/login/oidc",
        "https://chat.example.org/login/oidc?a=b",
        "https://chat.example.org.evil.example/login/oidc",
        "https://chat.example.org/elsewhere",
        "http://localhost:4711/login/oidc",
        "http://127.0.0.1/login/oidc",
        "http://user@127.0.0.1:4711/login/oidc",
        "http://127.0.0.1:4711/x/../login/oidc",
        "http://evil.example/?/login/oidc",
        "/login/oidc",
        "",
    ] {
        begins(redirect_uri, 32).await.is(ProblemCode::InvalidRequest);
    }
    begins(&page(), 31).await.is(ProblemCode::InvalidRequest);

    let (begun, other) = (
        Beginning::at(&server, &page()).await,
        Beginning::at(&server, &page()).await,
    );
    let token = key.sign(
        &key.header(),
        &issuer.claims(&begun.started.authorization_url, "ada"),
    );
    let code = issuer.logs_in(&begun.started.authorization_url, token);
    let good = begun.finish(&issuer, code);
    // A link that somebody else has begun, a code that somebody has seen go by, another provider's.
    let mut forged = Vec::new();
    for (iss, verifier, state) in [
        (Some(issuer.url.clone()), &other.verifier, &begun.started.state),
        (Some(issuer.url.clone()), &begun.verifier, &other.started.state),
        (Some(issuer.url.clone()), &String::new(), &begun.started.state),
        (
            Some("https://other.example".to_owned()),
            &begun.verifier,
            &begun.started.state,
        ),
        (None, &begun.verifier, &begun.started.state),
    ] {
        forged.push(FinishOidc {
            iss,
            verifier: Token::new(verifier.clone()),
            state: state.clone(),
            ..good.clone()
        });
    }
    forged.push(FinishOidc {
        login: other.started.login.clone(),
        ..good.clone()
    });
    for finish in forged {
        server
            .post(FINISH)
            .json(&finish)
            .await
            .is(ProblemCode::OidcRefused);
    }
    for login in [vec![], vec![0; 200]] {
        let finish = FinishOidc {
            login: login.into(),
            ..good.clone()
        };
        server
            .post(FINISH)
            .json(&finish)
            .await
            .is(ProblemCode::OidcExpired);
    }
    let finished: OidcFinished = server.post(FINISH).json(&good).await.ok();
    assert!(!finished.registration && finished.account.is_none());
    server.post(FINISH).json(&good).await.is(ProblemCode::OidcExpired);

    // The code of one login is none of another, although both are one client's.
    let token = key.sign(
        &key.header(),
        &issuer.claims(&other.started.authorization_url, "ada"),
    );
    issuer.logs_in(&other.started.authorization_url, token);
    let stolen = other.finish(&issuer, "guessed".to_owned());
    server
        .post(FINISH)
        .json(&stolen)
        .await
        .is(ProblemCode::OidcRefused);
    let answer = server.post(FINISH).json(&stolen).await;
    answer.is(ProblemCode::OidcExpired);
}

#[tokio::test]
async fn an_id_token_that_does_not_hold_gives_no_ticket() {
    let (rsa, ec, ed) = (Key::rsa("r"), Key::ec("e"), Key::ed("o"));
    let issuer = Issuer::start(&[&rsa, &ec, &ed]).await;
    let server = server(&issuer, |_| {}).await;
    let good = brings(&server, &issuer, |claims| ed.sign(&ed.header(), &claims)).await;
    let _: OidcFinished = good.ok();

    let mut answers = Vec::new();
    // Honestly signed, and for something else.
    let spoils: [fn(&mut Value); 14] = [
        |claims| claims["aud"] = "another".into(),
        |claims| claims["aud"] = json!(["another", "one"]),
        |claims| claims["aud"] = json!([CLIENT, "another"]),
        |claims| claims["azp"] = "another".into(),
        |claims| claims["iss"] = "https://other.example".into(),
        |claims| claims["iss"] = json!([claims["iss"]]),
        |claims| claims["nonce"] = "another".into(),
        |claims| drop(claims.as_object_mut().unwrap().remove("nonce")),
        |claims| claims["exp"] = (claims["iat"].as_u64().unwrap() - 61).into(),
        |claims| drop(claims.as_object_mut().unwrap().remove("exp")),
        |claims| claims["iat"] = (claims["iat"].as_u64().unwrap() + 120).into(),
        |claims| claims["nbf"] = (claims["iat"].as_u64().unwrap() + 120).into(),
        |claims| claims["sub"] = "".into(),
        |claims| claims["sub"] = "a".repeat(256).into(),
    ];
    for spoil in spoils {
        let answer = brings(&server, &issuer, |mut claims| {
            spoil(&mut claims);
            ed.sign(&ed.header(), &claims)
        });
        answers.push(answer.await);
    }
    // Not signed, or not by the key that it names, or not as that key signs.
    let hmac = |header: Value, secret: &[u8], claims: &Value| {
        let signed = unsigned(&header, claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", binary::encode(tag.as_ref()))
    };
    let public = |key: &Key, member| {
        let text = key.jwk()[member].as_str().unwrap().to_owned();
        let bytes: sotto_protocol::Binary = serde_json::from_value(text.into()).unwrap();
        bytes.as_slice().to_vec()
    };
    let (modulus, point) = (public(&rsa, "n"), public(&ed, "x"));
    let impostor = Key::ed("o");
    let forgeries: [&dyn Fn(Value) -> String; 13] = [
        &|claims| format!("{}.", unsigned(&json!({ "alg": "none", "kid": "o" }), &claims)),
        &|claims| format!("{}.", unsigned(&ed.header(), &claims)),
        &|claims| hmac(json!({ "alg": "HS256", "kid": "r" }), &modulus, &claims),
        &|claims| hmac(json!({ "alg": "HS256", "kid": "o" }), &point, &claims),
        &|claims| {
            hmac(
                json!({ "alg": "HS256" }),
                rsa.jwk().to_string().as_bytes(),
                &claims,
            )
        },
        &|claims| impostor.sign(&impostor.header(), &claims),
        &|claims| ed.sign(&json!({ "alg": "EdDSA", "kid": "e" }), &claims),
        &|claims| ec.sign(&json!({ "alg": "RS256", "kid": "e" }), &claims),
        // By which of three keys it does not say.
        &|claims| ed.sign(&json!({ "alg": "EdDSA" }), &claims),
        // The key that it brings along, an extension that nobody knows, an access token.
        &|claims| {
            let header = json!({ "alg": "EdDSA", "kid": "mine", "jwk": impostor.jwk() });
            impostor.sign(&header, &claims)
        },
        &|claims| {
            ed.sign(
                &json!({ "alg": "EdDSA", "kid": "o", "crit": ["b64"], "b64": false }),
                &claims,
            )
        },
        &|claims| ed.sign(&json!({ "alg": "EdDSA", "kid": "o", "typ": "at+jwt" }), &claims),
        &|claims| {
            let token = ed.sign(&ed.header(), &claims);
            let mut changed = claims;
            changed["sub"] = "ada".into();
            let signature = token.rsplit('.').next().unwrap();
            format!("{}.{signature}", unsigned(&ed.header(), &changed))
        },
    ];
    for forge in forgeries {
        answers.push(brings(&server, &issuer, forge).await);
    }
    for text in ["", "a.b", "a.b.c", &"a".repeat(20_000)] {
        answers.push(brings(&server, &issuer, |_| text.to_owned()).await);
    }
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.problem().code, ProblemCode::OidcRefused, "{number}");
        assert_eq!(answer.body, answers[0].body);
    }
}

#[tokio::test]
async fn keys_that_change_are_read_anew_and_not_for_whoever_asks() {
    let (first, second, never) = (Key::ed("1"), Key::ec("2"), Key::ed("3"));
    let issuer = Issuer::start(&[&first]).await;
    let server = server(&issuer, |_| {}).await;
    visits(&server, &issuer, &first, "ada").await;
    visits(&server, &issuer, &first, "ada").await;
    assert_eq!(issuer.reads(), 1);
    issuer.publishes(&[&second]);
    visits(&server, &issuer, &second, "ada").await;
    assert_eq!(issuer.reads(), 2);
    // What is gone is gone.
    let old = |claims| first.sign(&first.header(), &claims);
    brings(&server, &issuer, old).await.is(ProblemCode::OidcRefused);
    for _ in 0..6 {
        let unknown = |claims| never.sign(&never.header(), &claims);
        brings(&server, &issuer, unknown)
            .await
            .is(ProblemCode::OidcRefused);
    }
    assert_eq!(issuer.reads(), 5);
    visits(&server, &issuer, &second, "ada").await;
}

#[tokio::test]
async fn an_account_is_linked_by_its_owner_and_takes_the_provider_from_then_on_where_that_is_wanted() {
    let key = Key::ed("o");
    let issuer = Issuer::start(&[&key]).await;
    let server = server(&issuer, |_| {}).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let (ada, ben) = (
        visits(&server, &issuer, &key, "ada").await.ticket,
        visits(&server, &issuer, &key, "ben").await.ticket,
    );
    // A session is not enough, and neither is a ticket that was changed.
    let link = LinkOidc { ticket: ada.clone() };
    let answer = server
        .put(LINK)
        .token(&alice.tokens.access_token)
        .json(&link)
        .await;
    answer.is(ProblemCode::Forbidden);
    let changed = Token::new(ada.reveal().replace(&ada.reveal()[30..34], "AAAA"));
    links(&server, &alice, &changed)
        .await
        .is(ProblemCode::OidcExpired);
    assert_eq!(links(&server, &alice, &ada).await.status, 204);
    assert_eq!(links(&server, &alice, &ada).await.status, 204);
    links(&server, &bob, &ada).await.is(ProblemCode::OidcTaken);
    links(&server, &alice, &ben).await.is(ProblemCode::OidcTaken);
    assert!(link_of(&server, &alice).await.linked_at.is_some());
    assert_eq!(link_of(&server, &bob).await.linked_at, None);
    let _: SessionTokens = enrols(&server, &alice, None).await.ok();

    let (directory, mut config) = server.stop().await;
    config.oidc.required = true;
    let server = TestServer::start_in(directory, config).await;
    let _: SessionTokens = enrols(&server, &bob, None).await.ok();
    enrols(&server, &alice, None).await.is(ProblemCode::OidcRequired);
    enrols(&server, &alice, Some(&ben))
        .await
        .is(ProblemCode::OidcRequired);
    enrols(&server, &alice, Some(&changed))
        .await
        .is(ProblemCode::OidcExpired);
    let tokens: SessionTokens = enrols(&server, &alice, Some(&ada)).await.ok();
    let answer = server.delete(LINK).token(&tokens.access_token).send().await;
    answer.is(ProblemCode::OidcRequired);

    // Without a provider nothing is taken but the end of a link.
    let (directory, mut config) = server.stop().await;
    config.oidc.enabled = false;
    let server = TestServer::start_in(directory, config).await;
    let start = StartOidc {
        redirect_uri: page(),
        challenge: vec![1; 32].into(),
    };
    server.post(START).json(&start).await.is(ProblemCode::OidcOff);
    links(&server, &bob, &ben).await.is(ProblemCode::OidcOff);
    let tokens: SessionTokens = enrols(&server, &alice, None).await.ok();
    let ended = server.delete(LINK).token(&tokens.access_token).send().await;
    assert_eq!(ended.status, 204);
    let link: OidcLink = server.get(LINK).token(&tokens.access_token).send().await.ok();
    assert_eq!(link.linked_at, None);
}

#[tokio::test]
async fn an_access_token_of_the_provider_is_for_what_is_public_alone() {
    let key = Key::ed("o");
    let issuer = Issuer::start(&[&key]).await;
    let server = server(&issuer, |config| config.oidc.audience = Some(AUDIENCE.to_owned())).await;
    let moderator = with_role(&server, "mod", "moderator").await;
    let alice = Person::register(&server, "alice").await;
    let ticket = visits(&server, &issuer, &key, "ada").await.ticket;
    assert_eq!(links(&server, &alice, &ticket).await.status, 204);
    let header = json!({ "alg": "EdDSA", "kid": "o", "typ": "at+jwt" });
    let token = |spoil: fn(&mut Value)| {
        let mut claims = issuer.access_claims("ada");
        spoil(&mut claims);
        Token::new(key.sign(&header, &claims))
    };
    let good = token(|_| {});
    let search = async |token: &Token| server.get("/v1/user?q=ali").token(token).send().await;
    let found: UsersFound = search(&good).await.ok();
    assert_eq!(found.users.len(), 1);
    let update = UpdateUser {
        about: Some("I count.".to_owned()),
        ..UpdateUser::default()
    };
    let user: User = server
        .post("/v1/user/alice")
        .token(&good)
        .json(&update)
        .await
        .ok();
    assert_eq!(user.about, "I count.");
    server
        .post("/v1/user/mod")
        .token(&good)
        .json(&update)
        .await
        .is(ProblemCode::Forbidden);
    // A device's own are good as before.
    let _: UsersFound = search(&alice.tokens.access_token).await.ok();
    // Nothing that takes a device, a key, or somebody who administers.
    for path in [
        "/v1/device",
        "/v1/block",
        "/v1/passkey",
        "/v1/archive",
        "/v1/admin/account",
        LINK,
    ] {
        let answer = server.get(path).token(&good).send().await;
        answer.is(ProblemCode::Unauthenticated);
    }
    for (token, code) in [
        (
            token(|claims| claims["aud"] = CLIENT.into()),
            ProblemCode::Unauthenticated,
        ),
        (
            token(|claims| claims["iss"] = WEB.into()),
            ProblemCode::Unauthenticated,
        ),
        (
            token(|claims| claims["exp"] = 1.into()),
            ProblemCode::TokenExpired,
        ),
        (
            token(|claims| claims["sub"] = "ben".into()),
            ProblemCode::Forbidden,
        ),
        // An ID token, which any client of the provider has of its own people.
        (
            Token::new(key.sign(&key.header(), &issuer.access_claims("ada"))),
            ProblemCode::Unauthenticated,
        ),
        (Token::new("a.b.c".to_owned()), ProblemCode::Unauthenticated),
    ] {
        search(&token).await.is(code);
    }
    bans(&server, &moderator, &alice, Some(UNTIL)).await;
    is_banned(&search(&good).await);
}

#[tokio::test]
async fn a_provider_that_does_not_keep_to_the_standard_is_not_used() {
    let key = Key::ed("o");
    let start = StartOidc {
        redirect_uri: page(),
        challenge: vec![1; 32].into(),
    };
    for (member, value) in [
        ("issuer", json!("https://other.example")),
        ("token_endpoint", json!("http://192.0.2.1/token")),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("jwks_uri", json!("http://127.0.0.1:1/")),
        ("padding", json!("a".repeat(300_000))),
    ] {
        let issuer = Issuer::start(&[&key]).await;
        issuer.says(member, value);
        let server = server(&issuer, |_| {}).await;
        for _ in 0..2 {
            server
                .post(START)
                .json(&start)
                .await
                .is(ProblemCode::OidcUnavailable);
        }
        // Who it has nothing to do with does not notice.
        Person::register(&server, "alice").await;
    }
}
