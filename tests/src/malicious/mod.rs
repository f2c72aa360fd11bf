//! A person whose client keeps to no rule, on a real server: real keys, an account like others, and Commits of whatever kind.

mod crypto;
pub mod mls;

pub use crypto::Spoil;
pub use mls::{Made, Unruly};

use crate::light::opaque::Registration;
use crate::light::{Api, ApiError, LightSocket};
use crate::world::{PATIENCE, World};
use bytes::Bytes;
use sotto_client_sdk::native::SystemClock;
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::frame::{ClientFrame, EntryKind, Outcome, Page, RequestId, ServerFrame};
use sotto_client_sdk::protocol::rest::auth::{RegistrationStarted, StartRegistration, Token};
use sotto_client_sdk::protocol::rest::chat::{DeleteEntries, GroupInfo, NamedEntry};
use sotto_client_sdk::protocol::rest::key_package::{
    ClaimKeyPackages, KeyPackagesClaimed, PublishKeyPackages,
};
use sotto_client_sdk::protocol::rest::user::{CreateUser, UserCreated, Vault};
use sotto_client_sdk::protocol::{
    AccountId, AccountName, ChatId, DeviceAddress, DeviceId, DeviceList, Evidence, FrankedPlace,
    InvitationUse, ListedDevice, MessageId, ProblemCode, Retention, Seq, Suite, limits,
};
use sotto_crypto_core::{AccountRoot, Body, Content, Device, FrankingKey, RecoveryCode, Text};

const SUITE: Suite = Suite::XWing;
const PASSWORD: &[u8] = b"correct horse battery staple";

/// A malicious person at the one device that they have.
pub struct Malicious {
    /// The device: its key and its credential are real.
    pub device: Device,
    /// Its MLS.
    pub mls: Unruly,
    api: Api,
    token: Token,
    socket: LightSocket,
    requests: u32,
    /// Up to here the log was read.
    read: Seq,
}

/// What is sent to the server as a Commit.
#[derive(Clone, Debug)]
pub struct Strike {
    /// The Commit.
    pub commit: Vec<u8>,
    /// The GroupInfo.
    pub group_info: Vec<u8>,
    /// The Welcome.
    pub welcome: Option<Vec<u8>>,
    /// The devices that it is said to add.
    pub added: Vec<DeviceAddress>,
    /// The devices that it is said to remove.
    pub removed: Vec<DeviceAddress>,
    /// Whether it is said to bring its account into an open group.
    pub as_newcomer: bool,
}

impl Strike {
    /// As it was made, and said to change nobody's membership.
    #[must_use]
    pub fn of(made: Made) -> Self {
        Self {
            commit: made.commit,
            group_info: made.group_info,
            welcome: None,
            added: Vec::new(),
            removed: Vec::new(),
            as_newcomer: false,
        }
    }

    /// One Commit under the GroupInfo of another: a server that cannot open the one sees the other.
    #[must_use]
    pub fn disguised(made: Made, as_if: Made) -> Self {
        Self {
            group_info: as_if.group_info,
            ..Self::of(made)
        }
    }
}

impl Malicious {
    /// Registers an account, connects, and can be invited when this returns.
    pub async fn registers(world: &World, name: &str) -> Self {
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let name: AccountName = name.parse().unwrap();
        let api = Api::new(&world.url());
        let root = AccountRoot::generate(&mut rng);
        let identity = root.identity();
        let account = AccountId::from_bytes(random());
        let device = Device::generate(&mut rng, account, DeviceId::from_bytes(random()), &identity);
        let credential = device.credential();
        let (request, registration) = Registration::start(PASSWORD);
        let start = StartRegistration {
            name: name.clone(),
            request: request.into(),
            bot: None,
        };
        let started: RegistrationStarted = api.post("/v1/auth/registration", None, &start).await.unwrap();
        let creation = CreateUser {
            account,
            registration: registration.finish(&name, started.response.as_slice()).into(),
            identity_key: identity.public_key(),
            vault: Vault {
                by_password: vec![1; 80].into(),
                by_recovery_code: vec![2; 80].into(),
            },
            recovery_key: RecoveryCode::generate(&mut rng).login_key(),
            device: credential.device,
            device_key: credential.device_key,
            device_list: identity.sign_device_list(&DeviceList {
                account,
                name: name.clone(),
                identity_key: identity.public_key(),
                version: 1,
                devices: vec![ListedDevice {
                    device: credential.device,
                    device_key: credential.device_key,
                }],
            }),
            invite: None,
            captcha: None,
            device_name: None,
            oidc: None,
            bot: None,
        };
        let created: UserCreated = api
            .put(&format!("/v1/user/{name}"), None, &creation)
            .await
            .unwrap();
        let token = created.session.access_token;
        let socket = LightSocket::connect(world.address(), &token).await.unwrap();
        let mls = Unruly::new(&mut rng, &device);
        let malicious = Self {
            device,
            mls,
            api,
            token,
            socket,
            requests: 0,
            read: Seq::ZERO,
        };
        malicious.can_be_invited().await;
        malicious
    }

    async fn can_be_invited(&self) {
        let key_package = |_| self.mls.key_package(SUITE, SystemClock.now()).into();
        let publication = PublishKeyPackages {
            key_packages: (0..4).map(key_package).collect(),
            last_resort: Vec::new(),
        };
        let _: serde_json::Value = self
            .api
            .post("/v1/key-package", Some(&self.token), &publication)
            .await
            .unwrap();
    }

    /// The device.
    #[must_use]
    pub fn address(&self) -> DeviceAddress {
        self.device.address()
    }

    async fn frame(&mut self) -> ServerFrame {
        tokio::time::timeout(PATIENCE, self.socket.next())
            .await
            .expect("nothing came for a long time")
            .expect("the connection is open")
            .unwrap()
    }

    /// Takes the next Welcome, and says that it has.
    pub async fn is_let_in(&mut self) -> ChatId {
        loop {
            if let ServerFrame::Welcome {
                chat, after, payload, ..
            } = self.frame().await
            {
                self.mls.joins(&payload);
                self.read = after;
                self.socket
                    .send(&ClientFrame::Ack { chat, seq: after })
                    .await
                    .unwrap();
                return chat;
            }
        }
    }

    async fn asks(&mut self, frame: impl FnOnce(RequestId) -> ClientFrame) -> Outcome {
        self.requests += 1;
        let asked = RequestId(self.requests);
        self.socket.send(&frame(asked)).await.unwrap();
        loop {
            if let ServerFrame::Response { request, outcome } = self.frame().await
                && request == asked
            {
                return outcome;
            }
        }
    }

    /// Takes the Commits of the others, as far as there are any.
    pub async fn catches_up(&mut self, chat: ChatId) {
        loop {
            let after = self.read;
            let outcome = self
                .asks(|request| ClientFrame::Fetch {
                    request,
                    chat,
                    after,
                    limit: limits::PAGE_ENTRIES,
                })
                .await;
            let Outcome::Page(Page { entries, last, .. }) = outcome else {
                panic!("no page: {outcome:?}");
            };
            let own = self.address();
            for entry in &entries {
                if entry.kind == EntryKind::Commit && entry.from != own {
                    self.mls.takes(&entry.payload);
                }
                self.read = entry.seq;
            }
            if self.read >= last || entries.is_empty() {
                self.read = last;
                return;
            }
        }
    }

    /// Sends what is made in the epoch that is: made anew as long as others are faster.
    pub async fn strikes(&mut self, chat: ChatId, mut make: impl FnMut(&mut Unruly) -> Strike) -> Outcome {
        loop {
            self.catches_up(chat).await;
            let strike = make(&mut self.mls);
            let outcome = self.sends(chat, strike).await;
            let is_late =
                matches!(&outcome, Outcome::Refused(refusal) if refusal.code == ProblemCode::StaleEpoch);
            if !is_late {
                return outcome;
            }
        }
    }

    /// Sends this as a Commit.
    pub async fn sends(&mut self, chat: ChatId, strike: Strike) -> Outcome {
        let after = self.read;
        let Strike {
            commit,
            group_info,
            welcome,
            added,
            removed,
            as_newcomer,
        } = strike;
        self.asks(|request| ClientFrame::Commit {
            request,
            chat,
            message: MessageId::from_bytes(random()),
            after,
            commit: Bytes::from(commit),
            group_info: Bytes::from(group_info),
            added,
            removed,
            as_newcomer,
            welcome: welcome.map(Bytes::from),
        })
        .await
    }

    /// A text of its own, and its id, which is the text's beginning; committed to as a message has to be, or to something else.
    pub fn says(&mut self, chat: ChatId, text: &str, is_committed_to: bool) -> (MessageId, Vec<u8>) {
        let message = MessageId::from_bytes(*text.as_bytes().first_chunk().unwrap());
        let content = Content {
            message,
            retention: Retention::Keep,
            body: Body::Text(Text::from(text)),
        };
        let encoded = content.encode().unwrap();
        let key = FrankingKey::generate(&mut rand_core::UnwrapErr(getrandom::SysRng));
        let place = FrankedPlace {
            chat,
            message,
            from: self.address(),
        };
        let committed_to: &[u8] = if is_committed_to {
            &encoded
        } else {
            b"something else"
        };
        let data = key.commit(&place, committed_to).authenticated_data();
        (message, self.mls.says(&data, &key.plain_text(&encoded)))
    }

    /// Sends an application message, whoever has made it.
    pub async fn publishes(&mut self, chat: ChatId, message: MessageId, payload: Vec<u8>) -> Outcome {
        let after = self.read;
        self.asks(|request| ClientFrame::Send {
            request,
            chat,
            message,
            after,
            retention: Retention::Keep,
            payload: Bytes::from(payload),
        })
        .await
    }

    /// Has the server erase a message of its own, and tells no member.
    pub async fn erases(&self, chat: ChatId, seq: Seq, message: MessageId) {
        let deletion = DeleteEntries {
            entries: vec![NamedEntry { seq, message }],
        };
        let path = format!("/v1/chat/{chat}/deletion");
        let _: serde_json::Value = self.api.post(&path, Some(&self.token), &deletion).await.unwrap();
    }

    /// A KeyPackage of somebody, as an `MLSMessage`.
    pub async fn claims(&self, account: AccountId) -> Vec<u8> {
        let claim = ClaimKeyPackages {
            account,
            suite: SUITE,
        };
        let claimed: KeyPackagesClaimed = self
            .api
            .post("/v1/key-package/claim", Some(&self.token), &claim)
            .await
            .unwrap();
        let [first, ..] = claimed.key_packages.as_slice() else {
            panic!("no KeyPackage");
        };
        first.key_package.as_slice().to_vec()
    }

    /// The GroupInfo that the server hands out.
    pub async fn reads_group_info(&self, chat: ChatId) -> Result<GroupInfo, ApiError> {
        self.api
            .get(&format!("/v1/chat/{chat}/group-info"), Some(&self.token))
            .await
    }

    /// As [`Self::reads_group_info`], showing an invitation.
    pub async fn reads_group_info_by(
        &self,
        chat: ChatId,
        used: &InvitationUse,
    ) -> Result<GroupInfo, ApiError> {
        let InvitationUse {
            invitation,
            device_key,
            signature,
        } = used;
        let query = format!("invitation={invitation}&device_key={device_key}&signature={signature}");
        let path = format!("/v1/chat/{chat}/group-info?{query}");
        self.api.get(&path, Some(&self.token)).await
    }

    /// Sends an external Commit by which it joins, by a GroupInfo that it has from wherever, showing this.
    pub async fn joins_alone(&mut self, chat: ChatId, read: &GroupInfo, evidence: &Evidence) -> Outcome {
        let made = self.mls.joins_alone(read.group_info.as_slice(), evidence);
        self.read = read.last;
        let strike = Strike {
            added: vec![self.address()],
            as_newcomer: true,
            ..Strike::of(made)
        };
        self.sends(chat, strike).await
    }
}

fn random() -> [u8; 16] {
    use rand_core::Rng as _;
    let mut bytes = [0; 16];
    rand_core::UnwrapErr(getrandom::SysRng).fill_bytes(&mut bytes);
    bytes
}
