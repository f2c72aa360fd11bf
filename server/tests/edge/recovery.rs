//! Logins by recovery code, and new passwords.

use crate::support::opaque::{self, QuickSuite};
use crate::support::person::recovery_key;
use crate::support::{Answer, Person, TestServer};
use ed25519_dalek::{Signer as _, SigningKey};
use sotto_protocol::login_proof::{DEVICE_LINK_LOGIN, RECOVERY_LOGIN};
use sotto_protocol::rest::auth::{
    AnswerChallenge, LoggedIn, LoginChallenged, SessionTokens, SetPassword, StartPassword, StartRecovery,
};
use sotto_protocol::rest::device::{Devices, EnrolDevice};
use sotto_protocol::rest::user::CreateUser;
use sotto_protocol::{AccountName, LoginKey, ProblemCode, Signature};

pub(crate) const FINISH: &str = "/v1/auth/recovery/finish";

fn beginning(name: &AccountName) -> StartRecovery {
    StartRecovery {
        name: name.clone(),
        captcha: None,
    }
}

pub(crate) async fn challenged(server: &TestServer, name: &AccountName) -> LoginChallenged {
    let start = beginning(name);
    server.post("/v1/auth/recovery").json(&start).await.ok()
}

fn signed(key: &SigningKey, label: &str, bytes: &[u8]) -> Signature {
    let message = [label.as_bytes(), &[0], bytes].concat();
    Signature::from_bytes(key.sign(&message).to_bytes())
}

pub(crate) fn proof(key: &SigningKey, challenged: &LoginChallenged, name: &AccountName) -> AnswerChallenge {
    AnswerChallenge {
        login: challenged.login.clone(),
        signature: signed(key, RECOVERY_LOGIN, &challenged.challenge.by_recovery_code(name)),
    }
}

async fn recovers(server: &TestServer, person: &Person) -> LoggedIn {
    let challenged = challenged(server, &person.name).await;
    let answer = proof(&recovery_key(person.account), &challenged, &person.name);
    server.post(FINISH).json(&answer).await.ok()
}

/// What an answer says to whoever guesses, but for the time at which it was given.
fn seen(answer: &Answer) -> (u16, Vec<u8>, Vec<String>) {
    let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    (answer.status.as_u16(), answer.body.clone(), headers)
}

#[tokio::test]
async fn name_and_recovery_code_give_the_vault_and_enrol_a_device() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let logged_in = recovers(&server, &alice).await;
    assert_eq!(logged_in.account, alice.account);
    assert_eq!(logged_in.identity_key, alice.identity_key);
    // The copy that the recovery code opens, and not the one of the password.
    assert_eq!(logged_in.vault.as_slice(), [2; 80]);
    assert_eq!(logged_in.device_list, alice.device_list());
    let back = EnrolDevice {
        device_key: alice.device_key,
        device_list: None,
        name: None,
        oidc: None,
    };
    let tokens: SessionTokens = server
        .put(&format!("/v1/device/{}", alice.device))
        .token(&logged_in.enrolment_token)
        .json(&back)
        .await
        .ok();
    let _: Devices = server
        .get("/v1/device")
        .token(&tokens.access_token)
        .send()
        .await
        .ok();
}

#[tokio::test]
async fn a_wrong_code_and_an_unknown_name_look_alike() {
    let server = TestServer::start().await;
    Person::register(&server, "alice").await;
    let guess = SigningKey::from_bytes(&[9; 32]);
    let mut starts = Vec::new();
    let mut ends = Vec::new();
    for name in ["alice", "ecila"] {
        let name: AccountName = name.parse().unwrap();
        let started = server.post("/v1/auth/recovery").json(&beginning(&name)).await;
        let challenged: LoginChallenged = started.ok();
        starts.push((
            started.status,
            started.body.len(),
            challenged.login.as_slice().len(),
        ));
        let ended = server.post(FINISH).json(&proof(&guess, &challenged, &name)).await;
        ended.is(ProblemCode::WrongCredentials);
        ends.push(seen(&ended));
    }
    assert_eq!(starts[0], starts[1]);
    assert_eq!(ends[0], ends[1]);
}

/// What stands for the key of a name that nobody has is one that anyone could sign for.
#[tokio::test]
async fn no_signature_lets_anyone_in_under_a_name_that_nobody_has() {
    let server = TestServer::start().await;
    let name: AccountName = "nobody".parse().unwrap();
    let challenged = challenged(&server, &name).await;
    for signature in [[0; 64], [1; 64], [0xff; 64]] {
        let answer = AnswerChallenge {
            login: challenged.login.clone(),
            signature: Signature::from_bytes(signature),
        };
        server
            .post(FINISH)
            .json(&answer)
            .await
            .is(ProblemCode::WrongCredentials);
    }
}

#[tokio::test]
async fn a_proof_is_of_one_challenge_one_name_and_one_purpose_and_good_once() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let key = recovery_key(alice.account);
    let (one, other) = (
        challenged(&server, &alice.name).await,
        challenged(&server, &alice.name).await,
    );
    let bobs = challenged(&server, &bob.name).await;
    let good = proof(&key, &one, &alice.name);
    let wrong = [
        // Another login's challenge.
        AnswerChallenge {
            login: other.login.clone(),
            signature: good.signature,
        },
        // Another name's login.
        proof(&key, &bobs, &bob.name),
        // Another name.
        proof(&key, &one, &bob.name),
        // Another purpose.
        AnswerChallenge {
            login: one.login.clone(),
            signature: signed(
                &key,
                DEVICE_LINK_LOGIN,
                &one.challenge.by_recovery_code(&alice.name),
            ),
        },
    ];
    for answer in wrong {
        server
            .post(FINISH)
            .json(&answer)
            .await
            .is(ProblemCode::WrongCredentials);
    }
    let mut changed = one.login.as_slice().to_vec();
    changed[30] ^= 1;
    // A login by password is none by recovery code.
    let by_password = opaque::log_in::<QuickSuite>(&server, &alice.name, b"x")
        .await
        .finish
        .login;
    for login in [changed.into(), vec![].into(), vec![0; 10_000].into(), by_password] {
        let forged = AnswerChallenge {
            login,
            signature: good.signature,
        };
        server
            .post(FINISH)
            .json(&forged)
            .await
            .is(ProblemCode::LoginExpired);
    }
    let _: LoggedIn = server.post(FINISH).json(&good).await.ok();
    server
        .post(FINISH)
        .json(&good)
        .await
        .is(ProblemCode::LoginExpired);
}

#[tokio::test]
async fn guesses_by_password_and_by_recovery_code_are_counted_together() {
    let server = TestServer::start().await;
    let start = beginning(&"alice".parse().unwrap());
    let mut statuses = Vec::new();
    for _ in 0..30 {
        let answer = server.post("/v1/auth/recovery").json(&start).await;
        statuses.push(answer.status.as_u16());
    }
    assert!(statuses[..20].iter().all(|&status| status == 200));
    assert!(statuses[20..].contains(&429));
    let refused = opaque::try_start::<QuickSuite>(&server, &start.name, b"x").await;
    refused.is(ProblemCode::RateLimited);
}

#[tokio::test]
async fn a_recovery_key_that_anyone_could_sign_for_registers_nobody() {
    let server = TestServer::start().await;
    let mut neutral = [0; 32];
    neutral[0] = 1;
    for key in [neutral, [2; 32]] {
        let creation = CreateUser {
            recovery_key: LoginKey::from_bytes(key),
            ..Person::creation(&server, "alice").await
        };
        server
            .put("/v1/user/alice")
            .json(&creation)
            .await
            .is(ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn a_new_password_is_set_by_the_old_one_or_the_recovery_code() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let by_password = alice.log_in(&server).await.enrolment_token;
    let by_code = recovers(&server, &alice).await.enrolment_token;
    let mut password = b"correct horse battery staple".to_vec();
    for (number, token) in [(8, by_password), (9, by_code)] {
        let new = vec![number; 20];
        let registration = opaque::set_password::<QuickSuite>(&server, &alice.name, &new, &token).await;
        let set = SetPassword {
            registration: registration.into(),
            vault: vec![number; 80].into(),
        };
        let answer = server.put("/v1/auth/password").token(&token).json(&set).await;
        assert_eq!(answer.status, 204);
        alice
            .try_log_in(&server, &password)
            .await
            .is(ProblemCode::WrongCredentials);
        let logged_in: LoggedIn = alice.try_log_in(&server, &new).await.ok();
        assert_eq!(logged_in.vault.as_slice(), [number; 80]);
        password = new;
    }
    // Nothing else has ended, and the recovery code is the same.
    let _: Devices = server
        .get("/v1/device")
        .token(&alice.tokens.access_token)
        .send()
        .await
        .ok();
    assert_eq!(recovers(&server, &alice).await.vault.as_slice(), [2; 80]);
}

#[tokio::test]
async fn a_device_alone_sets_no_password() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let start = StartPassword {
        request: vec![1; 32].into(),
    };
    let set = SetPassword {
        registration: vec![1; 192].into(),
        vault: vec![1; 80].into(),
    };
    let path = "/v1/auth/password";
    let token = &alice.tokens.access_token;
    server
        .post(path)
        .token(token)
        .json(&start)
        .await
        .is(ProblemCode::Forbidden);
    server
        .put(path)
        .token(token)
        .json(&set)
        .await
        .is(ProblemCode::Forbidden);
    server.put(path).json(&set).await.is(ProblemCode::Unauthenticated);
    let token = &alice.log_in(&server).await.enrolment_token;
    for (registration, vault, code) in [
        (vec![1; 191], vec![1; 80], ProblemCode::InvalidRequest),
        (vec![1; 192], vec![], ProblemCode::InvalidRequest),
        (vec![1; 192], vec![1; 1025], ProblemCode::TooLarge),
    ] {
        let set = SetPassword {
            registration: registration.into(),
            vault: vault.into(),
        };
        let answer = server.put(path).token(token).json(&set).await;
        // Bytes that are no RegistrationRecord are refused before the vault is looked at.
        assert!([code, ProblemCode::InvalidRequest].contains(&answer.problem().code));
    }
    let _: LoggedIn = alice
        .try_log_in(&server, b"correct horse battery staple")
        .await
        .ok();
}
