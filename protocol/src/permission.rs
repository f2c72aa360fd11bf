//! What the accounts of a server may do there beside what everyone may, and the roles that give it. None of it opens a message: it is
//! about accounts, invites and the server's own news.

use core::fmt;
use core::str::FromStr;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! permissions {
    ($($(#[$doc:meta])* $permission:ident = $bit:literal, $text:literal;)+) => {
        /// Something that an account may be allowed on a server.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $text)] $permission,)+
        }

        impl Permission {
            /// All that there are.
            pub const ALL: &'static [Self] = &[$(Self::$permission,)+];

            /// The permission as JSON and the command line have it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$permission => $text,)+ }
            }

            const fn bit(self) -> u32 {
                match self { $(Self::$permission => 1 << $bit,)+ }
            }
        }
    };
}

// A bit is stored: it keeps its meaning for ever.
permissions! {
    /// To found communities. Ordinary members may, unless their role is changed.
    CreateCommunities = 0, "create-communities";
    /// To write the server's news, which everyone gets.
    WriteNews = 1, "write-news";
    /// To read reports of messages, accounts and groups, and to say what became of them.
    HandleReports = 2, "handle-reports";
    /// To look through the accounts: when they were made, their roles and bans, how many devices they have, how much they store, and on
    /// which day they were last seen.
    SeeAccounts = 3, "see-accounts";
    /// To ban accounts that may do no more than oneself, and to lift bans.
    BanAccounts = 4, "ban-accounts";
    /// To make invite codes, and to end them.
    ManageInvites = 5, "manage-invites";
    /// To say which account has which role, and what a role permits, as far as one may do it oneself.
    ManageRoles = 6, "manage-roles";
    /// To see how much the server stores.
    SeeStorage = 7, "see-storage";
    /// To read what those who administer have done.
    ReadAuditLog = 8, "read-audit-log";
    /// To make bots, and to revoke their tokens.
    ManageBots = 9, "manage-bots";
    /// To say which group is the broadcast of the whole server. Who speaks there, that group's own rules say.
    ManageBroadcast = 10, "manage-broadcast";
    /// Everything, and what later versions add. [`RoleName::ADMINISTRATOR`] has it, and no other role.
    Administer = 31, "administer";
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no permission that this version knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such permission")]
pub struct UnknownPermission;

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|permission| permission.as_str() == text)
            .ok_or(UnknownPermission)
    }
}

/// Some permissions: in JSON a list of them, in the order of [`Permission::ALL`].
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet(u32);

impl PermissionSet {
    /// None.
    pub const NONE: Self = Self(0);
    /// All that there are and will be.
    pub const ALL: Self = Self(Permission::Administer.bit());

    /// Whether this is permitted.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (permission.bit() | Permission::Administer.bit()) != 0
    }

    /// Whether whoever has `other` may do all that these permit.
    #[must_use]
    pub const fn is_subset_of(self, other: Self) -> bool {
        other.contains(Permission::Administer) || self.0 & !other.0 == 0
    }

    /// Whether nothing is permitted beside what everyone may.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What either permits. Who may do everything may do no more by it.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        if self.contains(Permission::Administer) {
            self
        } else {
            Self(self.0 | other.0)
        }
    }

    /// What is listed: of [`Permission::Administer`] it alone, though that permits all others.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.0 & permission.bit() != 0)
    }

    /// As a database keeps them.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// As a database has kept them. What a newer version has added is not lost, and permits nothing here.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(
            permissions
                .into_iter()
                .fold(0, |bits, permission| bits | permission.bit()),
        )
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl Serialize for PermissionSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for PermissionSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Permission>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for PermissionSet {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::schema::ArrayBuilder::new()
            .items(Permission::schema())
            .description(Some("Some permissions"))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for PermissionSet {}

/// Characters of a role's name.
const ROLE_NAME_CHARACTERS: usize = 32;

/// The name of a role: 1 to 32 small letters, digits and hyphens, a letter first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

impl RoleName {
    /// What an account is that nobody has given another role.
    pub const MEMBER: &'static str = "member";
    /// Who looks after people: what it permits can be changed.
    pub const MODERATOR: &'static str = "moderator";
    /// Who may do everything.
    pub const ADMINISTRATOR: &'static str = "administrator";

    /// What an account is that nobody has given another role.
    #[must_use]
    pub fn member() -> Self {
        Self(Self::MEMBER.to_owned())
    }

    /// Who may do everything.
    #[must_use]
    pub fn administrator() -> Self {
        Self(Self::ADMINISTRATOR.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every server has this role, so that it cannot be deleted.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        matches!(
            self.as_str(),
            Self::MEMBER | Self::MODERATOR | Self::ADMINISTRATOR
        )
    }

    /// Whether it is the role that may do everything, which nobody can change.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.as_str() == Self::ADMINISTRATOR
    }
}

/// The text is no name of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role's name has 1 to 32 small letters, digits and hyphens, and begins with a letter")]
pub struct InvalidRoleName;

impl TryFrom<String> for RoleName {
    type Error = InvalidRoleName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_fit = (1..=ROLE_NAME_CHARACTERS).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if is_fit {
            Ok(Self(text))
        } else {
            Err(InvalidRoleName)
        }
    }
}

impl FromStr for RoleName {
    type Err = InvalidRoleName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RoleName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RoleName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .try_into()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn set(permissions: &[Permission]) -> PermissionSet {
        permissions.iter().copied().collect()
    }

    #[test]
    fn each_permission_is_a_bit_of_its_own_and_its_own_text() {
        let bits: BTreeSet<_> = Permission::ALL
            .iter()
            .map(|permission| permission.bit())
            .collect();
        assert_eq!(bits.len(), Permission::ALL.len());
        for &permission in Permission::ALL {
            assert_eq!(permission.as_str().parse(), Ok(permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
            assert!(set(&[permission]).contains(permission));
        }
    }

    #[test]
    fn who_administers_may_do_everything_and_nobody_else_may_administer() {
        let all = set(&[Permission::Administer]);
        let others: PermissionSet = Permission::ALL
            .iter()
            .copied()
            .filter(|&permission| permission != Permission::Administer)
            .collect();
        for &permission in Permission::ALL {
            assert!(all.contains(permission));
        }
        assert!(others.is_subset_of(all));
        assert!(!all.is_subset_of(others));
        assert!(!others.contains(Permission::Administer));
        assert!(PermissionSet::from_bits(1 << 20).is_subset_of(all));
    }

    #[test]
    fn a_set_is_a_part_of_another_if_that_permits_all_of_it() {
        let (one, two) = (Permission::BanAccounts, Permission::SeeAccounts);
        assert!(PermissionSet::NONE.is_subset_of(PermissionSet::NONE));
        assert!(set(&[one]).is_subset_of(set(&[one, two])));
        assert!(!set(&[one, two]).is_subset_of(set(&[one])));
        assert!(!set(&[one]).contains(two));
    }

    #[test]
    fn a_set_is_a_list_in_json() {
        let some = set(&[Permission::BanAccounts, Permission::WriteNews]);
        let json = serde_json::json!(["write-news", "ban-accounts"]);
        assert_eq!(serde_json::to_value(some).unwrap(), json);
        assert_eq!(serde_json::from_value::<PermissionSet>(json).unwrap(), some);
        assert!(serde_json::from_str::<PermissionSet>(r#"["fly"]"#).is_err());
    }

    #[test]
    fn a_roles_name_is_short_and_plain() {
        for name in ["member", "a", "night-watch-2"] {
            assert_eq!(name.parse::<RoleName>().unwrap().as_str(), name);
        }
        for name in ["", "2nd", "-a", "Member", "a b", "ä", &"a".repeat(33)] {
            assert_eq!(name.parse::<RoleName>(), Err(InvalidRoleName), "{name:?}");
        }
    }
}
