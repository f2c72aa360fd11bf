//! What an application asks of the account's devices, and of logins without the password.

use super::{DeviceLinkOffer, OwnDevice, OwnDeviceRecord};
use crate::account::{AccountRecord, normalized_password};
use crate::client::Client;
use crate::devices::DeviceListRecord;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Scan;
use crate::sync::{Command, DeviceCommand, LoginCommand, Reply};
use sotto_crypto_core::{
    AccountRoot, DeviceCode, DeviceLinkCode, RecoveryCode, device_name, verify_device_list,
};
use sotto_protocol::rest::device::Device;
use sotto_protocol::{AccountId, AccountName, DeviceAddress, DeviceId, ListedDevice};

/// How often the devices are read anew because they have changed between two answers.
const ATTEMPTS: usize = 4;

impl<P: Platform> Client<P> {
    /// Logs in with the recovery code instead of the password, as [`Client::log_in`] does. The password stays as it is: see
    /// [`Client::set_password_by_recovery_code`].
    pub async fn log_in_by_recovery_code(&self, name: &str, words: &str) -> Result<(), ClientError> {
        let name: AccountName = name.parse()?;
        let code: RecoveryCode = words.parse()?;
        self.ask_working(|captcha, reply| {
            Command::Login(LoginCommand::ByRecoveryCode {
                name: name.clone(),
                code: code.clone(),
                captcha,
                reply,
            })
        })
        .await
    }

    /// Logs in with the code that a device of the account shows, read from its QR code or copied as text: no name, no password.
    ///
    /// The code names its server, and this client talks to the one that its transport was made for: see that they are the same.
    pub async fn log_in_by_device_link(&self, code: &str) -> Result<(), ClientError> {
        let code = code.parse()?;
        self.ask_login(|reply| LoginCommand::ByDeviceLink { code, reply })
            .await
    }

    /// Sets a new password. The other devices stay logged in.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), ClientError> {
        let (current, new) = (normalized_password(current), normalized_password(new));
        self.ask_working(|captcha, reply| {
            Command::Login(LoginCommand::ChangePassword {
                current: current.clone(),
                new: new.clone(),
                captcha,
                reply,
            })
        })
        .await
    }

    /// [`Client::change_password`] for whoever has lost the password and has the recovery code.
    pub async fn set_password_by_recovery_code(&self, words: &str, new: &str) -> Result<(), ClientError> {
        let code: RecoveryCode = words.parse()?;
        let new = normalized_password(new);
        self.ask_working(|captcha, reply| {
            Command::Login(LoginCommand::ResetPassword {
                code: code.clone(),
                new: new.clone(),
                captcha,
                reply,
            })
        })
        .await
    }

    /// Deletes the account with all that the server has of it, its files and its archive too, and all that is stored here. Nobody gets its
    /// name again. What others have received stays with them.
    pub async fn delete_account(&self, password: &str) -> Result<(), ClientError> {
        let password = normalized_password(password);
        self.ask_working(|captcha, reply| {
            Command::Login(LoginCommand::DeleteAccount {
                password: password.clone(),
                captcha,
                reply,
            })
        })
        .await
    }

    /// The devices of this account, oldest first.
    pub async fn devices(&self) -> Result<Vec<OwnDevice>, ClientError> {
        let here = self.account().ok_or(ClientError::NotLoggedIn)?;
        let records = self.records();
        let account = records
            .get::<AccountRecord>(&record_key::account())
            .await?
            .ok_or(ClientError::NotLoggedIn)?;
        let root = AccountRoot::from_bytes(account.root);
        let identity_key = root.identity().public_key();
        for _ in 0..ATTEMPTS {
            let shown = self.api().devices().await?.devices;
            let user = self.api().user_by_id(here.account).await?;
            let known = records
                .get::<DeviceListRecord>(&record_key::device_list())
                .await?
                .unwrap_or_default();
            let list = verify_device_list(&user.device_list, here.account, identity_key, known.seen)
                .map_err(|_| ClientError::Untrusted("one's own device list does not hold"))?;
            let mut devices = Vec::with_capacity(list.devices.len());
            for device in shown {
                let listed = ListedDevice {
                    device: device.device,
                    device_key: device.device_key,
                };
                if list.devices.contains(&listed) {
                    let record = records
                        .get::<OwnDeviceRecord>(&record_key::own_device(device.device))
                        .await?;
                    devices.push(own_device(&root, here.account, here.device, device, record));
                }
            }
            // One that came or went in between is on one of the two alone.
            if devices.len() == list.devices.len() {
                return Ok(devices);
            }
        }
        Err(ClientError::Untrusted(
            "other devices than those on the signed list",
        ))
    }

    /// Whether a device has come since [`Client::acknowledge_devices`] was called last. Local.
    pub async fn has_new_devices(&self) -> Result<bool, ClientError> {
        let known = self
            .records()
            .scan::<OwnDeviceRecord>(Scan::prefix(record_key::own_devices()))
            .await?;
        Ok(known.iter().any(|(_, device)| !device.is_noticed))
    }

    /// Gives a device of this account another name, for the account's own devices to see.
    pub async fn rename_device(&self, device: DeviceId, name: &str) -> Result<(), ClientError> {
        let name = name.trim().to_owned();
        self.ask_device(|reply| DeviceCommand::Rename { device, name, reply })
            .await
    }

    /// Marks a device as what it seems, after the user has compared its code on both.
    pub async fn confirm_device(&self, device: DeviceId) -> Result<(), ClientError> {
        self.ask_device(|reply| DeviceCommand::Confirm { device, reply })
            .await
    }

    /// The user knows of every device that there is now: none of them is new any more.
    pub async fn acknowledge_devices(&self) -> Result<(), ClientError> {
        self.ask_device(|reply| DeviceCommand::Acknowledge { reply })
            .await
    }

    /// Removes a device of this account: the server ends its session at once, and it is taken out of every chat. Once this
    /// returns, the latter is written, and goes on by itself.
    pub async fn remove_device(&self, device: DeviceId) -> Result<(), ClientError> {
        self.ask(|reply| Command::RemoveDevice { device, reply }).await
    }

    /// A code to show to a new device, good for five minutes and once, in place of an earlier one. `server` is the server's URL as
    /// this device reaches it. [`Event::DeviceAdded`](crate::Event::DeviceAdded) tells when a device has come by it.
    pub async fn offer_device_link(&self, server: &str) -> Result<DeviceLinkOffer, ClientError> {
        let server = server.to_owned();
        self.ask_device(|reply| DeviceCommand::OfferLink { server, reply })
            .await
    }

    /// Takes an offer back that is shown no longer.
    pub async fn withdraw_device_link(&self, code: &DeviceLinkCode) -> Result<(), ClientError> {
        Ok(self.api().withdraw_device_link(code.link.id()).await?)
    }

    async fn ask_device<T>(&self, command: impl FnOnce(Reply<T>) -> DeviceCommand) -> Result<T, ClientError> {
        self.ask(|reply| Command::Device(command(reply))).await
    }

    async fn ask_login(&self, command: impl FnOnce(Reply<()>) -> LoginCommand) -> Result<(), ClientError> {
        self.ask(|reply| Command::Login(command(reply))).await
    }
}

fn own_device(
    root: &AccountRoot,
    account: AccountId,
    here: DeviceId,
    shown: Device,
    record: Option<OwnDeviceRecord>,
) -> OwnDevice {
    let address = DeviceAddress {
        account,
        device: shown.device,
    };
    let is_this = shown.device == here;
    let record = record.filter(|record| record.device_key == shown.device_key);
    OwnDevice {
        device: shown.device,
        // One that does not open was not sealed by a device of this account.
        name: shown
            .name
            .and_then(|sealed| device_name::open(root, address, sealed.as_slice()).ok()),
        code: DeviceCode::of(account, shown.device, shown.device_key),
        is_this,
        is_verified: is_this || record.is_some_and(|record| record.is_verified),
        is_new: !is_this && record.is_some_and(|record| !record.is_noticed),
        enrolled_at: shown.enrolled_at,
        // The server keeps the hour alone, and it was there when it was enrolled.
        last_seen_at: shown.last_seen_at.max(shown.enrolled_at),
    }
}
