//! `sotto save`, and files that go out with `sotto send --file` or `/file`

use super::history::{LOOK_BACK, newest};
use crate::failure::Failure;
use crate::session::{Session, find_chat};
use crate::text;
use mime_guess::mime;
use sotto_client_sdk::native::{Native, SaveError, file_at, save_file};
use sotto_client_sdk::protocol::{ChatId, Retention};
use sotto_client_sdk::{Body, Client, FileInfo, Message, NewFile};
use std::path::{Path, PathBuf};

/// The file at a path, to be sent.
pub(super) async fn file_to_send(
    path: &Path,
    caption: Option<&str>,
    keep: Option<Retention>,
) -> Result<NewFile, Failure> {
    let unreadable = |error| Failure::File {
        path: path.to_owned(),
        error,
    };
    let content = file_at(path).await.map_err(unreadable)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let media_type = mime_guess::from_path(path).first_or(mime::APPLICATION_OCTET_STREAM);
    let file = NewFile::new(name.unwrap_or_default(), media_type.essence_str(), content);
    Ok(file.with_caption(caption.unwrap_or_default()).kept(keep))
}

/// Saves the last file that came in a chat, or the last one with this name.
pub(crate) async fn save(
    session: &mut Session,
    name: &str,
    file: Option<&str>,
    to: Option<&Path>,
) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let Some(chat) = find_chat(&client, name).await? else {
        client.close().await?;
        return Err(Failure::NoChat {
            name: name.to_owned(),
        });
    };
    let saved = save_last(&client, chat, file, to).await;
    client.close().await?;
    Ok(session.screen.note(&saved?)?)
}

/// Says what was saved, and where.
pub(super) async fn save_last(
    client: &Client<Native>,
    chat: ChatId,
    name: Option<&str>,
    to: Option<&Path>,
) -> Result<String, Failure> {
    let messages = newest(client, chat, LOOK_BACK).await?;
    let is_wanted = |info: &FileInfo| name.is_none_or(|name| info.name == name);
    let found = messages.iter().rev().find_map(|message| {
        info_of(message)
            .filter(|info| is_wanted(info) && (name.is_some() || !message.own))
            .map(|info| (message.id, info))
    });
    let (message, info) = found.ok_or(Failure::NoFile)?;
    let path = place_for(to, &info.name);
    save_file(client, chat, message, &path)
        .await
        .map_err(|error| match error {
            SaveError::Client(error) => error.into(),
            SaveError::Disk(error) => Failure::File {
                path: path.clone(),
                error,
            },
        })?;
    Ok(format!("Saved as {}.", path.display()))
}

/// Into a folder under the file's own name, as its sender calls it: a name is never a path.
fn place_for(to: Option<&Path>, name: &str) -> PathBuf {
    match to {
        Some(path) if !path.is_dir() => path.to_owned(),
        folder => folder.unwrap_or(Path::new(".")).join(name),
    }
}

fn info_of(message: &Message) -> Option<&FileInfo> {
    match &message.body {
        Body::File { info, .. } if !message.from_blocked => Some(info),
        _ => None,
    }
}

/// A file in a line.
pub(crate) fn described(info: &FileInfo) -> String {
    let kind = match &info.waveform {
        Some(_) => "voice note",
        None => "file",
    };
    format!("[{kind} {}, {}]", text::line(&info.name), size(info.length))
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut unit = None;
    let mut tenths = u128::from(bytes) * 10;
    for name in UNITS {
        if tenths < 10 * 1024 {
            break;
        }
        tenths /= 1024;
        unit = Some(name);
    }
    match unit {
        None => format!("{bytes} bytes"),
        Some(unit) => format!("{}.{} {unit}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_said_in_the_unit_that_fits() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (10 * 1024 * 1024 - 1, "9.9 MiB"),
            (1 << 40, "1.0 TiB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }

    #[test]
    fn a_file_is_saved_in_a_folder_by_its_name_or_at_a_path() {
        assert_eq!(place_for(None, "a.pdf"), Path::new("./a.pdf"));
        let folder = std::env::temp_dir();
        assert_eq!(place_for(Some(&folder), "a.pdf"), folder.join("a.pdf"));
        let path = folder.join("no such folder").join("b.pdf");
        assert_eq!(place_for(Some(&path), "a.pdf"), path);
    }
}
