//! The rules of a chat, as a log shard has them.

use super::StoreError;
use sotto_protocol::chat_rules::{Invitation, Invited, JoinPolicy};
use sotto_protocol::message_header::GroupInfoHeader;
use sotto_protocol::{AccountId, ChatRules};
use std::sync::Arc;

/// From the column of the rules, or the GroupInfo of a chat that an older server created. That it did not read, so it may have
/// none.
pub(super) fn read(
    rules: Option<&[u8]>,
    group_info: Option<&[u8]>,
) -> Result<Option<Arc<ChatRules>>, StoreError> {
    if let Some(rules) = rules {
        let rules = ChatRules::decode(rules).map_err(|_| StoreError::Unreadable { what: "rules" })?;
        return Ok(Some(Arc::new(rules)));
    }
    let header = group_info.and_then(|group_info| GroupInfoHeader::read(group_info).ok());
    // Those servers knew no groups.
    let rules = header.map(|header| header.rules);
    Ok(rules.filter(|rules| rules.as_group().is_none()).map(Arc::new))
}

/// For the column of the rules.
pub(super) fn write(rules: &ChatRules) -> Result<Vec<u8>, StoreError> {
    rules
        .encode()
        .map_err(|_| StoreError::Unreadable { what: "rules" })
}

/// Whether a device of this account, which is no party, may join the chat alone.
pub(super) fn lets_in(rules: &ChatRules, account: AccountId) -> bool {
    rules.as_group().is_some_and(|rules| {
        rules.join_policy == JoinPolicy::Open && rules.banned.binary_search(&account).is_err()
    })
}

/// The invitation by which a device of this account may join the group alone, if it works: whether it is used up is not in the
/// rules.
pub(super) fn invitation_for(rules: &ChatRules, account: AccountId, invited: Invited) -> Option<&Invitation> {
    let rules = rules.as_group()?;
    rules
        .invitation(invited)
        .filter(|_| rules.banned.binary_search(&account).is_err())
}
