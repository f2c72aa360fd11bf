//! Logins at the OpenID provider: the client's part, and the ticket that it holds.

use super::passkeys::OwnersProof;
use super::{Engine, Reply};
use crate::error::ClientError;
use crate::oidc::{OidcIdentity, OidcLogin, Pending, Returned, is_address_of_a_page};
use crate::platform::Platform;
use sha2::{Digest as _, Sha256};
use sotto_protocol::rest::auth::Token;
use sotto_protocol::rest::captcha::CaptchaSolution;
use sotto_protocol::rest::oidc::{FinishOidc, LinkOidc, StartOidc};
use sotto_protocol::{Timestamp, binary};
use zeroize::Zeroizing;

/// What is asked about the OpenID provider.
pub(crate) enum OidcCommand {
    Begin {
        redirect_uri: String,
        reply: Reply<OidcLogin>,
    },
    Finish {
        pending: Zeroizing<String>,
        address: Zeroizing<String>,
        reply: Reply<OidcIdentity>,
    },
    Forget {
        reply: Reply<()>,
    },
    Link {
        proof: OwnersProof,
        captcha: Option<CaptchaSolution>,
        reply: Reply<()>,
    },
}

/// What shows who somebody is at the provider, in memory alone.
pub(crate) struct HeldTicket {
    ticket: Token,
    expires_at: Timestamp,
}

impl<P: Platform> Engine<P> {
    pub(super) async fn oidc_command(&mut self, command: OidcCommand) {
        match command {
            OidcCommand::Begin { redirect_uri, reply } => {
                reply.send(self.begin_oidc_login(redirect_uri).await);
            }
            OidcCommand::Finish {
                pending,
                address,
                reply,
            } => reply.send(self.finish_oidc_login(&pending, &address).await),
            OidcCommand::Forget { reply } => {
                self.oidc = None;
                reply.send(Ok(()));
            }
            OidcCommand::Link {
                proof,
                captcha,
                reply,
            } => reply.send(self.link_oidc(&proof, captcha).await),
        }
    }

    /// The ticket to show, as long as it is good.
    pub(super) fn oidc_ticket(&self) -> Option<Token> {
        let held = self.oidc.as_ref()?;
        (self.now() < held.expires_at).then(|| held.ticket.clone())
    }

    async fn begin_oidc_login(&mut self, redirect_uri: String) -> Result<OidcLogin, ClientError> {
        let verifier = binary::encode(&self.random::<32>());
        let start = StartOidc {
            redirect_uri,
            challenge: Sha256::digest(verifier.as_bytes()).to_vec().into(),
        };
        let started = self.api.start_oidc(&start).await?;
        if !is_address_of_a_page(&started.authorization_url) {
            return Err(ClientError::Untrusted("an address that is no page's"));
        }
        let pending = Pending {
            login: started.login,
            state: started.state,
            verifier: Token::new(verifier),
        };
        let pending = serde_json::to_string(&pending)
            .map_err(|_| ClientError::Failed("the login cannot be written down"))?;
        Ok(OidcLogin {
            authorization_url: started.authorization_url,
            pending: Zeroizing::new(pending),
        })
    }

    async fn finish_oidc_login(&mut self, pending: &str, address: &str) -> Result<OidcIdentity, ClientError> {
        let pending: Pending = serde_json::from_str(pending).map_err(|_| ClientError::OidcRefused)?;
        let Returned { state, code, iss } = Returned::read(address, &pending.state)?;
        let finish = FinishOidc {
            login: pending.login,
            state,
            code,
            iss,
            verifier: pending.verifier,
        };
        let finished = self.api.finish_oidc(&finish).await?;
        self.oidc = Some(HeldTicket {
            ticket: finished.ticket,
            expires_at: self.now().plus_seconds(finished.expires_in),
        });
        Ok(OidcIdentity {
            account: finished.account,
            suggested_name: finished.suggested_name,
            registration: finished.registration,
        })
    }

    async fn link_oidc(
        &mut self,
        proof: &OwnersProof,
        captcha: Option<CaptchaSolution>,
    ) -> Result<(), ClientError> {
        let name = self.own_name().await?;
        let ticket = self.oidc_ticket().ok_or(ClientError::OidcExpired)?;
        let opened = match proof {
            OwnersProof::Password(password) => self.open_account(&name, password, captcha).await?,
            OwnersProof::RecoveryCode(code) => self.recover(&name, code, captcha).await?,
        };
        self.check_own(&opened).await?;
        self.api.link_oidc(&opened.token, &LinkOidc { ticket }).await?;
        self.oidc = None;
        Ok(())
    }
}
