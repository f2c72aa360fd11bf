//! The rules of chats between light accounts. What an account's identity key is follows from its id, so that whoever knows
//! the one knows the other: nobody here checks a signature.

use sotto_protocol::chat_rules::{DirectRules, Inviters, JoinPolicy, Party};
use sotto_protocol::{AccountId, ChatRules, GroupKey, GroupRules, IdentityKey};

/// The identity key of a light account.
#[must_use]
pub fn identity_key(account: AccountId) -> IdentityKey {
    let mut key = [0; IdentityKey::LENGTH];
    for (byte, of_id) in key.iter_mut().zip(account.as_bytes().iter().cycle()) {
        *byte = *of_id;
    }
    IdentityKey::from_bytes(key)
}

/// A light account, as rules name it.
#[must_use]
pub fn party(account: AccountId) -> Party {
    Party {
        account,
        identity_key: identity_key(account),
    }
}

/// The rules of a direct chat of two different accounts.
#[must_use]
pub fn direct(one: AccountId, other: AccountId) -> ChatRules {
    ChatRules::Direct(DirectRules::new(party(one), party(other)).unwrap())
}

/// The rules of a group with this owner, into which members invite.
#[must_use]
pub fn group(owner: AccountId) -> ChatRules {
    let by = Inviters::Members;
    let key = GroupKey::from_bytes([7; GroupKey::LENGTH]);
    ChatRules::Group(GroupRules::new(key, party(owner), JoinPolicy::Invite { by }))
}
