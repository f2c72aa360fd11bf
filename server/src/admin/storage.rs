//! `sotto-server admin storage`

use super::table::size;
use super::{AdminError, Said, Tools};
use crate::app::AccountsDatabase;
use sotto_protocol::rest::admin::StorageTotals;

pub(super) async fn perform<A: AccountsDatabase>(tools: &Tools<'_, A>) -> Result<Said, AdminError> {
    let StorageTotals {
        accounts,
        banned_accounts,
        devices,
        chats,
        blobs,
        blob_bytes,
        archive_segments,
        archive_bytes,
        accounts_database_bytes,
    } = tools.accounts.storage_totals(tools.clock.now()).await?;
    let lines = [
        (
            "Accounts",
            format!("{accounts}, {banned_accounts} of them banned"),
        ),
        ("Devices", devices.to_string()),
        ("Chats", chats.to_string()),
        ("Files", format!("{blobs}, {}", size(blob_bytes))),
        (
            "Archives",
            format!("{archive_segments} parts, {}", size(archive_bytes)),
        ),
        ("Database of accounts", size(accounts_database_bytes)),
    ];
    let lines = lines.iter().map(|(what, value)| format!("{what:<20}  {value}\n"));
    Ok(Said::result(lines.collect()))
}
