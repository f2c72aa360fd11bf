//! Communities: what they say, who is in them, and how they are found. What is the same for every database stands here; each of them
//! implements [`CommunityTables`] for what is done in a transaction, and the index that searches ask.

mod entry;
mod groups;
mod membership;
mod perform;
mod position;
mod tables;

pub(in crate::store) use entry::{
    CommunityEntry, community_grams, found_page, joined_topics, split_topics, topic_pattern,
};
pub use groups::CommunityGroupStore;
pub use membership::{
    CommunityMembershipStore, FoundMembers, InvalidMemberPosition, MemberPosition, ReadMembers,
};
pub(in crate::store) use perform::{Doing, delete_as_administrator, depart_all, found, perform};
pub use position::{CommunityPosition, InvalidCommunityPosition};
pub(in crate::store) use tables::{CommunityRow, CommunityTables};

use super::{Near, NewPicture, NewProfilePicture, StoreError};
use sotto_protocol::rest::community::{Community, ListedCommunity};
use sotto_protocol::{AccountId, ChatId, CoarseLocation, CommunityId, Timestamp};

/// A community to be founded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommunity {
    /// Chosen at random by who founds it.
    pub community: CommunityId,
    /// Who founds it.
    pub founder: AccountId,
    /// What it says.
    pub profile: CommunityProfile,
    /// When.
    pub at: Timestamp,
}

/// What a community says about itself. What is said has been looked at: it is within its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommunityProfile {
    /// What it is called.
    pub title: String,
    /// What it is about, each once.
    pub topics: Vec<String>,
    /// Where it is, in its own words.
    pub place: String,
    /// Where that is.
    pub location: Option<CoarseLocation>,
    /// What else there is to say.
    pub description: String,
}

/// Something to be changed about a community.
#[derive(Clone, Debug)]
pub enum CommunityChange {
    /// What it says. What is `None` stays.
    Profile {
        /// What it is called.
        title: Option<String>,
        /// What it is about.
        topics: Option<Vec<String>>,
        /// Where it is, in its own words.
        place: Option<String>,
        /// Where that is, or that it does not say so any more.
        #[allow(
            clippy::option_option,
            reason = "what is `None` stays, and `Some(None)` takes away"
        )]
        location: Option<Option<CoarseLocation>>,
        /// What else there is to say.
        description: Option<String>,
    },
    /// Its picture, or that it has none.
    Picture(Option<NewProfilePicture>),
    /// Its cover, or that it has none.
    Cover(Option<NewPicture>),
    /// Which group is its broadcast, or that none is. Its rules have been looked at: it is one, and of this community.
    Broadcast(Option<ChatId>),
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommunityError {
    /// There is no such community.
    #[error("there is no such community")]
    NotFound,
    /// Its id is in use: choose another at random.
    #[error("the community id is in use")]
    Taken,
    /// There is no such account.
    #[error("there is no such account")]
    UserNotFound,
    /// There is no such group.
    #[error("there is no such group")]
    GroupNotFound,
    /// What the account is in the community does not permit it.
    #[error("the role in the community does not permit that")]
    Forbidden,
    /// The account is not in it: it joins first.
    #[error("the account is not in the community")]
    NotAMember,
    /// The account is banned from it.
    #[error("the account is banned from the community")]
    Banned,
    /// The founder is the founder until somebody else is.
    #[error("the founder hands the community over first")]
    FounderStays,
    /// The account has founded as many as it may, or is in as many.
    #[error("the account has as many communities as it may")]
    TooMany,
    /// It has as many moderators, or bans, as it may.
    #[error("the community has as many of these as it may")]
    Full,
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A page of a search for communities. One that says nothing finds all.
#[derive(Clone, Debug, Default)]
pub struct SearchCommunities {
    /// What to look for, without regard to case. Nothing in it has a special meaning.
    pub text: Option<String>,
    /// About this alone.
    pub topic: Option<String>,
    /// Where to look.
    pub near: Option<Near>,
    /// At most so many results.
    pub limit: u16,
    /// Where the page begins; `None` for the first. One of another kind of search finds nothing.
    pub after: Option<CommunityPosition>,
}

/// Results of a search. By a text, they come in the order of [`super::Rank`] and each group by title; near a place, by distance and
/// then by title; else by title.
#[derive(Clone, Debug)]
pub struct FoundCommunities {
    /// The communities.
    pub communities: Vec<ListedCommunity>,
    /// Where the next page begins, if there may be one.
    pub next: Option<CommunityPosition>,
}

/// Those that were founded lately, near a place.
#[derive(Clone, Copy, Debug)]
pub struct FindNewCommunities {
    /// Where.
    pub near: Near,
    /// After this time.
    pub since: Timestamp,
    /// At most so many.
    pub limit: u16,
}

/// So many of the latest communities are looked at to find those that are near.
pub(in crate::store) const LATEST_READ: u32 = 2_000;

/// Communities: what they say, and how they are found.
///
/// Who may do what is decided in the transaction that does it. A community without members does not exist: the founder is one, and
/// when the founder's account is deleted, the moderator who has been there longest is the founder, or the member who has, or nobody
/// is left, and the community is deleted.
pub trait CommunityStore: Send + Sync + 'static {
    /// Founds a community, whose founder is in it; for one that the same account has founded under this id before, nothing is
    /// changed. It is returned as it is.
    fn found_community(
        &self,
        community: NewCommunity,
    ) -> impl Future<Output = Result<Community, CommunityError>> + Send;

    /// The community, as this account sees it.
    fn community(
        &self,
        community: CommunityId,
        reader: AccountId,
    ) -> impl Future<Output = Result<Option<Community>, StoreError>> + Send;

    /// Changes a community, for its founder and its moderators, and returns it.
    fn change_community(
        &self,
        community: CommunityId,
        by: AccountId,
        change: CommunityChange,
    ) -> impl Future<Output = Result<Community, CommunityError>> + Send;

    /// Deletes a community with all that belongs to it, for its founder.
    fn delete_community(
        &self,
        community: CommunityId,
        by: AccountId,
    ) -> impl Future<Output = Result<(), CommunityError>> + Send;

    /// A page of the communities to which all applies that is given.
    fn search_communities(
        &self,
        search: SearchCommunities,
    ) -> impl Future<Output = Result<FoundCommunities, StoreError>> + Send;

    /// Communities near a place that were founded lately, the latest first. Of more than 2,000 that were founded anywhere since,
    /// the latest are looked at.
    fn new_communities(
        &self,
        find: FindNewCommunities,
    ) -> impl Future<Output = Result<Vec<ListedCommunity>, StoreError>> + Send;
}
