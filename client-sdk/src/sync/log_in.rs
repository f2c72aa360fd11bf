//! Logging in: on a new device, or again on one that was enrolled before and keeps its keys and its state.

use super::{Engine, Me};
use crate::account::{AccountRecord, SessionRecord};
use crate::api::ApiError;
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::password::{self, Login};
use sotto_crypto_core::{AccountRoot, Device, device_name, vault, verify_device_list};
use sotto_protocol::device_list::TooManyDevices;
use sotto_protocol::rest::auth::{FinishLogin, LoggedIn, SessionTokens, StartLogin, Token};
use sotto_protocol::rest::captcha::CaptchaSolution;
use sotto_protocol::rest::device::EnrolDevice;
use sotto_protocol::{
    AccountId, AccountName, Binary, DeviceAddress, DeviceId, DeviceList, IdentityKey, ListedDevice,
    ProblemCode, SignedDeviceList,
};

/// How often a device list is made anew because another device was faster.
const ATTEMPTS: usize = 8;

/// An account that was opened by its password, its recovery code, or the code of an old device.
pub(super) struct Opened {
    pub(super) account: AccountId,
    pub(super) name: AccountName,
    pub(super) root: AccountRoot,
    pub(super) list: DeviceList,
    pub(super) token: Token,
    /// The id that a new device takes, if not a random one.
    pub(super) device: Option<DeviceId>,
}

impl Opened {
    /// What the server has answered is what the root gives, and its device list is no older than `seen`.
    pub(super) fn check(
        name: AccountName,
        root: AccountRoot,
        logged_in: LoggedIn,
        seen: u64,
    ) -> Result<Self, ClientError> {
        let LoggedIn {
            account,
            identity_key,
            vault: _,
            device_list,
            enrolment_token,
        } = logged_in;
        let list = check_list(&root, account, &name, identity_key, &device_list, seen)?;
        Ok(Self {
            account,
            name,
            root,
            list,
            token: enrolment_token,
            device: None,
        })
    }
}

impl<P: Platform> Engine<P> {
    /// Logs in with name and password.
    pub(crate) async fn log_in(
        &mut self,
        name: AccountName,
        password: &str,
        captcha: Option<CaptchaSolution>,
    ) -> Result<(), ClientError> {
        self.may_log_in().await?;
        let opened = self.open_account(&name, password, captcha).await?;
        self.enrol_opened(opened).await
    }

    /// Enrols this device in an account that was opened.
    pub(super) async fn enrol_opened(&mut self, mut opened: Opened) -> Result<(), ClientError> {
        let record = self.device_record(&opened).await?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.enrol(&opened, &record).await {
                Ok(tokens) => return self.logged_in_as(record, tokens).await,
                // Another device has changed the list.
                Err(error) if error.code() == Some(ProblemCode::StaleDeviceList) && attempt < ATTEMPTS => {
                    self.reread_list(&mut opened).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Whether nobody is logged in; memory is read anew if it has to be.
    pub(crate) async fn may_log_in(&mut self) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        if self.logged_in {
            Err(ClientError::LoggedIn)
        } else {
            Ok(())
        }
    }

    /// Shows that one knows the password, and opens the copy of the root that it seals.
    pub(super) async fn open_account(
        &mut self,
        name: &AccountName,
        password: &str,
        captcha: Option<CaptchaSolution>,
    ) -> Result<Opened, ClientError> {
        let password = password.as_bytes();
        let (login, request) = Login::start(&mut self.rng, password)?;
        let started = self
            .api
            .start_login(&StartLogin {
                name: name.clone(),
                request: request.into(),
                captcha,
            })
            .await?;
        let password::LoggedIn {
            finalization,
            export_key,
        } = login.finish(&mut self.rng, password, name, started.response.as_slice())?;
        let logged_in = self
            .api
            .finish_login(&FinishLogin {
                login: started.login,
                finalization: finalization.into(),
            })
            .await?;
        let root = vault::open_by_password(&export_key, logged_in.account, logged_in.vault.as_slice())
            .map_err(|_| ClientError::Untrusted("a vault that the password does not open"))?;
        Opened::check(name.clone(), root, logged_in, 0)
    }

    /// This store's device, if it is one of the account's; else a new one, written before the server hears of it.
    async fn device_record(&mut self, opened: &Opened) -> Result<AccountRecord, ClientError> {
        let stored = self
            .surroundings
            .records
            .clone()
            .get::<AccountRecord>(&record_key::account())
            .await?;
        match stored {
            Some(record) if record.account == opened.account && record.root == *opened.root.expose() => {
                return Ok(record);
            }
            // What a registration or login left behind that the server never confirmed.
            Some(record) if !record.enrolled => {}
            Some(_) => return Err(ClientError::AnotherAccount),
            None => {}
        }
        let device = match opened.device {
            Some(device) => device,
            None => DeviceId::from_bytes(self.random()),
        };
        let device = Device::generate(&mut self.rng, opened.account, device, &opened.root.identity());
        let record = AccountRecord::new(opened.account, opened.name.clone(), &opened.root, &device);
        self.write_account(&record).await?;
        Ok(record)
    }

    async fn enrol(&mut self, opened: &Opened, record: &AccountRecord) -> Result<SessionTokens, EnrolError> {
        let device = Device::decode(&record.device).map_err(|_| EnrolError::DeviceRecord)?;
        let credential = device.credential();
        let listed = opened.list.contains(credential.device, credential.device_key);
        let device_list = if listed {
            None
        } else {
            let next = opened.list.clone().with(ListedDevice {
                device: credential.device,
                device_key: credential.device_key,
            })?;
            Some(opened.root.identity().sign_device_list(&next))
        };
        let name = match &device_list {
            Some(_) => self.own_device_name(&opened.root, credential.address()),
            None => None,
        };
        let body = EnrolDevice {
            device_key: credential.device_key,
            device_list,
            name,
            oidc: self.oidc_ticket(),
        };
        let enrolled = self
            .api
            .enrol_device(credential.device, &opened.token, &body)
            .await;
        enrolled.map_err(EnrolError::Api)
    }

    /// The name that the application proposed for this device, sealed.
    pub(super) fn own_device_name(&mut self, root: &AccountRoot, address: DeviceAddress) -> Option<Binary> {
        let name = self.device_name.as_deref()?;
        let sealed = device_name::seal(&mut self.rng, root, address, name).ok()?;
        Some(sealed.into())
    }

    /// Writes the account before the server hears of its device.
    pub(crate) async fn write_account(&mut self, record: &AccountRecord) -> Result<(), ClientError> {
        let mut changes = Changes::new();
        changes.put(record_key::account(), record);
        self.write(changes).await
    }

    /// The server has confirmed the device: its session begins.
    pub(crate) async fn logged_in_as(
        &mut self,
        mut record: AccountRecord,
        tokens: SessionTokens,
    ) -> Result<(), ClientError> {
        let is_new = !core::mem::replace(&mut record.enrolled, true);
        let me = Me::from_record(&record)?;
        let session = SessionRecord::new(tokens, self.now());
        let mut changes = Changes::new();
        changes.put(record_key::account(), &record);
        changes.put(record_key::session(), &session);
        self.wake_up_in_new_session(&mut changes);
        self.write(changes).await?;
        self.session.begin(session).await;
        self.contacts
            .set_own(me.account, me.name.clone(), me.device.credential().identity_key);
        let account = me.to_account();
        self.me = Some(me);
        self.logged_in = true;
        self.publish();
        self.events.emit(&Event::LoggedIn(account));
        if is_new {
            // So that others can invite this device from now on. If that fails now, it is done when it is online.
            self.publish_first_key_packages().await;
        }
        self.connect();
        Ok(())
    }
}

/// The root gives the identity key that the server shows, and that key has signed the list, which is not older than `seen`.
pub(super) fn check_list(
    root: &AccountRoot,
    account: AccountId,
    name: &AccountName,
    shown: IdentityKey,
    signed: &SignedDeviceList,
    seen: u64,
) -> Result<DeviceList, ClientError> {
    let identity_key = root.identity().public_key();
    if identity_key != shown {
        return Err(ClientError::Untrusted(
            "an identity key that is not the account's",
        ));
    }
    let list = verify_device_list(signed, account, identity_key, seen)
        .map_err(|_| ClientError::Untrusted("a device list that does not hold"))?;
    if list.name == *name {
        Ok(list)
    } else {
        Err(ClientError::Untrusted("a device list of another name"))
    }
}

/// Why a device was not enrolled.
enum EnrolError {
    /// The stored device cannot be read.
    DeviceRecord,
    /// There is no room for another one.
    TooManyDevices(TooManyDevices),
    /// The server refused, or was not reached.
    Api(ApiError),
}

impl EnrolError {
    fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::DeviceRecord | Self::TooManyDevices(_) => None,
            Self::Api(error) => error.code(),
        }
    }
}

impl From<EnrolError> for ClientError {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::DeviceRecord => Self::Store(crate::store::RecordsError::Malformed),
            EnrolError::TooManyDevices(error) => error.into(),
            EnrolError::Api(error) => error.into(),
        }
    }
}

impl From<TooManyDevices> for EnrolError {
    fn from(error: TooManyDevices) -> Self {
        Self::TooManyDevices(error)
    }
}
