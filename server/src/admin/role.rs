//! `sotto-server admin role …`

use super::table::Table;
use super::{ActError, AdminError, Said, Tools};
use crate::app::AccountsDatabase;
use crate::store::{NewChange, PerformError};
use clap::Subcommand;
use sotto_protocol::rest::admin::Role;
use sotto_protocol::{Permission, PermissionSet, RoleName};

/// What an operator wants of roles.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum RoleCommand {
    /// Show the roles, what they permit, and how many accounts have them
    List,
    /// Make a role, or say anew what it permits
    Set {
        /// Its name: small letters, digits and hyphens
        role: RoleName,
        /// What it permits, beside what everyone may; nothing, if nothing is given
        #[arg(value_name = "PERMISSION", value_parser = permission())]
        permissions: Vec<Permission>,
        /// Why, for the audit log
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
    /// Delete a role that no account has
    Delete {
        /// Its name
        role: RoleName,
        /// Why, for the audit log
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
    },
}

/// Reads a permission, and says which there are.
fn permission() -> impl clap::builder::TypedValueParser<Value = Permission> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    let names = Permission::ALL
        .iter()
        .filter(|&&permission| permission != Permission::Administer)
        .map(|permission| permission.as_str());
    PossibleValuesParser::new(names).try_map(|text| text.parse::<Permission>())
}

pub(super) async fn perform<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    command: RoleCommand,
) -> Result<Said, AdminError> {
    match command {
        RoleCommand::List => list(tools).await,
        RoleCommand::Set {
            role,
            permissions,
            reason,
        } => set(tools, role, permissions.into_iter().collect(), reason).await,
        RoleCommand::Delete { role, reason } => delete(tools, role, reason).await,
    }
}

async fn list<A: AccountsDatabase>(tools: &Tools<'_, A>) -> Result<Said, AdminError> {
    let mut table = Table::new(["ROLE", "ACCOUNTS", "PERMITS"]);
    for Role {
        role,
        permissions,
        accounts,
        ..
    } in tools.accounts.roles().await?
    {
        table.row([
            role.to_string(),
            accounts.map_or("all others".to_owned(), |accounts| accounts.to_string()),
            listed(permissions),
        ]);
    }
    Ok(Said::result(table.finish()))
}

async fn set<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    role: RoleName,
    permissions: PermissionSet,
    reason: String,
) -> Result<Said, AdminError> {
    let change = NewChange::PutRole {
        role: role.clone(),
        permissions,
    };
    tools.act(change, reason).await?;
    Ok(Said::remark(format!("{role} permits: {}.", listed(permissions))))
}

async fn delete<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    role: RoleName,
    reason: String,
) -> Result<Said, AdminError> {
    let change = NewChange::DeleteRole { role: role.clone() };
    tools.act(change, reason).await.map_err(|error| match error {
        ActError::Perform(PerformError::RoleNotFound) => AdminError::NoRole(role.clone()),
        ActError::Perform(PerformError::RoleInUse) => AdminError::RoleInUse(role.clone()),
        error => error.into(),
    })?;
    Ok(Said::remark(format!("There is no role {role} any more.")))
}

/// What is permitted, in one line.
pub(super) fn listed(permissions: PermissionSet) -> String {
    let names: Vec<&str> = permissions.iter().map(Permission::as_str).collect();
    if names.is_empty() {
        "nothing beside what everyone may".to_owned()
    } else {
        names.join(", ")
    }
}
