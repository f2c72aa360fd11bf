//! One account's token neither shows nor changes what is another's, whatever it asks for.

mod possessions;

use crate::passkeys;
use crate::support::issuer::{Issuer, Key};
use crate::support::{Person, TestServer};
use http::Method;
use possessions::{Possessions, tells_the_secret};
use serde_json::Value;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::blob::UPLOAD_OFFSET;
use sotto_server::config::{Config, Rate};
use std::collections::{BTreeMap, BTreeSet};

/// Operations at which somebody else succeeds, with whatever of alice's stands in the path. All others are refused: who adds an operation
/// that is not, says here why it need not be.
const SUCCEED: [&str; 47] = [
    // They show what is public.
    "aboutPage",
    "captcha",
    "communityBroadcast",
    "communityGroups",
    "listNews",
    "newCommunities",
    "newsFeed",
    "notificationKey",
    "openapi",
    "readCommunity",
    "readGroup",
    "readPicture",
    "searchCommunities",
    "searchGroups",
    "searchUsers",
    "serverBroadcast",
    "serverInfo",
    "siteStyle",
    "userById",
    "userByName",
    // Whoever knows a file's id may read its ciphertext: those whom its message has told do.
    "readBlob",
    // They tell nobody whether there is such an account or link.
    "startDeviceLink",
    "startPasskeyLogin",
    "startRecovery",
    // They show and change what is of whoever asks, under whatever id.
    "archiveUsage",
    "blobUsage",
    "block",
    "blockedAccounts",
    "claimArchive",
    "devices",
    "joinedCommunities",
    "keyPackageStock",
    "listArchives",
    "notificationSubscription",
    "oidcLink",
    "ownRole",
    "passkeys",
    "readSegments",
    "startPasskeyRegistration",
    "writeArchive",
    "writeRecord",
    // For whoever asks it is so already.
    "leaveCommunity",
    "leaveGroup",
    "unblock",
    "unlinkOidc",
    "unsubscribeFromNotifications",
    "withdrawDeviceLink",
];

/// Operations whose example of a body says nothing that could be done, so that nobody learns by it whether they are refused. Give others
/// a better one, in [`Possessions::body`].
const MALFORMED: [&str; 9] = [
    // Of whoever asks, without anything of alice's.
    "createBlob",
    "publishKeyPackages",
    "setPassword",
    "startLogin",
    "startOidc",
    "startPassword",
    "subscribeToNotifications",
    // Of a group that takes requests, which is not alice's: `strangers` has what is refused.
    "askToJoin",
    // Its body is good. That alice has offered this link is not said.
    "offerDeviceLink",
];

/// Operations that are not tried.
const NOT_TRIED: [&str; 5] = [
    // They would end the session that asks, and nobody else's.
    "logout",
    "logoutEverywhere",
    "connect",
    // Whoever joins is a member.
    "joinCommunity",
    // It is there or not, as the server was built.
    "docs",
];

fn configured(config: &mut Config, issuer: &Issuer) {
    issuer.is_configured(config);
    passkeys::are_configured(config);
    let limits = &mut config.limits;
    let none = Rate::new(0, 0);
    limits.requests_per_account = none;
    limits.requests_per_device = none;
    limits.blob_requests_per_account = none;
    limits.archive_requests_per_account = none;
    limits.reports_per_account = none;
}

#[tokio::test]
async fn whatever_somebody_else_asks_for_they_see_and_change_nothing_of_an_account() {
    let key = Key::ed("o");
    let issuer = Issuer::start(&[&key]).await;
    let server = TestServer::start_with(|config| configured(config, &issuer)).await;
    let possessions = Possessions::new(&server, &issuer, &key).await;
    let before = possessions.seen(&server).await;
    for (path, status, body) in &before {
        let is_shown = status.is_success() || path == "/v1/notification/subscription";
        assert!(is_shown, "alice is shown nothing at {path}: {body}");
    }
    let eve = Person::register(&server, "eve").await;
    let enrolment = eve.log_in(&server).await.enrolment_token;
    let document: Value = server.get("/v1/openapi.json").send().await.ok();
    let mut answered: BTreeMap<&str, Vec<Option<ProblemCode>>> = BTreeMap::new();
    for (template, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            if NOT_TRIED.contains(&id) {
                continue;
            }
            let token = match &operation["security"][0]["enrolment"] {
                Value::Null => &eve.tokens.access_token,
                _ => &enrolment,
            };
            let method: Method = method.to_uppercase().parse().unwrap();
            for path in possessions.paths(template) {
                let asked = format!("{path}{}", possessions.query(id));
                let request = server.request(method.clone(), &asked).token(token);
                let content = operation["requestBody"]["content"].as_object();
                let answer = match content.and_then(|content| content.iter().next()) {
                    None => request.send().await,
                    Some((media_type, described)) => {
                        let body = possessions.body(id, &eve);
                        let body = body.unwrap_or_else(|| described["example"].clone());
                        let request = request.header(UPLOAD_OFFSET, "0");
                        request.body(media_type, body.to_string()).send().await
                    }
                };
                assert!(answer.status.as_u16() < 500, "{method} {path}: {answer:?}");
                assert!(
                    id == "readBlob" || !possessions.tells_others(&path, &answer),
                    "{method} {path}: {answer:?}"
                );
                let refusal = (!answer.status.is_success()).then(|| answer.problem().code);
                answered.entry(id).or_default().push(refusal);
            }
        }
    }
    let are = |is: &dyn Fn(&[Option<ProblemCode>]) -> bool| -> BTreeSet<&str> {
        let those = answered.iter().filter(|(_, answers)| is(answers));
        those.map(|(id, _)| *id).collect()
    };
    let succeeded = are(&|answers| answers.contains(&None));
    let is_malformed = |answer: &Option<ProblemCode>| {
        matches!(
            answer,
            Some(ProblemCode::InvalidRequest | ProblemCode::MalformedMessage)
        )
    };
    let malformed = are(&|answers| answers.iter().all(is_malformed));
    let expected = (BTreeSet::from(SUCCEED), BTreeSet::from(MALFORMED));
    assert_eq!((succeeded, malformed), expected);
    assert_eq!(possessions.seen(&server).await, before);
    assert!(
        tells_the_secret(&possessions.own_chat(&server).await),
        "the test knows the secret when it sees it"
    );
}
