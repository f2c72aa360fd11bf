//! What an application asks of passkeys.

use super::{OwnPasskey, OwnerProof, PasskeyAnswer};
use crate::account::{AccountRecord, normalized_password};
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::record_key;
use crate::sync::{Command, PasskeyCommand, Reply};
use sotto_crypto_core::{AccountRoot, passkey};
use sotto_protocol::{PasskeyId, ProblemCode};

impl<P: Platform> Client<P> {
    /// Begins to add a passkey: what `navigator.credentials.create()` is to be asked for, as JSON
    /// (`PublicKeyCredentialCreationOptionsJSON`). The answer goes to [`Client::add_passkey`], within five minutes; another one that was begun
    /// meanwhile is the one that counts.
    ///
    /// It says which input the authenticator's PRF is to be given. If the answer has no output of it, which many authenticators give only
    /// when the passkey is used, ask `navigator.credentials.get()` for it, with the same input, for this passkey, and with its owner
    /// verified. An authenticator without PRF cannot be used: its passkey could log in, and then open nothing.
    pub async fn passkey_registration(&self, proof: OwnerProof<'_>) -> Result<String, ClientError> {
        let proof = proof.read()?;
        self.ask_working(|captcha, reply| {
            Command::Passkey(PasskeyCommand::BeginRegistration {
                proof: proof.clone(),
                captcha,
                reply,
            })
        })
        .await
    }

    /// Adds the passkey that was made, under a name for the account's own devices to see, and a copy of the account's root that it opens.
    pub async fn add_passkey(&self, name: &str, answer: PasskeyAnswer<'_>) -> Result<PasskeyId, ClientError> {
        let (credential, secret) = answer.read()?;
        let name = name.trim().to_owned();
        self.ask_passkey(|reply| PasskeyCommand::Add {
            name,
            credential: Box::new(credential),
            secret,
            reply,
        })
        .await
    }

    /// Begins a login by passkey: what `navigator.credentials.get()` is to be asked for, as JSON (`PublicKeyCredentialRequestOptionsJSON`). The
    /// answer goes to [`Client::log_in_by_passkey`], within five minutes, or to [`Client::set_password_by_passkey`].
    pub async fn passkey_login(&self) -> Result<String, ClientError> {
        self.ask_passkey(|reply| PasskeyCommand::BeginLogin { reply })
            .await
    }

    /// Logs in by a passkey, as [`Client::log_in`] does: no name, no password.
    pub async fn log_in_by_passkey(&self, answer: PasskeyAnswer<'_>) -> Result<(), ClientError> {
        let (credential, secret) = answer.read()?;
        self.ask_passkey(|reply| PasskeyCommand::LogIn {
            credential: Box::new(credential),
            secret,
            reply,
        })
        .await
    }

    /// [`Client::change_password`] for whoever has lost the password and has a passkey.
    pub async fn set_password_by_passkey(
        &self,
        answer: PasskeyAnswer<'_>,
        new: &str,
    ) -> Result<(), ClientError> {
        let (credential, secret) = answer.read()?;
        let new = normalized_password(new);
        self.ask_passkey(|reply| PasskeyCommand::ResetPassword {
            credential: Box::new(credential),
            secret,
            new,
            reply,
        })
        .await
    }

    /// The passkeys of this account, oldest first.
    pub async fn passkeys(&self) -> Result<Vec<OwnPasskey>, ClientError> {
        let here = self.account().ok_or(ClientError::NotLoggedIn)?;
        let record = self
            .records()
            .get::<AccountRecord>(&record_key::account())
            .await?
            .ok_or(ClientError::NotLoggedIn)?;
        let root = AccountRoot::from_bytes(record.root);
        let passkeys = self.api().passkeys().await?.passkeys.into_iter();
        let own = passkeys.map(|shown| OwnPasskey {
            passkey: shown.passkey,
            // One that does not open was not sealed by a device of this account.
            name: passkey::open_name(&root, here.account, shown.passkey, shown.name.as_slice()).ok(),
            added_at: shown.added_at,
            used_at: shown.used_at,
        });
        Ok(own.collect())
    }

    /// Gives a passkey of this account another name, for the account's own devices to see.
    pub async fn rename_passkey(&self, passkey: PasskeyId, name: &str) -> Result<(), ClientError> {
        let name = name.trim().to_owned();
        self.ask_passkey(|reply| PasskeyCommand::Rename { passkey, name, reply })
            .await
    }

    /// Removes a passkey of this account: nobody logs in by it any more. Devices that have, stay. What its authenticator shows is the browser's
    /// to take away.
    pub async fn remove_passkey(&self, passkey: PasskeyId) -> Result<(), ClientError> {
        match self.api().remove_passkey(passkey).await {
            // Another device, or an attempt of which nobody heard, was faster.
            Err(error) if error.code() == Some(ProblemCode::PasskeyNotFound) => Ok(()),
            removed => Ok(removed?),
        }
    }

    async fn ask_passkey<T>(
        &self,
        command: impl FnOnce(Reply<T>) -> PasskeyCommand,
    ) -> Result<T, ClientError> {
        self.ask(|reply| Command::Passkey(command(reply))).await
    }
}
