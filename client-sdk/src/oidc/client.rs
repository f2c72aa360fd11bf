//! What an application asks of logins at the OpenID provider.

use super::{OidcIdentity, OidcLogin};
use crate::client::Client;
use crate::error::ClientError;
use crate::passkeys::OwnerProof;
use crate::platform::Platform;
use crate::sync::{Command, OidcCommand, Reply};
use sotto_protocol::Timestamp;
use zeroize::Zeroizing;

impl<P: Platform> Client<P> {
    /// Begins a login at the server's OpenID provider ([`Client::server_info`] says whether there is one). It sends the browser back to
    /// `redirect_uri`: the web app's page `/login/oidc`, or that path of `http://127.0.0.1:<port>`, where the application listens.
    pub async fn oidc_login(&self, redirect_uri: &str) -> Result<OidcLogin, ClientError> {
        let redirect_uri = redirect_uri.to_owned();
        self.ask_oidc(|reply| OidcCommand::Begin { redirect_uri, reply })
            .await
    }

    /// Finishes a login at the provider, which has sent the browser back to this address; its query is enough. From then on the client shows
    /// the provider's ticket when an account is registered or logged in to, for ten minutes.
    ///
    /// An address that answers another login than `pending` is refused: somebody else may have begun that one.
    pub async fn finish_oidc_login(&self, pending: &str, address: &str) -> Result<OidcIdentity, ClientError> {
        let (pending, address) = (
            Zeroizing::new(pending.to_owned()),
            Zeroizing::new(address.to_owned()),
        );
        self.ask_oidc(|reply| OidcCommand::Finish {
            pending,
            address,
            reply,
        })
        .await
    }

    /// Forgets the provider's ticket: somebody else goes on here, or without it.
    pub async fn forget_oidc_login(&self) -> Result<(), ClientError> {
        self.ask_oidc(|reply| OidcCommand::Forget { reply }).await
    }

    /// Links this account with who has just logged in at the provider.
    pub async fn link_oidc(&self, proof: OwnerProof<'_>) -> Result<(), ClientError> {
        let proof = proof.read()?;
        self.ask_working(|captcha, reply| {
            Command::Oidc(OidcCommand::Link {
                proof: proof.clone(),
                captcha,
                reply,
            })
        })
        .await
    }

    /// Since when this account is linked with somebody at the provider, if it is.
    pub async fn oidc_linked_at(&self) -> Result<Option<Timestamp>, ClientError> {
        Ok(self.api().oidc_link().await?.linked_at)
    }

    /// Ends the link of this account. A server that wants logins to begin at the provider refuses it.
    pub async fn unlink_oidc(&self) -> Result<(), ClientError> {
        Ok(self.api().unlink_oidc().await?)
    }

    async fn ask_oidc<T>(&self, command: impl FnOnce(Reply<T>) -> OidcCommand) -> Result<T, ClientError> {
        self.ask(|reply| Command::Oidc(command(reply))).await
    }
}
