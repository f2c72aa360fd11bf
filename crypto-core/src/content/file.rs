//! A file in a message: what it is, and where its content is.

use super::{ContentError, Text, plain, sound};
use crate::FileKey;
use crate::file::FILE_BYTES;
use core::fmt;
use serde::{Deserialize, Serialize};
use sotto_protocol::{BlobId, limits};
use zeroize::Zeroizing;

/// The body of a message with a file, whose content is a blob on the server, sealed with the key that is here.
///
/// Encoded as the postcard of (blob, key, info), behind which stands the caption as [`Text`] is encoded.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The blob.
    pub blob: BlobId,
    /// Opens it.
    pub key: FileKey,
    /// What it is.
    pub info: FileInfo,
    /// What is said about it, at most [`limits::CAPTION_BYTES`] bytes; the message that it answers is here too.
    pub caption: Text,
}

/// What a file is, by what its sender says.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its name, 1 to [`limits::FILE_NAME_BYTES`] bytes: no path, and nothing that cannot be seen.
    pub name: String,
    /// Its media type, as `image/jpeg` (RFC 6838), at most [`limits::MEDIA_TYPE_BYTES`] bytes.
    pub media_type: String,
    /// Bytes of its content, at most [`FILE_BYTES`].
    pub length: u64,
    /// Width and height of a picture or a video, in pixels.
    pub dimensions: Option<(u16, u16)>,
    /// How long a video or a sound is, in milliseconds.
    pub duration: Option<u32>,
    /// Of a voice note: how loud it is from its beginning to its end, at most [`limits::WAVEFORM_LEVELS`] levels.
    pub waveform: Option<Vec<u8>>,
    /// A small picture, JPEG or WebP, of at most [`limits::THUMBNAIL_BYTES`] bytes; empty if there is none.
    pub thumbnail: Vec<u8>,
}

/// What the blob needs.
#[derive(Serialize, Deserialize)]
struct Head {
    blob: BlobId,
    key: FileKey,
    info: FileInfo,
}

impl FileInfo {
    /// Whether every client takes it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        is_name(&self.name)
            && is_media_type(&self.media_type)
            && self.length <= FILE_BYTES
            && self
                .dimensions
                .is_none_or(|(width, height)| width > 0 && height > 0)
            && self
                .waveform
                .as_ref()
                .is_none_or(|levels| levels.len() <= limits::WAVEFORM_LEVELS)
            && self.thumbnail.len() <= limits::THUMBNAIL_BYTES
    }
}

/// Whether a file can be called so: what tells folders apart is not in it, nor what turns the direction of writing around and would
/// make one ending look like another.
fn is_name(name: &str) -> bool {
    let is_misleading = |character: char| {
        character.is_control()
            || matches!(character, '/' | '\\' | '\u{200E}' | '\u{200F}' | '\u{061C}')
            || ('\u{202A}'..='\u{202E}').contains(&character)
            || ('\u{2066}'..='\u{2069}').contains(&character)
    };
    (1..=limits::FILE_NAME_BYTES).contains(&name.len())
        && !matches!(name, "." | "..")
        && !name.contains(is_misleading)
}

fn is_media_type(media_type: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    media_type.len() <= limits::MEDIA_TYPE_BYTES
        && media_type
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_part(kind) && is_part(subtype))
}

impl File {
    /// Whether every client takes it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.info.is_sound() && self.caption.is_sound() && self.caption.text.len() <= limits::CAPTION_BYTES
    }

    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let head = plain(&Head {
            blob: self.blob,
            key: self.key.clone(),
            info: self.info.clone(),
        });
        Zeroizing::new(self.caption.encode_to(head.to_vec()))
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let (Head { blob, key, info }, caption) =
            postcard::take_from_bytes(bytes).map_err(|_| ContentError::Malformed)?;
        let file = Self {
            blob,
            key,
            info,
            caption: Text::decode(caption)?,
        };
        sound(file, Self::is_sound)
    }
}

/// Neither its name nor what is said about it.
impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("blob", &self.blob)
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}

/// Its type and length.
impl fmt::Debug for FileInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileInfo")
            .field("media_type", &self.media_type)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn info(name: &str, media_type: &str) -> FileInfo {
        FileInfo {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            ..FileInfo::default()
        }
    }

    #[test]
    fn a_name_is_no_path_and_hides_nothing() {
        for good in ["a", "Überraschung.pdf", "…", "a b.tar.gz", "照片.jpg", ".profile"] {
            assert!(info(good, "text/plain").is_sound(), "{good}");
        }
        let long = "x".repeat(limits::FILE_NAME_BYTES + 1);
        for bad in [
            "",
            ".",
            "..",
            "a/b",
            "a\\b",
            "a\nb",
            "a\0",
            "photo\u{202E}gpj.exe",
            &long,
        ] {
            assert!(!info(bad, "text/plain").is_sound(), "{bad:?}");
        }
    }

    #[test]
    fn a_media_type_is_one() {
        for good in [
            "image/jpeg",
            "application/vnd.oasis.opendocument.text",
            "image/svg+xml",
        ] {
            assert!(info("a", good).is_sound(), "{good}");
        }
        for bad in [
            "",
            "jpeg",
            "/",
            "image/",
            "image/jpeg; charset=utf-8",
            "image/jp eg",
            "a/b/c",
            "image/\n",
        ] {
            assert!(!info("a", bad).is_sound(), "{bad:?}");
        }
    }

    #[test]
    fn what_is_too_much_is_not_sound() {
        let sound = info("a", "image/jpeg");
        for unsound in [
            FileInfo {
                length: FILE_BYTES + 1,
                ..sound.clone()
            },
            FileInfo {
                dimensions: Some((0, 1)),
                ..sound.clone()
            },
            FileInfo {
                waveform: Some(vec![0; limits::WAVEFORM_LEVELS + 1]),
                ..sound.clone()
            },
            FileInfo {
                thumbnail: vec![0; limits::THUMBNAIL_BYTES + 1],
                ..sound
            },
        ] {
            assert!(!unsound.is_sound());
        }
    }

    proptest! {
        #[test]
        fn a_file_survives_encoding(
            blob in any::<[u8; 16]>(),
            key in any::<[u8; 32]>(),
            length in 0..=FILE_BYTES,
            dimensions in proptest::option::of((1_u16.., 1_u16..)),
            duration in any::<Option<u32>>(),
            waveform in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..=limits::WAVEFORM_LEVELS)),
            thumbnail in proptest::collection::vec(any::<u8>(), 0..300),
            caption in ".{0,40}",
            is_forwarded in any::<bool>(),
        ) {
            let file = File {
                blob: BlobId::from_bytes(blob),
                key: FileKey(crate::Secret::filled(|secret| *secret = key)),
                info: FileInfo { length, dimensions, duration, waveform, thumbnail, ..info("a.bin", "application/octet-stream") },
                caption: Text { is_forwarded, ..Text::from(caption) },
            };
            let bytes = file.encode();
            prop_assert_eq!(File::decode(&bytes).ok(), Some(file));
            prop_assert!(File::decode(&bytes[..bytes.len() - 1]).is_err());
        }

        #[test]
        fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = File::decode(&bytes);
        }
    }

    #[test]
    fn neither_name_nor_caption_nor_key_is_printed() {
        let file = File {
            blob: BlobId::from_bytes([1; 16]),
            key: FileKey(crate::Secret::filled(|secret| *secret = [9; 32])),
            info: info("tax evasion.pdf", "application/pdf"),
            caption: Text::from("burn this"),
        };
        let printed = format!("{file:?}");
        for word in ["tax", "burn", "9, 9"] {
            assert!(!printed.contains(word), "{printed}");
        }
    }
}
