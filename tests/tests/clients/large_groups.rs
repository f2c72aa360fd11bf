//! Groups that can become large: how they are made, whom they take, and how many come in at once.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test nothing is public, and what is not as it should be fails"
)]

use sotto_client_sdk::native::HttpTransport;
use sotto_client_sdk::platform::RequestBody;
use sotto_client_sdk::protocol::rest::key_package::{ClaimKeyPackages, KeyPackageStock, KeyPackagesClaimed};
use sotto_client_sdk::protocol::rest::user::User;
use sotto_client_sdk::protocol::{ChatId, Problem, ProblemCode, Suite};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{ClientError, GroupSize, NewGroup, Role};
use sotto_tests::tampering::{TamperAnswer, Tampering, honest};
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Vault, World, gardeners, next};
use std::sync::{Arc, Mutex};

fn group(size: GroupSize, members: &[&str]) -> NewGroup {
    NewGroup {
        size,
        ..gardeners(BY_ADMINS, members)
    }
}

/// The claims that a device makes, and the stock that the server says it has.
#[derive(Clone, Default)]
struct Seen {
    claims: Arc<Mutex<Vec<Suite>>>,
    stock: Arc<Mutex<Option<KeyPackageStock>>>,
}

impl Seen {
    async fn device(&self, world: &World, name: &str) -> Device {
        let seen = self.clone();
        let answers: TamperAnswer = Arc::new(move |request, answer| {
            if request.path == "/v1/key-package/claim"
                && let Some(RequestBody::Json(body)) = &request.body
                && let Ok(claim) = serde_json::from_slice::<ClaimKeyPackages>(body)
            {
                seen.claims.lock().unwrap().push(claim.suite);
            }
            if request.path == "/v1/key-package"
                && let Ok(stock) = serde_json::from_slice(&answer.body)
            {
                *seen.stock.lock().unwrap() = Some(stock);
            }
            answer
        });
        let transport =
            Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(answers);
        let device = Device::open_over(transport, Vault::new(), Faults::none())
            .await
            .unwrap();
        device.client.register(name, PASSWORD).await.unwrap();
        device.is_online().await;
        device
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_has_the_suite_of_its_size_and_every_member_can_tell() {
    let world = World::start().await;
    let seen = Seen::default();
    let alice = seen.device(&world, "alice").await;
    let bob = world.person("bob").await;
    let carol = world.person("carol").await;
    for (size, suite) in [
        (GroupSize::Normal, Suite::XWing),
        (GroupSize::Large, Suite::X25519),
    ] {
        seen.claims.lock().unwrap().clear();
        let made = alice.client.create_group(group(size, &["bob"])).await.unwrap();
        bob.takes(made).await;
        // Also whoever is added later, by a KeyPackage of the same suite.
        alice.client.add_to_group(made, &["carol"]).await.unwrap();
        carol.takes(made).await;
        assert_eq!(*seen.claims.lock().unwrap(), [suite, suite]);
        for member in [&alice, &bob, &carol] {
            let seen = member.sees_group(made, |seen| seen.members == 3).await;
            assert_eq!(seen.size, size);
            assert_eq!(seen.adding, 0);
        }
        carol.sends(made, "hello").await;
        bob.hears(made, &["hello"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_device_has_key_packages_of_every_suite_and_a_last_resort_of_each() {
    let world = World::start().await;
    let seen = Seen::default();
    let _alice = seen.device(&world, "alice").await;
    let stock = seen.stock.lock().unwrap().clone().unwrap();
    for suite in Suite::ALL {
        let of_suite = stock.suites.iter().find(|stock| stock.suite == suite).unwrap();
        assert!(of_suite.remaining > 0 && of_suite.last_resort && !of_suite.last_resort_used);
    }
}

/// A server that hands out KeyPackages of the other suite than was asked for.
fn of_another_suite() -> TamperAnswer {
    let other: Arc<Mutex<Option<Vec<u8>>>> = Arc::default();
    Arc::new(move |request, mut answer| {
        if request.path == "/v1/key-package/claim" {
            let mut kept = other.lock().unwrap();
            let claimed: KeyPackagesClaimed = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(claimed.key_packages.len(), 1);
            match kept.take() {
                None => *kept = Some(answer.body.clone()),
                Some(first) => answer.body = first,
            }
        }
        answer
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_package_of_another_suite_than_the_groups_is_refused() {
    let world = World::start().await;
    let _bob = world.person("bob").await;
    let transport =
        Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(of_another_suite());
    let alice = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    alice.client.register("alice", PASSWORD).await.unwrap();
    alice.is_online().await;
    // The first claim is answered honestly, and its X25519 KeyPackage is given again to who asks for X-Wing.
    let large = group(GroupSize::Large, &["bob"]);
    alice.client.create_group(large).await.unwrap();
    let refused = alice
        .client
        .create_group(group(GroupSize::Normal, &["bob"]))
        .await;
    assert_eq!(refused, Err(ClientError::NoDevice));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_members_than_a_group_can_have_are_refused_before_anybody_is_asked() {
    let world = World::start().await;
    let seen = Seen::default();
    let alice = seen.device(&world, "alice").await;
    for size in [GroupSize::Normal, GroupSize::Large] {
        let most = size.suite().most_devices();
        let names: Vec<String> = (0..most).map(|number| format!("nobody{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let refused = alice.client.create_group(group(size, &names)).await.unwrap_err();
        assert_eq!(refused, ClientError::GroupFull { most });
        assert_eq!(refused.code(), "group-full");
    }
    assert!(seen.claims.lock().unwrap().is_empty());
    assert!(alice.client.chats().await.unwrap().is_empty());
}

/// Waits until these are in the group, seen by its founder.
async fn has(alice: &Device, made: ChatId, members: usize) {
    alice
        .sees_group(made, |seen| seen.members == members && seen.adding == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_added_keeps_nobody_else_out_and_is_told() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let (bob, carol) = (world.person("bob").await, world.person("carol").await);
    let made = alice
        .client
        .create_group(group(GroupSize::Large, &[]))
        .await
        .unwrap();
    let answer = alice.client.add_to_group(made, &["bob", "nobody", "carol"]).await;
    assert_eq!(answer, Err(ClientError::UserNotFound));
    has(&alice, made, 3).await;
    for device in [&bob, &carol] {
        device.has_chat(made).await;
    }
    // Alone, nobody is nobody.
    let answer = alice.client.add_to_group(made, &["nobody"]).await;
    assert_eq!(answer, Err(ClientError::UserNotFound));
}

/// A server that has had enough of claims for a moment, once.
fn tired_once(at: usize) -> TamperAnswer {
    let claims: Arc<Mutex<usize>> = Arc::default();
    Arc::new(move |request, mut answer| {
        if request.path == "/v1/key-package/claim" {
            let mut claims = claims.lock().unwrap();
            *claims += 1;
            if *claims == at {
                let problem = Problem::new(ProblemCode::RateLimited);
                answer.status = 429;
                answer.body = serde_json::to_vec(&problem).unwrap();
            }
        }
        answer
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_were_looked_up_before_the_server_was_tired_are_not_looked_up_again() {
    let world = World::start().await;
    let (_bob, _carol, _dan) = (
        world.person("bob").await,
        world.person("carol").await,
        world.person("dan").await,
    );
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let (noted, tired) = (Arc::clone(&asked), tired_once(2));
    let answers: TamperAnswer = Arc::new(move |request, answer| {
        if request.path.starts_with("/v1/user/")
            && let Ok(user) = serde_json::from_slice::<User>(&answer.body)
        {
            noted.lock().unwrap().push(user.name.to_string());
        }
        tired(request, answer)
    });
    let transport = Tampering::new(HttpTransport::new(&world.url()).unwrap(), honest()).with_answers(answers);
    let alice = Device::open_over(transport, Vault::new(), Faults::none())
        .await
        .unwrap();
    alice.client.register("alice", PASSWORD).await.unwrap();
    alice.is_online().await;
    let made = alice
        .client
        .create_group(group(GroupSize::Large, &[]))
        .await
        .unwrap();
    asked.lock().unwrap().clear();
    alice
        .client
        .add_to_group(made, &["bob", "carol", "dan"])
        .await
        .unwrap();
    has(&alice, made, 4).await;
    // One of the three, whoever it was that the server did not answer, was asked for twice.
    let asked = asked.lock().unwrap();
    let times = |name: &str| asked.iter().filter(|asked| *asked == name).count();
    assert_eq!(times("bob") + times("carol") + times("dan"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_found_by_a_part_of_their_names() {
    let world = World::start().await;
    let alice = world.person("alice").await;
    let (bob, _barbara, _carol) = (
        world.person("bob").await,
        world.person("barbara").await,
        world.person("carol").await,
    );
    let made = alice
        .client
        .create_group(group(GroupSize::Normal, &["bob", "barbara", "carol"]))
        .await
        .unwrap();
    let found = async |device: &Device, text: &str| -> Vec<(String, Role)> {
        let page = device.client.find_group_members(made, text, 0, 10).await.unwrap();
        assert_eq!(page.total, page.members.len());
        let mut names: Vec<_> = page
            .members
            .into_iter()
            .filter_map(|member| Some((member.person?.name.to_string(), member.role)))
            .collect();
        names.sort_unstable();
        names
    };
    let named = |name: &str, role| (name.to_owned(), role);
    assert_eq!(found(&alice, "").await.len(), 4);
    let both = [named("barbara", Role::Member), named("bob", Role::Member)];
    assert_eq!(found(&alice, " B ").await, both);
    assert_eq!(found(&alice, "ALI").await, [named("alice", Role::Owner)]);
    assert_eq!(found(&alice, "nobody").await, []);
    // Bob does not know what they are called before he looks for them.
    bob.takes(made).await;
    let mut events = bob.client.events();
    while found(&bob, "ar").await != [named("barbara", Role::Member), named("carol", Role::Member)] {
        next(&mut events).await;
    }
}
