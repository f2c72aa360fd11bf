//! Passkeys: made, used, named and removed.

use crate::administration::with_role;
use crate::bans::{UNTIL, bans, is_banned};
use crate::support::authenticator::{Authenticator, PRESENT, VERIFIED};
use crate::support::opaque::{self, QuickSuite};
use crate::support::{Answer, Person, TestServer};
use serde_json::json;
use sotto_protocol::rest::auth::{LoggedIn, SessionTokens, SetPassword, Token};
use sotto_protocol::rest::device::EnrolDevice;
use sotto_protocol::rest::passkey::{
    AddPasskey, FinishPasskeyLogin, Passkey, PasskeyLoginStarted, PasskeyRegistrationStarted, Passkeys,
    UpdatePasskey,
};
use sotto_protocol::rest::server::ServerInfo;
use sotto_protocol::{ProblemCode, limits};
use sotto_server::config::Config;

pub(crate) const ORIGIN: &str = "https://chat.example.org";
const DOMAIN: &str = "chat.example.org";
const BEGIN: &str = "/v1/passkey/registration";
const ADD: &str = "/v1/passkey";
const LOG_IN: &str = "/v1/auth/passkey";
const FINISH: &str = "/v1/auth/passkey/finish";

async fn server() -> TestServer {
    TestServer::start_with(are_configured).await
}

pub(crate) fn are_configured(config: &mut Config) {
    config.passkeys.enabled = true;
    config.passkeys.origins = vec![ORIGIN.to_owned()];
}

fn addition(authenticator: &mut Authenticator, started: &PasskeyRegistrationStarted) -> AddPasskey {
    AddPasskey {
        registration: started.registration.clone(),
        credential: authenticator.creates(&started.options),
        vault: vec![7; 73].into(),
        name: vec![8; 169].into(),
    }
}

async fn begins(server: &TestServer, token: &Token) -> PasskeyRegistrationStarted {
    server.post(BEGIN).token(token).send().await.ok()
}

pub(crate) async fn adds(server: &TestServer, person: &Person, authenticator: &mut Authenticator) -> Passkey {
    let token = person.log_in(server).await.enrolment_token;
    let started = begins(server, &token).await;
    let add = addition(authenticator, &started);
    let added = server.post(ADD).token(&token).json(&add).await;
    assert_eq!(added.status, 201);
    added.ok()
}

async fn uses(server: &TestServer, authenticator: &mut Authenticator) -> (FinishPasskeyLogin, Answer) {
    let started: PasskeyLoginStarted = server.post(LOG_IN).send().await.ok();
    let finish = FinishPasskeyLogin {
        login: started.login,
        credential: authenticator.gets(&started.options),
    };
    let answer = server.post(FINISH).json(&finish).await;
    (finish, answer)
}

async fn list(server: &TestServer, person: &Person) -> Vec<Passkey> {
    let passkeys: Passkeys = person.gets(server, ADD).await.ok();
    passkeys.passkeys
}

#[tokio::test]
async fn a_passkey_logs_in_without_a_name_and_gives_its_own_copy_of_the_vault() {
    let server = server().await;
    let info: ServerInfo = server.get("/v1/server").send().await.ok();
    assert!(info.passkeys);
    let alice = Person::register(&server, "alice").await;
    let mut key = Authenticator::new(ORIGIN);
    let token = alice.log_in(&server).await.enrolment_token;
    let started = begins(&server, &token).await;
    // What a browser is asked for: an owner who is there, a passkey that needs no name, and nothing about its maker.
    let options = serde_json::to_value(&started.options).unwrap();
    assert_eq!(options["rp"]["id"], DOMAIN);
    assert_eq!(options["user"]["id"], json!(alice.account));
    assert_eq!(options["attestation"], "none");
    let required = json!({ "residentKey": "required", "userVerification": "required" });
    assert_eq!(options["authenticatorSelection"], required);
    let add = addition(&mut key, &started);
    let added: Passkey = server.post(ADD).token(&token).json(&add).await.ok();
    assert_eq!(list(&server, &alice).await, std::slice::from_ref(&added));

    let (_, answer) = uses(&server, &mut key).await;
    let logged_in: LoggedIn = answer.ok();
    assert_eq!(logged_in.account, alice.account);
    assert_eq!(logged_in.identity_key, alice.identity_key);
    assert_eq!(logged_in.vault.as_slice(), [7; 73]);
    assert_eq!(logged_in.device_list, alice.device_list());
    let used = list(&server, &alice).await.remove(0);
    assert!(used.used_at >= Some(added.added_at));

    // It enrols a device, and shows its owner to be that: here by a new password.
    let token = &logged_in.enrolment_token;
    let back = EnrolDevice {
        device_key: alice.device_key,
        device_list: None,
        name: None,
        oidc: None,
    };
    let path = format!("/v1/device/{}", alice.device);
    let tokens: SessionTokens = server.put(&path).token(token).json(&back).await.ok();
    let registration = opaque::set_password::<QuickSuite>(&server, &alice.name, b"new", token).await;
    let set = SetPassword {
        registration: registration.into(),
        vault: vec![9; 80].into(),
    };
    let answer = server.put("/v1/auth/password").token(token).json(&set).await;
    assert_eq!(answer.status, 204);

    // Neither that nor logging out everywhere takes the passkey away; deleting the account does.
    let everywhere = server
        .post("/v1/auth/logout-everywhere")
        .token(&tokens.access_token)
        .send()
        .await;
    assert_eq!(everywhere.status, 204);
    let logged_in: LoggedIn = uses(&server, &mut key).await.1.ok();
    let deleted = server
        .delete("/v1/user/alice")
        .token(&logged_in.enrolment_token)
        .send()
        .await;
    assert_eq!(deleted.status, 204);
    uses(&server, &mut key).await.1.is(ProblemCode::PasskeyRefused);
}

#[tokio::test]
async fn passkeys_are_named_and_removed_by_their_account_alone() {
    let server = server().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let (mut one, mut other) = (Authenticator::new(ORIGIN), Authenticator::new(ORIGIN));
    let first = adds(&server, &alice, &mut one).await;
    let second = adds(&server, &alice, &mut other).await;
    // Who makes another is told of those that there are.
    let token = alice.log_in(&server).await.enrolment_token;
    let excluded = begins(&server, &token).await.options.exclude_credentials;
    let credentials: Vec<_> = excluded.iter().map(|one| one.id.as_slice()).collect();
    assert_eq!(
        credentials,
        [one.credential.as_slice(), other.credential.as_slice()]
    );
    let path = format!("{ADD}/{}", first.passkey);
    let rename = UpdatePasskey {
        name: vec![5; 169].into(),
    };
    bob.posts(&server, &path, &rename)
        .await
        .is(ProblemCode::PasskeyNotFound);
    bob.deletes(&server, &path).await.is(ProblemCode::PasskeyNotFound);
    assert_eq!(alice.posts(&server, &path, &rename).await.status, 204);
    let renamed = list(&server, &alice).await.remove(0);
    assert_eq!(renamed.name, rename.name);
    assert_eq!(alice.deletes(&server, &path).await.status, 204);
    assert_eq!(list(&server, &alice).await, [second]);
    uses(&server, &mut one).await.1.is(ProblemCode::PasskeyRefused);
    let _: LoggedIn = uses(&server, &mut other).await.1.ok();
    for (name, code) in [
        (vec![], ProblemCode::InvalidRequest),
        (
            vec![1; limits::SEALED_DEVICE_NAME_BYTES + 1],
            ProblemCode::TooLarge,
        ),
    ] {
        let rename = UpdatePasskey { name: name.into() };
        alice.posts(&server, &path, &rename).await.is(code);
    }
}

#[tokio::test]
async fn a_passkey_takes_a_login_and_an_answer_that_holds() {
    let server = server().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let device = &alice.tokens.access_token;
    // A device alone adds none, and neither does who came by an old device's code.
    server
        .post(BEGIN)
        .token(device)
        .send()
        .await
        .is(ProblemCode::Forbidden);
    server.post(BEGIN).send().await.is(ProblemCode::Unauthenticated);
    let token = &alice.log_in(&server).await.enrolment_token;
    let bobs = &bob.log_in(&server).await.enrolment_token;
    let started = begins(&server, token).await;
    let mut key = Authenticator::new(ORIGIN);
    let good = addition(&mut key, &started);
    server
        .post(ADD)
        .token(device)
        .json(&good)
        .await
        .is(ProblemCode::Forbidden);

    // Made elsewhere, without its owner, for another challenge, or none at all.
    let mut unusable = Vec::new();
    for spoil in [
        |key: &mut Authenticator| key.origin = "https://chat.example.com".to_owned(),
        |key: &mut Authenticator| key.origin = "http://chat.example.org".to_owned(),
        |key: &mut Authenticator| key.domain = "example.org".to_owned(),
        |key: &mut Authenticator| key.flags = PRESENT,
        |key: &mut Authenticator| key.flags = VERIFIED,
    ] {
        let mut key = Authenticator::new(ORIGIN);
        spoil(&mut key);
        unusable.push(addition(&mut key, &started));
    }
    let mut of_another = addition(&mut key, &begins(&server, token).await);
    of_another.registration = started.registration.clone();
    let mut no_object = good.clone();
    no_object.credential.response.attestation_object = vec![0xa0].into();
    let mut other_id = good.clone();
    other_id.credential.raw_id = vec![1; 16].into();
    unusable.extend([of_another, no_object, other_id]);
    for add in unusable {
        let answer = server.post(ADD).token(token).json(&add).await;
        answer.is(ProblemCode::PasskeyUnusable);
    }
    // Another account's registration, and none.
    for registration in [
        begins(&server, bobs).await.registration,
        vec![0; 90].into(),
        vec![].into(),
    ] {
        let add = AddPasskey {
            registration,
            ..good.clone()
        };
        let answer = server.post(ADD).token(token).json(&add).await;
        answer.is(ProblemCode::PasskeyExpired);
    }
    for (vault, code) in [
        (vec![], ProblemCode::InvalidRequest),
        (vec![1; limits::VAULT_BYTES + 1], ProblemCode::TooLarge),
    ] {
        let add = AddPasskey {
            vault: vault.into(),
            ..good.clone()
        };
        server.post(ADD).token(token).json(&add).await.is(code);
    }
    // What the PRF gave is refused before anything is done with it.
    let mut careless = serde_json::to_value(&good).unwrap();
    careless["credential"]["clientExtensionResults"] = json!({ "prf": { "results": { "first": "AA" } } });
    let answer = server.post(ADD).token(token).json(&careless).await;
    answer.is(ProblemCode::InvalidRequest);
    assert_eq!(list(&server, &alice).await, []);

    let _: Passkey = server.post(ADD).token(token).json(&good).await.ok();
    let again = server.post(ADD).token(token).json(&good).await;
    again.is(ProblemCode::PasskeyExpired);
    // It is hers, whoever else would have it.
    let for_bob = addition(&mut key, &begins(&server, bobs).await);
    let answer = server.post(ADD).token(bobs).json(&for_bob).await;
    answer.is(ProblemCode::PasskeyTaken);
}

#[tokio::test]
async fn a_login_takes_the_passkeys_own_signature_of_this_challenge_once() {
    let server = server().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let (mut key, mut bobs) = (Authenticator::new(ORIGIN), Authenticator::new(ORIGIN));
    adds(&server, &alice, &mut key).await;
    adds(&server, &bob, &mut bobs).await;

    let mut seen = Vec::new();
    let mut unknown = Authenticator::new(ORIGIN);
    unknown.user = key.user.clone();
    let (_, answer) = uses(&server, &mut unknown).await;
    answer.is(ProblemCode::PasskeyRefused);
    seen.push(answer.body);
    let honest = (
        key.origin.clone(),
        key.domain.clone(),
        key.flags,
        key.user.clone(),
    );
    for spoil in [
        |key: &mut Authenticator| key.origin = "https://chat.example.com".to_owned(),
        |key: &mut Authenticator| key.domain = "example.com".to_owned(),
        |key: &mut Authenticator| key.flags = PRESENT,
        |key: &mut Authenticator| key.flags = VERIFIED,
        |key: &mut Authenticator| key.user = vec![1; 16],
        |key: &mut Authenticator| key.user = vec![],
    ] {
        spoil(&mut key);
        let (_, answer) = uses(&server, &mut key).await;
        answer.is(ProblemCode::PasskeyRefused);
        seen.push(answer.body);
        (key.origin, key.domain, key.flags, key.user) = honest.clone();
    }
    // Another's signature under her passkey's id, hers of another login, and one that was changed.
    let (finish, answer) = uses(&server, &mut key).await;
    let _: LoggedIn = answer.ok();
    let (of_bob, _) = uses(&server, &mut bobs).await;
    let started: PasskeyLoginStarted = server.post(LOG_IN).send().await.ok();
    let mut forged = Vec::new();
    let mut anothers = key.gets(&started.options);
    anothers.response.signature = of_bob.credential.response.signature;
    forged.push(anothers);
    forged.push(finish.credential.clone());
    let mut changed = key.gets(&started.options);
    let mut data = changed.response.authenticator_data.as_slice().to_vec();
    data[36] ^= 1;
    changed.response.authenticator_data = data.into();
    forged.push(changed);
    for credential in forged {
        let finish = FinishPasskeyLogin {
            login: started.login.clone(),
            credential,
        };
        let answer = server.post(FINISH).json(&finish).await;
        answer.is(ProblemCode::PasskeyRefused);
        seen.push(answer.body);
    }
    // Who guesses learns nothing from how it was refused.
    assert!(seen.iter().all(|body| *body == seen[0]));

    let again = server.post(FINISH).json(&finish).await;
    again.is(ProblemCode::LoginExpired);
    let forged = FinishPasskeyLogin {
        login: vec![0; 90].into(),
        credential: finish.credential,
    };
    server
        .post(FINISH)
        .json(&forged)
        .await
        .is(ProblemCode::LoginExpired);
}

#[tokio::test]
async fn of_two_authenticators_with_one_passkey_the_one_behind_is_refused() {
    let server = server().await;
    let alice = Person::register(&server, "alice").await;
    let mut key = Authenticator::new(ORIGIN);
    key.counter = 10;
    adds(&server, &alice, &mut key).await;
    let _: LoggedIn = uses(&server, &mut key).await.1.ok();
    for counter in [5, 10, 9] {
        key.counter = counter;
        uses(&server, &mut key).await.1.is(ProblemCode::PasskeyRefused);
    }
    key.counter = 11;
    let _: LoggedIn = uses(&server, &mut key).await.1.ok();
    // One that says that it does not count any more.
    key.counter = 0;
    uses(&server, &mut key).await.1.is(ProblemCode::PasskeyRefused);
}

#[tokio::test]
async fn an_account_has_so_many_passkeys_and_a_server_without_them_says_so() {
    let server = server().await;
    let alice = Person::register(&server, "alice").await;
    let token = alice.log_in(&server).await.enrolment_token;
    let one_more = begins(&server, &token).await;
    for _ in 0..limits::PASSKEYS_PER_ACCOUNT {
        let started = begins(&server, &token).await;
        let add = addition(&mut Authenticator::new(ORIGIN), &started);
        let _: Passkey = server.post(ADD).token(&token).json(&add).await.ok();
    }
    let begun = server.post(BEGIN).token(&token).send().await;
    begun.is(ProblemCode::TooManyPasskeys);
    let add = addition(&mut Authenticator::new(ORIGIN), &one_more);
    let answer = server.post(ADD).token(&token).json(&add).await;
    answer.is(ProblemCode::TooManyPasskeys);

    // Switched off: those that there are can still be looked at and removed.
    let (directory, mut config) = server.stop().await;
    config.passkeys.enabled = false;
    let server = TestServer::start_in(directory, config).await;
    let info: ServerInfo = server.get("/v1/server").send().await.ok();
    assert!(!info.passkeys);
    for path in [BEGIN, ADD] {
        let answer = server.post(path).token(&token).json(&add).await;
        answer.is(ProblemCode::PasskeysOff);
    }
    server.post(LOG_IN).send().await.is(ProblemCode::PasskeysOff);
    let has = list(&server, &alice).await;
    assert_eq!(has.len(), limits::PASSKEYS_PER_ACCOUNT);
    let path = format!("{ADD}/{}", has[0].passkey);
    assert_eq!(alice.deletes(&server, &path).await.status, 204);
}

#[tokio::test]
async fn a_banned_account_is_told_so_by_its_passkey_and_by_no_other() {
    let server = server().await;
    let moderator = with_role(&server, "alice", "moderator").await;
    let bob = Person::register(&server, "bob").await;
    let (mut key, mut none) = (Authenticator::new(ORIGIN), Authenticator::new(ORIGIN));
    adds(&server, &bob, &mut key).await;
    let token = bob.log_in(&server).await.enrolment_token;
    none.creates(&begins(&server, &token).await.options);

    bans(&server, &moderator, &bob, Some(UNTIL)).await;

    is_banned(&uses(&server, &mut key).await.1);
    uses(&server, &mut none).await.1.is(ProblemCode::PasskeyRefused);
}
