use crate::support::{Person, TestServer, random};
use http::StatusCode;
use sotto_protocol::rest::auth::StartRegistration;
use sotto_protocol::rest::server::RegistrationPolicy;
use sotto_protocol::rest::user::{CreateUser, User};
use sotto_protocol::{AccountId, DeviceId, DeviceKey, IdentityKey, ListedDevice, ProblemCode};

#[tokio::test]
async fn a_person_registers_and_the_profile_shows_their_key() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let profile: User = server.get("/v1/user/alice").send().await.ok();
    assert_eq!(profile.account, alice.account);
    assert_eq!(profile.identity_key, alice.identity_key);
    assert_eq!(profile.device_list, alice.device_list());
    assert_eq!(alice.tokens.expires_in, 15 * 60);
}

#[tokio::test]
async fn a_name_an_account_id_and_a_device_id_are_given_once() {
    let server = TestServer::start().await;
    let creation = Person::creation(&server, "alice").await;
    let rival = Person::creation(&server, "alice").await;
    let other = Person::creation(&server, "bob").await;
    let created = server.put("/v1/user/alice").json(&creation).await;
    assert_eq!(created.status, StatusCode::CREATED);

    server
        .put("/v1/user/alice")
        .json(&rival)
        .await
        .is(ProblemCode::NameTaken);
    let again = StartRegistration {
        name: "alice".parse().unwrap(),
        request: vec![0; 32].into(),
        bot: None,
    };
    server
        .post("/v1/auth/registration")
        .json(&again)
        .await
        .is(ProblemCode::NameTaken);

    let claimed = creation.device_list.claimed().unwrap();
    let mut list = other.device_list.claimed().unwrap();
    list.account = claimed.account;
    let same_account = CreateUser {
        account: claimed.account,
        device_list: relisted(&other, &list),
        ..other.clone()
    };
    server
        .put("/v1/user/bob")
        .json(&same_account)
        .await
        .is(ProblemCode::AccountTaken);

    let mut list = other.device_list.claimed().unwrap();
    list.devices = vec![ListedDevice {
        device: creation.device,
        device_key: other.device_key,
    }];
    let same_device = CreateUser {
        device: creation.device,
        device_list: relisted(&other, &list),
        ..other
    };
    server
        .put("/v1/user/bob")
        .json(&same_device)
        .await
        .is(ProblemCode::DeviceTaken);
    server
        .get("/v1/user/bob")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
}

fn relisted(creation: &CreateUser, list: &sotto_protocol::DeviceList) -> sotto_protocol::SignedDeviceList {
    sotto_protocol::SignedDeviceList {
        list: list.encode().into(),
        signature: creation.device_list.signature,
    }
}

#[tokio::test]
async fn a_first_device_list_that_says_anything_else_is_refused() {
    let server = TestServer::start().await;
    let creation = Person::creation(&server, "alice").await;
    let right = creation.device_list.claimed().unwrap();
    let other_device = ListedDevice {
        device: DeviceId::from_bytes(random()),
        device_key: DeviceKey::from_bytes(random()),
    };

    let mut lists = vec![right.clone(); 7];
    lists[0].version = 2;
    lists[1].account = AccountId::from_bytes(random());
    lists[2].name = "mallory".parse().unwrap();
    lists[3].identity_key = IdentityKey::from_bytes(random());
    lists[4].devices.clear();
    lists[5].devices = vec![other_device];
    lists[6].devices.push(other_device);
    for list in lists {
        let request = CreateUser {
            device_list: relisted(&creation, &list),
            ..creation.clone()
        };
        server
            .put("/v1/user/alice")
            .json(&request)
            .await
            .is(ProblemCode::InvalidRequest);
    }
    let mut malformed = creation.clone();
    malformed.device_list.list = vec![1, 2, 3].into();
    server
        .put("/v1/user/alice")
        .json(&malformed)
        .await
        .is(ProblemCode::InvalidRequest);
    server
        .get("/v1/user/alice")
        .send()
        .await
        .is(ProblemCode::UserNotFound);
}

#[tokio::test]
async fn a_malformed_record_or_a_vault_out_of_bounds_is_refused() {
    let server = TestServer::start().await;
    let creation = Person::creation(&server, "alice").await;
    let mut requests = vec![creation; 4];
    requests[0].registration = vec![0; 192].into();
    requests[1].registration = vec![0; 191].into();
    requests[2].vault.by_password = vec![].into();
    requests[3].vault.by_recovery_code = vec![0; 1025].into();
    let codes = [
        ProblemCode::InvalidRequest,
        ProblemCode::InvalidRequest,
        ProblemCode::InvalidRequest,
        ProblemCode::TooLarge,
    ];
    for (request, code) in requests.iter().zip(codes) {
        server.put("/v1/user/alice").json(request).await.is(code);
    }
}

#[tokio::test]
async fn names_that_break_the_rules_are_refused() {
    let server = TestServer::start().await;
    let creation = Person::creation(&server, "alice").await;
    for name in ["Alice", "a", "alice.", "%C3%A5lice", "al%20ice", "al%2Fice"] {
        server
            .put(&format!("/v1/user/{name}"))
            .json(&creation)
            .await
            .is(ProblemCode::InvalidName);
    }
}

#[tokio::test]
async fn a_closed_server_takes_no_new_accounts() {
    let open = TestServer::start().await;
    let creation = Person::creation(&open, "alice").await;
    let closed =
        TestServer::start_with(|config| config.registration.policy = RegistrationPolicy::Closed).await;
    let start = StartRegistration {
        name: "alice".parse().unwrap(),
        request: vec![0; 32].into(),
        bot: None,
    };
    closed
        .post("/v1/auth/registration")
        .json(&start)
        .await
        .is(ProblemCode::RegistrationClosed);
    closed
        .put("/v1/user/alice")
        .json(&creation)
        .await
        .is(ProblemCode::RegistrationClosed);
}
