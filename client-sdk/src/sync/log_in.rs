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
use sotto_crypto_core::{AccountRoot, Device, vault, verify_device_list};
use sotto_protocol::rest::auth::{FinishLogin, LoggedIn, SessionTokens, StartLogin, Token};
use sotto_protocol::rest::device::EnrolDevice;
use sotto_protocol::{
    AccountId, AccountName, DeviceId, DeviceList, IdentityKey, ListedDevice, ProblemCode, SignedDeviceList,
};

/// How often a device list is made anew because another device was faster.
const ATTEMPTS: usize = 8;

/// What the password opened.
struct Opened {
    account: AccountId,
    root: AccountRoot,
    list: DeviceList,
    token: Token,
}

impl<P: Platform> Engine<P> {
    /// Logs in with name and password.
    pub(crate) async fn log_in(&mut self, name: AccountName, password: &str) -> Result<(), ClientError> {
        self.may_log_in().await?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let opened = self.open_account(&name, password).await?;
            let record = self.device_record(&name, &opened).await?;
            match self.enrol(&name, &opened, &record).await {
                Ok(tokens) => return self.logged_in_as(record, tokens).await,
                // Another device has changed the list; logging in again brings the new one.
                Err(error) if error.code() == Some(ProblemCode::StaleDeviceList) && attempt < ATTEMPTS => {}
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

    async fn open_account(&mut self, name: &AccountName, password: &str) -> Result<Opened, ClientError> {
        let password = password.as_bytes();
        let (login, request) = Login::start(&mut self.rng, password)?;
        let started = self
            .api
            .start_login(&StartLogin {
                name: name.clone(),
                request: request.into(),
            })
            .await?;
        let password::LoggedIn {
            finalization,
            export_key,
        } = login.finish(&mut self.rng, password, name, started.response.as_slice())?;
        let LoggedIn {
            account,
            identity_key,
            vault,
            device_list,
            enrolment_token,
        } = self
            .api
            .finish_login(&FinishLogin {
                login: started.login,
                finalization: finalization.into(),
            })
            .await?;
        let root = vault::open_by_password(&export_key, account, vault.as_slice())
            .map_err(|_| ClientError::Untrusted("a vault that the password does not open"))?;
        let list = check_list(&root, account, name, identity_key, &device_list)?;
        Ok(Opened {
            account,
            root,
            list,
            token: enrolment_token,
        })
    }

    /// This store's device, if it is one of the account's; else a new one, written before the server hears of it.
    async fn device_record(
        &mut self,
        name: &AccountName,
        opened: &Opened,
    ) -> Result<AccountRecord, ClientError> {
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
        let device = DeviceId::from_bytes(self.random());
        let device = Device::generate(&mut self.rng, opened.account, device, &opened.root.identity());
        let record = AccountRecord::new(opened.account, name.clone(), &opened.root, &device);
        self.write_account(&record).await?;
        Ok(record)
    }

    async fn enrol(
        &self,
        name: &AccountName,
        opened: &Opened,
        record: &AccountRecord,
    ) -> Result<SessionTokens, EnrolError> {
        let device = Device::decode(&record.device).map_err(|_| EnrolError::DeviceRecord)?;
        let credential = device.credential();
        let listed = opened.list.contains(credential.device, credential.device_key);
        let device_list = (!listed).then(|| {
            let mut devices = opened.list.devices.clone();
            devices.push(ListedDevice {
                device: credential.device,
                device_key: credential.device_key,
            });
            opened.root.identity().sign_device_list(&DeviceList {
                account: opened.account,
                name: name.clone(),
                identity_key: credential.identity_key,
                version: opened.list.version.saturating_add(1),
                devices,
            })
        });
        let body = EnrolDevice {
            device_key: credential.device_key,
            device_list,
        };
        let enrolled = self
            .api
            .enrol_device(credential.device, &opened.token, &body)
            .await;
        enrolled.map_err(EnrolError::Api)
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

/// The root gives the identity key that the server shows, and that key has signed the list.
fn check_list(
    root: &AccountRoot,
    account: AccountId,
    name: &AccountName,
    shown: IdentityKey,
    signed: &SignedDeviceList,
) -> Result<DeviceList, ClientError> {
    let identity_key = root.identity().public_key();
    if identity_key != shown {
        return Err(ClientError::Untrusted(
            "an identity key that is not the account's",
        ));
    }
    let list = verify_device_list(signed, account, identity_key, 0)
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
    /// The server refused, or was not reached.
    Api(ApiError),
}

impl EnrolError {
    fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::DeviceRecord => None,
            Self::Api(error) => error.code(),
        }
    }
}

impl From<EnrolError> for ClientError {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::DeviceRecord => Self::Store(crate::store::RecordsError::Malformed),
            EnrolError::Api(error) => error.into(),
        }
    }
}
