//! Bots: accounts that a program speaks for. One is a full member of its chats, with keys and devices of its own, and does all that
//! [`Client`] does; what is special is how it comes to its account.

use crate::account::Registering;
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::sync::Command;
use sotto_crypto_core::BotToken;
use sotto_protocol::ProblemCode;

impl<P: Platform> Client<P> {
    /// Logs in as the bot that this token is of. The first time that registers its account, which somebody has made room for with
    /// [`Admin::create_bot`](crate::Admin::create_bot); from then on the token is what a password is to a person. A store that holds the
    /// bot already goes on with it.
    pub async fn log_in_as_bot(&self, token: &BotToken) -> Result<(), ClientError> {
        if let Some(account) = self.account() {
            return if account.name == *token.name() {
                Ok(())
            } else {
                Err(ClientError::AnotherAccount)
            };
        }
        let account = Registering {
            name: token.name().clone(),
            password: token.password(),
            invite: None,
            captcha: None,
            bot: Some(token.admission()),
        };
        let registered = self.ask(|reply| Command::Register { account, reply }).await;
        match registered {
            // It is registered, perhaps from this very store, or the token is no bot's: the server does not say which.
            Err(error)
                if error.code() == ProblemCode::BotTokenInvalid.as_str()
                    || error == ClientError::AnotherAccount =>
            {
                match self.log_in(token.name().as_str(), &token.password()).await {
                    Err(ClientError::WrongCredentials) => Err(error),
                    logged_in => logged_in,
                }
            }
            // The token opens the account wherever a recovery code would: nobody needs another secret.
            registered => registered.map(drop),
        }
    }
}
