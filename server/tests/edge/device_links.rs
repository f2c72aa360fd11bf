//! Logins by the code that an old device shows, and devices' names.

use crate::support::person::login_key;
use crate::support::{Person, TestServer, random};
use ed25519_dalek::{Signer as _, SigningKey};
use sotto_protocol::login_proof::{DEVICE_LINK_LOGIN, RECOVERY_LOGIN};
use sotto_protocol::rest::auth::{
    AnswerChallenge, DeviceLinkOffered, LoggedIn, LoginChallenged, OfferDeviceLink, SessionTokens,
    StartDeviceLink, StartPassword,
};
use sotto_protocol::rest::device::{Devices, EnrolDevice, RemoveDevice, UpdateDevice};
use sotto_protocol::{Binary, DeviceLinkId, LoginKey, ProblemCode, Signature};

const FINISH: &str = "/v1/auth/device-link/finish";

/// A link, as its secret would give it.
pub(crate) struct Link {
    pub(crate) id: DeviceLinkId,
    key: SigningKey,
}

impl Link {
    fn new() -> Self {
        Self {
            id: DeviceLinkId::from_bytes(random()),
            key: SigningKey::from_bytes(&random()),
        }
    }

    fn path(&self) -> String {
        format!("/v1/auth/device-link/{}", self.id)
    }

    pub(crate) fn offer(&self) -> OfferDeviceLink {
        OfferDeviceLink {
            login_key: login_key(&self.key),
            vault: vec![5; 150].into(),
        }
    }

    pub(crate) async fn offered_by(person: &Person, server: &TestServer) -> Self {
        let link = Self::new();
        let _: DeviceLinkOffered = server
            .put(&link.path())
            .token(&person.tokens.access_token)
            .json(&link.offer())
            .await
            .ok();
        link
    }

    async fn answer(&self, server: &TestServer, label: &str) -> AnswerChallenge {
        let start = StartDeviceLink { link: self.id };
        let challenged: LoginChallenged = server.post("/v1/auth/device-link").json(&start).await.ok();
        let signed = challenged.challenge.by_device_link(self.id);
        let message = [label.as_bytes(), &[0], &signed].concat();
        AnswerChallenge {
            login: challenged.login,
            signature: Signature::from_bytes(self.key.sign(&message).to_bytes()),
        }
    }

    async fn is_refused(&self, server: &TestServer) -> (u16, Vec<u8>) {
        let answer = self.answer(server, DEVICE_LINK_LOGIN).await;
        let refused = server.post(FINISH).json(&answer).await;
        refused.is(ProblemCode::DeviceLinkRefused);
        (refused.status.as_u16(), refused.body)
    }
}

#[tokio::test]
async fn whoever_was_shown_the_code_gets_the_account_once() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let link = Link::offered_by(&alice, &server).await;
    let (first, second) = (
        link.answer(&server, DEVICE_LINK_LOGIN).await,
        link.answer(&server, DEVICE_LINK_LOGIN).await,
    );
    let logged_in: LoggedIn = server.post(FINISH).json(&first).await.ok();
    assert_eq!(logged_in.account, alice.account);
    assert_eq!(logged_in.identity_key, alice.identity_key);
    assert_eq!(logged_in.vault.as_slice(), [5; 150]);
    assert_eq!(logged_in.device_list, alice.device_list());
    for used in [&first, &second] {
        server
            .post(FINISH)
            .json(used)
            .await
            .is(ProblemCode::DeviceLinkRefused);
    }
    let new = sotto_protocol::ListedDevice {
        device: sotto_protocol::DeviceId::from_bytes(random()),
        device_key: sotto_protocol::DeviceKey::from_bytes(random()),
    };
    alice.devices.push(new);
    alice.list_version += 1;
    let enrol = EnrolDevice {
        device_key: new.device_key,
        device_list: Some(alice.device_list()),
        name: Some(vec![6; 100].into()),
        oidc: None,
    };
    let _: SessionTokens = server
        .put(&format!("/v1/device/{}", new.device))
        .token(&logged_in.enrolment_token)
        .json(&enrol)
        .await
        .ok();
    // It says nothing of what its reader knows: no new password.
    let start = StartPassword {
        request: vec![1; 32].into(),
    };
    server
        .post("/v1/auth/password")
        .token(&logged_in.enrolment_token)
        .json(&start)
        .await
        .is(ProblemCode::Forbidden);
}

#[tokio::test]
async fn a_link_that_is_unknown_used_replaced_or_withdrawn_and_a_wrong_proof_look_alike() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let unknown = Link::new().is_refused(&server).await;

    let used = Link::offered_by(&alice, &server).await;
    let answer = used.answer(&server, DEVICE_LINK_LOGIN).await;
    let _: LoggedIn = server.post(FINISH).json(&answer).await.ok();

    let replaced = Link::offered_by(&alice, &server).await;
    let withdrawn = Link::offered_by(&alice, &server).await;
    let gone = server
        .delete(&withdrawn.path())
        .token(&alice.tokens.access_token)
        .send()
        .await;
    assert_eq!(gone.status, 204);

    let standing = Link::offered_by(&alice, &server).await;
    let guessed = Link {
        id: standing.id,
        key: SigningKey::from_bytes(&[1; 32]),
    };
    for link in [&used, &replaced, &withdrawn, &guessed] {
        assert_eq!(link.is_refused(&server).await, unknown);
    }
    let of_another_kind = standing.answer(&server, RECOVERY_LOGIN).await;
    server
        .post(FINISH)
        .json(&of_another_kind)
        .await
        .is(ProblemCode::DeviceLinkRefused);
    // None of this has used the one that stands.
    let answer = standing.answer(&server, DEVICE_LINK_LOGIN).await;
    let _: LoggedIn = server.post(FINISH).json(&answer).await.ok();
}

#[tokio::test]
async fn a_link_survives_a_restart_and_not_the_device_that_offered_it() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let laptop = alice.at_new_device(&server).await;
    let link = Link::offered_by(&laptop, &server).await;
    let server = server.restart().await;
    let answer = link.answer(&server, DEVICE_LINK_LOGIN).await;
    let _: LoggedIn = server.post(FINISH).json(&answer).await.ok();

    let link = Link::offered_by(&laptop, &server).await;
    let remove = RemoveDevice {
        device_list: alice.device_list_of(3, vec![alice.devices[0]]),
    };
    let removed = server
        .delete(&format!("/v1/device/{}", laptop.device))
        .token(&alice.tokens.access_token)
        .json(&remove)
        .await;
    assert_eq!(removed.status, 204);
    link.is_refused(&server).await;
}

#[tokio::test]
async fn nobody_offers_without_a_session_too_much_or_in_anothers_place() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let link = Link::offered_by(&alice, &server).await;
    server
        .put(&link.path())
        .json(&link.offer())
        .await
        .is(ProblemCode::Unauthenticated);
    let enrolment = alice.log_in(&server).await.enrolment_token;
    server
        .put(&link.path())
        .token(&enrolment)
        .json(&link.offer())
        .await
        .is(ProblemCode::Forbidden);
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let vault = |length: usize| OfferDeviceLink {
        vault: vec![1; length].into(),
        ..link.offer()
    };
    let weak = OfferDeviceLink {
        login_key: LoginKey::from_bytes(neutral),
        ..link.offer()
    };
    for (offer, code) in [
        (vault(0), ProblemCode::InvalidRequest),
        (vault(1025), ProblemCode::TooLarge),
        (weak, ProblemCode::InvalidRequest),
        // Alice's is in use.
        (link.offer(), ProblemCode::InvalidRequest),
    ] {
        server
            .put(&link.path())
            .token(&bob.tokens.access_token)
            .json(&offer)
            .await
            .is(code);
    }
    let withdrawal = server
        .delete(&link.path())
        .token(&bob.tokens.access_token)
        .send()
        .await;
    assert_eq!(withdrawal.status, 204);
    server
        .put("/v1/auth/device-link/finish")
        .token(&bob.tokens.access_token)
        .json(&link.offer())
        .await
        .is(ProblemCode::MethodNotAllowed);
    let answer = link.answer(&server, DEVICE_LINK_LOGIN).await;
    let logged_in: LoggedIn = server.post(FINISH).json(&answer).await.ok();
    assert_eq!(logged_in.account, alice.account);
}

#[tokio::test]
async fn a_devices_name_is_for_its_account_alone_to_give_and_to_read() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let laptop = alice.at_new_device(&server).await;
    let bob = Person::register(&server, "bob").await;
    let rename = async |person: &Person, device, name: Vec<u8>| {
        let body = UpdateDevice { name: name.into() };
        server
            .post(&format!("/v1/device/{device}"))
            .token(&person.tokens.access_token)
            .json(&body)
            .await
    };
    let renamed = rename(&alice, laptop.device, vec![8; 169]).await;
    assert_eq!(renamed.status, 204);
    for (person, device, name, code) in [
        (&bob, laptop.device, vec![8; 169], ProblemCode::DeviceNotFound),
        (&alice, bob.device, vec![8; 169], ProblemCode::DeviceNotFound),
        (&alice, alice.device, vec![], ProblemCode::InvalidRequest),
        (&alice, alice.device, vec![8; 193], ProblemCode::TooLarge),
    ] {
        rename(person, device, name).await.is(code);
    }
    let devices: Devices = server
        .get("/v1/device")
        .token(&alice.tokens.access_token)
        .send()
        .await
        .ok();
    let names: Vec<Option<Binary>> = devices.devices.into_iter().map(|device| device.name).collect();
    assert_eq!(names, [Some(vec![3; 100].into()), Some(vec![8; 169].into())]);
    let profile = server.get("/v1/user/alice").send().await;
    let profile: serde_json::Value = serde_json::from_slice(&profile.body).unwrap();
    assert!(profile.get("device_name").is_none() && profile.get("name").is_some());
}
