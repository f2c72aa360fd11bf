//! Problems: what can go wrong, as stable codes (RFC 9457).

use crate::{Ban, ChatId, Epoch};
use core::fmt;
use serde::{Deserialize, Serialize};

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $code:ident = $text:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong. The list only grows, at its end: frames carry a code as its position.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $text)] $code,)+
        }

        impl ProblemCode {
            /// Every code, in the order of the wire.
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            /// The code as JSON has it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $text,)+ }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$code => $status,)+ }
            }

            /// One sentence for people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$code => $title,)+ }
            }
        }
    };
}

problem_codes! {
    /// The request is not what the endpoint takes: correct it.
    InvalidRequest = "invalid-request", 400, "The request is not what this endpoint takes.";
    /// The name breaks the rules of [`crate::AccountName`].
    InvalidName = "invalid-name", 400, "That is not a valid account name.";
    /// Someone has this name: choose another.
    NameTaken = "name-taken", 409, "That name is taken.";
    /// The account id is in use: choose another at random.
    AccountTaken = "account-taken", 409, "That account id is in use.";
    /// No token, or one that this server did not issue: log in.
    Unauthenticated = "unauthenticated", 401, "Log in first.";
    /// The access token is over its time: refresh it.
    TokenExpired = "token-expired", 401, "The access token has expired.";
    /// Name or password is wrong; which one is not said.
    WrongCredentials = "wrong-credentials", 401, "Name or password is wrong.";
    /// The login took too long, or was finished before: start again.
    LoginExpired = "login-expired", 401, "The login has expired. Start again.";
    /// The refresh token is unknown, over its time, or was used before: log in. A second use ends the session.
    SessionEnded = "session-ended", 401, "This session has ended. Log in again.";
    /// The token does not allow this.
    Forbidden = "forbidden", 403, "This is not yours to do.";
    /// Nothing is at this path.
    NotFound = "not-found", 404, "There is nothing here.";
    /// No account has this name or id.
    UserNotFound = "user-not-found", 404, "There is no such account.";
    /// The account has no such device.
    DeviceNotFound = "device-not-found", 404, "There is no such device.";
    /// The device id is in use with another key: choose another at random.
    DeviceTaken = "device-taken", 409, "That device id is in use.";
    /// The account has as many devices as it may.
    TooManyDevices = "too-many-devices", 409, "The account has as many devices as it may. Remove one first.";
    /// The device list does not follow the current one: read that, then try again.
    StaleDeviceList = "stale-device-list", 409, "The device list has changed meanwhile.";
    /// The stock of KeyPackages is full.
    TooManyKeyPackages = "too-many-key-packages", 409, "The server holds enough KeyPackages of this device.";
    /// A device of the account has no KeyPackage for the suite: try again when it has been online.
    NoKeyPackage = "no-key-package", 409, "A device of that account has no KeyPackage left.";
    /// No such chat, or not one of the caller's; which one is not said.
    ChatNotFound = "chat-not-found", 404, "There is no such chat, or you are not in it.";
    /// The chat id is in use: choose another at random.
    ChatTaken = "chat-taken", 409, "That chat id is in use.";
    /// The two accounts have a direct chat: use that one (`chat` names it).
    DirectChatExists = "direct-chat-exists", 409, "You already have a chat with this account.";
    /// The chat is in another epoch (`epoch` names it): catch up, then try again.
    StaleEpoch = "stale-epoch", 409, "The chat has moved on. Catch up, then try again.";
    /// The payload is no MLS message of this chat that may stand here.
    MalformedMessage = "malformed-message", 400, "The payload is not an MLS message of this chat.";
    /// What the Commit declares to add or remove is against the chat's rules.
    MembershipRefused = "membership-refused", 403, "The chat's rules do not allow this change of members.";
    /// The path does not take this method.
    MethodNotAllowed = "method-not-allowed", 405, "This path does not take that method.";
    /// Over one of the limits on size or count.
    TooLarge = "too-large", 413, "That is larger than this server takes.";
    /// The body is not `application/json`.
    UnsupportedMediaType = "unsupported-media-type", 415, "Send application/json.";
    /// The frame cannot be read, or is of a kind that this server does not know.
    MalformedFrame = "malformed-frame", 400, "The frame cannot be read.";
    /// Too much in a short time: wait.
    RateLimited = "rate-limited", 429, "Too many requests. Wait a little.";
    /// The server failed. Nothing was changed that was not acknowledged: try again.
    Internal = "internal", 500, "The server failed. Try again.";
    /// The server is stopping or overloaded: try again, perhaps elsewhere.
    Unavailable = "unavailable", 503, "The server cannot take this now. Try again shortly.";
    /// This server takes no registrations.
    RegistrationClosed = "registration-closed", 403, "This server takes no new accounts.";
    /// The retention is out of bounds.
    InvalidRetention = "invalid-retention", 400, "Messages cannot be kept for that long.";
    /// The request took too long to arrive.
    Timeout = "timeout", 408, "The request took too long.";
    /// No such blob, or one that is not whole and not the caller's; which one is not said.
    BlobNotFound = "blob-not-found", 404, "There is no such file.";
    /// The blob is still being uploaded: go on with that, then read it.
    BlobUnfinished = "blob-unfinished", 409, "The file has not been uploaded whole.";
    /// The server has another number of the blob's bytes (`offset` names it): go on from there.
    WrongOffset = "wrong-offset", 409, "The upload goes on at another position.";
    /// Another request is adding to this blob just now: wait until it is over, then ask for the offset.
    UploadBusy = "upload-busy", 409, "The file is being uploaded by another request.";
    /// More bytes than the blob was created with. Nothing of what went beyond was taken.
    UploadTooLong = "upload-too-long", 400, "That is more than the file was said to have.";
    /// The upload id is in use for a blob of another size or retention: choose another at random.
    UploadTaken = "upload-taken", 409, "That upload id is in use.";
    /// Larger than any blob may be.
    BlobTooLarge = "blob-too-large", 413, "The file is larger than this server takes.";
    /// The account's blobs would have more bytes than they may: delete some first.
    QuotaExceeded = "quota-exceeded", 409, "Your files on this server would take more room than you have.";
    /// The account has as many blobs as it may: delete some first.
    TooManyBlobs = "too-many-blobs", 409, "You have as many files on this server as you may.";
    /// The account has as many uploads under way as it may: finish or delete one first.
    TooManyUploads = "too-many-uploads", 409, "You have as many uploads under way as you may.";
    /// The blob has no byte in that range.
    RangeNotSatisfiable = "range-not-satisfiable", 416, "The file has nothing in that range.";
    /// The address has as many connections as it may: close some, or wait.
    TooManyConnections = "too-many-connections", 429, "Too many connections from your address.";
    /// The sender has not read the chat's last [`crate::limits::UNREAD_ENTRIES`], among which the message may be already:
    /// catch up, then try again if it is not there.
    Behind = "behind", 409, "There is too much in the chat that you have not read. Catch up, then try again.";
    /// No group has this id.
    GroupNotFound = "group-not-found", 404, "There is no such group.";
    /// The group's profile is as new as this one, or newer: read it, then try again.
    StaleProfile = "stale-profile", 409, "The group's profile has changed meanwhile.";
    /// The account does not ask to be let into this group.
    RequestNotFound = "request-not-found", 404, "There is no such request.";
    /// As many as may be wait to be let into the group, or the account waits for as many groups as it may.
    TooManyRequests = "too-many-requests", 409, "Too many requests to join are waiting already.";
    /// The invite link by which the device wants to come in was revoked, is over its time or used up, or was never one of this
    /// group's: ask a member for another.
    InvitationRefused = "invitation-refused", 403, "This invite link does not work any more. Ask for a new one.";
    /// The code of an old device is wrong, was used, or is too old; which one is not said: let it show a new one.
    DeviceLinkRefused = "device-link-refused", 401, "That code is wrong, was used, or is too old. Show a new one.";
    /// The account has no such private record.
    RecordNotFound = "record-not-found", 404, "There is no such record.";
    /// The private record has another revision than the one to be replaced: read it, bring both together, then try again.
    StaleRecord = "stale-record", 409, "The record has changed meanwhile.";
    /// The account has as many private records as it may.
    TooManyRecords = "too-many-records", 409, "The account has as many records as it may.";
    /// The other account of a direct chat takes nothing from this one: it is not written, and trying again does not help.
    Undeliverable = "undeliverable", 403, "The other account takes no messages from you.";
    /// The account blocks as many others as it may.
    TooManyBlocks = "too-many-blocks", 409, "You block as many accounts as you may.";
    /// The chat has as many devices as its suite allows ([`crate::Suite::most_devices`]): somebody has to leave first.
    GroupFull = "group-full", 409, "The group has as many members as it can.";
    /// A statement that the Commit shows does not hold: an approval or a departure that its device has not signed, or an
    /// approval of a request that is not there any more. Forget it, and make the Commit anew without it.
    StatementRefused = "statement-refused", 403, "An approval or a departure that this change rests on does not hold.";
    /// The GroupInfo is not signed with the key of the device that sends it: nobody could join by it.
    GroupInfoRefused = "group-info-refused", 403, "The GroupInfo is not signed by the device that sends it.";
    /// The rules would give an office to an account that this server does not know by that identity key.
    OfficeRefused = "office-refused", 403, "The account that would hold an office has another identity key.";
    /// The account has no archive of this chat.
    ArchiveNotFound = "archive-not-found", 404, "There is no such archive.";
    /// The archive has another revision than the one to be replaced (`revision` names it): read it, bring both together, then
    /// try again.
    StaleArchive = "stale-archive", 409, "The archive has changed meanwhile.";
    /// The archive has a segment of this id: choose another at random.
    SegmentTaken = "segment-taken", 409, "That segment id is in use.";
    /// The account's archives would have more bytes than they may: delete some first.
    ArchiveFull = "archive-full", 409, "Your archived history would take more room than you have.";
    /// The account's archives would have more segments than they may: put small ones together, or delete some.
    TooManySegments = "too-many-segments", 409, "Your archived history has as many parts as it may.";
    /// The account has archives of as many chats as it may.
    TooManyArchives = "too-many-archives", 409, "You have archived the history of as many chats as you may.";
    /// The endpoint of the subscription is at a push service that this server does not send to.
    EndpointRefused = "endpoint-refused", 403, "This server does not send to that push service.";
    /// This server takes the invited alone, and no invite code was given: ask for one.
    InviteRequired = "invite-required", 403, "You need an invite code to make an account on this server.";
    /// The invite code is unknown, used up, or over its time; which one is not said: ask for another.
    InviteInvalid = "invite-invalid", 403, "That invite code does not work. Ask for another.";
    /// A proof of work is needed: get a challenge, solve it, then try again with the solution.
    CaptchaRequired = "captcha-required", 403, "Show first that you are no robot.";
    /// The solution is wrong, of another server, over its time, or was used; which one is not said: solve a new challenge.
    CaptchaInvalid = "captcha-invalid", 403, "That proof of work does not count, or not any more. Try again.";
    /// A reported message does not fit what its sender has committed to: it was never said so, there and by that device.
    ReportRefused = "report-refused", 403, "What is reported is not what the message said.";
    /// The server does not have the message any more, or never kept it: it can be reported without proof.
    ReportUnprovable = "report-unprovable", 410, "The server does not have this message any more, and cannot check the report.";
    /// The account has reported that already, and nobody has handled it, or it is a message.
    AlreadyReported = "already-reported", 409, "You have reported this already.";
    /// No report has this id, or not any more.
    ReportNotFound = "report-not-found", 404, "There is no such report.";
    /// The account is banned (`ban` says why, and until when): nothing is open to it before that ends.
    Banned = "banned", 403, "This account is banned from the server.";
    /// No role has this name.
    RoleNotFound = "role-not-found", 404, "There is no such role.";
    /// Accounts have the role: give them another one first.
    RoleInUse = "role-in-use", 409, "Accounts have this role. Give them another one first.";
    /// It would give or take, or be done to somebody who has, what the caller may not do: ask an administrator.
    PermissionExceeded = "permission-exceeded", 403, "That takes permissions that you do not have yourself.";
    /// Nobody would be left who may do everything: make somebody else an administrator first.
    LastAdministrator = "last-administrator", 409, "Nobody else is an administrator. Make somebody one first.";
    /// No invite has this id.
    InviteNotFound = "invite-not-found", 404, "There is no such invite.";
    /// The server has as many roles as it may: delete one first.
    TooManyRoles = "too-many-roles", 409, "There are as many roles as there may be.";
    /// The server has as many invites as it may: end some first, or wait until they are forgotten.
    TooManyInvites = "too-many-invites", 409, "There are as many invites as there may be.";
    /// Who runs this server has not switched passkeys on.
    PasskeysOff = "passkeys-off", 403, "This server takes no passkeys.";
    /// The passkey is unknown here, or what it answered does not hold; which one is not said: use another way to log in.
    PasskeyRefused = "passkey-refused", 401, "That passkey does not work here, or not any more.";
    /// What the authenticator answered makes no passkey: try again, or with another authenticator.
    PasskeyUnusable = "passkey-unusable", 400, "No passkey can be made of what the authenticator answered.";
    /// The registration took too long, or was finished before: start again.
    PasskeyExpired = "passkey-expired", 403, "That took too long. Start again.";
    /// The account has no such passkey.
    PasskeyNotFound = "passkey-not-found", 404, "There is no such passkey.";
    /// An account has this passkey already: make another.
    PasskeyTaken = "passkey-taken", 409, "That passkey is in use.";
    /// The account has as many passkeys as it may: remove one.
    TooManyPasskeys = "too-many-passkeys", 409, "You have as many passkeys as you may. Remove one first.";
    /// The bytes are no PNG, JPEG, WebP or GIF, or they are damaged: send another picture.
    InvalidPicture = "invalid-picture", 400, "That is no picture that this server can read.";
    /// The picture is wider, higher or larger than the server decodes: make it smaller.
    TooManyPixels = "too-many-pixels", 413, "The picture has more pixels than this server takes.";
    /// No profile has this picture any more, or ever had.
    PictureNotFound = "picture-not-found", 404, "There is no such picture.";
    /// No community has this id, or not any more.
    CommunityNotFound = "community-not-found", 404, "There is no such community.";
    /// The community id is in use: choose another at random.
    CommunityTaken = "community-taken", 409, "That community id is in use.";
    /// The account has founded, or is in, as many communities as it may: leave one first, or hand one over.
    TooManyCommunities = "too-many-communities", 409, "You have as many communities as you may.";
    /// The account is banned from the community.
    CommunityBanned = "community-banned", 403, "You are banned from this community.";
    /// The account is not in the community: join it first.
    NotInCommunity = "not-in-community", 403, "That is for members of the community.";
    /// The founder cannot leave, or be anything else: hand the community over first, or delete it.
    FounderStays = "founder-stays", 409, "The founder stays until somebody else is. Hand the community over first.";
    /// The community has as many moderators, or has banned as many accounts, as it may.
    CommunityFull = "community-full", 409, "The community has as many of these as it may.";
    /// Who runs this server has not switched logins at an OpenID provider on.
    OidcOff = "oidc-off", 403, "This server takes no logins from an OpenID provider.";
    /// The OpenID provider was not reached, or does not answer as it should: try again later, or use another way to log in.
    OidcUnavailable = "oidc-unavailable", 503, "The OpenID provider does not answer as it should. Try again later.";
    /// What came back from the OpenID provider does not hold, or is another login's; which one is not said: start again.
    OidcRefused = "oidc-refused", 401, "What came back from the OpenID provider does not hold. Start again.";
    /// The login at the OpenID provider took too long, was finished before, or what it gave is over its time: start again.
    OidcExpired = "oidc-expired", 401, "The login at the OpenID provider has expired. Start again.";
    /// The account is linked with an OpenID provider, and this server wants each login to begin there.
    OidcRequired = "oidc-required", 403, "Log in at the OpenID provider first.";
    /// Another account is linked with that login of the OpenID provider, or this one with another: unlink it first.
    OidcTaken = "oidc-taken", 409, "That login of the OpenID provider is linked already, or the account is.";
    /// No bot of this name is awaited, or its token is another one: ask who has made it.
    BotTokenInvalid = "bot-token-invalid", 403, "That bot token does not work here.";
    /// There is no such bot.
    BotNotFound = "bot-not-found", 404, "There is no such bot.";
    /// There are as many bots as there may be ([`crate::limits::BOTS`]).
    TooManyBots = "too-many-bots", 409, "There are as many bots as there may be.";
    /// The group is no broadcast, or one for others: its rules say which, for good.
    NotABroadcast = "not-a-broadcast", 409, "This group is not a broadcast for these people.";
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The body of every answer that is an error: `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The code as a URI reference: `/problems/<code>`.
    pub r#type: String,
    /// The code's sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is special about this occurrence, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The code, for programs.
    pub code: ProblemCode,
    /// With [`ProblemCode::StaleEpoch`], the chat's epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// With [`ProblemCode::DirectChatExists`], the chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<ChatId>,
    /// With [`ProblemCode::WrongOffset`], and wherever else an upload ends early: how many bytes the server has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// With [`ProblemCode::StaleArchive`], the archive's revision; 0 if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u64>,
    /// With [`ProblemCode::Banned`], why and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ban: Option<Ban>,
    /// Seconds to wait before trying again, as the header `Retry-After` says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl Problem {
    /// The problem with this code.
    #[must_use]
    pub fn new(code: ProblemCode) -> Self {
        Self {
            r#type: format!("/problems/{code}"),
            title: code.title().to_owned(),
            status: code.status(),
            detail: None,
            code,
            epoch: None,
            chat: None,
            offset: None,
            revision: None,
            ban: None,
            retry_after: None,
        }
    }

    /// Adds what is special about this occurrence. It reaches a stranger: no secret, no internal state.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says of a banned account why, and until when.
    #[must_use]
    pub fn with_ban(mut self, ban: Ban) -> Self {
        self.ban = Some(ban);
        self
    }

    /// Says after how many seconds trying again may help.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_its_json() {
        for &code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn a_code_in_a_frame_is_its_position() {
        for (position, &code) in ProblemCode::ALL.iter().enumerate() {
            assert_eq!(
                postcard::to_allocvec(&code).unwrap(),
                [u8::try_from(position).unwrap()]
            );
        }
    }

    #[test]
    fn a_problem_has_the_members_of_rfc_9457() {
        let problem = Problem::new(ProblemCode::NameTaken).with_detail("Try alice2.");
        assert_eq!(
            serde_json::to_value(problem).unwrap(),
            serde_json::json!({
                "type": "/problems/name-taken",
                "title": "That name is taken.",
                "status": 409,
                "detail": "Try alice2.",
                "code": "name-taken",
            })
        );
    }
}
