use crate::support::{Person, TestServer, mls, random};
use sotto_protocol::frame::{Change, ClientFrame, ServerFrame};
use sotto_protocol::rest::key_package::{
    ClaimKeyPackages, KeyPackageStock, KeyPackagesClaimed, PublishKeyPackages, SuiteStock,
};
use sotto_protocol::{AccountId, ProblemCode, Suite, limits};
use sotto_server::config::Rate;

async fn publish(server: &TestServer, person: &Person, number: usize, last_resort: usize) -> KeyPackageStock {
    let many = |number: usize| {
        (0..number)
            .map(|_| mls::key_package(Suite::XWing).into())
            .collect()
    };
    server
        .post("/v1/key-package")
        .token(&person.tokens.access_token)
        .json(&PublishKeyPackages {
            key_packages: many(number),
            last_resort: many(last_resort),
        })
        .await
        .ok()
}

fn claim(account: AccountId) -> ClaimKeyPackages {
    ClaimKeyPackages {
        account,
        suite: Suite::XWing,
    }
}

/// What somebody gets of a person's only device.
async fn claims(server: &TestServer, claimer: &Person, person: &Person) -> Vec<u8> {
    let answer: KeyPackagesClaimed = claimer
        .posts(server, "/v1/key-package/claim", &claim(person.account))
        .await
        .ok();
    let [package] = &*answer.key_packages else {
        panic!("{answer:?}");
    };
    assert_eq!(package.device, person.device);
    package.key_package.as_slice().to_vec()
}

async fn stock(server: &TestServer, person: &Person) -> SuiteStock {
    let stock: KeyPackageStock = person.gets(server, "/v1/key-package").await.ok();
    stock.suites[0]
}

#[tokio::test]
async fn each_key_package_is_claimed_once_and_then_the_last_resort() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let published = publish(&server, &bob, 2, 1).await;
    let expected = SuiteStock {
        suite: Suite::XWing,
        remaining: 2,
        last_resort: true,
        last_resort_used: false,
    };
    assert_eq!(published.suites, [expected]);
    bob.start_chat(&server, &alice).await;

    let mut claimed = Vec::new();
    for _ in 0..4 {
        claimed.push(claims(&server, &alice, &bob).await);
    }
    assert_ne!(claimed[0], claimed[1]);
    assert_ne!(claimed[1], claimed[2]);
    assert_eq!(claimed[2], claimed[3]);
    assert!(stock(&server, &bob).await.last_resort_used);
    // A new one has not been handed out.
    publish(&server, &bob, 0, 1).await;
    assert!(!stock(&server, &bob).await.last_resort_used);
}

#[tokio::test]
async fn many_accounts_do_not_empty_anybodys_stock() {
    let server = TestServer::start_with(|config| {
        config.limits.claims_per_target = Rate::new(6, 1);
        config.limits.claims_per_pair = Rate::new(5, 1);
    })
    .await;
    let victim = Person::register(&server, "victim").await;
    let friend = Person::register(&server, "friend").await;
    let stranger = Person::register(&server, "stranger").await;
    publish(&server, &victim, 50, 1).await;
    victim.start_chat(&server, &friend).await;
    let last_resort = async |drainer: &Person| claims(&server, drainer, &victim).await;

    let mut got = std::collections::HashSet::new();
    for number in 0..8 {
        let drainer = Person::register(&server, &format!("drainer-{number}")).await;
        // That it begins a chat brings it no nearer.
        drainer.start_chat(&server, &victim).await;
        for _ in 0..5 {
            got.insert(last_resort(&drainer).await);
        }
        drainer
            .posts(&server, "/v1/key-package/claim", &claim(victim.account))
            .await
            .is(ProblemCode::RateLimited);
    }
    // Six of the stock, a little more if this took long, and then the last resort.
    let left = stock(&server, &victim).await;
    assert!(left.remaining >= 40, "{left:?}");
    assert!(left.last_resort_used);
    assert_eq!(got.len(), 51 - left.remaining as usize);

    // Strangers still reach the victim, and those it has written to get what nobody else gets.
    assert!(got.contains(&claims(&server, &stranger, &victim).await));
    let of_friend = claims(&server, &friend, &victim).await;
    assert!(!got.contains(&of_friend));
    assert_eq!(stock(&server, &victim).await.remaining, left.remaining - 1);
}

#[tokio::test]
async fn slow_drainers_leave_a_reserve() {
    let server = TestServer::start_with(|config| config.limits.claims_per_target = Rate::new(0, 0)).await;
    let victim = Person::register(&server, "victim").await;
    let drainer = Person::register(&server, "drainer").await;
    let friend = Person::register(&server, "friend").await;
    publish(&server, &victim, 20, 1).await;
    victim.start_chat(&server, &friend).await;
    for _ in 0..40 {
        claims(&server, &drainer, &victim).await;
    }
    assert_eq!(
        stock(&server, &victim).await.remaining,
        limits::KEY_PACKAGES_RESERVED
    );
    claims(&server, &friend, &victim).await;
    assert_eq!(
        stock(&server, &victim).await.remaining,
        limits::KEY_PACKAGES_RESERVED - 1
    );
}

#[tokio::test]
async fn a_device_whose_last_resort_is_used_is_told() {
    let server = TestServer::start_with(|config| config.limits.claims_per_target = Rate::new(1, 1)).await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    publish(&server, &bob, 60, 1).await;
    let mut socket = bob.connect(&server).await;
    let first = claims(&server, &alice, &bob).await;
    // Enough is left: nothing is told of the first.
    socket.send(&ClientFrame::Ping).await;
    socket
        .until(|frame| {
            assert_ne!(*frame, ServerFrame::Changed(Change::KeyPackages));
            *frame == ServerFrame::Pong
        })
        .await;
    assert_ne!(claims(&server, &alice, &bob).await, first);
    socket
        .until(|frame| *frame == ServerFrame::Changed(Change::KeyPackages))
        .await;
}

#[tokio::test]
async fn a_device_whose_stock_runs_low_is_told() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    publish(&server, &bob, 3, 0).await;
    let mut socket = bob.connect(&server).await;
    server
        .post("/v1/key-package/claim")
        .token(&alice.tokens.access_token)
        .json(&claim(bob.account))
        .await;
    socket
        .until(|frame| *frame == ServerFrame::Changed(Change::KeyPackages))
        .await;
}

#[tokio::test]
async fn claiming_from_nobody_or_from_an_empty_stock_is_a_problem() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let claim_as_alice = async |account| {
        server
            .post("/v1/key-package/claim")
            .token(&alice.tokens.access_token)
            .json(&claim(account))
            .await
    };
    claim_as_alice(AccountId::from_bytes(random()))
        .await
        .is(ProblemCode::UserNotFound);
    claim_as_alice(bob.account).await.is(ProblemCode::NoKeyPackage);
    // Oneself, with no other device, is no mistake.
    let own: KeyPackagesClaimed = claim_as_alice(alice.account).await.ok();
    assert!(own.key_packages.is_empty());
}

#[tokio::test]
async fn what_is_no_key_package_or_too_many_changes_nothing() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let token = &alice.tokens.access_token;
    let publication = |key_packages: Vec<Vec<u8>>| PublishKeyPackages {
        key_packages: key_packages.into_iter().map(Into::into).collect(),
        last_resort: vec![],
    };
    let good = mls::key_package(Suite::XWing);
    let cases = [
        (
            vec![good.clone(), b"nonsense".to_vec()],
            ProblemCode::MalformedMessage,
        ),
        (
            vec![good.clone(), mls::welcome(Suite::XWing)],
            ProblemCode::MalformedMessage,
        ),
        (vec![[&*good, &[0; 9000]].concat()], ProblemCode::TooLarge),
        (vec![good; 101], ProblemCode::TooLarge),
    ];
    for (key_packages, code) in cases {
        server
            .post("/v1/key-package")
            .token(token)
            .json(&publication(key_packages))
            .await
            .is(code);
    }
    let stock: KeyPackageStock = server.get("/v1/key-package").token(token).send().await.ok();
    assert_eq!(stock.suites, []);

    publish(&server, &alice, 100, 0).await;
    publish(&server, &alice, 100, 0).await;
    let one_more = publication(vec![mls::key_package(Suite::XWing)]);
    server
        .post("/v1/key-package")
        .token(token)
        .json(&one_more)
        .await
        .is(ProblemCode::TooManyKeyPackages);
}
