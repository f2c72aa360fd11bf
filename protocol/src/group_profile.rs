//! What a group says about itself: its title, description and picture, signed by the group's key.

use crate::fixed_bytes::fixed_bytes;
use crate::{Binary, BlobId, ChatId, Signature, limits};
use serde::{Deserialize, Serialize};

/// A group's profile. That of a listed group is public; that of an unlisted one goes about inside the group alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupProfile {
    /// The group.
    pub group: ChatId,
    /// 1 for the first, one more for each next: see [`Self::follows`].
    pub revision: u64,
    /// 1 to [`limits::TITLE_BYTES`], not blank, without control characters.
    pub title: String,
    /// At most [`limits::DESCRIPTION_BYTES`].
    pub description: String,
    /// The picture, if it has one.
    pub picture: Option<GroupPicture>,
}

/// A group's picture: a JPEG, PNG or WebP file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPicture {
    /// Where it is.
    pub blob: BlobId,
    /// Bytes of the picture, 1 to [`limits::PICTURE_BYTES`].
    pub length: u32,
    /// Of the picture: the server cannot show another.
    pub digest: PictureDigest,
    /// Whether the blob is sealed, as that of an unlisted group is: then its key goes about inside the group alone.
    pub is_sealed: bool,
}

fixed_bytes! {
    /// The SHA-256 of a picture.
    PictureDigest[32];
}

/// An encoded [`GroupProfile`] and the group key's signature over exactly these bytes.
///
/// Reading it through [`Self::claimed`] checks its form only; `sotto-crypto-core` checks the signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedGroupProfile {
    /// A version byte and the postcard-encoded [`GroupProfile`].
    pub profile: Binary,
    /// The group key's signature over `profile`.
    pub signature: Signature,
}

/// The bytes are no group's profile of a version that is known here, or break one of its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a group's profile of a known version")]
pub struct MalformedGroupProfile;

const VERSION: u8 = 1;

impl GroupProfile {
    /// The profile's bytes, as they are signed.
    #[must_use]
    #[allow(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "serialising plain data into memory has no error to return"
    )]
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_extend(self, vec![VERSION]).expect("plain data always encodes")
    }

    /// The profile that `bytes` are, and nothing after it.
    pub fn decode(bytes: &[u8]) -> Result<Self, MalformedGroupProfile> {
        let (&version, fields) = bytes.split_first().ok_or(MalformedGroupProfile)?;
        if version != VERSION {
            return Err(MalformedGroupProfile);
        }
        match postcard::take_from_bytes::<Self>(fields) {
            Ok((profile, [])) if profile.is_sound() => Ok(profile),
            Ok(_) | Err(_) => Err(MalformedGroupProfile),
        }
    }

    /// Whether it can replace the profile of that revision: it is later, by at most [`limits::PROFILE_REVISIONS_MISSED`].
    #[must_use]
    pub const fn follows(&self, revision: u64) -> bool {
        matches!(
            self.revision.checked_sub(revision),
            Some(1..=limits::PROFILE_REVISIONS_MISSED)
        )
    }

    /// Whether it keeps the rules of its fields.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.revision > 0
            && !self.title.trim().is_empty()
            && self.title.len() <= limits::TITLE_BYTES
            && !self.title.chars().any(char::is_control)
            && self.description.len() <= limits::DESCRIPTION_BYTES
            && self.picture.is_none_or(|picture| {
                usize::try_from(picture.length)
                    .is_ok_and(|length| (1..=limits::PICTURE_BYTES).contains(&length))
            })
    }
}

impl SignedGroupProfile {
    /// What the profile claims, its signature unchecked.
    pub fn claimed(&self) -> Result<GroupProfile, MalformedGroupProfile> {
        GroupProfile::decode(self.profile.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture(length: u32) -> GroupPicture {
        GroupPicture {
            blob: BlobId::from_bytes([2; 16]),
            length,
            digest: PictureDigest::from_bytes([3; 32]),
            is_sealed: true,
        }
    }

    fn profile() -> GroupProfile {
        GroupProfile {
            group: ChatId::from_bytes([1; 16]),
            revision: 7,
            title: "Gardeners".to_owned(),
            description: "Seeds and slugs.".to_owned(),
            picture: Some(picture(1)),
        }
    }

    #[test]
    fn a_profile_follows_those_shortly_before_it() {
        let last = 7 + limits::PROFILE_REVISIONS_MISSED;
        for (revision, follows) in [
            (6, false),
            (7, false),
            (8, true),
            (last, true),
            (last + 1, false),
            (u64::MAX, false),
        ] {
            let next = GroupProfile {
                revision,
                ..profile()
            };
            assert_eq!(next.follows(7), follows, "{revision}");
        }
    }

    #[test]
    fn a_profile_cut_anywhere_or_continued_is_refused() {
        let encoded = profile().encode();
        assert_eq!(GroupProfile::decode(&encoded), Ok(profile()));
        for length in 0..encoded.len() {
            assert_eq!(
                GroupProfile::decode(&encoded[..length]),
                Err(MalformedGroupProfile)
            );
        }
        let continued = [encoded.as_slice(), &[0]].concat();
        assert_eq!(GroupProfile::decode(&continued), Err(MalformedGroupProfile));
    }

    #[test]
    fn a_title_is_there_short_and_one_line() {
        for title in ["", "  ", "two\nlines", &"x".repeat(limits::TITLE_BYTES + 1)] {
            let title = title.to_owned();
            let profile = GroupProfile { title, ..profile() };
            assert_eq!(
                GroupProfile::decode(&profile.encode()),
                Err(MalformedGroupProfile)
            );
        }
    }

    #[test]
    fn a_picture_is_there_and_small() {
        let most = u32::try_from(limits::PICTURE_BYTES).unwrap();
        for (length, is_sound) in [(0, false), (1, true), (most, true), (most + 1, false)] {
            let picture = Some(picture(length));
            let encoded = GroupProfile { picture, ..profile() }.encode();
            assert_eq!(GroupProfile::decode(&encoded).is_ok(), is_sound, "{length}");
        }
    }

    proptest! {
        #[test]
        fn random_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = GroupProfile::decode(&bytes);
        }
    }
}
