//! Passkeys: made after a login, used in the place of one.

use super::log_in::Opened;
use super::{Engine, Reply};
use crate::error::ClientError;
use crate::passkeys::{creation_json, request_json};
use crate::platform::Platform;
use sotto_crypto_core::{PasskeySecret, RecoveryCode, passkey, vault, verify_device_list};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::rest::captcha::CaptchaSolution;
use sotto_protocol::rest::passkey::{
    AddPasskey, FinishPasskeyLogin, NewCredential, UpdatePasskey, UsedCredential,
};
use sotto_protocol::{AccountId, Binary, PasskeyId};
use zeroize::Zeroizing;

/// What is asked about passkeys.
pub(crate) enum PasskeyCommand {
    BeginRegistration {
        proof: OwnersProof,
        captcha: Option<CaptchaSolution>,
        reply: Reply<String>,
    },
    Add {
        name: String,
        credential: Box<NewCredential>,
        secret: PasskeySecret,
        reply: Reply<PasskeyId>,
    },
    BeginLogin {
        reply: Reply<String>,
    },
    LogIn {
        credential: Box<UsedCredential>,
        secret: PasskeySecret,
        reply: Reply<()>,
    },
    ResetPassword {
        credential: Box<UsedCredential>,
        secret: PasskeySecret,
        new: Zeroizing<String>,
        reply: Reply<()>,
    },
    Rename {
        passkey: PasskeyId,
        name: String,
        reply: Reply<()>,
    },
}

/// What the account's owner knows.
#[derive(Clone)]
pub(crate) enum OwnersProof {
    Password(Zeroizing<String>),
    RecoveryCode(RecoveryCode),
}

/// What waits for the browser's answer. It is kept in memory alone: whoever goes away meanwhile begins anew.
pub(crate) enum PendingPasskey {
    /// A passkey is being made.
    Registration {
        account: AccountId,
        token: Token,
        registration: Binary,
    },
    /// One is being used.
    Login { login: Binary },
}

impl<P: Platform> Engine<P> {
    pub(super) async fn passkey_command(&mut self, command: PasskeyCommand) {
        match command {
            PasskeyCommand::BeginRegistration {
                proof,
                captcha,
                reply,
            } => reply.send(self.begin_passkey_registration(&proof, captcha).await),
            PasskeyCommand::Add {
                name,
                credential,
                secret,
                reply,
            } => reply.send(self.add_passkey(&name, *credential, &secret).await),
            PasskeyCommand::BeginLogin { reply } => reply.send(self.begin_passkey_login().await),
            PasskeyCommand::LogIn {
                credential,
                secret,
                reply,
            } => reply.send(self.log_in_by_passkey(*credential, &secret).await),
            PasskeyCommand::ResetPassword {
                credential,
                secret,
                new,
                reply,
            } => reply.send(self.reset_password_by_passkey(*credential, &secret, &new).await),
            PasskeyCommand::Rename { passkey, name, reply } => {
                reply.send(self.rename_passkey(passkey, &name).await);
            }
        }
    }

    async fn begin_passkey_registration(
        &mut self,
        proof: &OwnersProof,
        captcha: Option<CaptchaSolution>,
    ) -> Result<String, ClientError> {
        let name = self.own_name().await?;
        let opened = match proof {
            OwnersProof::Password(password) => self.open_account(&name, password, captcha).await?,
            OwnersProof::RecoveryCode(code) => self.recover(&name, code, captcha).await?,
        };
        self.check_own(&opened).await?;
        let started = self.api.start_passkey_registration(&opened.token).await?;
        if started.options.user.id.as_slice() != opened.account.as_bytes() {
            return Err(ClientError::Untrusted("a passkey for another account"));
        }
        let options = creation_json(&started.options)?;
        self.passkey = Some(PendingPasskey::Registration {
            account: opened.account,
            token: opened.token,
            registration: started.registration,
        });
        Ok(options)
    }

    async fn add_passkey(
        &mut self,
        name: &str,
        credential: NewCredential,
        secret: &PasskeySecret,
    ) -> Result<PasskeyId, ClientError> {
        let root = self.own_root().await?;
        let own = self.me.as_ref().map(|me| me.account);
        let Some(PendingPasskey::Registration {
            account,
            token,
            registration,
        }) = &self.passkey
        else {
            return Err(ClientError::PasskeyExpired);
        };
        if own != Some(*account) {
            return Err(ClientError::PasskeyExpired);
        }
        let (account, token, registration) = (*account, token.clone(), registration.clone());
        let id = credential.raw_id.clone();
        let passkey = passkey::passkey_id(id.as_slice());
        let name = passkey::seal_name(&mut self.rng, &root, account, passkey, name)?;
        let vault = vault::seal_by_passkey(&mut self.rng, secret, account, id.as_slice(), &root);
        let body = AddPasskey {
            registration,
            credential,
            vault: vault.into(),
            name: name.into(),
        };
        let added = self.api.add_passkey(&token, &body).await?;
        self.passkey = None;
        if added.passkey == passkey {
            Ok(passkey)
        } else {
            Err(ClientError::Untrusted(
                "another passkey than the one that was added",
            ))
        }
    }

    async fn begin_passkey_login(&mut self) -> Result<String, ClientError> {
        let started = self.api.start_passkey_login().await?;
        let options = request_json(&started.options)?;
        self.passkey = Some(PendingPasskey::Login { login: started.login });
        Ok(options)
    }

    async fn log_in_by_passkey(
        &mut self,
        credential: UsedCredential,
        secret: &PasskeySecret,
    ) -> Result<(), ClientError> {
        self.may_log_in().await?;
        let opened = self.open_by_passkey(credential, secret).await?;
        self.enrol_opened(opened).await
    }

    async fn reset_password_by_passkey(
        &mut self,
        credential: UsedCredential,
        secret: &PasskeySecret,
        new: &str,
    ) -> Result<(), ClientError> {
        self.own_name().await?;
        let opened = self.open_by_passkey(credential, secret).await?;
        self.set_password(opened, new).await
    }

    /// Shows that one has the passkey, and opens the copy of the root that it seals. Whose it is says the list of devices, which is signed by
    /// what comes of that root.
    async fn open_by_passkey(
        &mut self,
        credential: UsedCredential,
        secret: &PasskeySecret,
    ) -> Result<Opened, ClientError> {
        let Some(PendingPasskey::Login { login }) = &self.passkey else {
            return Err(ClientError::PasskeyExpired);
        };
        let (login, id) = (login.clone(), credential.raw_id.clone());
        let finish = FinishPasskeyLogin { login, credential };
        let logged_in = self.api.finish_passkey_login(&finish).await?;
        self.passkey = None;
        let (account, vault) = (logged_in.account, logged_in.vault.as_slice());
        let root = vault::open_by_passkey(secret, account, id.as_slice(), vault)
            .map_err(|_| ClientError::Untrusted("a vault that the passkey does not open"))?;
        let identity_key = root.identity().public_key();
        let list = verify_device_list(&logged_in.device_list, account, identity_key, 0)
            .map_err(|_| ClientError::Untrusted("a device list that does not hold"))?;
        Opened::check(list.name, root, logged_in, 0)
    }

    async fn rename_passkey(&mut self, passkey: PasskeyId, name: &str) -> Result<(), ClientError> {
        let root = self.own_root().await?;
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?;
        let sealed = passkey::seal_name(&mut self.rng, &root, me.account, passkey, name)?;
        let body = UpdatePasskey { name: sealed.into() };
        Ok(self.api.update_passkey(passkey, &body).await?)
    }
}
