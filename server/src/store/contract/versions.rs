//! The contract of [`crate::store::VersionStore`], and of versions of groups: whatever is seen of a thing, its version changes with it.

use super::Backend;
use super::communities::{community, founds, profile};
use super::fixture::*;
use super::log_group::{commits_in, leaves, open};
use crate::store::{
    AccountStore as _, CommunityChange, CommunityMembershipStore as _, CommunityStore as _, DeviceStore as _,
    GroupVersion, LogStore as _, NewDevice, NewPicture, NewProfilePicture, PictureStore as _, ProfileChange,
    RowVersion, VersionStore as _,
};
use sotto_protocol::rest::community::CommunityRole;
use sotto_protocol::{CoarseLocation, PictureId};

fn picture(number: u8) -> NewPicture {
    NewPicture {
        id: PictureId::from_bytes([number; 16]),
        jpeg: vec![number; 100].into(),
    }
}

fn both(large: u8, small: u8) -> NewProfilePicture {
    NewProfilePicture {
        large: picture(large),
        small: picture(small),
    }
}

/// Versions of Alice's profile, none of which may come again.
#[derive(Default)]
struct OfAlice(Vec<RowVersion>);

impl OfAlice {
    async fn has_changed<B: Backend>(&mut self, backend: &B) {
        let accounts = backend.accounts();
        let version = accounts.account_version(ALICE.account()).await.unwrap().unwrap();
        let by_name = accounts.account_version_by_name(&ALICE.name()).await.unwrap();
        assert_eq!(by_name, Some((ALICE.account(), version)));
        assert!(!self.0.contains(&version), "{version:?} after {:?}", self.0);
        self.0.push(version);
    }
}

pub(crate) async fn a_profile_has_another_version_after_each_change<B: Backend>(backend: B) {
    for person in [ALICE, BOB] {
        person.registers(&backend).await;
    }
    let accounts = backend.accounts();
    let alice = ALICE.account();
    let mut versions = OfAlice::default();
    versions.has_changed(&backend).await;
    let place = CoarseLocation::near(48.1, 11.6).unwrap();
    for change in [
        ProfileChange {
            display_name: Some("Alice".to_owned()),
            ..ProfileChange::default()
        },
        ProfileChange {
            about: Some("Hello".to_owned()),
            ..ProfileChange::default()
        },
        ProfileChange {
            place: Some("Munich".to_owned()),
            location: Some(Some(place)),
            ..ProfileChange::default()
        },
        ProfileChange {
            listed: Some(false),
            ..ProfileChange::default()
        },
    ] {
        accounts.update_profile(alice, change).await.unwrap().unwrap();
        versions.has_changed(&backend).await;
    }
    accounts.set_picture(alice, Some(both(1, 2))).await.unwrap();
    versions.has_changed(&backend).await;
    accounts.set_cover(alice, Some(picture(3))).await.unwrap();
    versions.has_changed(&backend).await;
    accounts.set_picture(alice, None).await.unwrap();
    versions.has_changed(&backend).await;
    let device = NewDevice {
        address: ALICE.device(2),
        device_key: ALICE.device_key(2),
        device_list: Some(ALICE.device_list(2, &[1, 2])),
        name: None,
        session: session(12),
        at: NOW,
    };
    accounts.enrol_device(device).await.unwrap();
    versions.has_changed(&backend).await;
    let list = ALICE.device_list(3, &[1]);
    accounts.remove_device(ALICE.device(2), list, NOW).await.unwrap();
    versions.has_changed(&backend).await;
    // What others do is not seen of her.
    let latest = accounts.account_version(alice).await.unwrap();
    let about_bob = ProfileChange {
        about: Some("I am Bob".to_owned()),
        ..ProfileChange::default()
    };
    accounts.update_profile(BOB.account(), about_bob).await.unwrap();
    accounts.device_seen(ALICE.device(1).device, NOW).await.unwrap();
    assert_eq!(accounts.account_version(alice).await.unwrap(), latest);
    assert!(accounts.delete_account(alice, NOW).await.unwrap());
    assert_eq!(accounts.account_version(alice).await.unwrap(), None);
    let by_name = accounts.account_version_by_name(&ALICE.name()).await.unwrap();
    assert_eq!(by_name, None);
}

pub(crate) async fn a_community_has_another_version_after_each_change<B: Backend>(backend: B) {
    for person in [ALICE, BOB, EVE] {
        person.registers(&backend).await;
    }
    let accounts = backend.accounts();
    let choir = community(1);
    founds(&backend, 1, ALICE, profile("Choir")).await.unwrap();
    let seen_by = async |person: Person| {
        let version = accounts.community_version(choir, person.account()).await;
        version.unwrap().unwrap()
    };
    let founded = seen_by(EVE).await;
    assert_eq!((founded.founder, founded.own_role), (ALICE.account(), None));
    let of_alice = seen_by(ALICE).await;
    assert_eq!(of_alice.row, founded.row);
    assert_eq!(of_alice.own_role, Some(CommunityRole::Founder));
    let mut rows = vec![founded.row];
    let mut has_changed = async || {
        let row = seen_by(EVE).await.row;
        assert!(!rows.contains(&row), "{row:?} after {rows:?}");
        rows.push(row);
    };
    let title = CommunityChange::Profile {
        title: Some("Big choir".to_owned()),
        topics: None,
        place: None,
        location: None,
        description: None,
    };
    for change in [
        title,
        CommunityChange::Picture(Some(both(1, 2))),
        CommunityChange::Cover(Some(picture(3))),
        CommunityChange::Cover(None),
    ] {
        accounts
            .change_community(choir, ALICE.account(), change)
            .await
            .unwrap();
        has_changed().await;
    }
    accounts.join_community(choir, BOB.account(), NOW).await.unwrap();
    has_changed().await;
    // It is handed over, and nothing else of it changes.
    let before = seen_by(EVE).await;
    accounts
        .set_community_role(choir, ALICE.account(), BOB.account(), CommunityRole::Founder)
        .await
        .unwrap();
    let after = seen_by(EVE).await;
    assert_ne!(after, before);
    assert_eq!(after.founder, BOB.account());
    assert_eq!(seen_by(ALICE).await.own_role, Some(CommunityRole::Moderator));
    accounts
        .ban_from_community(choir, BOB.account(), ALICE.account(), NOW)
        .await
        .unwrap();
    has_changed().await;
    assert_eq!(seen_by(ALICE).await.own_role, None);
    accounts.delete_community(choir, BOB.account()).await.unwrap();
    assert_eq!(
        accounts.community_version(choir, BOB.account()).await.unwrap(),
        None
    );
}

pub(crate) async fn a_group_has_another_version_after_each_commit_and_departure<B: Backend>(backend: B) {
    let log = backend.log();
    let rules = group_rules(ALICE);
    let group = open(log, &rules).await;
    let mut seen: Vec<GroupVersion> = Vec::new();
    let mut has_changed = async || {
        let version = log.group_version(group).await.unwrap().unwrap();
        assert!(!seen.contains(&version), "{version:?} after {seen:?}");
        let members = log.group(group).await.unwrap().unwrap().members;
        assert_eq!(version.members, members);
        seen.push(version);
        version
    };
    let created = has_changed().await;
    write_one(log, says(group, ALICE.device(1), 1)).await;
    assert_eq!(log.group_version(group).await.unwrap(), Some(created));
    position(&write_one(log, commits_in(&rules, ALICE.device(1), 2)).await);
    let committed = has_changed().await;
    let adding = commits_in(&rules, ALICE.device(1), 3).in_epoch(2);
    position(&write_one(log, adding.adding(EVE.device(1))).await);
    assert_ne!(has_changed().await.row, committed.row);
    assert!(leaves(log, BOB).await);
    has_changed().await;
    log.delete_group(group).await.unwrap();
    assert_eq!(log.group_version(group).await.unwrap(), None);
    assert_eq!(log.group_version(chat(9)).await.unwrap(), None);
}
