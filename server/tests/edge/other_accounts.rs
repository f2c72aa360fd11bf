//! One account's token neither shows nor changes what is another's, whatever it asks for.

use crate::blobs::upload;
use crate::support::group::TestGroup;
use crate::support::{Answer, Person, TestServer, mls, random};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::rest::archive::WriteArchive;
use sotto_protocol::rest::record::WriteRecord;
use sotto_protocol::{ChatId, MessageId, RecordId, Retention, Seq};
use sotto_server::config::Rate;

/// What only its owner, and whom it is for, may ever be told. As base64url it is the same wherever it begins with a multiple of three.
const SECRET: &[u8] = b"nobody else is told this";

/// What alice has, and where.
struct Possessions {
    alice: Person,
    /// Ids that can stand in a path, by what the description calls them there.
    ids: Vec<(&'static str, String)>,
}

impl Possessions {
    async fn new(server: &TestServer) -> Self {
        let alice = Person::register(server, "alice").await;
        let bob = Person::register(server, "bob").await;
        let chat = alice.start_chat(server, &bob).await;
        let publish = json!({
            "message": MessageId::from_bytes(random()),
            "after": Seq::ZERO,
            "retention": Retention::Keep,
            "payload": sotto_protocol::Binary::from(mls::application(chat, 1, SECRET)),
        });
        let published = alice.posts(server, &format!("/v1/chat/{chat}"), &publish).await;
        assert_eq!(published.status, StatusCode::OK, "{published:?}");
        let group = TestGroup::new(&alice, JoinPolicy::Invite { by: Inviters::Admins })
            .create(server, &alice, &[&bob])
            .await;
        let record = RecordId::from_bytes(random());
        let write = WriteRecord {
            replaces: 0,
            sealed: SECRET.to_vec().into(),
        };
        is_done(&alice.puts(server, &format!("/v1/record/{record}"), &write).await);
        let write = WriteArchive {
            replaces: 0,
            index: SECRET.to_vec().into(),
            adds: Vec::new(),
            removes: Vec::new(),
            releases: false,
        };
        is_done(&alice.posts(server, &format!("/v1/archive/{chat}"), &write).await);
        is_done(
            &alice
                .puts(server, &format!("/v1/block/{}", bob.account), &json!({}))
                .await,
        );
        let reported = json!({ "subject": { "kind": "account", "account": bob.account }, "reason": "spam" });
        let report = alice.posts(server, "/v1/report", &reported).await;
        let report: Value = report.ok();
        let file = upload(server, &alice, SECRET).await;
        let ids = vec![
            ("account", alice.account.to_string()),
            ("name", alice.name.to_string()),
            ("report", report["report"].as_str().unwrap().to_owned()),
            ("role", "member".to_owned()),
            ("slug", "nothing".to_owned()),
            ("id", chat.to_string()),
            ("id", group.id.to_string()),
            ("id", alice.address().device.to_string()),
            ("id", record.to_string()),
            ("id", file.to_string()),
        ];
        Self { alice, ids }
    }

    /// Paths that an operation has for these, each id in its place.
    fn paths(&self, template: &str) -> Vec<String> {
        let mut paths = vec![template.to_owned()];
        for (name, id) in &self.ids {
            let place = format!("{{{name}}}");
            let filled: Vec<_> = paths.iter().map(|path| path.replace(&place, id)).collect();
            paths.extend(filled);
        }
        paths.retain(|path| !path.contains('{'));
        paths.sort();
        paths.dedup();
        paths
    }

    /// All that alice is shown of what is hers.
    async fn seen(&self, server: &TestServer) -> Vec<(String, StatusCode, String)> {
        let chat = self.id(0);
        let mut seen = Vec::new();
        for path in [
            format!("/v1/chat/{chat}?after=0"),
            format!("/v1/chat/{}?after=0", self.id(1)),
            format!("/v1/group/{}", self.id(1)),
            format!("/v1/group/{}/request", self.id(1)),
            format!("/v1/record/{}", self.id(3)),
            format!("/v1/archive/{chat}"),
            format!("/v1/blob/{}", self.id(4)),
            "/v1/archive/usage".to_owned(),
            "/v1/blob".to_owned(),
            "/v1/block".to_owned(),
            "/v1/device".to_owned(),
            "/v1/key-package".to_owned(),
            "/v1/notification/subscription".to_owned(),
            "/v1/passkey".to_owned(),
            "/v1/role".to_owned(),
            format!("/v1/user/{}", self.alice.name),
        ] {
            let answer = self.alice.gets(server, &path).await;
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            seen.push((path, answer.status, body));
        }
        seen
    }

    /// Of those that stand as `id` in a path, the one with this number.
    fn id(&self, number: usize) -> &str {
        let ids = self.ids.iter().filter(|(name, _)| *name == "id");
        ids.map(|(_, id)| id.as_str()).nth(number).unwrap()
    }
}

#[track_caller]
fn is_done(answer: &Answer) {
    assert!(answer.status.is_success(), "{answer:?}");
}

fn tells_the_secret(answer: &Answer) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    // Whatever stands before it, its middle is one of three texts.
    let encoded = (0..3).map(|skipped| {
        let text = sotto_protocol::binary::encode(SECRET.get(skipped..18 + skipped).unwrap());
        text.get(..20).unwrap().to_owned()
    });
    answer.body.windows(SECRET.len()).any(|window| window == SECRET)
        || encoded.into_iter().any(|text| body.contains(&text))
}

#[tokio::test]
async fn whatever_somebody_else_asks_for_they_see_and_change_nothing_of_an_account() {
    let server = TestServer::start_with(|config| {
        let limits = &mut config.limits;
        let none = Rate::new(0, 0);
        limits.requests_per_account = none;
        limits.requests_per_device = none;
        limits.blob_requests_per_account = none;
        limits.archive_requests_per_account = none;
        limits.reports_per_account = none;
    })
    .await;
    let possessions = Possessions::new(&server).await;
    let before = possessions.seen(&server).await;
    assert!(before.iter().any(|(_, status, _)| *status == StatusCode::OK));
    let eve = Person::register(&server, "eve").await;
    let document: Value = server.get("/v1/openapi.json").send().await.ok();
    let mut asked = 0;
    for (template, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            // It would end the session that asks, and nobody else's.
            if ["logout", "logoutEverywhere", "connect"].contains(&operation["operationId"].as_str().unwrap())
            {
                continue;
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            for path in possessions.paths(template) {
                let request = server
                    .request(method.clone(), &path)
                    .token(&eve.tokens.access_token);
                let content = operation["requestBody"]["content"].as_object();
                let answer = match content.and_then(|content| content.iter().next()) {
                    None => request.send().await,
                    Some((media_type, body)) => {
                        let example = body["example"].to_string();
                        request.body(media_type, example).send().await
                    }
                };
                asked += 1;
                assert!(answer.status.as_u16() < 500, "{method} {path}: {answer:?}");
                // Whoever knows a file's id may read its ciphertext: those whom its message has told do.
                let is_file = operation["operationId"] == "readBlob";
                assert!(
                    is_file || !tells_the_secret(&answer),
                    "{method} {path}: {answer:?}"
                );
            }
        }
    }
    assert!(asked > 200, "{asked}");
    assert_eq!(possessions.seen(&server).await, before);
    let chat: ChatId = possessions.id(0).parse().unwrap();
    let own = possessions
        .alice
        .gets(&server, &format!("/v1/chat/{chat}?after=0"))
        .await;
    assert!(
        tells_the_secret(&own),
        "the test knows the secret when it sees it"
    );
}
