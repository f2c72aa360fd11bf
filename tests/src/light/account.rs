//! Accounts and their devices, by the real interface.

use super::api::{Api, ApiError};
use super::{mls, opaque, rules};
use rand_core::Rng;
use sotto_protocol::frame::{ClientFrame, RequestId};
use sotto_protocol::rest::auth::{
    FinishLogin, LoggedIn, LoginStarted, Refresh, RegistrationStarted, SessionTokens, StartLogin,
    StartRegistration,
};
use sotto_protocol::rest::chat::{ChatCreated, CreateDirectChat};
use sotto_protocol::rest::device::EnrolDevice;
use sotto_protocol::rest::group::CreateGroup;
use sotto_protocol::rest::key_package::PublishKeyPackages;
use sotto_protocol::rest::user::{CreateUser, UserCreated, Vault};
use sotto_protocol::{
    AccountId, AccountName, Binary, ChatId, DeviceAddress, DeviceId, DeviceKey, DeviceList, Epoch,
    IdentityKey, ListedDevice, LoginKey, MessageId, Seq, Signature, SignedDeviceList, Suite,
};

const PASSWORD: &[u8] = b"correct horse battery staple";

/// An account.
#[derive(Clone, Debug)]
pub struct LightAccount {
    name: AccountName,
    account: AccountId,
    identity_key: IdentityKey,
    devices: Vec<ListedDevice>,
    list_version: u64,
}

/// One of an account's devices, with a session.
#[derive(Clone, Debug)]
pub struct LightDevice {
    /// Where entries come from and Welcomes go.
    pub address: DeviceAddress,
    /// Its session's tokens.
    pub tokens: SessionTokens,
}

/// Ed25519's base point: a key like another for a server that nobody recovers an account from.
const RECOVERY_KEY: LoginKey = LoginKey::from_bytes({
    let mut base_point = [0x66; 32];
    base_point[0] = 0x58;
    base_point
});

impl LightAccount {
    /// Registers an account on its first device.
    pub async fn register(
        api: &Api,
        name: &str,
        rng: &mut impl Rng,
    ) -> Result<(Self, LightDevice), ApiError> {
        let name: AccountName = name.parse().unwrap();
        let (request, registration) = opaque::Registration::start(PASSWORD);
        let start = StartRegistration {
            name: name.clone(),
            request: request.into(),
            bot: None,
        };
        let started: RegistrationStarted = api.post("/v1/auth/registration", None, &start).await?;
        let record = registration.finish(&name, started.response.as_slice());
        let id = AccountId::from_bytes(random(rng));
        let account = Self {
            name,
            account: id,
            identity_key: rules::identity_key(id),
            devices: vec![new_device(id, rng)],
            list_version: 1,
        };
        let first = account.devices.first().copied().unwrap();
        let creation = CreateUser {
            account: account.account,
            registration: record.into(),
            identity_key: account.identity_key,
            vault: Vault {
                by_password: vec![1; 80].into(),
                by_recovery_code: vec![2; 80].into(),
            },
            recovery_key: RECOVERY_KEY,
            device: first.device,
            device_key: first.device_key,
            device_list: account.device_list(),
            invite: None,
            captcha: None,
            device_name: None,
            oidc: None,
            bot: None,
        };
        let path = format!("/v1/user/{}", account.name);
        let created: UserCreated = api.put(&path, None, &creation).await?;
        let device = account.at(first, created.session);
        Ok((account, device))
    }

    /// Logs in on a new device and enrols it.
    pub async fn enrol(&mut self, api: &Api, rng: &mut impl Rng) -> Result<LightDevice, ApiError> {
        let (request, login) = opaque::Login::start(PASSWORD);
        let start = StartLogin {
            name: self.name.clone(),
            request: request.into(),
            captcha: None,
        };
        let started: LoginStarted = api.post("/v1/auth/login", None, &start).await?;
        let finish = FinishLogin {
            login: started.login,
            finalization: login.finish(&self.name, started.response.as_slice()).into(),
        };
        let logged_in: LoggedIn = api.post("/v1/auth/login/finish", None, &finish).await?;
        let listed = new_device(self.account, rng);
        self.devices.push(listed);
        self.list_version += 1;
        let enrolment = EnrolDevice {
            device_key: listed.device_key,
            device_list: Some(self.device_list()),
            name: None,
            oidc: None,
        };
        let path = format!("/v1/device/{}", listed.device);
        let tokens = api
            .put(&path, Some(&logged_in.enrolment_token), &enrolment)
            .await?;
        Ok(self.at(listed, tokens))
    }

    /// The account's id.
    #[must_use]
    pub fn id(&self) -> AccountId {
        self.account
    }

    /// Where its devices are.
    pub fn addresses(&self) -> impl Iterator<Item = DeviceAddress> {
        self.devices.iter().map(|listed| DeviceAddress {
            account: self.account,
            device: listed.device,
        })
    }

    fn at(&self, listed: ListedDevice, tokens: SessionTokens) -> LightDevice {
        LightDevice {
            address: DeviceAddress {
                account: self.account,
                device: listed.device,
            },
            tokens,
        }
    }

    /// The server cannot check signatures, so any will do.
    fn device_list(&self) -> SignedDeviceList {
        let list = DeviceList {
            account: self.account,
            name: self.name.clone(),
            identity_key: self.identity_key,
            version: self.list_version,
            devices: self.devices.clone(),
        };
        SignedDeviceList {
            list: list.encode().into(),
            signature: Signature::from_bytes([9; 64]),
        }
    }
}

impl LightDevice {
    /// Creates a chat of this device's account and another, with these other devices of both in it.
    pub async fn create_chat(
        &self,
        api: &Api,
        chat: ChatId,
        with: AccountId,
        others: Vec<DeviceAddress>,
    ) -> Result<ChatCreated, ApiError> {
        let suite = Suite::XWing;
        let creation = CreateDirectChat {
            with,
            suite,
            added: others,
            welcome: Some(mls::welcome(suite, b"welcome").into()),
            group_info: mls::group_info(
                self.address,
                chat,
                Epoch(1),
                suite,
                &rules::direct(self.address.account, with),
            )
            .into(),
        };
        let path = format!("/v1/chat/{chat}");
        api.put(&path, Some(&self.tokens.access_token), &creation).await
    }

    /// Creates a group that this device's account owns, with these other devices in it.
    pub async fn create_group(
        &self,
        api: &Api,
        group: ChatId,
        others: &[DeviceAddress],
    ) -> Result<ChatCreated, ApiError> {
        let suite = Suite::XWing;
        let rules = rules::group(self.address.account);
        let creation = CreateGroup {
            suite,
            added: others.to_vec(),
            welcome: (!others.is_empty()).then(|| mls::welcome(suite, b"welcome").into()),
            group_info: mls::group_info(self.address, group, Epoch(1), suite, &rules).into(),
            profile: None,
        };
        let path = format!("/v1/group/{group}");
        api.put(&path, Some(&self.tokens.access_token), &creation).await
    }

    /// The frame by which this device, which owns a group, adds others to it.
    #[must_use]
    pub fn addition(
        &self,
        group: ChatId,
        epoch: Epoch,
        message: MessageId,
        others: &[DeviceAddress],
    ) -> ClientFrame {
        let suite = Suite::XWing;
        let rules = rules::group(self.address.account);
        ClientFrame::Commit {
            request: RequestId(1),
            chat: group,
            message,
            after: Seq(epoch.0 - 1),
            commit: mls::commit(group, epoch, b"commit"),
            group_info: mls::group_info(self.address, group, Epoch(epoch.0 + 1), suite, &rules),
            added: others.to_vec(),
            removed: Vec::new(),
            as_newcomer: false,
            welcome: Some(mls::welcome(suite, b"welcome")),
        }
    }

    /// Publishes KeyPackages, and a last resort.
    pub async fn publish_key_packages(
        &self,
        api: &Api,
        count: usize,
        rng: &mut impl Rng,
    ) -> Result<(), ApiError> {
        let mut key_package = || -> Binary { mls::key_package(Suite::XWing, &random::<32>(rng)).into() };
        let publication = PublishKeyPackages {
            last_resort: vec![key_package()],
            key_packages: (0..count).map(|_| key_package()).collect(),
        };
        let _: serde_json::Value = api
            .post("/v1/key-package", Some(&self.tokens.access_token), &publication)
            .await?;
        Ok(())
    }

    /// Exchanges the refresh token for new tokens.
    pub async fn refresh(&mut self, api: &Api) -> Result<(), ApiError> {
        let refresh = Refresh {
            refresh_token: self.tokens.refresh_token.clone(),
        };
        self.tokens = api.post("/v1/auth/refresh", None, &refresh).await?;
        Ok(())
    }
}

fn new_device(account: AccountId, rng: &mut impl Rng) -> ListedDevice {
    let device = DeviceId::from_bytes(random(rng));
    let key = mls::signing_key(DeviceAddress { account, device });
    ListedDevice {
        device,
        device_key: DeviceKey::from_bytes(key.verifying_key().to_bytes()),
    }
}

fn random<const N: usize>(rng: &mut impl Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}
