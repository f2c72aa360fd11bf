//! `sotto whoami`

use crate::failure::Failure;
use crate::session::Session;

pub(crate) fn run(session: &mut Session) -> Result<(), Failure> {
    let name = session.settings.account.clone().ok_or(Failure::NoAccount)?;
    let server = session.settings.server.clone().unwrap_or_default();
    session.screen.show(&format!("{name} on {server}"))?;
    let folder = format!("Kept in {}", session.folder.path().display());
    Ok(session.screen.note(&folder)?)
}
