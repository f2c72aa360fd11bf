//! Who may do what in a community, and what is done: the same for every database.

use super::{CommunityChange, CommunityError, CommunityProfile, CommunityRow, CommunityTables, NewCommunity};
use crate::store::StoreError;
use sotto_protocol::rest::community::{Community, CommunityRole};
use sotto_protocol::{AccountId, CommunityId, Timestamp, limits};

/// What somebody does in a community that there is.
#[derive(Clone, Debug)]
pub(in crate::store) enum Doing {
    Change(CommunityChange),
    Delete,
    Join { at: Timestamp },
    Leave,
    SetRole { account: AccountId, role: CommunityRole },
    Remove { account: AccountId },
    Ban { account: AccountId, at: Timestamp },
    Unban { account: AccountId },
}

/// Founds a community. The caller commits what came out of it, and nothing else.
pub(in crate::store) async fn found(
    tables: &mut impl CommunityTables,
    new: NewCommunity,
) -> Result<Community, CommunityError> {
    let NewCommunity {
        community,
        founder,
        at,
        ..
    } = new;
    if !tables.holds_account(founder).await? {
        return Err(CommunityError::UserNotFound);
    }
    if tables.hold(community).await?.is_some() {
        return match tables.role(community, founder).await? {
            Some(CommunityRole::Founder) => shown(tables, community, founder).await,
            Some(CommunityRole::Member | CommunityRole::Moderator) | None => Err(CommunityError::Taken),
        };
    }
    check_count(tables, founder, CommunityRole::Founder).await?;
    check_count(tables, founder, CommunityRole::Member).await?;
    if !tables.insert(&new).await? {
        return Err(CommunityError::Taken);
    }
    tables.write_profile(community, &new.profile).await?;
    tables
        .add_member(community, founder, CommunityRole::Founder, at)
        .await?;
    shown(tables, community, founder).await
}

/// Does something in a community that there is. The caller commits what came out of it, and nothing else.
pub(in crate::store) async fn perform(
    tables: &mut impl CommunityTables,
    community: CommunityId,
    by: AccountId,
    doing: Doing,
) -> Result<(), CommunityError> {
    if !hold_accounts(tables, by, &doing).await? {
        return Err(CommunityError::UserNotFound);
    }
    let row = tables.hold(community).await?.ok_or(CommunityError::NotFound)?;
    let role = tables.role(community, by).await?;
    match doing {
        Doing::Change(change) => {
            needs(role, CommunityRole::Moderator)?;
            write(tables, community, row, change).await
        }
        Doing::Delete => {
            needs(role, CommunityRole::Founder)?;
            Ok(tables.delete(community).await?)
        }
        Doing::Join { at } => join(tables, community, by, role, at).await,
        Doing::Leave => match role {
            None => Ok(()),
            Some(CommunityRole::Founder) => Err(CommunityError::FounderStays),
            Some(CommunityRole::Member | CommunityRole::Moderator) => {
                Ok(tables.remove_member(community, by).await?)
            }
        },
        Doing::SetRole { account, role: new } => {
            needs(role, CommunityRole::Founder)?;
            set_role(tables, community, by, account, new).await
        }
        Doing::Remove { account } => {
            let subject = reaches(tables, community, role, account).await?;
            subject.ok_or(CommunityError::UserNotFound)?;
            Ok(tables.remove_member(community, account).await?)
        }
        Doing::Ban { account, at } => {
            let subject = reaches(tables, community, role, account).await?;
            if tables.is_banned(community, account).await? {
                return Ok(());
            }
            if tables.count_bans(community).await? >= limits::COMMUNITY_BANS {
                return Err(CommunityError::Full);
            }
            if subject.is_some() {
                tables.remove_member(community, account).await?;
            }
            Ok(tables.write_ban(community, account, at).await?)
        }
        Doing::Unban { account } => {
            needs(role, CommunityRole::Moderator)?;
            Ok(tables.delete_ban(community, account).await?)
        }
    }
}

/// Takes an account that is about to be deleted out of all communities. Those that it has founded are another's from then on, or
/// gone with it. The account's row is held.
pub(in crate::store) async fn depart_all(
    tables: &mut impl CommunityTables,
    account: AccountId,
) -> Result<(), StoreError> {
    for community in tables.memberships(account).await? {
        if tables.hold(community).await?.is_none() {
            continue;
        }
        match tables.role(community, account).await? {
            None => {}
            Some(CommunityRole::Member | CommunityRole::Moderator) => {
                tables.remove_member(community, account).await?;
            }
            Some(CommunityRole::Founder) => match tables.next_founder(community, account).await? {
                Some(next) => {
                    tables.remove_member(community, account).await?;
                    tables.write_role(community, next, CommunityRole::Founder).await?;
                }
                None => tables.delete(community).await?,
            },
        }
    }
    Ok(())
}

/// Deletes a community for who administers the server. `false` if there is none.
pub(in crate::store) async fn delete_as_administrator(
    tables: &mut impl CommunityTables,
    community: CommunityId,
) -> Result<bool, StoreError> {
    if tables.hold(community).await?.is_none() {
        return Ok(false);
    }
    tables.delete(community).await?;
    Ok(true)
}

/// Holds the accounts of which there will be something in the tables. `false` if one of them is gone.
async fn hold_accounts(
    tables: &mut impl CommunityTables,
    by: AccountId,
    doing: &Doing,
) -> Result<bool, StoreError> {
    match doing {
        Doing::Join { .. } => tables.holds_account(by).await,
        Doing::Ban { account, .. }
        // It counts how many it has founded.
        | Doing::SetRole {
            account,
            role: CommunityRole::Founder,
        } => tables.holds_account(*account).await,
        Doing::Change(_)
        | Doing::Delete
        | Doing::Leave
        | Doing::SetRole { .. }
        | Doing::Remove { .. }
        | Doing::Unban { .. } => Ok(true),
    }
}

/// Whether somebody is this in the community, or more.
fn needs(role: Option<CommunityRole>, at_least: CommunityRole) -> Result<(), CommunityError> {
    match role {
        None => Err(CommunityError::NotAMember),
        Some(role) if role >= at_least => Ok(()),
        Some(_) => Err(CommunityError::Forbidden),
    }
}

/// What somebody is whom one who is more takes out.
async fn reaches(
    tables: &mut impl CommunityTables,
    community: CommunityId,
    role: Option<CommunityRole>,
    account: AccountId,
) -> Result<Option<CommunityRole>, CommunityError> {
    needs(role, CommunityRole::Moderator)?;
    let subject = tables.role(community, account).await?;
    if subject < role {
        Ok(subject)
    } else {
        Err(CommunityError::Forbidden)
    }
}

async fn check_count(
    tables: &mut impl CommunityTables,
    account: AccountId,
    role: CommunityRole,
) -> Result<(), CommunityError> {
    let most = match role {
        CommunityRole::Founder => limits::COMMUNITIES_FOUNDED,
        CommunityRole::Moderator | CommunityRole::Member => limits::COMMUNITIES_JOINED,
    };
    if tables.count_of_account(account, role).await? >= most {
        return Err(CommunityError::TooMany);
    }
    Ok(())
}

async fn shown(
    tables: &mut impl CommunityTables,
    community: CommunityId,
    reader: AccountId,
) -> Result<Community, CommunityError> {
    tables
        .shown(community, reader)
        .await?
        .ok_or(CommunityError::NotFound)
}

async fn join(
    tables: &mut impl CommunityTables,
    community: CommunityId,
    account: AccountId,
    role: Option<CommunityRole>,
    at: Timestamp,
) -> Result<(), CommunityError> {
    if role.is_some() {
        return Ok(());
    }
    if tables.is_banned(community, account).await? {
        return Err(CommunityError::Banned);
    }
    check_count(tables, account, CommunityRole::Member).await?;
    Ok(tables
        .add_member(community, account, CommunityRole::Member, at)
        .await?)
}

async fn write(
    tables: &mut impl CommunityTables,
    community: CommunityId,
    row: CommunityRow,
    change: CommunityChange,
) -> Result<(), CommunityError> {
    match change {
        CommunityChange::Profile {
            title,
            topics,
            place,
            location,
            description,
        } => {
            let before = row.profile;
            let profile = CommunityProfile {
                title: title.unwrap_or(before.title),
                topics: topics.unwrap_or(before.topics),
                place: place.unwrap_or(before.place),
                location: location.unwrap_or(before.location),
                description: description.unwrap_or(before.description),
            };
            tables.write_profile(community, &profile).await?;
        }
        CommunityChange::Picture(picture) => {
            tables
                .write_picture(community, row.picture, picture.as_ref())
                .await?;
        }
        CommunityChange::Cover(cover) => {
            tables.write_cover(community, row.cover, cover.as_ref()).await?;
        }
        CommunityChange::Broadcast(group) => {
            if !tables.write_broadcast(community, group).await? {
                return Err(CommunityError::GroupNotFound);
            }
        }
    }
    Ok(())
}

async fn set_role(
    tables: &mut impl CommunityTables,
    community: CommunityId,
    by: AccountId,
    account: AccountId,
    role: CommunityRole,
) -> Result<(), CommunityError> {
    let before = tables
        .role(community, account)
        .await?
        .ok_or(CommunityError::UserNotFound)?;
    if before == role {
        return Ok(());
    }
    if before == CommunityRole::Founder {
        return Err(CommunityError::FounderStays);
    }
    match role {
        CommunityRole::Founder => {
            check_count(tables, account, CommunityRole::Founder).await?;
            // Who was the founder may moderate, though there be as many as may: it is one who could have stayed.
            tables.write_role(community, by, CommunityRole::Moderator).await?;
        }
        CommunityRole::Moderator => {
            if tables.count_moderators(community).await? >= limits::COMMUNITY_MODERATORS {
                return Err(CommunityError::Full);
            }
        }
        CommunityRole::Member => {}
    }
    Ok(tables.write_role(community, account, role).await?)
}
