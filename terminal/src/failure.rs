//! What went wrong, in plain words, and what to do about it.

use crate::moment::minute;
use crate::text::line;
use sotto_client_sdk::native::{InvalidServer, UnlockError};
use sotto_client_sdk::platform::TransportError;
use sotto_client_sdk::store::{RecordsError, StoreError};
use sotto_client_sdk::{Ban, ClientError, NotABotToken};
use sotto_webhooks::{InvalidSecret, WebhookError};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("No account is set up here yet.")]
    NoAccount,
    #[error("This folder holds the account {name}.")]
    OtherAccount { name: String },
    #[error("Which server?")]
    NoServer,
    #[error("You have no chat with {name}.")]
    NoChat { name: String },
    #[error("The file cannot be sent.")]
    FileFailed,
    #[error("There is no such file in this chat.")]
    NoFile,
    #[error("Nobody else has said that in this chat.")]
    NoMessage,
    #[error("You are in no group called {name}.")]
    NoGroup { name: String },
    #[error("You are in several groups called {name}.")]
    SeveralGroups { name: String },
    #[error("You are in no community called {name}.")]
    NoCommunity { name: String },
    #[error("You are in several communities called {name}.")]
    SeveralCommunities { name: String },
    #[error("You have no such device.")]
    NoDevice,
    #[error("Several of your devices are called {name}.")]
    SeveralDevices { name: String },
    #[error("Who are you?")]
    NoName,
    #[error("No account here is linked with that login of the OpenID provider.")]
    NotLinked,
    #[error("That login of the OpenID provider is linked with another account: {name}")]
    LinkedToAnother { name: String },
    #[error("The input ended before an address came.")]
    NoAddress,
    #[error("This is not the code that it should be: somebody may be in between.")]
    OtherSafetyCode { is_of_others: bool },
    #[error("That is the device that you are using.")]
    ThisDevice,
    #[error("{name} does not ask to be let in.")]
    NoRequest { name: String },
    #[error("Nothing of {name} waits for an answer.")]
    NoContactRequest { name: String },
    #[error("You have not blocked {name}.")]
    NotBlocked { name: String },
    #[error("{name} is not in this group.")]
    NoMember { name: String },
    #[error("The group has no such invite link, or several.")]
    NoLink,
    #[error("This invite link is for another server: {server}")]
    OtherServer { server: String },
    #[error("The identity key of {name} has changed.")]
    IdentityChanged { name: String },
    #[error("Not sent yet: the server cannot be reached.")]
    Unsent,
    #[error("The server refused the message: {0}")]
    Refused(&'static str),
    #[error("Your session has ended.")]
    SessionEnded,
    #[error("Your account is banned from this server {}. The reason given: {}", until(.0), line(&.0.reason))]
    Banned(Ban),
    #[error("Which bot?")]
    NoBotToken,
    #[error(transparent)]
    BotToken(#[from] NotABotToken),
    #[error("{0} is not set.")]
    NoWebhookSecret(&'static str),
    #[error(transparent)]
    WebhookSecret(#[from] InvalidSecret),
    #[error(transparent)]
    Webhook(WebhookError),
    #[error("The two passwords differ.")]
    PasswordsDiffer,
    #[error("The two passphrases differ.")]
    PassphrasesDiffer,
    #[error("The input ended before the passphrase of the export came.")]
    NoPassphrase,
    #[error("There is a file already: {path}")]
    FileExists { path: PathBuf },
    #[error("The input ended before a password came.")]
    NoPassword,
    #[error("Your settings cannot be read: {path}: {reason}")]
    Settings { path: PathBuf, reason: String },
    #[error("This system names no folder for an application's data.")]
    NoHome,
    #[error("{path}: {error}")]
    File { path: PathBuf, error: io::Error },
    #[error(transparent)]
    Server(#[from] InvalidServer),
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    #[error(transparent)]
    Client(ClientError),
    #[error(transparent)]
    Terminal(#[from] io::Error),
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            // Told with the reason and the end.
            ClientError::Banned(ban) => Self::Banned(ban),
            error => Self::Client(error),
        }
    }
}

impl From<WebhookError> for Failure {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Client(error) => error.into(),
            WebhookError::Socket(error) => Self::Terminal(error),
            error @ (WebhookError::NotLoopback | WebhookError::Http(_)) => Self::Webhook(error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Unlock(error.into())
    }
}

/// A message that is kept and goes out later: `EX_TEMPFAIL` of sysexits.h.
const TRY_AGAIN: u8 = 75;

impl Failure {
    /// For the shell.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unsent => ExitCode::from(TRY_AGAIN),
            _ => ExitCode::FAILURE,
        }
    }

    /// The reader of our output has had enough, as `head` has: that is no failure.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Terminal(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The failure in one sentence.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Unlock(UnlockError::WrongPassphrase) => {
                "That is not the password that this folder is sealed with.".to_owned()
            }
            Self::Unlock(UnlockError::Store(StoreError::Locked)) => {
                "Sotto is running with this folder already.".to_owned()
            }
            Self::Client(ClientError::Transport(TransportError::Unreachable(reason))) => {
                format!("The server cannot be reached: {reason}.")
            }
            error => {
                let text = error.to_string();
                let mut characters = text.chars();
                let first: String = characters
                    .next()
                    .into_iter()
                    .flat_map(char::to_uppercase)
                    .collect();
                let ended = text.ends_with(['.', '?', '!', ':']);
                format!("{first}{}{}", characters.as_str(), if ended { "" } else { "." })
            }
        }
    }

    /// What the user can do, if there is something.
    pub(crate) fn advice(&self) -> Option<String> {
        let text = match self {
            Self::NoAccount => "Make one with `sotto register NAME`, or log in with `sotto login NAME`.".to_owned(),
            Self::OtherAccount { .. } => {
                "Use --data-dir for another account, or delete this one here with `sotto logout --erase`.".to_owned()
            }
            Self::NoServer => "Say so with --server, like --server https://sotto.example".to_owned(),
            Self::NoChat { name } => format!("Begin one with `sotto chat {name}`."),
            Self::FileExists { .. } => "Choose another name, or give --force to overwrite it.".to_owned(),
            Self::Client(ClientError::ExportDamaged) => {
                "What stands before the damage is here now. If you have another copy of the file, import that too.".to_owned()
            }
            Self::Client(ClientError::AnotherAccountsExport) => {
                "A history can be imported into the account alone that it was exported from.".to_owned()
            }
            Self::NoGroup { .. } => {
                "`sotto chats` shows your groups; `sotto group find` finds others, and `sotto group create` makes one."
                    .to_owned()
            }
            Self::SeveralGroups { .. } => "Give the id that `sotto group show` tells instead.".to_owned(),
            Self::NoCommunity { .. } => {
                "`sotto community list` shows yours, and `sotto community find` finds others: give the id that it shows."
                    .to_owned()
            }
            Self::SeveralCommunities { .. } => {
                "Give the id that `sotto community list` shows instead.".to_owned()
            }
            Self::NoMessage => "`sotto history` shows what was said; give a few words of it.".to_owned(),
            Self::NoDevice => "`sotto devices` shows yours.".to_owned(),
            Self::SeveralDevices { .. } => "Give the id that `sotto devices` shows instead.".to_owned(),
            Self::NoName => "Give your name, or --code with what your other device shows.".to_owned(),
            Self::OtherSafetyCode { is_of_others: true } => {
                "The code is about other accounts. If it is of another chat, let them show yours; if not, the server shows one \
                 of you somebody else: trust nothing that is said there."
                    .to_owned()
            }
            Self::OtherSafetyCode { is_of_others: false } => {
                "One of you sees another identity key than the other has. Say nothing in this chat that must stay between you, and \
                 tell each other by other means."
                    .to_owned()
            }
            Self::Client(ClientError::DeviceLinkRefused) => {
                "Let the other device show a new one: `sotto devices link`.".to_owned()
            }
            Self::ThisDevice => "`sotto logout --erase` ends it.".to_owned(),
            Self::NoRequest { .. } => "`sotto group requests` tells who does.".to_owned(),
            Self::NoLink => "`sotto group invite list` shows those that work.".to_owned(),
            Self::OtherServer { .. } => {
                "Use it with an account there: name that server with --server, and a folder of its own with --data-dir."
                    .to_owned()
            }
            Self::NoContactRequest { .. } => "`sotto requests` shows what does.".to_owned(),
            Self::NotBlocked { .. } => "`sotto blocked` shows whom you have.".to_owned(),
            Self::Client(ClientError::Blocked) => "`sotto unblock NAME` takes that back.".to_owned(),
            Self::NoMember { .. } => "`sotto group show` tells who is.".to_owned(),
            Self::IdentityChanged { name } => format!(
                "Either {name} has begun anew, or somebody is in between. Compare safety numbers with `sotto verify {name}`."
            ),
            Self::Unsent => "The message is kept, and goes out when you next use sotto online.".to_owned(),
            Self::SessionEnded | Self::Client(ClientError::NotLoggedIn) => {
                "Log in again with `sotto login NAME`.".to_owned()
            }
            Self::Unlock(UnlockError::WrongPassphrase) => {
                "If you do not know it any more: `sotto logout --erase` deletes what is stored here, then log in anew."
                    .to_owned()
            }
            Self::Banned(Ban { until: Some(_), .. }) => {
                "Your messages are still here, and what others send you waits on the server.".to_owned()
            }
            Self::Banned(Ban { until: None, .. }) => {
                "If that is a mistake, ask whoever runs the server. Your messages are still here.".to_owned()
            }
            Self::Client(ClientError::RegistrationClosed) => {
                "Choose another server with --server, or ask who runs this one.".to_owned()
            }
            Self::Client(ClientError::OidcRequired) => {
                "Your account is linked with the server's OpenID provider: `sotto login NAME --oidc`.".to_owned()
            }
            Self::NoBotToken => {
                "Give its token as SOTTO_BOT_TOKEN; `sotto bot token NAME` and `sotto bot create NAME` make one.".to_owned()
            }
            Self::NotLinked => {
                "Log in with your name, as `sotto login NAME`; a browser links your account in its settings.".to_owned()
            }
            Self::LinkedToAnother { name } => format!("Log in as {name}, or at the provider as somebody else."),
            Self::Client(ClientError::InviteRequired) => {
                "Ask whoever runs the server for one, and give it with --invite CODE.".to_owned()
            }
            Self::Client(ClientError::InviteInvalid) => {
                "Look whether you have typed all of it. It may be used up or too old: then ask for a new one.".to_owned()
            }
            Self::Client(ClientError::UserNotFound) => "Find people with `sotto people NAME`.".to_owned(),
            Self::Client(ClientError::NoDevice) => "Try again when the other person has been online.".to_owned(),
            Self::Unlock(UnlockError::Store(StoreError::Newer { .. }))
            | Self::Client(ClientError::Store(RecordsError::Newer | RecordsError::Store(StoreError::Newer { .. }))) => {
                "Update sotto.".to_owned()
            }
            _ => return None,
        };
        Some(text)
    }
}

/// How long a ban lasts, as words that follow "banned".
fn until(ban: &Ban) -> String {
    ban.until
        .map_or("for good".to_owned(), |until| format!("until {}", minute(until)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banned_person_is_told_why_and_what_they_can_do() {
        let banned: Failure = ClientError::Banned(Ban {
            reason: "Spam\u{1b}[2J".to_owned(),
            until: None,
        })
        .into();
        assert_eq!(
            banned.sentence(),
            "Your account is banned from this server for good. The reason given: Spam\u{fffd}[2J."
        );
        assert!(banned.advice().unwrap().contains("ask whoever runs the server"));
    }
}
