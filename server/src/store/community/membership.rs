//! Who is in a community, and who is not let into it.

use super::{CommunityError, StoreError};
use sotto_protocol::rest::community::{
    Community, CommunityBan, CommunityMember, CommunityRole, JoinedCommunity,
};
use sotto_protocol::{AccountId, CommunityId, Timestamp};
use std::fmt;
use std::str::FromStr;

/// A page of a community's members.
#[derive(Clone, Debug)]
pub struct ReadMembers {
    /// At most so many.
    pub limit: u16,
    /// Where the page begins; `None` for the first.
    pub after: Option<MemberPosition>,
}

/// Where in the list of members a page ended: founder, moderators, members, each by the time at which they came. Its text form is
/// what clients hand back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberPosition {
    /// What the last of the page is.
    pub role: CommunityRole,
    /// When it came.
    pub joined_at: Timestamp,
    /// The account.
    pub account: AccountId,
}

/// The text is no position that this server gave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a list of members")]
pub struct InvalidMemberPosition;

impl fmt::Display for MemberPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match self.role {
            CommunityRole::Founder => 'f',
            CommunityRole::Moderator => 'm',
            CommunityRole::Member => 'o',
        };
        write!(f, "{role}~{}~{}", self.joined_at.0, self.account)
    }
}

impl FromStr for MemberPosition {
    type Err = InvalidMemberPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(3, '~');
        let mut next = || parts.next().ok_or(InvalidMemberPosition);
        let role = match next()? {
            "f" => CommunityRole::Founder,
            "m" => CommunityRole::Moderator,
            "o" => CommunityRole::Member,
            _ => return Err(InvalidMemberPosition),
        };
        Ok(Self {
            role,
            joined_at: Timestamp(next()?.parse().map_err(|_| InvalidMemberPosition)?),
            account: next()?.parse().map_err(|_| InvalidMemberPosition)?,
        })
    }
}

/// Members of a community.
#[derive(Clone, Debug)]
pub struct FoundMembers {
    /// The members.
    pub members: Vec<CommunityMember>,
    /// Where the next page begins, if there may be one.
    pub next: Option<MemberPosition>,
}

/// Who is in which community. Who may do what is decided in the transaction that does it.
pub trait CommunityMembershipStore: Send + Sync + 'static {
    /// Takes an account into a community, if it is not in it, and returns that.
    fn join_community(
        &self,
        community: CommunityId,
        account: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<Community, CommunityError>> + Send;

    /// Takes an account out of a community, if it is in it.
    fn leave_community(
        &self,
        community: CommunityId,
        account: AccountId,
    ) -> impl Future<Output = Result<(), CommunityError>> + Send;

    /// The communities that an account is in, by title.
    fn communities_of(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<JoinedCommunity>, StoreError>> + Send;

    /// What an account is in a community.
    fn community_role(
        &self,
        community: CommunityId,
        account: AccountId,
    ) -> impl Future<Output = Result<Option<CommunityRole>, StoreError>> + Send;

    /// A page of a community's members.
    fn community_members(
        &self,
        community: CommunityId,
        page: ReadMembers,
    ) -> impl Future<Output = Result<FoundMembers, StoreError>> + Send;

    /// Makes a member something else, for the founder, who hands the community over by making another the founder.
    fn set_community_role(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
        role: CommunityRole,
    ) -> impl Future<Output = Result<(), CommunityError>> + Send;

    /// Takes an account out of a community, for who is more than it there.
    fn remove_community_member(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
    ) -> impl Future<Output = Result<(), CommunityError>> + Send;

    /// Takes an account out of a community if it is in it, and lets it in no more, for who is more than it there.
    fn ban_from_community(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), CommunityError>> + Send;

    /// Lets an account in again if it wants, for the founder and the moderators.
    fn unban_from_community(
        &self,
        community: CommunityId,
        by: AccountId,
        account: AccountId,
    ) -> impl Future<Output = Result<(), CommunityError>> + Send;

    /// Who is not let in, the latest first.
    fn community_bans(
        &self,
        community: CommunityId,
    ) -> impl Future<Output = Result<Vec<CommunityBan>, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_read_as_it_was_written_and_no_other_text() {
        let position = MemberPosition {
            role: CommunityRole::Moderator,
            joined_at: Timestamp(1_800_000_000_000),
            account: AccountId::from_bytes([0xfb; 16]),
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", "m", "m~1", "m~x~y", "x~1~AAAAAAAAAAAAAAAAAAAAAA"] {
            let parsed: Result<MemberPosition, _> = text.parse();
            assert_eq!(parsed, Err(InvalidMemberPosition), "{text}");
        }
    }
}
