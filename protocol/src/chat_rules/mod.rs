//! Who may do what in a chat: one set of rules for the device that commits, for every device that receives, and for the
//! server, which judges what a Commit declares.
//!
//! They stand in the chat's GroupContext (RFC 9420, section 8.1), in an extension of type [`EXTENSION_TYPE`], so that no
//! member can have others. Everything here is pure: nothing of MLS is named, and who calls has checked the credentials and
//! signatures that a [`Change`] rests on.

mod change;
mod direct;
mod group;
mod invitation;
mod violation;

pub use change::{Actor, Change, Member};
pub use direct::{DirectRules, Party};
pub use group::{Approvers, GrantedHistory, GroupRules, Inviters, JoinPolicy, Office, Role};
pub use invitation::{Invitation, Invited};
pub use violation::RuleViolation;

use crate::Suite;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The type of the GroupContext extension that holds a chat's rules, from the range for private use (RFC 9420,
/// section 17.3).
pub const EXTENSION_TYPE: u16 = 0xF070;

/// The rules of a chat, by its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatRules {
    /// A direct chat: of two accounts.
    Direct(DirectRules),
    /// A group: of members with roles.
    Group(GroupRules),
    /// Notes to oneself: of one account.
    Notes(Party),
}

const DIRECT: u8 = 1;
const GROUP: u8 = 2;
const NOTES: u8 = 3;
/// The postcard of an empty list of invitations, of [`GrantedHistory::None`], of no community and of no broadcast. Groups that have none
/// of them are encoded as before there were such rules: what stands at the end and is nothing is left out.
const NOTHING: [u8; 4] = [0; 4];

impl ChatRules {
    /// Those of a direct chat between these two.
    pub fn direct(one: Party, other: Party) -> Result<Self, RuleViolation> {
        DirectRules::new(one, other).map(Self::Direct)
    }

    /// The content of the extension: a byte for the kind and the postcard of its rules.
    pub fn encode(&self) -> Result<Vec<u8>, RuleViolation> {
        match self {
            Self::Direct(rules) => encode(DIRECT, rules.parties()),
            Self::Group(rules) => {
                rules.check_form()?;
                let mut encoded = encode(GROUP, rules)?;
                let are_nothing = [
                    !rules.is_broadcast,
                    rules.community.is_none(),
                    rules.history == GrantedHistory::None,
                    rules.invitations.is_empty(),
                ];
                let left_out = are_nothing.iter().take_while(|is_nothing| **is_nothing).count();
                encoded.truncate(encoded.len() - left_out);
                Ok(encoded)
            }
            Self::Notes(party) => encode(NOTES, party),
        }
    }

    /// Only the one encoding that [`Self::encode`] makes.
    pub fn decode(bytes: &[u8]) -> Result<Self, RuleViolation> {
        let (&kind, fields) = bytes.split_first().ok_or(RuleViolation::Malformed)?;
        let rules = match kind {
            DIRECT => {
                let [one, other] = decode(fields)?;
                Self::Direct(DirectRules::new(one, other)?)
            }
            GROUP => {
                let mut completed = fields.to_vec();
                let mut rules = decode(&completed);
                for nothing in NOTHING {
                    if rules.is_ok() {
                        break;
                    }
                    completed.push(nothing);
                    rules = decode(&completed);
                }
                Self::Group(rules?)
            }
            NOTES => Self::Notes(decode(fields)?),
            _ => return Err(RuleViolation::Malformed),
        };
        if rules.encode()? == bytes {
            Ok(rules)
        } else {
            Err(RuleViolation::Malformed)
        }
    }

    /// Whether these may be the members of a chat with this suite that begins or is joined, all of them.
    pub fn check_members(&self, suite: Suite, members: &[Member]) -> Result<(), RuleViolation> {
        check_room(suite, members.len())?;
        match self {
            Self::Direct(rules) => rules.check_members(members),
            Self::Group(rules) => rules.check_members(members),
            Self::Notes(party) => direct::check_members_of(&[*party], members),
        }
    }

    /// Whether the change may be made by whom it is made.
    pub fn check(&self, change: &Change<'_>) -> Result<(), RuleViolation> {
        if change.brings_devices() {
            check_room(change.suite, change.devices_after())?;
        }
        match self {
            Self::Direct(rules) => direct::check(rules.parties(), self, change),
            Self::Group(rules) => rules.check(change),
            Self::Notes(party) => direct::check(&[*party], self, change),
        }
    }

    /// The rules of a group, if it is one.
    #[must_use]
    pub const fn as_group(&self) -> Option<&GroupRules> {
        match self {
            Self::Group(rules) => Some(rules),
            Self::Direct(_) | Self::Notes(_) => None,
        }
    }

    /// The accounts that alone can be in the chat, with the identity keys that they have to show; none of a group, whose
    /// members come and go.
    #[must_use]
    pub fn parties(&self) -> &[Party] {
        match self {
            Self::Direct(rules) => rules.parties(),
            Self::Group(_) => &[],
            Self::Notes(party) => core::slice::from_ref(party),
        }
    }
}

/// Whether a chat with this suite can have so many devices.
fn check_room(suite: Suite, devices: usize) -> Result<(), RuleViolation> {
    let most = suite.most_devices();
    if devices <= most {
        Ok(())
    } else {
        Err(RuleViolation::Full { most })
    }
}

fn encode(kind: u8, rules: &impl Serialize) -> Result<Vec<u8>, RuleViolation> {
    postcard::to_extend(rules, vec![kind]).map_err(|_| RuleViolation::Malformed)
}

fn decode<T: DeserializeOwned>(fields: &[u8]) -> Result<T, RuleViolation> {
    match postcard::take_from_bytes(fields) {
        Ok((rules, [])) => Ok(rules),
        Ok(_) | Err(_) => Err(RuleViolation::Malformed),
    }
}
