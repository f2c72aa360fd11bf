//! `sotto devices`

use crate::arguments::DeviceAction;
use crate::failure::Failure;
use crate::session::{Session, next};
use crate::text;
use core::time::Duration;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::DeviceId;
use sotto_client_sdk::{Client, ClientError, Event, OwnDevice, QrCode};
use tokio::time::timeout;

/// What is said when a device has come that the user does not know of.
pub(super) const NEW_DEVICE: &str =
    "A new device has logged in to your account. If it is not yours, remove it: `sotto devices`.";

pub(crate) async fn run(
    session: &mut Session,
    remove: Option<String>,
    action: Option<DeviceAction>,
) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let done = match (remove, action) {
        (Some(device), _) => remove_device(session, &client, &device).await,
        (None, None) => show(session, &client).await,
        (None, Some(DeviceAction::Link)) => link(session, &client).await,
        (None, Some(DeviceAction::Rename { device, name })) => rename(session, &client, &device, &name).await,
        (None, Some(DeviceAction::Confirm { device })) => confirm(session, &client, &device).await,
    };
    client.close().await?;
    done
}

async fn show(session: &mut Session, client: &Client<Native>) -> Result<(), Failure> {
    let now = SystemClock.now();
    for device in client.devices().await? {
        let screen = &mut session.screen;
        if device.is_new {
            screen.warn("This device has logged in since you last looked. If it is not yours, remove it:")?;
        }
        let named = name_of(&device);
        screen.show(&format!("{}{}", screen.name(&named), standing(&device)))?;
        screen.show(&format!(
            "  since {}, last seen {}",
            screen.when(device.enrolled_at, now),
            screen.when(device.last_seen_at, now),
        ))?;
        screen.show(&format!("  id    {}", device.device))?;
        screen.show(&format!("  code  {}", device.code))?;
    }
    Ok(client.acknowledge_devices().await?)
}

fn name_of(device: &OwnDevice) -> String {
    device
        .name
        .as_deref()
        .map_or_else(|| "a device without a name".to_owned(), text::line)
}

fn standing(device: &OwnDevice) -> &'static str {
    match device {
        OwnDevice { is_this: true, .. } => "  (this one)",
        OwnDevice {
            is_verified: true, ..
        } => "  (verified)",
        OwnDevice { is_new: true, .. } => "  (new)",
        _ => "",
    }
}

/// The device with this id, or with this name if one alone has it.
async fn find(client: &Client<Native>, wanted: &str) -> Result<OwnDevice, Failure> {
    let devices = client.devices().await?;
    let id = wanted.parse::<DeviceId>().ok();
    let mut found = devices
        .into_iter()
        .filter(|device| Some(device.device) == id || device.name.as_deref() == Some(wanted));
    match (found.next(), found.next()) {
        (Some(device), None) => Ok(device),
        (Some(_), Some(_)) => Err(Failure::SeveralDevices {
            name: wanted.to_owned(),
        }),
        (None, _) => Err(Failure::NoDevice),
    }
}

async fn rename(
    session: &mut Session,
    client: &Client<Native>,
    device: &str,
    name: &str,
) -> Result<(), Failure> {
    let device = find(client, device).await?;
    client.rename_device(device.device, name).await?;
    Ok(session.screen.note("Your devices see the new name.")?)
}

async fn confirm(session: &mut Session, client: &Client<Native>, device: &str) -> Result<(), Failure> {
    let device = find(client, device).await?;
    client.confirm_device(device.device).await?;
    Ok(session.screen.note("It counts as verified here from now on.")?)
}

/// Shows a code for a new device, until that is in or the code's time is over.
async fn link(session: &mut Session, client: &Client<Native>) -> Result<(), Failure> {
    let mut events = client.events();
    let server = session.transport()?.server().to_owned();
    let offer = client.offer_device_link(&server).await?;
    let code = offer.code.text();
    let screen = &mut session.screen;
    if let Ok(qr) = QrCode::of(&offer.code.url()) {
        screen.show(&qr.to_string())?;
    }
    screen.show(&code)?;
    screen
        .warn("Whoever reads this code in the next five minutes is logged in as you. Show it to nobody.")?;
    screen.note("On the new device: scan it, or `sotto login --code CODE`. Waiting; end with Ctrl-C.")?;
    let left = offer.expires_at.0.saturating_sub(SystemClock.now().0);
    let linked = timeout(Duration::from_millis(left), async {
        loop {
            if let Event::DeviceAdded { device, .. } = next(&mut events).await?
                && device == offer.device
            {
                return Ok::<_, Failure>(());
            }
        }
    });
    match linked.await {
        Ok(linked) => {
            linked?;
            let device = find(client, &offer.device.to_string()).await?;
            Ok(screen.note(&format!("{} is logged in.", name_of(&device)))?)
        }
        Err(_) => Ok(screen.note("The code is over. Run this again for another.")?),
    }
}

async fn remove_device(session: &mut Session, client: &Client<Native>, device: &str) -> Result<(), Failure> {
    let device = find(client, device).await?;
    match client.remove_device(device.device).await {
        Err(ClientError::ThisDevice) => Err(Failure::ThisDevice),
        removed => {
            removed?;
            Ok(session
                .screen
                .note("It is logged out, and leaves your chats as you use sotto.")?)
        }
    }
}
