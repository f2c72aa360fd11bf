//! The Authentication Service (RFC 9750, section 4) as far as a server that can name no secret goes: OPAQUE logins,
//! tokens, and who is calling.

mod access_token;
mod caller;
mod challenge;
mod invite;
mod live_sessions;
mod login_state;
mod opaque;
mod passkey;
mod permitted;
mod randomness;
mod refresh_token;
mod secrets;

pub(crate) use access_token::{AccessTokens, DEVICE_TOKEN_SECONDS, Grant, LoginMeans, TokenError};
pub(crate) use caller::{AccountCaller, Caller, EnrollingAccount, ProvenOwner, bearer_token, refuse_banned};
pub(crate) use challenge::{DeviceLinkState, RecoveryState, is_login_key, is_proven, new_challenge};
pub(crate) use invite::{hash_of_invite, new_invite_code};
pub(crate) use live_sessions::{LiveSessions, SessionStanding};
pub(crate) use login_state::{LoginState, LoginStates, PendingLogin};
pub(crate) use opaque::{MalformedOpaqueMessage, OpaqueServer};
pub(crate) use passkey::{PasskeyError, PasskeyLoginState, PasskeyRegistrationState, Passkeys, passkey_id};
pub(crate) use permitted::{
    BanAccounts, CreateCommunities, HandleReports, ManageBots, ManageBroadcast, ManageInvites, ManageRoles,
    Needed, Permitted, ReadAuditLog, SeeAccounts, SeeStorage,
};
pub(crate) use randomness::OperatingSystemRng;
pub(crate) use refresh_token::RefreshToken;
pub(crate) use secrets::AuthSecrets;
pub use secrets::SecretsError;
