//! What alice has, and who sees it.

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
use http::StatusCode;
use serde_json::{Value, json};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy};
use sotto_protocol::rest::admin::Invites;
use sotto_protocol::rest::archive::{NewSegment, WriteArchive};
use sotto_protocol::rest::community::Community;
use sotto_protocol::rest::record::WriteRecord;
use sotto_protocol::{ChatId, MessageId, RecordId, Retention, SegmentId, Seq};

/// What only its owner, and whom it is for, may ever be told. As base64url it is the same wherever it begins with a multiple of three.
const SECRET: &[u8] = b"nobody else is told this";

/// What alice has, and what others would send about it.
pub(super) struct Possessions {
    alice: Person,
    /// Sees what alice does not: what those who administer have of hers.
    carol: Person,
    /// Those whom alice is in a chat, a group and a community with, has blocked and has reported; and whom her community has banned. She and
    /// those to whom she says it know that alone.
    bob: Person,
    dave: Person,
    ids: Ids,
    /// Her device's link, and a message to her chat.
    offer: Value,
    message: Value,
}

/// Where it is.
struct Ids {
    chat: String,
    group: String,
    record: String,
    segment: String,
    file: String,
    report: String,
    link: String,
    community: String,
    picture: String,
    passkey: String,
    invite: String,
}

impl Possessions {
    pub(super) async fn new(server: &TestServer, issuer: &Issuer, key: &Key) -> Self {
        let alice = Person::register(server, "alice").await;
        let bob = Person::register(server, "bob").await;
        let dave = Person::register(server, "dave").await;
        let carol = with_role(server, "carol", "administrator").await;
        let chat = alice.start_chat(server, &bob).await;
        let message = json!({
            "message": MessageId::from_bytes(random()),
            "after": Seq::ZERO,
            "retention": Retention::Keep,
            "payload": sotto_protocol::Binary::from(mls::application(chat, 1, SECRET)),
        });
        is_done(&alice.posts(server, &format!("/v1/chat/{chat}"), &message).await);
        let group = TestGroup::new(&alice, JoinPolicy::Invite { by: Inviters::Admins })
            .create(server, &alice, &[&bob])
            .await;
        let (record, segment) = stores(server, &alice, chat).await;
        let file = upload(server, &alice, SECRET).await;
        let block = format!("/v1/block/{}", bob.account);
        is_done(&alice.puts(server, &block, &json!({})).await);
        let reported = json!({ "subject": { "kind": "account", "account": bob.account }, "reason": "spam" });
        let report: Value = alice.posts(server, "/v1/report", &reported).await.ok();
        let (community, picture) = founds(server, &alice, &bob, &dave).await;
        let link = device_links::Link::offered_by(&alice, server).await;
        let passkey = passkeys::adds(server, &alice, &mut Authenticator::new(passkeys::ORIGIN)).await;
        let ticket = oidc::visits(server, issuer, key, "alice").await.ticket;
        is_done(&oidc::links(server, &alice, &ticket).await);
        bots::registered(server, "weather").await;
        admin(server, &["invite", "create"]).await.unwrap();
        let invites: Invites = carol.gets(server, "/v1/admin/invite").await.ok();
        let ids = Ids {
            chat: chat.to_string(),
            group: group.id.to_string(),
            record: record.to_string(),
            segment: segment.to_string(),
            file: file.to_string(),
            report: report["report"].as_str().unwrap().to_owned(),
            link: link.id.to_string(),
            community,
            picture,
            passkey: passkey.passkey.to_string(),
            invite: invites.invites[0].invite.to_string(),
        };
        Self {
            alice,
            carol,
            bob,
            dave,
            ids,
            offer: json!(link.offer()),
            message,
        }
    }

    /// What can stand in a path, by where it does: the variable with what is before it.
    fn places(&self) -> Vec<(&'static str, String)> {
        let ids = &self.ids;
        let mut places: Vec<_> = [
            ("archive/{id}", &ids.chat),
            ("blob/{id}", &ids.file),
            ("chat/{id}", &ids.chat),
            ("chat/{id}", &ids.group),
            ("community/{id}", &ids.community),
            ("device-link/{id}", &ids.link),
            ("group/{id}", &ids.group),
            ("group/{id}", &ids.chat),
            ("invite/{id}", &ids.invite),
            ("passkey/{id}", &ids.passkey),
            ("picture/{id}", &ids.picture),
            ("record/{id}", &ids.record),
            ("report/{report}", &ids.report),
        ]
        .map(|(place, id)| (place, id.clone()))
        .into();
        for (place, people) in [
            ("account/{account}", [&self.alice, &self.bob]),
            ("ban/{account}", [&self.bob, &self.dave]),
            ("block/{account}", [&self.alice, &self.bob]),
            ("by-id/{account}", [&self.alice, &self.bob]),
            ("member/{account}", [&self.alice, &self.bob]),
            ("request/{account}", [&self.alice, &self.bob]),
        ] {
            places.extend(people.map(|person| (place, person.account.to_string())));
        }
        places.extend([
            ("device/{id}", self.alice.device.to_string()),
            ("bot/{name}", "weather".to_owned()),
            ("role/{role}", "member".to_owned()),
            ("user/{name}", self.alice.name.to_string()),
            ("user/{name}", "weather".to_owned()),
            // What the operator says is for all.
            ("file/{name}", "nothing".to_owned()),
            ("news/{slug}", "nothing".to_owned()),
        ]);
        places
    }

    /// Paths that an operation has for these, each in its place.
    pub(super) fn paths(&self, template: &str) -> Vec<String> {
        let places = self.places();
        let mut paths = vec![String::new()];
        let mut before = "";
        for part in template.split('/').skip(1) {
            let place = format!("{before}/{part}");
            let fitting: Vec<_> = if part.starts_with('{') {
                let places = places.iter().filter(|(at, _)| *at == place);
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
    pub(super) fn query(&self, operation: &str) -> String {
        match operation {
            "newCommunities" => "?near=48.1,11.6&since=0".to_owned(),
            "readChat" => "?after=0".to_owned(),
            "readSegments" => format!("?ids={}", self.ids.segment),
            "searchUsers" => "?q=alice".to_owned(),
            _ => String::new(),
        }
    }

    /// What somebody else would send who knew all that is public of alice's, where the description's example says less.
    pub(super) fn body(&self, operation: &str, from: &Person) -> Option<Value> {
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
    pub(super) async fn seen(&self, server: &TestServer) -> Vec<(String, StatusCode, String)> {
        let mut seen = Vec::new();
        for (who, paths) in [
            (&self.alice, self.shown_to_alice()),
            (&self.carol, self.shown_to_administrators()),
        ] {
            for path in paths {
                let answer = who.gets(server, &path).await;
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                seen.push((path, answer.status, body));
            }
        }
        seen
    }

    fn shown_to_alice(&self) -> Vec<String> {
        let Ids {
            chat,
            group,
            community,
            ..
        } = &self.ids;
        let mut paths = vec![
            format!("/v1/chat/{chat}?after=0"),
            format!("/v1/chat/{group}?after=0"),
            format!("/v1/group/{group}"),
            format!("/v1/group/{group}/request"),
            format!("/v1/record/{}", self.ids.record),
            format!("/v1/archive/{chat}"),
            format!("/v1/archive/{chat}/segment?ids={}", self.ids.segment),
            format!("/v1/blob/{}", self.ids.file),
            format!("/v1/picture/{}", self.ids.picture),
            format!("/v1/community/{community}"),
            format!("/v1/community/{community}/member"),
            format!("/v1/community/{community}/ban"),
            format!("/v1/community/{community}/group"),
        ];
        paths.extend(
            [
                "/v1/community/joined",
                "/v1/archive/usage",
                "/v1/auth/oidc/link",
                "/v1/blob",
                "/v1/block",
                "/v1/device",
                "/v1/key-package",
                "/v1/notification/subscription",
                "/v1/passkey",
                "/v1/role",
                "/v1/user/alice",
                "/v1/user/weather",
            ]
            .map(str::to_owned),
        );
        paths
    }

    fn shown_to_administrators(&self) -> Vec<String> {
        vec![
            format!("/v1/admin/account/{}", self.alice.account),
            format!("/v1/admin/report/{}", self.ids.report),
            "/v1/admin/audit".to_owned(),
            "/v1/admin/bot".to_owned(),
            "/v1/admin/invite".to_owned(),
            "/v1/admin/role".to_owned(),
        ]
    }

    /// What alice is shown of her chat, with the secret in it.
    pub(super) async fn own_chat(&self, server: &TestServer) -> Answer {
        let path = format!("/v1/chat/{}?after=0", self.ids.chat);
        self.alice.gets(server, &path).await
    }

    /// Whether an answer tells somebody else what only alice, and those to whom she says it, know.
    pub(super) fn tells_others(&self, path: &str, answer: &Answer) -> bool {
        let body = String::from_utf8_lossy(&answer.body);
        let ids = [&self.bob, &self.dave].map(|person| person.account.to_string());
        // Whoever asks for it by its id knows that.
        let mut ids = ids.into_iter().filter(|id| !path.contains(id.as_str()));
        tells_the_secret(answer) || ids.any(|id| body.contains(&id))
    }
}

/// A record and an archive of hers.
async fn stores(server: &TestServer, alice: &Person, chat: ChatId) -> (RecordId, SegmentId) {
    let (record, segment) = (RecordId::from_bytes(random()), SegmentId::from_bytes(random()));
    let write = WriteRecord {
        replaces: 0,
        sealed: SECRET.to_vec().into(),
    };
    is_done(&alice.puts(server, &format!("/v1/record/{record}"), &write).await);
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
    (record, segment)
}

/// A community of hers, with a member, with somebody banned, and with a picture.
async fn founds(server: &TestServer, alice: &Person, member: &Person, banned: &Person) -> (String, String) {
    let path = founded(server, alice).await;
    is_done(&joins(server, member, &path).await);
    let ban = format!("{path}/ban/{}", banned.account);
    is_done(&alice.puts(server, &ban, &json!({})).await);
    let picture = communities::sends_picture(server, alice, &format!("{path}/picture")).await;
    let picture = picture.ok::<Community>().picture.unwrap().large;
    (path.rsplit('/').next().unwrap().to_owned(), picture.to_string())
}

#[track_caller]
fn is_done(answer: &Answer) {
    assert!(answer.status.is_success(), "{answer:?}");
}

pub(super) fn tells_the_secret(answer: &Answer) -> bool {
    let body = String::from_utf8_lossy(&answer.body);
    // Whatever stands before it, its middle is one of three texts.
    let encoded = (0..3).map(|skipped| {
        let text = sotto_protocol::binary::encode(SECRET.get(skipped..18 + skipped).unwrap());
        text.get(..20).unwrap().to_owned()
    });
    answer.body.windows(SECRET.len()).any(|window| window == SECRET)
        || encoded.into_iter().any(|text| body.contains(&text))
}
