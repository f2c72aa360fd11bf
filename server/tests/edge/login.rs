use crate::support::opaque::{self, QuickSuite};
use crate::support::{Person, TestServer, random};
use sotto_protocol::opaque::OpaqueSuite;
use sotto_protocol::rest::auth::{FinishLogin, LoggedIn, SessionTokens, StartLogin};
use sotto_protocol::rest::device::{Devices, EnrolDevice};
use sotto_protocol::rest::user::{CreateUser, User, UserCreated};
use sotto_protocol::{AccountName, DeviceId, DeviceKey, ListedDevice, ProblemCode};

#[tokio::test]
async fn name_and_password_open_the_vault_on_a_new_device() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let logged_in = alice.log_in(&server).await;
    assert_eq!(logged_in.account, alice.account);
    assert_eq!(logged_in.identity_key, alice.identity_key);
    assert_eq!(logged_in.vault.as_slice(), [1; 80]);
    assert_eq!(logged_in.device_list, alice.device_list());

    let laptop = alice.at_new_device(&server).await;
    let profile: User = server.get("/v1/user/alice").send().await.ok();
    assert_eq!(profile.device_list, alice.device_list());
    let devices: Devices = server
        .get("/v1/device")
        .token(&laptop.tokens.access_token)
        .send()
        .await
        .ok();
    let ids: Vec<_> = devices.devices.iter().map(|device| device.device).collect();
    assert_eq!(ids, [alice.device, laptop.device]);
}

/// With the real key stretching function, once.
#[tokio::test]
async fn the_real_suite_registers_and_logs_in() {
    let server = TestServer::start().await;
    let name: AccountName = "alice".parse().unwrap();
    let creation = CreateUser {
        registration: opaque::register::<OpaqueSuite>(&server, &name, b"password", None)
            .await
            .into(),
        ..Person::creation(&server, "alice").await
    };
    let _: UserCreated = server.put("/v1/user/alice").json(&creation).await.ok();
    let attempt = opaque::log_in::<OpaqueSuite>(&server, &name, b"password").await;
    assert!(attempt.proven);
    let logged_in: LoggedIn = server
        .post("/v1/auth/login/finish")
        .json(&attempt.finish)
        .await
        .ok();
    assert_eq!(logged_in.account, creation.account);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_alike() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    alice
        .try_log_in(&server, b"wrong")
        .await
        .is(ProblemCode::WrongCredentials);
    let nobody = Person {
        name: "nobody".parse().unwrap(),
        ..alice
    };
    nobody
        .try_log_in(&server, b"wrong")
        .await
        .is(ProblemCode::WrongCredentials);
}

#[tokio::test]
async fn the_first_answer_is_as_long_for_a_name_that_nobody_has() {
    let server = TestServer::start().await;
    Person::register(&server, "alice").await;
    let mut lengths = Vec::new();
    for name in ["alice", "ecila"] {
        let attempt = opaque::log_in::<QuickSuite>(&server, &name.parse().unwrap(), b"wrong").await;
        lengths.push(attempt.finish.login.as_slice().len());
    }
    assert_eq!(lengths[0], lengths[1]);
}

#[tokio::test]
async fn a_password_cannot_be_guessed_as_fast_as_one_can_ask() {
    let server = TestServer::start().await;
    let request = StartLogin {
        name: "alice".parse().unwrap(),
        request: vec![1; 96].into(),
        captcha: None,
    };
    let mut codes = Vec::new();
    for _ in 0..100 {
        codes.push(server.post("/v1/auth/login").json(&request).await.problem().code);
    }
    let (admitted, refused) = codes.split_at(20);
    assert!(admitted.iter().all(|&code| code == ProblemCode::InvalidRequest));
    assert!(refused.contains(&ProblemCode::RateLimited));
}

#[tokio::test]
async fn a_login_is_finished_once_and_only_with_its_own_handle() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let password = b"correct horse battery staple";
    let finish = "/v1/auth/login/finish";
    let attempt = opaque::log_in::<QuickSuite>(&server, &alice.name, password).await;
    let other = opaque::log_in::<QuickSuite>(&server, &alice.name, password).await;

    let mixed = FinishLogin {
        login: other.finish.login,
        finalization: attempt.finish.finalization.clone(),
    };
    server
        .post(finish)
        .json(&mixed)
        .await
        .is(ProblemCode::WrongCredentials);
    let mut changed = attempt.finish.login.as_slice().to_vec();
    changed[30] ^= 1;
    for login in [changed, vec![], vec![0; 100], vec![0; 10_000]] {
        let forged = FinishLogin {
            login: login.into(),
            finalization: attempt.finish.finalization.clone(),
        };
        server
            .post(finish)
            .json(&forged)
            .await
            .is(ProblemCode::LoginExpired);
    }

    let _: LoggedIn = server.post(finish).json(&attempt.finish).await.ok();
    server
        .post(finish)
        .json(&attempt.finish)
        .await
        .is(ProblemCode::LoginExpired);
}

#[tokio::test]
async fn a_login_survives_a_restart_of_the_server() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let attempt = opaque::log_in::<QuickSuite>(&server, &alice.name, b"correct horse battery staple").await;
    let server = server.restart().await;
    let logged_in: LoggedIn = server
        .post("/v1/auth/login/finish")
        .json(&attempt.finish)
        .await
        .ok();
    assert_eq!(logged_in.account, alice.account);
}

#[tokio::test]
async fn an_enrolment_token_enrols_and_does_nothing_else() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let enrolment = alice.log_in(&server).await.enrolment_token;
    for path in ["/v1/device", "/v1/key-package", "/v1/user?q=a"] {
        server
            .get(path)
            .token(&enrolment)
            .send()
            .await
            .is(ProblemCode::Forbidden);
    }
    let request = EnrolDevice {
        device_key: alice.device_key,
        device_list: None,
        name: None,
        oidc: None,
    };
    server
        .put(&format!("/v1/device/{}", alice.device))
        .token(&alice.tokens.access_token)
        .json(&request)
        .await
        .is(ProblemCode::Forbidden);
    server
        .put(&format!("/v1/device/{}", alice.device))
        .json(&request)
        .await
        .is(ProblemCode::Unauthenticated);
}

#[tokio::test]
async fn an_enrolled_device_comes_back_with_a_new_session_and_the_old_one_ends() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let enrolment = alice.log_in(&server).await.enrolment_token;
    let path = format!("/v1/device/{}", alice.device);
    let renewed: SessionTokens = server
        .put(&path)
        .token(&enrolment)
        .json(&EnrolDevice {
            device_key: alice.device_key,
            device_list: None,
            name: None,
            oidc: None,
        })
        .await
        .ok();
    let devices = server.get("/v1/device");
    devices
        .token(&alice.tokens.access_token)
        .send()
        .await
        .is(ProblemCode::SessionEnded);
    let _: Devices = server
        .get("/v1/device")
        .token(&renewed.access_token)
        .send()
        .await
        .ok();

    let other_key = EnrolDevice {
        device_key: DeviceKey::from_bytes(random()),
        device_list: None,
        name: None,
        oidc: None,
    };
    server
        .put(&path)
        .token(&enrolment)
        .json(&other_key)
        .await
        .is(ProblemCode::DeviceTaken);
}

#[tokio::test]
async fn a_list_that_does_not_follow_or_is_not_ones_own_enrols_nothing() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let mallory = Person::register(&server, "mallory").await;
    let enrolment = alice.log_in(&server).await.enrolment_token;
    let listed = ListedDevice {
        device: DeviceId::from_bytes(random()),
        device_key: DeviceKey::from_bytes(random()),
    };
    let both = vec![alice.devices[0], listed];
    let cases = [
        (
            alice.device_list_of(3, both.clone()),
            ProblemCode::StaleDeviceList,
        ),
        (
            alice.device_list_of(1, both.clone()),
            ProblemCode::StaleDeviceList,
        ),
        (
            alice.device_list_of(2, vec![listed]),
            ProblemCode::StaleDeviceList,
        ),
        (
            alice.device_list_of(2, alice.devices.clone()),
            ProblemCode::InvalidRequest,
        ),
        (mallory.device_list_of(2, both), ProblemCode::InvalidRequest),
    ];
    for (list, code) in cases {
        let request = EnrolDevice {
            device_key: listed.device_key,
            device_list: Some(list),
            name: None,
            oidc: None,
        };
        server
            .put(&format!("/v1/device/{}", listed.device))
            .token(&enrolment)
            .json(&request)
            .await
            .is(code);
    }
    let profile: User = server.get("/v1/user/alice").send().await.ok();
    assert_eq!(profile.device_list, alice.device_list());

    // Someone else's device, with a list of one's own that names it.
    let theirs = EnrolDevice {
        device_key: mallory.device_key,
        device_list: Some(alice.device_list_of(2, vec![alice.devices[0], mallory.devices[0]])),
        name: None,
        oidc: None,
    };
    server
        .put(&format!("/v1/device/{}", mallory.device))
        .token(&enrolment)
        .json(&theirs)
        .await
        .is(ProblemCode::DeviceTaken);
}
