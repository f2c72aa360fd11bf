//! The Authentication Service (RFC 9750, section 4) as far as a server that can name no secret goes: OPAQUE logins,
//! tokens, and who is calling.

mod access_token;
mod caller;
mod live_sessions;
mod login_state;
mod opaque;
mod randomness;
mod refresh_token;
mod secrets;

pub(crate) use access_token::{AccessTokens, DEVICE_TOKEN_SECONDS, Grant, TokenError};
pub(crate) use caller::{Caller, EnrollingAccount, bearer_token};
pub(crate) use live_sessions::LiveSessions;
pub(crate) use login_state::{LoginState, LoginStates};
pub(crate) use opaque::{MalformedOpaqueMessage, OpaqueServer};
pub(crate) use randomness::OperatingSystemRng;
pub(crate) use refresh_token::RefreshToken;
pub(crate) use secrets::AuthSecrets;
pub use secrets::SecretsError;
