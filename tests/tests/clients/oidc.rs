//! Logins at an OpenID provider through a real server: what they let in, what they do not open, and what of a server's answers is not followed.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

#[allow(
    dead_code,
    reason = "what each of the two programs uses of it is not the same"
)]
#[path = "../../../server/tests/edge/support/issuer.rs"]
mod issuer;

use crate::push::random;
use issuer::{Issuer, Key, page};
use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::{Request, Response};
use sotto_client_sdk::protocol::rest::server::RegistrationPolicy;
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, OidcIdentity, OwnerProof};
use sotto_tests::tampering::{Tampering, honest};
use sotto_tests::world::{Device, PASSWORD, Vault, World};
use std::sync::Arc;

async fn visits(device: &Device, issuer: &Issuer, key: &Key, subject: &str) -> OidcIdentity {
    let login = device.client.oidc_login(&page()).await.unwrap();
    let query = issuer.sends_back(key, &login.authorization_url, subject);
    let finished = device.client.finish_oidc_login(&login.pending, &query).await;
    finished.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_makes_an_account_and_lets_its_next_device_in_that_the_password_opens() {
    let key = Key::ed("o");
    let issuer = Issuer::start(&[&key]).await;
    let world = World::start_with(|config| {
        issuer.is_configured(config);
        config.oidc.registration = true;
        config.oidc.required = true;
        config.registration.policy = RegistrationPolicy::Closed;
    })
    .await;
    let first = world.device().await;
    let server = first.client.server_info().await.unwrap().oidc.unwrap();
    assert!(server.registration && server.required);
    let refused = first.client.register("ada", PASSWORD).await.err();
    assert_eq!(refused, Some(ClientError::RegistrationClosed));
    let identity = visits(&first, &issuer, &key, "ada").await;
    assert!(identity.registration && identity.account.is_none());
    let name = identity.suggested_name.unwrap();
    first.client.register(name.as_str(), PASSWORD).await.unwrap();
    assert!(first.client.oidc_linked_at().await.unwrap().is_some());
    assert_eq!(first.client.unlink_oidc().await, Err(ClientError::OidcRequired));

    let second = world.device().await;
    let refused = second.client.log_in("ada", PASSWORD).await;
    assert_eq!(refused, Err(ClientError::OidcRequired));
    let identity = visits(&second, &issuer, &key, "ada").await;
    assert_eq!(identity.account, Some(name));
    // Who comes from there still has to open the account.
    let refused = second.client.log_in("ada", "wrong").await;
    assert_eq!(refused, Err(ClientError::WrongCredentials));
    second.client.forget_oidc_login().await.unwrap();
    let refused = second.client.log_in("ada", PASSWORD).await;
    assert_eq!(refused, Err(ClientError::OidcRequired));
    visits(&second, &issuer, &key, "ada").await;
    second.client.log_in("ada", PASSWORD).await.unwrap();
    assert_eq!(second.account(), first.account());
    // Whoever comes next to this device is not who was at the provider.
    second.client.log_out().await.unwrap();
    let refused = second.client.log_in("ada", PASSWORD).await;
    assert_eq!(refused, Err(ClientError::OidcRequired));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_linked_with_who_has_just_logged_in_and_by_its_owner() {
    let key = Key::ed("o");
    let issuer = Issuer::start(&[&key]).await;
    let world = World::start_with(|config| issuer.is_configured(config)).await;
    let alice = world.person("alice").await;
    let proof = OwnerProof::Password(PASSWORD);
    assert_eq!(alice.client.link_oidc(proof).await, Err(ClientError::OidcExpired));
    let login = alice.client.oidc_login(&page()).await.unwrap();
    let query = issuer.sends_back(&key, &login.authorization_url, "ada");
    // What came back is of the login that was begun, at this client.
    let other = alice.client.oidc_login(&page()).await.unwrap();
    for (pending, query) in [
        (other.pending.as_str(), query.as_str()),
        ("{}", &query),
        (&login.pending, "?code=a&state=b"),
    ] {
        let refused = alice.client.finish_oidc_login(pending, query).await;
        assert_eq!(refused, Err(ClientError::OidcRefused));
    }
    alice
        .client
        .finish_oidc_login(&login.pending, &query)
        .await
        .unwrap();
    let wrong = OwnerProof::Password("wrong");
    assert_eq!(
        alice.client.link_oidc(wrong).await,
        Err(ClientError::WrongCredentials)
    );
    alice.client.link_oidc(proof).await.unwrap();
    assert!(alice.client.oidc_linked_at().await.unwrap().is_some());
    alice.client.unlink_oidc().await.unwrap();
    assert_eq!(alice.client.oidc_linked_at().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_sends_the_browser_to_pages_alone() {
    let issuer = Issuer::start(&[]).await;
    let world = World::start_with(|config| issuer.is_configured(config)).await;
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest());
    let transport = transport.with_answers(Arc::new(|request: &Request, mut answer: Response| {
        if request.path == "/v1/auth/oidc" {
            let mut body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            body["authorization_url"] = "javascript:alert(1)".into();
            answer.body = serde_json::to_vec(&body).unwrap();
        }
        answer
    }));
    let device = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    let refused = device.client.oidc_login(&page()).await.err();
    assert!(matches!(refused, Some(ClientError::Untrusted(_))), "{refused:?}");
}
