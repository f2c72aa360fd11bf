//! Logins without the password, and new passwords.

use super::log_in::{Opened, check_list};
use super::{Engine, Reply};
use crate::error::ClientError;
use crate::platform::Platform;
use sotto_crypto_core::password::{Registered, Registration};
use sotto_crypto_core::{DeviceLinkCode, RecoveryCode, vault};
use sotto_protocol::AccountName;
use sotto_protocol::rest::auth::{
    AnswerChallenge, SetPassword, StartDeviceLink, StartPassword, StartRecovery,
};
use sotto_protocol::rest::captcha::CaptchaSolution;
use zeroize::Zeroizing;

/// Another way in than name and password, or another password.
pub(crate) enum LoginCommand {
    ByRecoveryCode {
        name: AccountName,
        code: RecoveryCode,
        captcha: Option<CaptchaSolution>,
        reply: Reply<()>,
    },
    ByDeviceLink {
        code: DeviceLinkCode,
        reply: Reply<()>,
    },
    ChangePassword {
        current: Zeroizing<String>,
        new: Zeroizing<String>,
        captcha: Option<CaptchaSolution>,
        reply: Reply<()>,
    },
    ResetPassword {
        code: RecoveryCode,
        new: Zeroizing<String>,
        captcha: Option<CaptchaSolution>,
        reply: Reply<()>,
    },
    DeleteAccount {
        password: Zeroizing<String>,
        captcha: Option<CaptchaSolution>,
        reply: Reply<()>,
    },
}

impl<P: Platform> Engine<P> {
    pub(super) async fn login_command(&mut self, command: LoginCommand) {
        match command {
            LoginCommand::ByRecoveryCode {
                name,
                code,
                captcha,
                reply,
            } => reply.send(self.log_in_by_recovery_code(name, &code, captcha).await),
            LoginCommand::ByDeviceLink { code, reply } => {
                reply.send(self.log_in_by_device_link(&code).await);
            }
            LoginCommand::ChangePassword {
                current,
                new,
                captcha,
                reply,
            } => reply.send(self.change_password(&current, &new, captcha).await),
            LoginCommand::ResetPassword {
                code,
                new,
                captcha,
                reply,
            } => reply.send(self.reset_password(&code, &new, captcha).await),
            LoginCommand::DeleteAccount {
                password,
                captcha,
                reply,
            } => reply.send(self.delete_account(&password, captcha).await),
        }
    }

    async fn log_in_by_recovery_code(
        &mut self,
        name: AccountName,
        code: &RecoveryCode,
        captcha: Option<CaptchaSolution>,
    ) -> Result<(), ClientError> {
        self.may_log_in().await?;
        let opened = self.recover(&name, code, captcha).await?;
        self.enrol_opened(opened).await
    }

    /// Shows that one has the recovery code, and opens the copy of the root that it seals.
    pub(super) async fn recover(
        &mut self,
        name: &AccountName,
        code: &RecoveryCode,
        captcha: Option<CaptchaSolution>,
    ) -> Result<Opened, ClientError> {
        let start = StartRecovery {
            name: name.clone(),
            captcha,
        };
        let challenged = self.api.start_recovery(&start).await?;
        let answer = AnswerChallenge {
            login: challenged.login,
            signature: code.prove(name, challenged.challenge),
        };
        let logged_in = self.api.finish_recovery(&answer).await?;
        let root = vault::open_by_recovery_code(code, logged_in.account, logged_in.vault.as_slice())
            .map_err(|_| ClientError::Untrusted("a vault that the recovery code does not open"))?;
        Opened::check(name.clone(), root, logged_in, 0)
    }

    async fn log_in_by_device_link(&mut self, code: &DeviceLinkCode) -> Result<(), ClientError> {
        self.may_log_in().await?;
        let link = &code.link;
        let challenged = self
            .api
            .start_device_link(&StartDeviceLink { link: link.id() })
            .await?;
        let answer = AnswerChallenge {
            login: challenged.login,
            signature: link.prove(challenged.challenge),
        };
        let logged_in = self.api.finish_device_link(&answer).await?;
        let linked = link
            .open(logged_in.account, logged_in.vault.as_slice())
            .map_err(|_| ClientError::Untrusted("a vault that the other device's code does not open"))?;
        let opened = Opened::check(code.name.clone(), linked.root, logged_in, linked.list_version)?;
        self.enrol_opened(Opened {
            device: Some(link.device()),
            ..opened
        })
        .await?;
        // Should this not be written, the other device is one whose code can be compared.
        let _ = self.vouch_for(linked.offered_by).await;
        Ok(())
    }

    async fn change_password(
        &mut self,
        current: &str,
        new: &str,
        captcha: Option<CaptchaSolution>,
    ) -> Result<(), ClientError> {
        let name = self.own_name().await?;
        let opened = self.open_account(&name, current, captcha).await?;
        self.set_password(opened, new).await
    }

    async fn reset_password(
        &mut self,
        code: &RecoveryCode,
        new: &str,
        captcha: Option<CaptchaSolution>,
    ) -> Result<(), ClientError> {
        let name = self.own_name().await?;
        let opened = self.recover(&name, code, captcha).await?;
        self.set_password(opened, new).await
    }

    async fn delete_account(
        &mut self,
        password: &str,
        captcha: Option<CaptchaSolution>,
    ) -> Result<(), ClientError> {
        let name = self.own_name().await?;
        let opened = self.open_account(&name, password, captcha).await?;
        self.check_own(&opened).await?;
        self.api.delete_account(&opened.token, &name).await?;
        self.erase().await
    }

    /// A server that shows another account under this one's name gets nothing.
    pub(super) async fn check_own(&mut self, opened: &Opened) -> Result<(), ClientError> {
        if opened.root == self.own_root().await? {
            Ok(())
        } else {
            Err(ClientError::Untrusted("another account under one's own name"))
        }
    }

    pub(super) async fn own_name(&mut self) -> Result<AccountName, ClientError> {
        self.ensure_loaded().await?;
        let me = self.me.as_ref().filter(|_| self.logged_in);
        me.map(|me| me.name.clone()).ok_or(ClientError::NotLoggedIn)
    }

    /// Registers another password with the server, and seals the root by it.
    pub(super) async fn set_password(&mut self, opened: Opened, new: &str) -> Result<(), ClientError> {
        self.check_own(&opened).await?;
        let new = new.as_bytes();
        let (registration, request) = Registration::start(&mut self.rng, new)?;
        let request = StartPassword {
            request: request.into(),
        };
        let started = self.api.start_password(&opened.token, &request).await?;
        let Registered { upload, export_key } =
            registration.finish(&mut self.rng, new, &opened.name, started.response.as_slice())?;
        let vault = vault::seal_by_password(&mut self.rng, &export_key, opened.account, &opened.root);
        let body = SetPassword {
            registration: upload.into(),
            vault: vault.into(),
        };
        Ok(self.api.set_password(&opened.token, &body).await?)
    }

    /// The list as everybody sees it, one that the server's last answer was too old for.
    pub(super) async fn reread_list(&self, opened: &mut Opened) -> Result<(), ClientError> {
        let user = self.api.profile(opened.account).await?;
        opened.list = check_list(
            &opened.root,
            opened.account,
            &opened.name,
            user.identity_key,
            &user.device_list,
            opened.list.version,
        )?;
        Ok(())
    }
}
