//! `sotto devices`

use crate::failure::Failure;
use crate::session::Session;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::DeviceId;
use sotto_client_sdk::{Client, ClientError};

pub(crate) async fn run(session: &mut Session, remove: Option<String>) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let done = match remove {
        None => show(session, &client).await,
        Some(device) => remove_device(session, &client, &device).await,
    };
    client.close().await?;
    done
}

async fn show(session: &mut Session, client: &Client<Native>) -> Result<(), Failure> {
    let now = SystemClock.now();
    for device in client.devices().await? {
        let screen = &mut session.screen;
        let here = if device.is_this { "  (this one)" } else { "" };
        let line = format!(
            "{}  since {}, last seen {}{here}",
            screen.name(&device.device.to_string()),
            screen.when(device.enrolled_at, now),
            screen.when(device.last_seen_at, now),
        );
        screen.show(&line)?;
    }
    Ok(())
}

async fn remove_device(session: &mut Session, client: &Client<Native>, device: &str) -> Result<(), Failure> {
    let device: DeviceId = device.parse().map_err(|_| Failure::NoDevice)?;
    let known = client.devices().await?;
    if !known.iter().any(|known| known.device == device) {
        return Err(Failure::NoDevice);
    }
    match client.remove_device(device).await {
        Err(ClientError::ThisDevice) => Err(Failure::ThisDevice),
        removed => {
            removed?;
            Ok(session
                .screen
                .note("It is logged out, and leaves your chats as you use sotto.")?)
        }
    }
}
