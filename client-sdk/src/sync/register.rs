//! Registration: an account, its root, and this device as its first.

use super::Engine;
use crate::account::{AccountRecord, Registering};
use crate::error::ClientError;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use sotto_crypto_core::password::{PasswordError, Registered, Registration};
use sotto_crypto_core::{AccountRoot, Device, RecoveryCode, vault};
use sotto_protocol::rest::auth::StartRegistration;
use sotto_protocol::rest::user::{CreateUser, GivenInvite, Vault};
use sotto_protocol::{AccountId, Binary, DeviceId, DeviceList, ListedDevice};

impl<P: Platform> Engine<P> {
    /// Registers an account. The recovery code is nowhere else: who loses it and the password loses the account.
    pub(crate) async fn register(&mut self, account: Registering) -> Result<RecoveryCode, ClientError> {
        let Registering {
            name,
            password,
            invite,
            captcha,
            bot,
        } = account;
        self.may_log_in().await?;
        if self.me.is_some() {
            return Err(ClientError::AnotherAccount);
        }
        let bot = bot.map(|admission| Binary::from(admission.expose().to_vec()));
        let password = password.as_bytes();
        let (registration, request) = Registration::start(&mut self.rng, password)?;
        let started = self
            .api
            .start_registration(&StartRegistration {
                name: name.clone(),
                request: request.into(),
                bot: bot.clone(),
            })
            .await?;
        let Registered { upload, export_key } =
            registration.finish(&mut self.rng, password, &name, started.response.as_slice())?;
        let account = AccountId::from_bytes(self.random());
        let device = DeviceId::from_bytes(self.random());
        let root = AccountRoot::generate(&mut self.rng);
        let identity = root.identity();
        let device = Device::generate(&mut self.rng, account, device, &identity);
        let code = RecoveryCode::generate(&mut self.rng);
        let credential = device.credential();
        let device_list = identity.sign_device_list(&DeviceList {
            account,
            name: name.clone(),
            identity_key: credential.identity_key,
            version: 1,
            devices: vec![ListedDevice {
                device: credential.device,
                device_key: credential.device_key,
            }],
        });
        let device_name = self.own_device_name(&root, credential.address());
        let create = CreateUser {
            account,
            registration: upload.into(),
            identity_key: credential.identity_key,
            vault: Vault {
                by_password: vault::seal_by_password(&mut self.rng, &export_key, account, &root).into(),
                by_recovery_code: vault::seal_by_recovery_code(&mut self.rng, &code, account, &root).into(),
            },
            recovery_key: code.login_key(),
            device: credential.device,
            device_key: credential.device_key,
            device_list,
            device_name,
            invite: invite.as_ref().map(GivenInvite::from),
            captcha,
            oidc: self.oidc_ticket(),
            bot,
        };
        let record = AccountRecord::new(account, name.clone(), &root, &device);
        // Should this be all that is left after a crash, logging in finds the account's device here.
        self.write_account(&record).await?;
        let created = self.api.create_user(&name, &create).await;
        if created.as_ref().is_err_and(|error| !error.is_passing()) {
            let mut changes = Changes::new();
            changes.delete(record_key::account());
            self.write(changes).await?;
        }
        self.logged_in_as(record, created?.session).await?;
        // The account has it: it is no good for another.
        self.oidc = None;
        Ok(code)
    }
}

impl From<PasswordError> for ClientError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::WrongPassword => Self::WrongCredentials,
            PasswordError::Length => Self::PasswordLength,
            PasswordError::MalformedResponse => Self::Untrusted("an answer that is no OPAQUE message"),
            PasswordError::OutOfMemory => Self::Failed("not enough memory to stretch the password"),
        }
    }
}
