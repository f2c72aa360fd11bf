//! `sotto whoami`

use crate::failure::Failure;
use crate::session::Session;
use sotto_client_sdk::{OwnRole, Permission};

pub(crate) async fn run(session: &mut Session, with_role: bool) -> Result<(), Failure> {
    let name = session.settings.account.clone().ok_or(Failure::NoAccount)?;
    let server = session.settings.server.clone().unwrap_or_default();
    session.screen.show(&format!("{name} on {server}"))?;
    if with_role {
        let client = session.resume().await?;
        let role = client.role().await;
        client.close().await?;
        session.screen.show(&words(&role?))?;
    }
    let folder = format!("Kept in {}", session.folder.path().display());
    Ok(session.screen.note(&folder)?)
}

/// The role, and what it permits.
fn words(OwnRole { role, permissions }: &OwnRole) -> String {
    let permitted: Vec<&str> = permissions.iter().map(Permission::as_str).collect();
    if permitted.is_empty() {
        format!("Role: {role}")
    } else {
        format!("Role: {role}, which permits: {}", permitted.join(", "))
    }
}
