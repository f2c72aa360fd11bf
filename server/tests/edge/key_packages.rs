use crate::support::{Person, TestServer, mls, random};
use sotto_protocol::frame::{Change, ServerFrame};
use sotto_protocol::rest::key_package::{
    ClaimKeyPackages, KeyPackageStock, KeyPackagesClaimed, PublishKeyPackages, SuiteStock,
};
use sotto_protocol::{AccountId, ProblemCode, Suite};

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

#[tokio::test]
async fn each_key_package_is_claimed_once_and_then_the_last_resort() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    let stock = publish(&server, &bob, 2, 1).await;
    let expected = SuiteStock {
        suite: Suite::XWing,
        remaining: 2,
        last_resort: true,
    };
    assert_eq!(stock.suites, [expected]);

    let mut claimed = Vec::new();
    for _ in 0..4 {
        let answer: KeyPackagesClaimed = server
            .post("/v1/key-package/claim")
            .token(&alice.tokens.access_token)
            .json(&claim(bob.account))
            .await
            .ok();
        let [package] = &*answer.key_packages else {
            panic!("{answer:?}");
        };
        assert_eq!(package.device, bob.device);
        claimed.push(package.key_package.as_slice().to_vec());
    }
    assert_ne!(claimed[0], claimed[1]);
    assert_ne!(claimed[1], claimed[2]);
    assert_eq!(claimed[2], claimed[3]);
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
