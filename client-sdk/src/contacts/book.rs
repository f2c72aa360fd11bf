//! The contacts in memory, and the rule of what a profile may change.

use super::record::Profile;
use super::request::RequestRecord;
use super::verdicts::{Subject, Verdict, Verdicts};
use super::{Contact, ContactRecord, IdentityStatus, Names, Person, VerifiedUser};
use crate::error::ClientError;
use crate::record_key;
use crate::store::{Changes, Records, RecordsError, Scan, Store};
use sotto_crypto_core::{KnownIdentities, verify_device_list};
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, ChatId, IdentityKey};
use std::collections::{BTreeMap, HashSet};

/// Every contact, and who oneself is.
#[derive(Clone, Default)]
#[allow(clippy::struct_field_names, reason = "they are the contacts")]
pub(crate) struct Contacts {
    own: Option<Own>,
    known: BTreeMap<AccountId, ContactRecord>,
    /// The identity keys that the user has compared.
    verified: BTreeMap<AccountId, IdentityKey>,
    pub(super) verdicts: Verdicts,
    /// Chats that strangers have begun, whatever was decided about them since.
    pub(super) requests: BTreeMap<ChatId, RequestRecord>,
}

#[derive(Clone)]
struct Own {
    account: AccountId,
    name: AccountName,
    identity_key: IdentityKey,
}

/// What a profile says against what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Observation {
    /// The account was not known, or is as it was.
    Unchanged,
    /// The account shows another identity key, or has another account's name.
    IdentityChanged,
}

impl Contacts {
    /// Reads every contact.
    pub(crate) async fn load<S: Store>(records: &Records<S>) -> Result<Self, RecordsError> {
        let found = records
            .scan::<ContactRecord>(Scan::prefix(record_key::contacts()))
            .await?;
        let verified = records
            .scan::<IdentityKey>(Scan::prefix(record_key::verified_contacts()))
            .await?;
        let verdicts = records.get::<Verdicts>(&record_key::verdicts()).await?;
        let requests = records
            .scan::<RequestRecord>(Scan::prefix(record_key::requests()))
            .await?;
        Ok(Self {
            own: None,
            known: found
                .into_iter()
                .map(|(_, record)| (record.account, record))
                .collect(),
            verified: verified
                .into_iter()
                .filter_map(|(key, identity_key)| Some((record_key::first_id(&key)?, identity_key)))
                .collect(),
            verdicts: verdicts.unwrap_or_default(),
            requests: requests
                .into_iter()
                .filter_map(|(key, record)| Some((record_key::first_id(&key)?, record)))
                .collect(),
        })
    }

    /// Says who oneself is.
    pub(crate) fn set_own(&mut self, account: AccountId, name: AccountName, identity_key: IdentityKey) {
        self.own = Some(Own {
            account,
            name,
            identity_key,
        });
    }

    /// Whether it is this client's own account.
    pub(super) fn is_self(&self, account: AccountId) -> bool {
        self.own.as_ref().is_some_and(|own| own.account == account)
    }

    /// What was decided about strangers.
    pub(crate) const fn verdicts(&self) -> &Verdicts {
        &self.verdicts
    }

    /// Takes in what another device has decided, here and in `changes`. Says about whom or what something else holds now.
    pub(crate) fn merge_verdicts(&mut self, other: &Verdicts, changes: &mut Changes) -> Vec<Subject> {
        let before = self.verdicts.clone();
        let decided = self.verdicts.take_in(other);
        if self.verdicts != before {
            changes.put(record_key::verdicts(), &self.verdicts);
        }
        decided
    }

    /// The contact.
    pub(crate) fn get(&self, account: AccountId) -> Option<&ContactRecord> {
        self.known.get(&account)
    }

    /// The contact, as it is shown to the application.
    pub(crate) fn contact(&self, account: AccountId) -> Option<Contact> {
        let record = self.get(account)?;
        let is_verified =
            record.changed_to.is_none() && self.verified.get(&account) == Some(&record.identity_key);
        Some(record.to_contact(is_verified))
    }

    /// Keeps that the user has found this to be the account's identity key.
    pub(crate) fn verified(&mut self, account: AccountId, key: IdentityKey, changes: &mut Changes) {
        changes.put(record_key::verified_contact(account), &key);
        self.verified.insert(account, key);
    }

    /// The contacts whose profile has been read.
    pub(crate) fn with_profile(&self) -> HashSet<AccountId> {
        let read = self.known.values().filter(|contact| contact.profile.is_some());
        read.map(|contact| contact.account).collect()
    }

    /// The contacts whose profile has not been read yet.
    pub(crate) fn without_profile(&self) -> Vec<AccountId> {
        let unread = self.known.values().filter(|contact| contact.profile.is_none());
        unread.map(|contact| contact.account).collect()
    }

    /// Whether nothing may be sent to the account for now.
    pub(crate) fn is_held(&self, account: AccountId) -> bool {
        self.get(account)
            .is_some_and(|contact| contact.changed_to.is_some())
    }

    /// Keeps `record`, here and in `changes`.
    pub(crate) fn put(&mut self, record: ContactRecord, changes: &mut Changes) {
        changes.put(record_key::contact(record.account), &record);
        self.known.insert(record.account, record);
    }

    /// Checks a profile: the identity key in it has signed its device list, for this account and name, and the list is
    /// not older than one seen before.
    pub(crate) fn verify(&self, user: User) -> Result<VerifiedUser, ClientError> {
        let known = self.get(user.account);
        let seen = known
            .filter(|contact| contact.identity_key == user.identity_key)
            .map_or(0, |contact| contact.list_version);
        let list = verify_device_list(&user.device_list, user.account, user.identity_key, seen)
            .map_err(|_| ClientError::Untrusted("a device list that does not hold"))?;
        if list.name != user.name {
            return Err(ClientError::Untrusted("a device list of another name"));
        }
        Ok(VerifiedUser { user, list })
    }

    /// What a profile says against what is known.
    pub(crate) fn identity_status(
        &self,
        account: AccountId,
        name: &AccountName,
        key: IdentityKey,
    ) -> IdentityStatus {
        match self.get(account) {
            Some(contact) if contact.identity_key == key && contact.changed_to.is_none() => {
                IdentityStatus::Known
            }
            Some(_) => IdentityStatus::Changed,
            None if self.holder_of(name).is_some() => IdentityStatus::Changed,
            None => IdentityStatus::New,
        }
    }

    /// What is known of the holder of a name, of whom no identity key was shown.
    pub(crate) fn known_status(&self, account: AccountId, name: &AccountName) -> IdentityStatus {
        match self.get(account) {
            Some(contact) => self.identity_status(account, name, contact.identity_key),
            None if self.holder_of(name).is_some() => IdentityStatus::Changed,
            None => IdentityStatus::New,
        }
    }

    /// The profile as a person.
    pub(crate) fn person(&self, user: &User) -> Person {
        Person {
            account: user.account,
            name: user.name.clone(),
            display_name: user.display_name.clone(),
            identity: self.identity_status(user.account, &user.name, user.identity_key),
        }
    }

    /// Takes what a verified profile says: trust on first use, then no other identity key without consent.
    pub(crate) fn observe(&mut self, verified: &VerifiedUser, changes: &mut Changes) -> Observation {
        let VerifiedUser { user, list } = verified;
        let name_moved = self.get(user.account).is_none() && self.holder_of(&user.name).is_some();
        let mut record = self
            .get(user.account)
            .cloned()
            .unwrap_or_else(|| ContactRecord::new(user.account, user.identity_key));
        let differs = name_moved || record.identity_key != user.identity_key;
        if differs {
            record.changed_to = Some(user.identity_key);
        } else {
            record.list_version = record.list_version.max(list.version);
        }
        // A name is shown although the identity is in doubt: the doubt is shown beside it.
        record.profile = Some(Profile {
            name: user.name.clone(),
            display_name: user.display_name.clone(),
        });
        self.put(record, changes);
        if differs {
            Observation::IdentityChanged
        } else {
            Observation::Unchanged
        }
    }

    /// Notes that the account shows this identity key: one that is not the trusted one puts it on hold.
    pub(crate) fn note_identity(
        &mut self,
        account: AccountId,
        key: IdentityKey,
        changes: &mut Changes,
    ) -> Observation {
        let mut record = self
            .get(account)
            .cloned()
            .unwrap_or_else(|| ContactRecord::new(account, key));
        let differs = record.identity_key != key;
        if differs {
            record.changed_to = Some(key);
        }
        self.put(record, changes);
        if differs {
            Observation::IdentityChanged
        } else {
            Observation::Unchanged
        }
    }

    /// Trusts the identity key that the account shows now. `false` if there is nothing to accept.
    pub(crate) fn accept(&mut self, account: AccountId, changes: &mut Changes) -> bool {
        let Some(mut record) = self.get(account).cloned() else {
            return false;
        };
        let Some(key) = record.changed_to.take() else {
            return false;
        };
        if record.identity_key != key {
            record.identity_key = key;
            // Another key signs another sequence of lists.
            record.list_version = 0;
        }
        let former = record
            .profile
            .as_ref()
            .and_then(|profile| self.other_holder_of(&profile.name, account))
            .cloned();
        if let Some(mut former) = former {
            former.former = true;
            self.put(former, changes);
        }
        self.put(record, changes);
        true
    }

    fn holder_of(&self, name: &AccountName) -> Option<&ContactRecord> {
        self.known.values().find(|contact| {
            !contact.former
                && contact
                    .profile
                    .as_ref()
                    .is_some_and(|profile| profile.name == *name)
        })
    }

    fn other_holder_of(&self, name: &AccountName, account: AccountId) -> Option<&ContactRecord> {
        self.known.values().find(|contact| {
            contact.account != account
                && !contact.former
                && contact
                    .profile
                    .as_ref()
                    .is_some_and(|profile| profile.name == *name)
        })
    }
}

impl KnownIdentities for Contacts {
    fn identity_of(&self, account: AccountId) -> Option<IdentityKey> {
        match &self.own {
            Some(own) if own.account == account => Some(own.identity_key),
            _ => self.get(account).map(|contact| contact.identity_key),
        }
    }
}

impl Names for Contacts {
    fn name_of(&self, account: AccountId) -> Option<AccountName> {
        match &self.own {
            Some(own) if own.account == account => Some(own.name.clone()),
            _ => Some(self.get(account)?.profile.as_ref()?.name.clone()),
        }
    }

    fn is_own(&self, account: AccountId) -> bool {
        self.is_self(account)
    }

    fn is_blocked(&self, account: AccountId) -> bool {
        self.verdicts.of(Subject::Account(account)) == Some(Verdict::Blocked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_crypto_core::AccountRoot;
    use sotto_protocol::{DeviceList, Timestamp};

    fn root(number: u8) -> AccountRoot {
        AccountRoot::from_bytes([number; 32])
    }

    /// The profile of `account` under `name`, with a list of this version signed by the root's identity.
    fn user(account: u8, name: &str, root: &AccountRoot, version: u64) -> User {
        let identity = root.identity();
        let list = DeviceList {
            account: AccountId::from_bytes([account; 16]),
            name: name.parse().unwrap(),
            identity_key: identity.public_key(),
            version,
            devices: Vec::new(),
        };
        User {
            account: list.account,
            name: list.name.clone(),
            display_name: String::new(),
            about: String::new(),
            place: String::new(),
            location: None,
            bot: false,
            listed: true,
            picture: None,
            cover: None,
            identity_key: list.identity_key,
            device_list: identity.sign_device_list(&list),
            created_at: Timestamp(0),
        }
    }

    fn meet(contacts: &mut Contacts, user: User) -> Result<Observation, ClientError> {
        let verified = contacts.verify(user)?;
        Ok(contacts.observe(&verified, &mut Changes::new()))
    }

    const BOB: AccountId = AccountId::from_bytes([2; 16]);

    #[test]
    fn an_account_is_trusted_on_first_use_and_known_afterwards() {
        let mut contacts = Contacts::default();
        let bob = user(2, "bob", &root(2), 1);
        assert_eq!(contacts.person(&bob).identity, IdentityStatus::New);
        assert_eq!(meet(&mut contacts, bob.clone()), Ok(Observation::Unchanged));
        assert_eq!(contacts.person(&bob).identity, IdentityStatus::Known);
        assert_eq!(contacts.identity_of(BOB), Some(root(2).identity().public_key()));
    }

    #[test]
    fn another_identity_key_is_not_trusted_before_it_is_accepted() {
        let mut contacts = Contacts::default();
        meet(&mut contacts, user(2, "bob", &root(2), 7)).unwrap();
        let other = user(2, "bob", &root(3), 1);
        assert_eq!(
            meet(&mut contacts, other.clone()),
            Ok(Observation::IdentityChanged)
        );
        assert!(contacts.is_held(BOB));
        assert_eq!(contacts.identity_of(BOB), Some(root(2).identity().public_key()));
        assert_eq!(contacts.person(&other).identity, IdentityStatus::Changed);

        assert!(contacts.accept(BOB, &mut Changes::new()));
        assert!(!contacts.is_held(BOB));
        assert_eq!(contacts.identity_of(BOB), Some(root(3).identity().public_key()));
        assert_eq!(meet(&mut contacts, other), Ok(Observation::Unchanged));
        assert!(!contacts.accept(BOB, &mut Changes::new()));
    }

    #[test]
    fn an_older_device_list_than_one_seen_before_is_refused() {
        let mut contacts = Contacts::default();
        meet(&mut contacts, user(2, "bob", &root(2), 5)).unwrap();
        assert!(matches!(
            meet(&mut contacts, user(2, "bob", &root(2), 4)),
            Err(ClientError::Untrusted(_))
        ));
        assert_eq!(
            meet(&mut contacts, user(2, "bob", &root(2), 6)),
            Ok(Observation::Unchanged)
        );
    }

    #[test]
    fn a_name_that_has_gone_to_another_account_is_told() {
        let mut contacts = Contacts::default();
        meet(&mut contacts, user(2, "bob", &root(2), 1)).unwrap();
        let newcomer = user(4, "bob", &root(4), 1);
        assert_eq!(contacts.person(&newcomer).identity, IdentityStatus::Changed);
        assert_eq!(
            meet(&mut contacts, newcomer.clone()),
            Ok(Observation::IdentityChanged)
        );
        assert!(contacts.accept(newcomer.account, &mut Changes::new()));
        assert_eq!(contacts.person(&newcomer).identity, IdentityStatus::Known);
    }

    #[test]
    fn a_list_of_another_name_or_signed_by_another_key_is_refused() {
        let contacts = Contacts::default();
        let mut renamed = user(2, "bob", &root(2), 1);
        renamed.name = "bobby".parse().unwrap();
        assert!(contacts.verify(renamed).is_err());
        let mut replaced = user(2, "bob", &root(2), 1);
        replaced.identity_key = root(3).identity().public_key();
        assert!(contacts.verify(replaced).is_err());
    }
}
