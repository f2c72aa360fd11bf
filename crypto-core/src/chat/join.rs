//! Joining by a Welcome (RFC 9420, section 12.4.3.1).

use super::group::{GroupSetup, join_config, read_setup, verified_members};
use super::leaf::decode;
use super::{Chat, JoinError, KnownIdentities, Membership, MlsError, NotAllowed, write_chat_record};
use crate::key_package::StoredKeyPackage;
use crate::mls_store::{MlsRecords, Provider};
use crate::suite::SuiteCrypto;
use crate::{Device, KeyPackages};
use openmls::prelude::{MlsMessageBodyIn, MlsMessageIn, StagedWelcome, Welcome};
use sotto_protocol::chat_rules::Member;
use sotto_protocol::{DeviceCredential, limits};
use tls_codec::DeserializeBytes as _;

impl Chat {
    /// Joins the chat that a Welcome, an `MLSMessage`, invites this device to: after every member's credential and the
    /// chat's rules were checked.
    ///
    /// The KeyPackage that it was made for is spent, unless it is of last resort: store the changes of the chat and of the
    /// KeyPackages in one batch, before the Welcome is acknowledged.
    pub fn join(
        device: &Device,
        key_packages: &mut KeyPackages,
        welcome: &[u8],
        known: &dyn KnownIdentities,
    ) -> Result<Self, JoinError> {
        let welcome = read_welcome(welcome)?;
        let spent = find_key_package(key_packages, &welcome)?;
        // The new chat's records, with the KeyPackage among them as long as OpenMLS looks for it.
        let mut records = MlsRecords::default();
        records.put(spent.key.clone(), spent.value);
        let provider = Provider::new(SuiteCrypto::without_randomness(), &mut records);
        // Lifetimes are judged by who invites: see `leaf::lifetime`.
        let staged = StagedWelcome::build_from_welcome(&provider, &join_config(), welcome)
            .map_err(invalid)
            .and_then(|join| {
                if join.processed_welcome().psks().is_empty() {
                    join.skip_lifetime_validation().build().map_err(invalid)
                } else {
                    Err(NotAllowed::Proposal.into())
                }
            })?;
        let setup = read_setup(staged.group_context())?;
        check_group(device, &setup, &verified_members(staged.members())?, known)?;
        let own = staged.own_leaf_node().ok_or(JoinError::NotAParty)?;
        if decode(own.credential())? != *device.credential() {
            return Err(JoinError::NotAParty);
        }
        let group = staged.into_group(&provider).map_err(invalid)?;
        records.delete(&spent.key);
        write_chat_record(&mut records, setup.chat, Membership::Settled)?;
        records.keep();
        if !spent.last_resort {
            key_packages.delete(&spent.key);
        }
        Ok(Self::new(group, records, setup, Membership::Settled))
    }
}

/// The members are whom the chat's rules allow; where the rules name the parties, this device's account is one with its own
/// identity, and the others show the identities that are known. Of a group's members the caller compares identities.
pub(super) fn check_group(
    device: &Device,
    setup: &GroupSetup,
    members: &[DeviceCredential],
    known: &dyn KnownIdentities,
) -> Result<(), JoinError> {
    let GroupSetup { suite, rules, .. } = setup;
    let credential = device.credential();
    let parties = rules.parties();
    let own = parties.iter().find(|party| party.account == credential.account);
    match own {
        Some(own) if own.identity_key != credential.identity_key => {
            return Err(JoinError::IdentityMismatch { account: own.account });
        }
        None if !parties.is_empty() => return Err(JoinError::NotAParty),
        Some(_) | None => {}
    }
    for party in parties {
        if known
            .identity_of(party.account)
            .is_some_and(|known| known != party.identity_key)
        {
            return Err(JoinError::IdentityMismatch {
                account: party.account,
            });
        }
    }
    let members: Vec<Member> = members.iter().map(Member::from).collect();
    Ok(rules.check_members(*suite, &members).map_err(NotAllowed::from)?)
}

fn read_welcome(welcome: &[u8]) -> Result<Welcome, JoinError> {
    if welcome.len() > limits::HANDSHAKE_BYTES {
        return Err(JoinError::Malformed);
    }
    match MlsMessageIn::tls_deserialize_exact_bytes(welcome).map(MlsMessageIn::extract) {
        Ok(MlsMessageBodyIn::Welcome(welcome)) => Ok(welcome),
        Ok(_) | Err(_) => Err(JoinError::Malformed),
    }
}

fn find_key_package(key_packages: &KeyPackages, welcome: &Welcome) -> Result<StoredKeyPackage, JoinError> {
    for secrets in welcome.secrets() {
        if let Some(found) = key_packages.find(&secrets.new_member())? {
            return Ok(found);
        }
    }
    Err(JoinError::NoKeyPackage)
}

pub(super) fn invalid(error: impl core::fmt::Display) -> JoinError {
    JoinError::Invalid(MlsError::new(error))
}
