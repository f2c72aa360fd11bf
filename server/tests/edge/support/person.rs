use super::opaque::{self, QuickSuite};
use super::{Answer, Socket, TestServer, mls, random};
use ed25519_dalek::SigningKey;
use sotto_protocol::chat_rules::{DirectRules, Party};
use sotto_protocol::rest::auth::{LoggedIn, SessionTokens};
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};
use sotto_protocol::rest::device::EnrolDevice;
use sotto_protocol::rest::user::{CreateUser, UserCreated, Vault};
use sotto_protocol::{
    AccountId, AccountName, ChatId, ChatRules, DeviceAddress, DeviceId, DeviceKey, DeviceList, IdentityKey,
    ListedDevice, LoginKey, Signature, SignedDeviceList, Suite,
};

pub(crate) const PASSWORD: &[u8] = b"correct horse battery staple";

/// Someone with an account, at one of their devices.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: AccountName,
    pub(crate) account: AccountId,
    pub(crate) identity_key: IdentityKey,
    pub(crate) device: DeviceId,
    pub(crate) device_key: DeviceKey,
    pub(crate) devices: Vec<ListedDevice>,
    pub(crate) list_version: u64,
    pub(crate) tokens: SessionTokens,
}

impl Person {
    /// The request that creates an account.
    pub(crate) async fn creation(server: &TestServer, name: &str) -> CreateUser {
        Self::creation_as(server, name, None).await
    }

    /// The request that creates an account, of a bot if an admission is shown.
    pub(crate) async fn creation_as(server: &TestServer, name: &str, bot: Option<&[u8]>) -> CreateUser {
        let name: AccountName = name.parse().unwrap();
        let registration = opaque::register::<QuickSuite>(server, &name, PASSWORD, bot).await;
        let (account, identity_key) = (AccountId::from_bytes(random()), IdentityKey::from_bytes(random()));
        let device = DeviceId::from_bytes(random());
        let device_key = device_key(account, device);
        CreateUser {
            account,
            registration: registration.into(),
            identity_key,
            vault: Vault {
                by_password: vec![1; 80].into(),
                by_recovery_code: vec![2; 80].into(),
            },
            recovery_key: login_key(&recovery_key(account)),
            device,
            device_key,
            device_name: Some(vec![3; 100].into()),
            invite: None,
            captcha: None,
            device_list: signed(&DeviceList {
                account,
                name,
                identity_key,
                version: 1,
                devices: vec![ListedDevice { device, device_key }],
            }),
            oidc: None,
            bot: bot.map(|admission| admission.to_vec().into()),
        }
    }

    pub(crate) async fn register(server: &TestServer, name: &str) -> Self {
        let creation = Self::creation(server, name).await;
        Self::register_by(server, name, creation).await
    }

    /// Creates an account by this request.
    pub(crate) async fn register_by(server: &TestServer, name: &str, creation: CreateUser) -> Self {
        let created: UserCreated = server.put(&format!("/v1/user/{name}")).json(&creation).await.ok();
        Self {
            name: name.parse().unwrap(),
            account: creation.account,
            identity_key: creation.identity_key,
            device: creation.device,
            device_key: creation.device_key,
            devices: vec![ListedDevice {
                device: creation.device,
                device_key: creation.device_key,
            }],
            list_version: 1,
            tokens: created.session,
        }
    }

    /// The answer to a login with this password.
    pub(crate) async fn try_log_in(&self, server: &TestServer, password: &[u8]) -> Answer {
        let attempt = opaque::log_in::<QuickSuite>(server, &self.name, password).await;
        server.post("/v1/auth/login/finish").json(&attempt.finish).await
    }

    pub(crate) async fn log_in(&self, server: &TestServer) -> LoggedIn {
        self.try_log_in(server, PASSWORD).await.ok()
    }

    /// Deletes the account, as its owner does: after a login.
    pub(crate) async fn deletes_account(&self, server: &TestServer) -> Answer {
        let token = self.log_in(server).await.enrolment_token;
        let path = format!("/v1/user/{}", self.name);
        server.delete(&path).token(&token).send().await
    }

    /// The same person at a new device.
    pub(crate) async fn at_new_device(&mut self, server: &TestServer) -> Self {
        let logged_in = self.log_in(server).await;
        let device = DeviceId::from_bytes(random());
        let listed = ListedDevice {
            device,
            device_key: device_key(self.account, device),
        };
        self.devices.push(listed);
        self.list_version += 1;
        let tokens = server
            .put(&format!("/v1/device/{}", listed.device))
            .token(&logged_in.enrolment_token)
            .json(&EnrolDevice {
                device_key: listed.device_key,
                device_list: Some(self.device_list()),
                name: None,
                oidc: None,
            })
            .await
            .ok();
        Self {
            device: listed.device,
            device_key: listed.device_key,
            tokens,
            ..self.clone()
        }
    }

    pub(crate) fn address(&self) -> DeviceAddress {
        DeviceAddress {
            account: self.account,
            device: self.device,
        }
    }

    /// The current list.
    pub(crate) fn device_list(&self) -> SignedDeviceList {
        self.device_list_of(self.list_version, self.devices.clone())
    }

    pub(crate) fn device_list_of(&self, version: u64, devices: Vec<ListedDevice>) -> SignedDeviceList {
        signed(&DeviceList {
            account: self.account,
            name: self.name.clone(),
            identity_key: self.identity_key,
            version,
            devices,
        })
    }

    pub(crate) async fn connect(&self, server: &TestServer) -> Socket {
        Socket::connect(server, self).await
    }

    /// The account, as rules name it.
    pub(crate) fn party(&self) -> Party {
        Party {
            account: self.account,
            identity_key: self.identity_key,
        }
    }

    /// The rules of a direct chat with this person.
    pub(crate) fn direct_with(&self, peer: &Self) -> ChatRules {
        ChatRules::Direct(DirectRules::new(self.party(), peer.party()).unwrap())
    }

    /// The request that creates a chat with someone at one device.
    pub(crate) fn invitation(&self, peer: &Self, chat: ChatId) -> CreateDirectChat {
        let suite = Suite::XWing;
        CreateDirectChat {
            with: peer.account,
            suite,
            added: vec![peer.address()],
            welcome: Some(mls::welcome(suite).into()),
            group_info: mls::group_info(self.address(), chat, 1, suite, &self.direct_with(peer)).into(),
        }
    }

    /// Creates a chat with someone at one device.
    pub(crate) async fn start_chat(&self, server: &TestServer, peer: &Self) -> ChatId {
        let chat = ChatId::from_bytes(random());
        let _: ChatCreated = server
            .put(&format!("/v1/chat/{chat}"))
            .token(&self.tokens.access_token)
            .json(&self.invitation(peer, chat))
            .await
            .ok();
        chat
    }
}

/// The key that the recovery code of this account would give.
pub(crate) fn recovery_key(account: AccountId) -> SigningKey {
    let mut seed = [7; 32];
    seed[..16].copy_from_slice(account.as_bytes());
    SigningKey::from_bytes(&seed)
}

/// Its public half.
pub(crate) fn login_key(key: &SigningKey) -> LoginKey {
    LoginKey::from_bytes(key.verifying_key().to_bytes())
}

/// The server cannot check signatures, so any will do.
fn signed(list: &DeviceList) -> SignedDeviceList {
    SignedDeviceList {
        list: list.encode().into(),
        signature: Signature::from_bytes([9; 64]),
    }
}

/// The public half of [`mls::signing_key`].
fn device_key(account: AccountId, device: DeviceId) -> DeviceKey {
    let key = mls::signing_key(DeviceAddress { account, device });
    DeviceKey::from_bytes(key.verifying_key().to_bytes())
}
