//! `/v1/passkey/…`

pub(super) mod add;
pub(super) mod list;
pub(super) mod remove;
pub(super) mod start_registration;
pub(super) mod update;

use crate::app::{App, Backend};
use crate::auth::Passkeys;
use sotto_protocol::ProblemCode;

/// The server as a relying party, if it takes passkeys.
pub(super) fn relying_party<B: Backend>(app: &App<B>) -> Result<&Passkeys, ProblemCode> {
    app.passkeys.as_ref().ok_or(ProblemCode::PasskeysOff)
}
