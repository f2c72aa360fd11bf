//! One account's token neither shows nor changes what is another's, whatever it asks for.

use crate::administration::with_role;
use crate::blobs::upload;
use crate::bots;
use crate::communities::{self, founded, joins};
use crate::device_links;
use crate::oidc;
use crate::passkeys;
use crate::support::authenticator::Authenticator;
use crate::support::group::TestGroup;
use crate::support::issuer::{Issuer, Key};
use crate::support::{Answer, Person, TestServer, admin, mls, random};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::rest::admin::Invites;
use sotto_protocol::rest::archive::{NewSegment, WriteArchive};
use sotto_protocol::rest::blob::UPLOAD_OFFSET;
use sotto_protocol::rest::community::Community;
use sotto_protocol::rest::record::WriteRecord;
use sotto_protocol::{ChatId, MessageId, ProblemCode, RecordId, Retention, SegmentId, Seq};
use sotto_server::config::{Config, Rate};
use std::collections::{BTreeMap, BTreeSet};

/// What only its owner, and whom it is for, may ever be told. As base64url it is the same wherever it begins with a multiple of three.
const SECRET: &[u8] = b"nobody else is told this";

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
const MALFORMED: [&str; 10] = [
    // Of whoever asks, without anything of alice's.
    "createBlob",
    "publishKeyPackages",
    "setPassword",
    "startLogin",
    "startOidc",
    "startPassword",
    "startRegistration",
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

/// What alice has, and where.
struct Possessions {
    alice: Person,
    /// Sees what alice does not: what those who administer have of hers.
    carol: Person,
    /// What only alice, and those to whom she says it, are told: with whom she is in a chat, a group and a community, whom she has blocked and
    /// reported, and whom her community has banned.
    others: [Person; 2],
    /// What can stand in a path, by where it does: the variable with what is before it.
    places: Vec<(&'static str, String)>,
    chat: ChatId,
    segment: SegmentId,
    /// Her device's link, and a message to her chat, as somebody else would send them.
    offer: Value,
    message: Value,
    paths: Vec<String>,
    administrators: Vec<String>,
}

impl Possessions {
    async fn new(server: &TestServer, issuer: &Issuer, key: &Key) -> Self {
        let alice = Person::register(server, "alice").await;
        let bob = Person::register(server, "bob").await;
        let dave = Person::register(server, "dave").await;
        let carol = with_role(server, "carol", "administrator").await;
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
        let segment = SegmentId::from_bytes(random());
        let write = WriteArchive {
            replaces: 0,
            index: SECRET.to_vec().into(),
            adds: vec![NewSegment {
                segment,
                sealed: SECRET.to_vec().into(),
                ends_at: None,
            }],
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
        let report = report["report"].as_str().unwrap().to_owned();
        let file = upload(server, &alice, SECRET).await;
        let link = device_links::Link::offered_by(&alice, server).await;

        let community = founded(server, &alice).await;
        is_done(&joins(server, &bob, &community).await);
        let ban = format!("{community}/ban/{}", dave.account);
        is_done(&alice.puts(server, &ban, &json!({})).await);
        let picture = communities::sends_picture(server, &alice, &format!("{community}/picture")).await;
        let picture = picture.ok::<Community>().picture.unwrap().large;
        let passkey = passkeys::adds(server, &alice, &mut Authenticator::new(passkeys::ORIGIN)).await;
        let ticket = oidc::visits(server, issuer, key, "alice").await.ticket;
        is_done(&oidc::links(server, &alice, &ticket).await);
        bots::registered(server, "weather").await;
        admin(server, &["invite", "create"]).await.unwrap();
        let invites: Invites = carol.gets(server, "/v1/admin/invite").await.ok();

        let id = community.rsplit('/').next().unwrap().to_owned();
        let device = alice.address().device;
        let mut places = vec![
            ("archive/{id}", chat.to_string()),
            ("ban/{account}", dave.account.to_string()),
            ("blob/{id}", file.to_string()),
            ("block/{account}", bob.account.to_string()),
            ("bot/{name}", "weather".to_owned()),
            ("by-id/{account}", alice.account.to_string()),
            ("chat/{id}", chat.to_string()),
            ("chat/{id}", group.id.to_string()),
            ("community/{id}", id.clone()),
            ("device/{id}", device.to_string()),
            ("device-link/{id}", link.id.to_string()),
            ("group/{id}", group.id.to_string()),
            ("group/{id}", chat.to_string()),
            ("invite/{id}", invites.invites[0].invite.to_string()),
            ("passkey/{id}", passkey.passkey.to_string()),
            ("picture/{id}", picture.to_string()),
            ("record/{id}", record.to_string()),
            ("report/{report}", report.clone()),
            ("role/{role}", "member".to_owned()),
            ("user/{name}", alice.name.to_string()),
            // What the operator says is for all.
            ("file/{name}", "nothing".to_owned()),
            ("news/{slug}", "nothing".to_owned()),
        ];
        for place in [
            "account/{account}",
            "ban/{account}",
            "member/{account}",
            "request/{account}",
        ] {
            places.extend([&alice, &bob].map(|person| (place, person.account.to_string())));
        }
        Self {
            paths: vec![
                format!("/v1/chat/{chat}?after=0"),
                format!("/v1/chat/{}?after=0", group.id),
                format!("/v1/group/{}", group.id),
                format!("/v1/group/{}/request", group.id),
                format!("/v1/record/{record}"),
                format!("/v1/archive/{chat}"),
                format!("/v1/archive/{chat}/segment?ids={segment}"),
                format!("/v1/blob/{file}"),
                format!("/v1/picture/{picture}"),
                community.clone(),
                format!("{community}/member"),
                format!("{community}/ban"),
                format!("{community}/group"),
                "/v1/community/joined".to_owned(),
                "/v1/archive/usage".to_owned(),
                "/v1/auth/oidc/link".to_owned(),
                "/v1/blob".to_owned(),
                "/v1/block".to_owned(),
                "/v1/device".to_owned(),
                "/v1/key-package".to_owned(),
                "/v1/notification/subscription".to_owned(),
                "/v1/passkey".to_owned(),
                "/v1/role".to_owned(),
                "/v1/user/alice".to_owned(),
                "/v1/user/weather".to_owned(),
            ],
            administrators: vec![
                format!("/v1/admin/account/{}", alice.account),
                format!("/v1/admin/report/{report}"),
                "/v1/admin/audit".to_owned(),
                "/v1/admin/bot".to_owned(),
                "/v1/admin/invite".to_owned(),
                "/v1/admin/role".to_owned(),
            ],
            alice,
            carol,
            others: [bob, dave],
            places,
            chat,
            segment,
            offer: json!(link.offer()),
            message: publish,
        }
    }

    /// Paths that an operation has for these, each in its place.
    fn paths(&self, template: &str) -> Vec<String> {
        let mut paths = vec![String::new()];
        let mut before = "";
        for part in template.split('/').skip(1) {
            let place = format!("{before}/{part}");
            let fitting: Vec<_> = if part.starts_with('{') {
                let places = self.places.iter().filter(|(at, _)| *at == place);
                places.map(|(_, id)| id.as_str()).collect()
            } else {
                vec![part]
            };
            assert!(
                !fitting.is_empty(),
                "nothing of alice's stands at {place} of {template}"
            );
            paths = paths
                .iter()
                .flat_map(|path| fitting.iter().map(move |id| format!("{path}/{id}")))
                .collect();
            before = part;
        }
        paths
    }

    /// What an operation is asked for beside its path, where it takes that.
    fn query(&self, operation: &str) -> String {
        match operation {
            "newCommunities" => "?near=48.1,11.6&since=0".to_owned(),
            "readChat" => "?after=0".to_owned(),
            "readSegments" => format!("?ids={}", self.segment),
            "searchUsers" => "?q=alice".to_owned(),
            _ => String::new(),
        }
    }

    /// What somebody else would send who knew all that is public of alice's, where the description's example says less.
    fn body(&self, operation: &str, from: &Person) -> Option<Value> {
        Some(match operation {
            "enrolDevice" => json!({ "device_key": self.alice.device_key }),
            "foundCommunity" => communities::choir(),
            "offerDeviceLink" => self.offer.clone(),
            "publish" => self.message.clone(),
            "removeDevice" => json!({
                "device_list": from.device_list_of(from.list_version + 1, from.devices.clone()),
            }),
            "updateCommunity" => json!({ "title": "Mine" }),
            "writeArchive" => json!({ "replaces": 0, "index": "AAAA" }),
            _ => return None,
        })
    }

    /// All that alice, and those who administer, are shown of what is hers.
    async fn seen(&self, server: &TestServer) -> Vec<(String, StatusCode, String)> {
        let mut seen = Vec::new();
        for (who, paths) in [(&self.alice, &self.paths), (&self.carol, &self.administrators)] {
            for path in paths {
                let answer = who.gets(server, path).await;
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                seen.push((path.clone(), answer.status, body));
            }
        }
        seen
    }

    /// Whether an answer tells somebody else what only alice, and those to whom she says it, know.
    fn tells_others(&self, path: &str, answer: &Answer) -> bool {
        let body = String::from_utf8_lossy(&answer.body);
        let ids = self.others.iter().map(|person| person.account.to_string());
        // Whoever asks for it by its id knows that.
        let mut ids = ids.filter(|id| !path.contains(id.as_str()));
        tells_the_secret(answer) || ids.any(|id| body.contains(&id))
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
    let own = possessions
        .alice
        .gets(&server, &format!("/v1/chat/{}?after=0", possessions.chat))
        .await;
    assert!(
        tells_the_secret(&own),
        "the test knows the secret when it sees it"
    );
}
