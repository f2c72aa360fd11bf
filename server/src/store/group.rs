//! What the accounts database has of groups: public profiles, and requests to join. The rules of a group, and who is in it,
//! are in its log shard.

use super::StoreError;
use bytes::Bytes;
use sotto_protocol::rest::group::JoinRequest;
use sotto_protocol::{AccountId, ChatId, GroupProfile, SignedGroupProfile, Timestamp};

/// Groups that an account may ask at a time to be let into.
pub const REQUESTS_PER_ACCOUNT: usize = 50;

/// A page of a search for groups.
#[derive(Clone, Debug)]
pub struct SearchGroups {
    /// What to look for, without regard to case; nothing for all. Nothing in it has a special meaning.
    pub text: String,
    /// At most so many results.
    pub limit: u16,
    /// Where the page begins; `None` for the first.
    pub after: Option<GroupSearchPosition>,
}

/// Where in the results of a search a page ended: after this title and group. Its text form is what clients hand back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSearchPosition {
    /// Its title, folded.
    pub title: String,
    /// The group.
    pub group: ChatId,
}

/// A group whose profile was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProfile {
    /// The group.
    pub group: ChatId,
    /// Its profile.
    pub profile: SignedGroupProfile,
}

/// Results of a search, by title.
#[derive(Clone, Debug)]
pub struct FoundProfiles {
    /// The profiles.
    pub profiles: Vec<FoundProfile>,
    /// Where the next page begins, if there may be one.
    pub next: Option<GroupSearchPosition>,
}

/// A request to be let into a group.
#[derive(Clone, Debug)]
pub struct NewJoinRequest {
    /// The group.
    pub group: ChatId,
    /// Who asks.
    pub account: AccountId,
    /// By which KeyPackage it is to be added.
    pub key_package: Bytes,
    /// When.
    pub at: Timestamp,
}

/// What became of a request to be let into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It waits, in place of an earlier one of the same account.
    Waiting,
    /// As many wait as may, of the group or of the account.
    TooMany,
    /// There is no such group, or no such account any more.
    NotFound,
}

/// Profiles of groups, and requests to join.
pub trait GroupStore: Send + Sync + 'static {
    /// The group's profile.
    fn group_profile(
        &self,
        group: ChatId,
    ) -> impl Future<Output = Result<Option<SignedGroupProfile>, StoreError>> + Send;

    /// Replaces the group's profile if this is the next revision. Of a group that has none here it may be any: while it was
    /// not listed, revisions were counted inside it. The same again changes nothing. `false` if it is another revision, or
    /// there is no such group.
    fn put_group_profile(
        &self,
        profile: GroupProfile,
        signed: SignedGroupProfile,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Deletes the group's profile, if it has one.
    fn delete_group_profile(&self, group: ChatId) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A page of the profiles whose title or description contains a text.
    fn search_groups(
        &self,
        search: SearchGroups,
    ) -> impl Future<Output = Result<FoundProfiles, StoreError>> + Send;

    /// Lets a request wait. At most [`limits::JOIN_REQUESTS`](sotto_protocol::limits::JOIN_REQUESTS) wait for a group, and at
    /// most [`REQUESTS_PER_ACCOUNT`] of an account.
    fn ask_to_join(&self, request: NewJoinRequest) -> impl Future<Output = Result<Asked, StoreError>> + Send;

    /// The requests that wait for a group, oldest first.
    fn join_requests(
        &self,
        group: ChatId,
    ) -> impl Future<Output = Result<Vec<JoinRequest>, StoreError>> + Send;

    /// Forgets the requests of these accounts to be let into the group. `false` if there were none.
    fn forget_join_requests(
        &self,
        group: ChatId,
        accounts: &[AccountId],
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Forgets the requests that are older than this.
    fn purge_join_requests(&self, before: Timestamp) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// What titles, descriptions and queries are compared as.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The text is no position that this server gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a search")]
pub struct InvalidGroupSearchPosition;

impl std::fmt::Display for GroupSearchPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.group, self.title)
    }
}

impl std::str::FromStr for GroupSearchPosition {
    type Err = InvalidGroupSearchPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (group, title) = text.split_once('~').ok_or(InvalidGroupSearchPosition)?;
        // Folding makes a text up to three times as long; what PostgreSQL has no text with is in no title.
        if title.len() > 3 * sotto_protocol::limits::TITLE_BYTES || title.contains('\0') {
            return Err(InvalidGroupSearchPosition);
        }
        Ok(Self {
            group: group.parse().map_err(|_| InvalidGroupSearchPosition)?,
            title: title.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written_and_no_other_text() {
        let position = GroupSearchPosition {
            title: "birds ~ bees".to_owned(),
            group: ChatId::from_bytes([0xfb; 16]),
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", "~", "birds", "birds~bees"] {
            let parsed: Result<GroupSearchPosition, _> = text.parse();
            assert_eq!(parsed, Err(InvalidGroupSearchPosition), "{text}");
        }
    }
}
