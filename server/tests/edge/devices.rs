use crate::support::{Person, TestServer};
use http::StatusCode;
use sotto_protocol::frame::Goodbye;
use sotto_protocol::rest::device::{Devices, RemoveDevice};
use sotto_protocol::rest::user::User;
use sotto_protocol::{DeviceId, ListedDevice, ProblemCode};

fn without(person: &Person, device: DeviceId) -> Vec<ListedDevice> {
    let kept = person.devices.iter().filter(|listed| listed.device != device);
    kept.copied().collect()
}

#[tokio::test]
async fn a_removed_device_is_out_at_once() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let stolen = alice.at_new_device(&server).await;
    let mut socket = stolen.connect(&server).await;
    let request = RemoveDevice {
        device_list: alice.device_list_of(3, without(&alice, stolen.device)),
    };
    let answer = server
        .delete(&format!("/v1/device/{}", stolen.device))
        .token(&alice.tokens.access_token)
        .json(&request)
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    socket.is_told_goodbye(Goodbye::SessionEnded).await;
    server
        .get("/v1/device")
        .token(&stolen.tokens.access_token)
        .send()
        .await
        .is(ProblemCode::SessionEnded);
    let devices: Devices = server
        .get("/v1/device")
        .token(&alice.tokens.access_token)
        .send()
        .await
        .ok();
    assert_eq!(devices.devices.len(), 1);
    let profile: User = server.get("/v1/user/alice").send().await.ok();
    assert_eq!(profile.device_list, request.device_list);
}

#[tokio::test]
async fn a_removal_that_is_not_what_its_list_says_changes_nothing() {
    let server = TestServer::start().await;
    let mut alice = Person::register(&server, "alice").await;
    let laptop = alice.at_new_device(&server).await;
    let bob = Person::register(&server, "bob").await;
    let remaining = without(&alice, laptop.device);
    let cases = [
        // It is still in the list.
        (
            laptop.device,
            alice.device_list_of(3, alice.devices.clone()),
            ProblemCode::InvalidRequest,
        ),
        // The list is of the wrong version.
        (
            laptop.device,
            alice.device_list_of(2, remaining.clone()),
            ProblemCode::StaleDeviceList,
        ),
        (
            laptop.device,
            alice.device_list_of(4, remaining.clone()),
            ProblemCode::StaleDeviceList,
        ),
        // The list leaves out another device too.
        (
            laptop.device,
            alice.device_list_of(3, vec![]),
            ProblemCode::StaleDeviceList,
        ),
        // The list is another account's.
        (
            laptop.device,
            bob.device_list_of(3, vec![]),
            ProblemCode::InvalidRequest,
        ),
        // The device is another account's.
        (
            bob.device,
            alice.device_list_of(3, alice.devices.clone()),
            ProblemCode::DeviceNotFound,
        ),
    ];
    for (device, device_list, code) in cases {
        server
            .delete(&format!("/v1/device/{device}"))
            .token(&alice.tokens.access_token)
            .json(&RemoveDevice { device_list })
            .await
            .is(code);
    }
    let profile: User = server.get("/v1/user/alice").send().await.ok();
    assert_eq!(profile.device_list, alice.device_list());
    for person in [&laptop, &bob] {
        let _: Devices = server
            .get("/v1/device")
            .token(&person.tokens.access_token)
            .send()
            .await
            .ok();
    }
}
