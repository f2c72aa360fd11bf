//! Devices that are gone from the accounts and have to go from the log shards too.

use crate::app::{App, Backend};
use crate::store::DeviceStore as _;

/// Devices in one step.
const STEP: u16 = 100;

/// Takes the devices that have departed out of their chats. No transaction spans accounts and shards, so this
/// is repeated until it succeeds: after each departure, when the server starts, and now and then.
pub(crate) async fn let_go<B: Backend>(app: &App<B>) {
    loop {
        let departed = match app.accounts.departed_devices(STEP).await {
            Ok(departed) if departed.is_empty() => return,
            Ok(departed) => departed,
            Err(error) => {
                tracing::warn!(%error, "departed devices cannot be read; later");
                return;
            }
        };
        if let Err(error) = app.delivery.remove_devices(&departed).await {
            tracing::warn!(%error, "departed devices stay in their chats for now; later");
            return;
        }
        if let Err(error) = app.accounts.forget_departed(&departed).await {
            tracing::warn!(%error, "departed devices are not forgotten yet; later");
            return;
        }
    }
}
