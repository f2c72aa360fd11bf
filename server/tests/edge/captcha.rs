//! The proof of work: what it is needed for, and that each counts once.

use crate::recovery::{FINISH, challenged, proof};
use crate::support::opaque::{self, QuickSuite};
use crate::support::person::recovery_key;
use crate::support::{Answer, Person, TestServer};
use http::StatusCode;
use sha2::{Digest as _, Sha256};
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::auth::{StartLogin, StartRecovery};
use sotto_protocol::rest::captcha::{CaptchaAnswer, CaptchaChallenge, CaptchaSolution};
use sotto_protocol::rest::user::CreateUser;
use sotto_server::config::{Config, Rate};
use std::fmt::Write as _;

/// How far one has to search when nothing is going on.
const LEAST: u64 = 500;

async fn working() -> TestServer {
    TestServer::start_with(with_captcha).await
}

fn with_captcha(config: &mut Config) {
    config.captcha.enabled = true;
    config.captcha.least = LEAST;
    config.captcha.most = 4 * LEAST;
    config.network.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
}

async fn challenge(server: &TestServer) -> CaptchaChallenge {
    server.get("/v1/auth/captcha").send().await.ok()
}

async fn solved(server: &TestServer) -> CaptchaAnswer {
    solve(challenge(server).await)
}

fn solve(challenge: CaptchaChallenge) -> CaptchaAnswer {
    let is_it = |number: &u64| {
        let digest = Sha256::digest(format!("{}{number}", challenge.salt));
        let mut hex = String::new();
        for byte in digest {
            write!(hex, "{byte:02x}").unwrap();
        }
        hex == challenge.challenge
    };
    CaptchaAnswer {
        number: (0..=challenge.maxnumber).find(is_it).unwrap(),
        algorithm: challenge.algorithm,
        challenge: challenge.challenge,
        salt: challenge.salt,
        signature: challenge.signature,
    }
}

/// The answer to a registration with this solution.
async fn register(server: &TestServer, name: &str, captcha: Option<&CaptchaAnswer>) -> Answer {
    let creation = CreateUser {
        captcha: captcha.map(CaptchaSolution::from),
        ..Person::creation(server, name).await
    };
    server.put(&format!("/v1/user/{name}")).json(&creation).await
}

/// The answer to the beginning of a login by recovery code with this solution.
async fn begin_recovery(server: &TestServer, name: &str, captcha: Option<&CaptchaAnswer>) -> Answer {
    let start = StartRecovery {
        name: name.parse().unwrap(),
        captcha: captcha.map(CaptchaSolution::from),
    };
    server.post("/v1/auth/recovery").json(&start).await
}

/// The answer to the beginning of a login with this solution. What it is to begin with is nonsense, which is said where nothing else
/// is wrong.
async fn begin_login(server: &TestServer, name: &str, captcha: Option<&CaptchaAnswer>) -> ProblemCode {
    let start = StartLogin {
        name: name.parse().unwrap(),
        request: vec![1; 96].into(),
        captcha: captcha.map(CaptchaSolution::from),
    };
    server.post("/v1/auth/login").json(&start).await.problem().code
}

#[tokio::test]
async fn a_registration_takes_a_solution_and_each_counts_once() {
    let server = working().await;
    register(&server, "alice", None)
        .await
        .is(ProblemCode::CaptchaRequired);
    let solution = solved(&server).await;
    let created = register(&server, "alice", Some(&solution)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    register(&server, "bob", Some(&solution))
        .await
        .is(ProblemCode::CaptchaInvalid);
    let server = server.restart().await;
    register(&server, "bob", Some(&solution))
        .await
        .is(ProblemCode::CaptchaInvalid);
    let created = register(&server, "bob", Some(&solved(&server).await)).await;
    assert_eq!(created.status, StatusCode::CREATED);
}

#[tokio::test]
async fn of_many_accounts_with_one_solution_one_is_created() {
    let server = working().await;
    let solution = solved(&server).await;
    let attempts = (0..8).map(|number| {
        let (server, solution) = (&server, &solution);
        async move { register(server, &format!("robot{number}"), Some(solution)).await }
    });
    let answers = futures_util::future::join_all(attempts).await;
    let created = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(created.count(), 1);
    for refused in answers.iter().filter(|answer| !answer.status.is_success()) {
        refused.is(ProblemCode::CaptchaInvalid);
    }
}

#[tokio::test]
async fn a_registration_that_fails_spends_no_solution() {
    let server = working().await;
    let solution = solved(&server).await;
    let creation = CreateUser {
        captcha: Some((&solution).into()),
        ..Person::creation(&server, "alice").await
    };
    let created = register(&server, "alice", Some(&solved(&server).await)).await;
    assert_eq!(created.status, StatusCode::CREATED);
    server
        .put("/v1/user/alice")
        .json(&creation)
        .await
        .is(ProblemCode::NameTaken);
    let created = register(&server, "bob", Some(&solution)).await;
    assert_eq!(created.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_is_forged_or_of_another_server_is_refused() {
    let (server, other) = (working().await, working().await);
    let right = solved(&server).await;
    let forged = CaptchaAnswer {
        number: right.number + 1,
        ..right.clone()
    };
    let longer = CaptchaAnswer {
        salt: right.salt.replacen("expires=", "expires=9", 1),
        ..right.clone()
    };
    let of_another = solved(&other).await;
    for wrong in [forged, longer, of_another] {
        register(&server, "alice", Some(&wrong))
            .await
            .is(ProblemCode::CaptchaInvalid);
    }
    let nonsense = CreateUser {
        captcha: Some(CaptchaSolution::new("nonsense".to_owned())),
        ..Person::creation(&server, "alice").await
    };
    server
        .put("/v1/user/alice")
        .json(&nonsense)
        .await
        .is(ProblemCode::CaptchaInvalid);
    let created = register(&server, "alice", Some(&right)).await;
    assert_eq!(created.status, StatusCode::CREATED);
}

#[tokio::test]
async fn logins_take_a_solution_after_more_guesses_than_a_person_makes_for_names_that_nobody_has_as_well() {
    let server = working().await;
    register(&server, "alice", Some(&solved(&server).await)).await;
    for name in ["alice", "nobody"] {
        for _ in 0..8 {
            assert_eq!(
                begin_login(&server, name, None).await,
                ProblemCode::InvalidRequest
            );
        }
        assert_eq!(
            begin_login(&server, name, None).await,
            ProblemCode::CaptchaRequired
        );
        let solution = solved(&server).await;
        let with = || begin_login(&server, name, Some(&solution));
        assert_eq!(with().await, ProblemCode::InvalidRequest);
        assert_eq!(with().await, ProblemCode::CaptchaInvalid);
    }
    assert_eq!(
        begin_login(&server, "carol", None).await,
        ProblemCode::InvalidRequest
    );
}

/// Whoever is refused at one door would go to the other.
#[tokio::test]
async fn logins_by_recovery_code_are_counted_with_those_by_password_and_take_a_solution_as_they_do() {
    let server = working().await;
    register(&server, "alice", Some(&solved(&server).await)).await;
    for name in ["alice", "nobody"] {
        for _ in 0..4 {
            begin_login(&server, name, None).await;
            let begun = begin_recovery(&server, name, None).await;
            assert_eq!(begun.status, StatusCode::OK);
        }
        begin_recovery(&server, name, None)
            .await
            .is(ProblemCode::CaptchaRequired);
        assert_eq!(
            begin_login(&server, name, None).await,
            ProblemCode::CaptchaRequired
        );
        let solution = solved(&server).await;
        let with = || begin_recovery(&server, name, Some(&solution));
        assert_eq!(with().await.status, StatusCode::OK);
        with().await.is(ProblemCode::CaptchaInvalid);
    }
}

#[tokio::test]
async fn whoever_does_no_work_uses_up_none_of_the_logins_that_a_name_has() {
    let server = TestServer::start_with(|config| {
        with_captcha(config);
        config.limits.logins_per_name = Rate::new(10, 1);
    })
    .await;
    register(&server, "alice", Some(&solved(&server).await)).await;
    for _ in 0..8 {
        begin_login(&server, "alice", None).await;
    }
    for _ in 0..10 {
        assert_eq!(
            begin_login(&server, "alice", None).await,
            ProblemCode::CaptchaRequired
        );
    }
    let solution = solved(&server).await;
    assert_eq!(
        begin_login(&server, "alice", Some(&solution)).await,
        ProblemCode::InvalidRequest
    );
}

#[tokio::test]
async fn logins_that_succeed_are_no_guesses() {
    let server = working().await;
    let creation = CreateUser {
        captcha: Some((&solved(&server).await).into()),
        ..Person::creation(&server, "alice").await
    };
    let created = server.put("/v1/user/alice").json(&creation).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let name = "alice".parse().unwrap();
    let code = recovery_key(creation.account);
    for _ in 0..9 {
        let attempt = opaque::log_in::<QuickSuite>(&server, &name, b"correct horse battery staple").await;
        let finished = server.post("/v1/auth/login/finish").json(&attempt.finish).await;
        assert_eq!(finished.status, StatusCode::OK);
        let challenged = challenged(&server, &name).await;
        let proof = proof(&code, &challenged, &name);
        let finished = server.post(FINISH).json(&proof).await;
        assert_eq!(finished.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn the_work_of_an_address_doubles_with_what_it_does_and_that_of_others_does_not() {
    let server = working().await;
    let asked_of = async |address: &str| {
        let request = server.get("/v1/auth/captcha").header("x-forwarded-for", address);
        let challenge: CaptchaChallenge = request.send().await.ok();
        challenge.maxnumber
    };
    let guess = StartLogin {
        name: "alice".parse().unwrap(),
        request: vec![1; 96].into(),
        captcha: None,
    };
    let mut work = Vec::new();
    for number in 0..100 {
        if number % 20 == 0 {
            work.push(asked_of("192.0.2.1").await);
        }
        let guess = StartLogin {
            name: format!("somebody{number}").parse().unwrap(),
            ..guess.clone()
        };
        let request = server.post("/v1/auth/login");
        request.header("x-forwarded-for", "192.0.2.1").json(&guess).await;
    }
    assert_eq!(work, [LEAST, 2 * LEAST, 4 * LEAST, 4 * LEAST, 4 * LEAST]);
    assert_eq!(asked_of("192.0.2.2").await, LEAST);
}

#[tokio::test]
async fn where_it_is_off_nothing_is_asked() {
    let server = TestServer::start().await;
    let answer = server.get("/v1/auth/captcha").send().await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    Person::register(&server, "alice").await;
    for _ in 0..12 {
        assert_eq!(
            begin_login(&server, "alice", None).await,
            ProblemCode::InvalidRequest
        );
    }
}
