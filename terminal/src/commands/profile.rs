//! `sotto profile`

use crate::arguments::{NewProfile, ProfileAction};
use crate::failure::Failure;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::{Client, ClientError, IdentityStatus, Profile, ProfileUpdate};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

/// More of a picture is not read: what is taken out of it may be more than what stays.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

pub(crate) async fn run(session: &mut Session, action: ProfileAction) -> Result<(), Failure> {
    let client = session.resume().await?;
    let done = act(session, &client, action).await;
    client.close().await?;
    done
}

async fn act(session: &mut Session, client: &Client<Native>, action: ProfileAction) -> Result<(), Failure> {
    match action {
        ProfileAction::Show { name, save_picture } => {
            let name = match name {
                Some(name) => name,
                None => client.account().ok_or(ClientError::NotLoggedIn)?.name.to_string(),
            };
            let profile = client.profile(&name).await?;
            if let Some(file) = save_picture {
                save(session, client, &profile, &file).await?;
            }
            show(session, &profile)
        }
        ProfileAction::Set(new) => {
            let profile = set(client, new).await?;
            show(session, &profile)
        }
    }
}

/// Changes what was asked for. Pictures come first: if one of them is refused, the texts stay as they were.
async fn set(client: &Client<Native>, new: NewProfile) -> Result<Profile, Failure> {
    let [picture, cover] = [new.picture, new.cover].map(|file| file.map(|file| read(&file)).transpose());
    let (picture, cover) = (picture?, cover?);
    if picture.is_some() || new.no_picture {
        client.set_picture(picture).await?;
    }
    if cover.is_some() || new.no_cover {
        client.set_cover(cover).await?;
    }
    let update = ProfileUpdate {
        display_name: new.display_name,
        about: new.about,
        place: new.place,
        location: (new.no_location || new.location.is_some()).then_some(new.location),
        listed: new.listed,
    };
    Ok(client.update_profile(update).await?)
}

/// The file of a picture.
pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(BYTES_MAX).read_to_end(&mut bytes));
    read.map_err(|error| unusable(file, error))?;
    Ok(bytes)
}

async fn save(
    session: &mut Session,
    client: &Client<Native>,
    profile: &Profile,
    file: &Path,
) -> Result<(), Failure> {
    let Some(picture) = profile.picture else {
        return Ok(session.screen.note("There is no picture.")?);
    };
    let picture = client.profile_picture(picture.large).await?;
    fs::write(file, &picture.bytes).map_err(|error| unusable(file, error))
}

fn unusable(file: &Path, error: std::io::Error) -> Failure {
    let path = file.to_owned();
    Failure::File { path, error }
}

fn show(session: &mut Session, profile: &Profile) -> Result<(), Failure> {
    let screen = &mut session.screen;
    let mut head = screen.name(profile.name.as_str());
    if !profile.display_name.is_empty() {
        head.push_str("  ");
        head.push_str(&text::line(&profile.display_name));
    }
    if profile.is_bot {
        head.push_str(&screen.faint("  bot"));
    }
    screen.show(&head)?;
    for line in text::lines(&profile.about) {
        screen.show(&line)?;
    }
    if !profile.place.is_empty() {
        screen.show(&format!("Place     {}", text::line(&profile.place)))?;
    }
    if let Some(location) = profile.location {
        screen.show(&format!("Location  {location}, to a tenth of a degree"))?;
    }
    for (has, what) in [
        (profile.picture.is_some(), "Has a picture."),
        (profile.cover.is_some(), "Has a cover."),
        (!profile.is_listed, "Is not found by searches."),
    ] {
        if has {
            screen.note(what)?;
        }
    }
    if profile.identity == IdentityStatus::Changed {
        screen.warn("The identity key has changed: `sotto verify` says more.")?;
    }
    Ok(())
}
