//! What a call of the client can fail with.

use crate::api::banned;
use crate::platform::TransportError;
use crate::store::RecordsError;
use sotto_crypto_core::NotAllowed;
use sotto_protocol::chat_rules::RuleViolation;
use sotto_protocol::invite_code::NotAnInviteCode;
use sotto_protocol::{AccountId, Ban, Problem, ProblemCode};

/// Why a call failed. Each variant says what the caller can do.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ClientError {
    /// There is no session: register or log in.
    #[error("log in first")]
    NotLoggedIn,
    /// This client has a session: log out first.
    #[error("this client is logged in already")]
    LoggedIn,
    /// The store belongs to another account: use another store, or erase this one first.
    #[error("this store belongs to another account")]
    AnotherAccount,
    /// The text is no account name: correct it.
    #[error(transparent)]
    InvalidName(#[from] sotto_protocol::account_name::InvalidAccountName),
    /// Someone has this name: choose another.
    #[error("that name is taken")]
    NameTaken,
    /// The server takes no new accounts: look for another server.
    #[error("this server takes no new accounts")]
    RegistrationClosed,
    /// The server takes the invited alone: ask for an invite code.
    #[error("you need an invite code to make an account on this server")]
    InviteRequired,
    /// The invite code is no code, unknown, used up, or over its time: correct it, or ask for another.
    #[error("that invite code does not work")]
    InviteInvalid,
    /// The server asks for a proof of work, which the client does by itself, and again after it was done: try again later.
    #[error("the server asks for another proof that this is no robot")]
    CaptchaRequired,
    /// The server does not take the proof of work that the client has done, nor the next one: try again.
    #[error("the server does not take the proof that this is no robot")]
    CaptchaInvalid,
    /// The password is empty or too long: choose another.
    #[error("a password has 1 to {} bytes", sotto_crypto_core::password::PASSWORD_BYTES)]
    PasswordLength,
    /// Name or password is wrong.
    #[error("name or password is wrong")]
    WrongCredentials,
    /// The account is banned from the server: it says why, and until when. Whoever runs the server can lift that.
    #[error("this account is banned from the server")]
    Banned(Ban),
    /// No account has this name.
    #[error("there is no such account")]
    UserNotFound,
    /// No chat of this account has this id.
    #[error("there is no such chat")]
    ChatNotFound,
    /// A device cannot remove itself: log out and erase it instead, or remove it on another.
    #[error("a device cannot remove itself")]
    ThisDevice,
    /// This account is in the group no more.
    #[error("you are not in this group any more")]
    NotAMember,
    /// The chat is a broadcast, and this account neither owns nor administers it: it reads.
    #[error("only the owner and the admins of a broadcast write there")]
    NoVoice,
    /// No group has this id.
    #[error("there is no such group")]
    GroupNotFound,
    /// The chat is no group.
    #[error("this chat is no group")]
    NotAGroup,
    /// The group's rules do not allow this to this account: ask its owner or an admin.
    #[error("the group does not allow that: {0}")]
    NotAllowed(NotAllowed),
    /// The title, the description or the number of members is out of bounds: correct it.
    #[error("{0}")]
    InvalidGroup(&'static str),
    /// The group would have more devices than it can: add fewer, or make a [`Large`](crate::GroupSize::Large) one.
    #[error("the group would have more than the {most} devices that it can have")]
    GroupFull {
        /// How many devices it can have.
        most: usize,
    },
    /// The device has an office in the group and not its key yet: try again when another device of the owner or an admin was online.
    #[error(
        "this device does not have the group's key yet: it comes when another device of the owner or an admin is online"
    )]
    NoGroupKey,
    /// The text is no invite link that can be used.
    #[error(transparent)]
    InvalidInviteLink(#[from] sotto_crypto_core::InviteLinkError),
    /// The picture cannot be used: choose another, or make it smaller.
    #[error(transparent)]
    InvalidPicture(#[from] crate::files::ImageError),
    /// A direct chat has two accounts: choose another one.
    #[error("a direct chat is with somebody else")]
    WithOneself,
    /// No device of the account can be invited: try again when it has been online.
    #[error("no device of that account can be invited now")]
    NoDevice,
    /// The account shows another identity key than the one known: compare safety numbers, then accept it or not.
    #[error("the account's identity key has changed")]
    IdentityChanged {
        /// The account.
        account: AccountId,
    },
    /// This account blocks the other one: unblock it first.
    #[error("you have blocked this account")]
    Blocked,
    /// The message is longer than [`TEXT_BYTES`](sotto_protocol::limits::TEXT_BYTES): shorten it.
    #[error("the message is too long")]
    TextTooLong,
    /// Messages cannot be kept for that long: choose another time.
    #[error("a message is kept for a second to a year, for good, or not at all")]
    RetentionOutOfBounds,
    /// No message has this id here.
    #[error("there is no such message")]
    MessageNotFound,
    /// This may not be done with this message: it is somebody else's, or was deleted.
    #[error("that cannot be done with this message")]
    MessageRefused,
    /// The server does not have the message yet: wait until it does.
    #[error("the message is not sent yet")]
    NotSentYet,
    /// Somebody is named in a place that is not in the text, or more are named than a message can name.
    #[error("the message names somebody where there is nothing")]
    InvalidMention,
    /// A reaction is a character or a few.
    #[error("that is no reaction")]
    InvalidReaction,
    /// The file's name, type, small picture or length is not one that a file can have: choose another.
    #[error("the file cannot be sent: its name, type or size is none that a file can have")]
    InvalidFile,
    /// The file cannot be read, or was changed while it was sent: choose it again.
    #[error(transparent)]
    FileUnreadable(#[from] crate::platform::FileUnreadable),
    /// It is not the file that the message is about.
    #[error("this is another file, or it was changed since")]
    FileDiffers,
    /// The file is larger than can be read at once: read a part of it.
    #[error("the file is too large to be read at once")]
    FileTooLarge,
    /// What the server has is not what was sent: it was altered. Nothing of it is used.
    #[error("the file was altered on the server")]
    FileDamaged,
    /// The file is not on the server any more.
    #[error("the file is not there any more")]
    FileGone,
    /// The passphrase of an export is too short or too long: choose another.
    #[error(
        "a passphrase has at least {} characters and at most {} bytes",
        sotto_crypto_core::export::PASSPHRASE_CHARACTERS,
        sotto_crypto_core::record::PASSPHRASE_BYTES
    )]
    PassphraseLength,
    /// The passphrase is not the one of this export: try again.
    #[error("that is not the passphrase of this export")]
    WrongPassphrase,
    /// The file is no export, or a newer version has written it: choose another, or update.
    #[error("this is no export, or one of a newer version of Sotto")]
    NotAnExport,
    /// The export was cut or altered. What came before that is here now.
    #[error("the export is damaged: it was cut or altered")]
    ExportDamaged,
    /// The export is of another account: log in as that one.
    #[error("this is the export of another account")]
    AnotherAccountsExport,
    /// The file cannot be written: look whether there is room, and whether this program may write there.
    #[error(transparent)]
    FileUnwritable(#[from] crate::platform::FileUnwritable),
    /// It was not wanted any more.
    #[error("cancelled")]
    Cancelled,
    /// There is nothing in the message.
    #[error("the message is empty")]
    TextEmpty,
    /// As many messages are starred as can be: take the star from another one first.
    #[error(
        "no more than {} messages can be starred: take the star from another one first",
        crate::messages::STARS
    )]
    TooManyStars,
    /// The server cannot be reached: try again later.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There is no connection, and there was none for a while: try again later.
    #[error("there is no connection to the server")]
    Offline,
    /// The server answered with this problem.
    #[error("{}", .0.title)]
    Refused(Box<Problem>),
    /// The server, or somebody in between, does not behave as it must: what it sent is not used.
    #[error("the server's answer cannot be trusted: {0}")]
    Untrusted(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] RecordsError),
    /// The operation failed in a way that has no remedy of the caller's; it can be tried again.
    #[error("the operation failed: {0}")]
    Failed(&'static str),
    /// The words are no recovery code: correct them.
    #[error(transparent)]
    InvalidRecoveryCode(#[from] sotto_crypto_core::recovery_code::RecoveryCodeError),
    /// The text is no code of another device: copy all of it.
    #[error(transparent)]
    InvalidDeviceLinkCode(#[from] sotto_crypto_core::device_link::NotADeviceLinkCode),
    /// The other device's code is wrong, was used, or is too old: let it show a new one.
    #[error("that code is wrong, was used, or is too old")]
    DeviceLinkRefused,
    /// What the browser answered is no passkey's answer, or has no secret of 32 bytes with it: try again, or with another authenticator.
    #[error("that is no answer of a passkey with a secret")]
    InvalidPasskeyAnswer,
    /// The passkey's name is empty, too long, or has characters in it that cannot be shown: choose another.
    #[error(transparent)]
    InvalidPasskeyName(#[from] sotto_crypto_core::passkey::PasskeyNameError),
    /// Nothing that was begun waits for this answer, or not any more: begin anew.
    #[error("that took too long, or was begun elsewhere")]
    PasskeyExpired,
    /// What came back from the OpenID provider does not hold, or answers a login that this client has not begun: start again.
    #[error("what came back from the OpenID provider does not hold")]
    OidcRefused,
    /// Nobody has logged in at the OpenID provider, or too long ago: start again.
    #[error("the login at the OpenID provider has expired")]
    OidcExpired,
    /// The account is linked with the OpenID provider, at which this login has to begin: [`crate::Client::oidc_login`].
    #[error("log in at the OpenID provider first")]
    OidcRequired,
    /// The text is no safety code: copy all of it.
    #[error(transparent)]
    InvalidSafetyCode(#[from] sotto_crypto_core::safety_code::NotASafetyCode),
    /// The device's name is empty, too long, or has characters in it that cannot be shown: choose another.
    #[error(transparent)]
    InvalidDeviceName(#[from] sotto_crypto_core::device_name::DeviceNameError),
    /// The account has as many devices as it can have: remove one on another device first.
    #[error("{0}: remove one on another device first")]
    TooManyDevices(#[from] sotto_protocol::device_list::TooManyDevices),
    /// The account has no such device.
    #[error("there is no such device")]
    DeviceNotFound,
    /// The client was closed: open it again.
    #[error("the client is closed")]
    Closed,
}

impl ClientError {
    /// A stable code for programs: the problem's if the server gave one, else the client's own.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotLoggedIn => ProblemCode::Unauthenticated.as_str(),
            Self::LoggedIn => "logged-in",
            Self::AnotherAccount => "another-account",
            Self::InvalidName(_) => ProblemCode::InvalidName.as_str(),
            Self::NameTaken => ProblemCode::NameTaken.as_str(),
            Self::RegistrationClosed => ProblemCode::RegistrationClosed.as_str(),
            Self::InviteRequired => ProblemCode::InviteRequired.as_str(),
            Self::InviteInvalid => ProblemCode::InviteInvalid.as_str(),
            Self::CaptchaRequired => ProblemCode::CaptchaRequired.as_str(),
            Self::CaptchaInvalid => ProblemCode::CaptchaInvalid.as_str(),
            Self::PasswordLength => "password-length",
            Self::WrongCredentials => ProblemCode::WrongCredentials.as_str(),
            Self::Banned(_) => ProblemCode::Banned.as_str(),
            Self::UserNotFound => ProblemCode::UserNotFound.as_str(),
            Self::ChatNotFound => ProblemCode::ChatNotFound.as_str(),
            Self::WithOneself => "with-oneself",
            Self::ThisDevice => "this-device",
            Self::NotAMember => "not-a-member",
            Self::NoVoice => "no-voice",
            Self::GroupNotFound => ProblemCode::GroupNotFound.as_str(),
            Self::NotAGroup => "not-a-group",
            Self::NotAllowed(_) => ProblemCode::MembershipRefused.as_str(),
            Self::GroupFull { .. } => ProblemCode::GroupFull.as_str(),
            Self::NoGroupKey => "no-group-key",
            Self::InvalidInviteLink(_) => "invalid-invite-link",
            Self::InvalidPicture(_) => "invalid-picture",
            Self::InvalidGroup(_) => ProblemCode::InvalidRequest.as_str(),
            Self::NoDevice => ProblemCode::NoKeyPackage.as_str(),
            Self::IdentityChanged { .. } => "identity-changed",
            Self::Blocked => "blocked",
            Self::TextTooLong => ProblemCode::TooLarge.as_str(),
            Self::RetentionOutOfBounds => ProblemCode::InvalidRetention.as_str(),
            Self::MessageNotFound => "message-not-found",
            Self::MessageRefused => "message-refused",
            Self::NotSentYet => "not-sent-yet",
            Self::InvalidMention => "invalid-mention",
            Self::InvalidReaction => "invalid-reaction",
            Self::InvalidFile => "invalid-file",
            Self::FileUnreadable(_) => "file-unreadable",
            Self::FileDiffers => "file-differs",
            Self::FileTooLarge => "file-too-large",
            Self::FileDamaged => "file-damaged",
            Self::FileGone => "file-gone",
            Self::PassphraseLength => "passphrase-length",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::NotAnExport => "not-an-export",
            Self::ExportDamaged => "export-damaged",
            Self::AnotherAccountsExport => "another-accounts-export",
            Self::FileUnwritable(_) => "file-unwritable",
            Self::Cancelled => "cancelled",
            Self::TextEmpty => "text-empty",
            Self::TooManyStars => "too-many-stars",
            Self::Transport(_) => "unreachable",
            Self::Offline => "offline",
            Self::Refused(problem) => problem.code.as_str(),
            Self::Untrusted(_) => "untrusted",
            Self::Store(_) => "store",
            Self::Failed(_) => "failed",
            Self::InvalidRecoveryCode(_) => "invalid-recovery-code",
            Self::InvalidDeviceLinkCode(_) => "invalid-device-link-code",
            Self::DeviceLinkRefused => ProblemCode::DeviceLinkRefused.as_str(),
            Self::InvalidPasskeyAnswer => "invalid-passkey-answer",
            Self::InvalidPasskeyName(_) => "invalid-passkey-name",
            Self::PasskeyExpired => ProblemCode::PasskeyExpired.as_str(),
            Self::OidcRefused => ProblemCode::OidcRefused.as_str(),
            Self::OidcExpired => ProblemCode::OidcExpired.as_str(),
            Self::OidcRequired => ProblemCode::OidcRequired.as_str(),
            Self::InvalidSafetyCode(_) => "invalid-safety-code",
            Self::InvalidDeviceName(_) => "invalid-device-name",
            Self::TooManyDevices(_) => ProblemCode::TooManyDevices.as_str(),
            Self::DeviceNotFound => ProblemCode::DeviceNotFound.as_str(),
            Self::Closed => "closed",
        }
    }
}

impl From<NotAnInviteCode> for ClientError {
    fn from(NotAnInviteCode: NotAnInviteCode) -> Self {
        Self::InviteInvalid
    }
}

impl From<NotAllowed> for ClientError {
    fn from(reason: NotAllowed) -> Self {
        match reason {
            NotAllowed::Rule(RuleViolation::Full { most }) => Self::GroupFull { most },
            reason => Self::NotAllowed(reason),
        }
    }
}

impl From<Problem> for ClientError {
    fn from(problem: Problem) -> Self {
        if let Some(ban) = banned(&problem) {
            return Self::Banned(ban);
        }
        match problem.code {
            ProblemCode::NameTaken => Self::NameTaken,
            ProblemCode::RegistrationClosed => Self::RegistrationClosed,
            ProblemCode::InviteRequired => Self::InviteRequired,
            ProblemCode::InviteInvalid => Self::InviteInvalid,
            ProblemCode::CaptchaRequired => Self::CaptchaRequired,
            ProblemCode::CaptchaInvalid => Self::CaptchaInvalid,
            ProblemCode::WrongCredentials => Self::WrongCredentials,
            ProblemCode::UserNotFound => Self::UserNotFound,
            ProblemCode::ChatNotFound => Self::ChatNotFound,
            ProblemCode::GroupNotFound => Self::GroupNotFound,
            ProblemCode::DeviceLinkRefused => Self::DeviceLinkRefused,
            ProblemCode::DeviceNotFound => Self::DeviceNotFound,
            ProblemCode::PasskeyExpired => Self::PasskeyExpired,
            ProblemCode::OidcRefused => Self::OidcRefused,
            ProblemCode::OidcExpired => Self::OidcExpired,
            ProblemCode::OidcRequired => Self::OidcRequired,
            ProblemCode::NoKeyPackage => Self::NoDevice,
            ProblemCode::SessionEnded | ProblemCode::Unauthenticated => Self::NotLoggedIn,
            _ => Self::Refused(Box::new(problem)),
        }
    }
}
