//! The contract of communities: what they say, and who is in them.

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore as _, Actor, AdminStore as _, CommunityChange, CommunityError,
    CommunityMembershipStore as _, CommunityProfile, CommunityStore as _, MemberPosition, NewAct, NewChange,
    NewCommunity, NewPicture, NewProfilePicture, PerformError, PictureStore as _, ReadMembers,
};
use bytes::Bytes;
use sotto_protocol::rest::admin::AdminChange;
use sotto_protocol::rest::community::{Community, CommunityRole};
use sotto_protocol::{CommunityId, Permission, PictureId, RoleName, Timestamp, limits};

pub(crate) fn community(number: u8) -> CommunityId {
    CommunityId::from_bytes([number; 16])
}

pub(crate) fn profile(title: &str) -> CommunityProfile {
    CommunityProfile {
        title: title.to_owned(),
        topics: vec!["music".to_owned()],
        place: "Munich".to_owned(),
        location: None,
        description: "We sing.".to_owned(),
    }
}

pub(crate) async fn founds<B: Backend>(
    backend: &B,
    number: u8,
    founder: Person,
    profile: CommunityProfile,
) -> Result<Community, CommunityError> {
    let new = NewCommunity {
        community: community(number),
        founder: founder.account(),
        profile,
        at: Timestamp(NOW.0 + u64::from(number)),
    };
    backend.accounts().found_community(new).await
}

/// A choir that Alice founds and Bob and Eve join.
async fn choir<B: Backend>(backend: &B) -> CommunityId {
    for person in [ALICE, BOB, EVE] {
        person.registers(backend).await;
    }
    founds(backend, 1, ALICE, profile("Choir")).await.unwrap();
    for person in [BOB, EVE] {
        joins(backend, person).await.unwrap();
    }
    community(1)
}

async fn joins<B: Backend>(backend: &B, person: Person) -> Result<Community, CommunityError> {
    let at = Timestamp(NOW.0 + 100 + u64::from(person.0));
    backend
        .accounts()
        .join_community(community(1), person.account(), at)
        .await
}

async fn sets_role<B: Backend>(
    backend: &B,
    by: Person,
    subject: Person,
    role: CommunityRole,
) -> Result<(), CommunityError> {
    backend
        .accounts()
        .set_community_role(community(1), by.account(), subject.account(), role)
        .await
}

async fn role<B: Backend>(backend: &B, person: Person) -> Option<CommunityRole> {
    backend
        .accounts()
        .community_role(community(1), person.account())
        .await
        .unwrap()
}

async fn read<B: Backend>(backend: &B) -> Option<Community> {
    backend
        .accounts()
        .community(community(1), EVE.account())
        .await
        .unwrap()
}

pub(crate) async fn a_community_is_founded_once_and_read_as_it_says<B: Backend>(backend: B) {
    for person in [ALICE, BOB] {
        person.registers(&backend).await;
    }
    let said = CommunityProfile {
        topics: vec!["music".to_owned(), "art".to_owned()],
        location: Some("48.1,11.6".parse().unwrap()),
        ..profile("Choir")
    };
    let founded = founds(&backend, 1, ALICE, said.clone()).await.unwrap();
    assert_eq!(founded.own_role, Some(CommunityRole::Founder));
    assert_eq!((founded.members, founded.created_at), (1, NOW.plus_millis(1)));
    assert_eq!((&founded.topics, founded.location), (&said.topics, said.location));
    let read = read(&backend).await.unwrap();
    assert_eq!(read.own_role, None);
    assert_eq!(read.founder.name, ALICE.name());
    // A repetition changes nothing; another's is refused.
    let again = founds(&backend, 1, ALICE, profile("Other")).await.unwrap();
    assert_eq!(again, founded);
    let taken = founds(&backend, 1, BOB, profile("Choir")).await;
    assert!(matches!(taken, Err(CommunityError::Taken)), "{taken:?}");
    let nobody = founds(&backend, 2, EVE, profile("Choir")).await;
    assert!(matches!(nobody, Err(CommunityError::UserNotFound)), "{nobody:?}");
    let accounts = backend.accounts();
    accounts
        .delete_community(community(1), ALICE.account())
        .await
        .unwrap();
    let retired = founds(&backend, 1, BOB, profile("Choir")).await;
    assert!(matches!(retired, Err(CommunityError::Taken)), "{retired:?}");
}

pub(crate) async fn a_community_changes_only_where_it_says<B: Backend>(backend: B) {
    let choir = choir(&backend).await;
    sets_role(&backend, ALICE, BOB, CommunityRole::Moderator)
        .await
        .unwrap();
    let change = |title: Option<&str>, location| CommunityChange::Profile {
        title: title.map(str::to_owned),
        topics: None,
        place: None,
        location,
        description: None,
    };
    let accounts = backend.accounts();
    let there = Some("48.1,11.6".parse().unwrap());
    let changed = accounts
        .change_community(choir, BOB.account(), change(Some("Big Choir"), Some(there)))
        .await
        .unwrap();
    assert_eq!((changed.title.as_str(), changed.location), ("Big Choir", there));
    assert_eq!((changed.place.as_str(), changed.members), ("Munich", 3));
    let gone = accounts
        .change_community(choir, ALICE.account(), change(None, Some(None)))
        .await
        .unwrap();
    assert_eq!((gone.title.as_str(), gone.location), ("Big Choir", None));
    for (who, expected) in [
        (EVE, CommunityError::Forbidden.to_string()),
        (Person(9), CommunityError::NotAMember.to_string()),
    ] {
        let refused = accounts
            .change_community(choir, who.account(), change(Some("Mine"), None))
            .await;
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    assert_eq!(read(&backend).await.unwrap().title, "Big Choir");
}

pub(crate) async fn a_communitys_pictures_are_replaced_and_go_with_it<B: Backend>(backend: B) {
    let choir = choir(&backend).await;
    let accounts = backend.accounts();
    let picture = |number: u8| NewPicture {
        id: PictureId::from_bytes([number; 16]),
        jpeg: Bytes::from(vec![number; 8]),
    };
    let sizes = |large, small| {
        CommunityChange::Picture(Some(NewProfilePicture {
            large: picture(large),
            small: picture(small),
        }))
    };
    for change in [sizes(1, 2), sizes(3, 4), CommunityChange::Cover(Some(picture(5)))] {
        accounts
            .change_community(choir, ALICE.account(), change)
            .await
            .unwrap();
    }
    let has = async |number| {
        let id = PictureId::from_bytes([number; 16]);
        accounts.picture(id).await.unwrap().is_some()
    };
    assert!(!has(1).await && !has(2).await && has(3).await && has(4).await && has(5).await);
    let cover = CommunityChange::Cover(None);
    let without = accounts
        .change_community(choir, ALICE.account(), cover)
        .await
        .unwrap();
    assert!(without.cover.is_none() && without.picture.is_some() && !has(5).await);
    accounts.delete_community(choir, ALICE.account()).await.unwrap();
    assert!(!has(3).await && !has(4).await);
}

pub(crate) async fn who_joins_is_a_member_until_they_leave<B: Backend>(backend: B) {
    let choir = choir(&backend).await;
    let accounts = backend.accounts();
    let again = joins(&backend, BOB).await.unwrap();
    assert_eq!((again.members, again.own_role), (3, Some(CommunityRole::Member)));
    for _ in 0..2 {
        accounts.leave_community(choir, BOB.account()).await.unwrap();
    }
    assert_eq!(role(&backend, BOB).await, None);
    assert_eq!(read(&backend).await.unwrap().members, 2);
    let stays = accounts.leave_community(choir, ALICE.account()).await;
    assert!(matches!(stays, Err(CommunityError::FounderStays)), "{stays:?}");
    let nothing = accounts.leave_community(community(7), BOB.account()).await;
    assert!(matches!(nothing, Err(CommunityError::NotFound)), "{nothing:?}");
    founds(&backend, 2, EVE, profile("Aviary")).await.unwrap();
    let of_eve = accounts.communities_of(EVE.account()).await.unwrap();
    let seen: Vec<_> = of_eve
        .iter()
        .map(|joined| (joined.community.title.as_str(), joined.role))
        .collect();
    assert_eq!(
        seen,
        [
            ("Aviary", CommunityRole::Founder),
            ("Choir", CommunityRole::Member)
        ]
    );
}

pub(crate) async fn members_come_by_what_they_are_and_when_they_came<B: Backend>(backend: B) {
    let choir = choir(&backend).await;
    Person(4).registers(&backend).await;
    joins(&backend, Person(4)).await.unwrap();
    sets_role(&backend, ALICE, EVE, CommunityRole::Moderator)
        .await
        .unwrap();
    for limit in 1..=4 {
        let mut seen = Vec::new();
        let mut after: Option<MemberPosition> = None;
        loop {
            let page = ReadMembers { limit, after };
            let found = backend.accounts().community_members(choir, page).await.unwrap();
            seen.extend(found.members.into_iter().map(|member| member.account));
            let Some(next) = found.next else { break };
            after = Some(next.to_string().parse().unwrap());
        }
        let expected = [ALICE, EVE, BOB, Person(4)].map(Person::account);
        assert_eq!(seen, expected, "{limit}");
    }
}

pub(crate) async fn the_founder_makes_moderators_and_hands_over<B: Backend>(backend: B) {
    use CommunityRole::{Founder, Member, Moderator};
    let choir = choir(&backend).await;
    sets_role(&backend, ALICE, BOB, Moderator).await.unwrap();
    for (by, subject, role) in [(BOB, EVE, Moderator), (EVE, EVE, Founder), (BOB, BOB, Founder)] {
        let refused = sets_role(&backend, by, subject, role).await;
        assert!(matches!(refused, Err(CommunityError::Forbidden)), "{refused:?}");
    }
    let stays = sets_role(&backend, ALICE, ALICE, Member).await;
    assert!(matches!(stays, Err(CommunityError::FounderStays)), "{stays:?}");
    sets_role(&backend, ALICE, EVE, Founder).await.unwrap();
    assert_eq!(role(&backend, ALICE).await, Some(Moderator));
    assert_eq!(read(&backend).await.unwrap().founder.account, EVE.account());
    sets_role(&backend, EVE, BOB, Member).await.unwrap();
    assert_eq!(role(&backend, BOB).await, Some(Member));
    let refused = backend.accounts().delete_community(choir, ALICE.account()).await;
    assert!(matches!(refused, Err(CommunityError::Forbidden)), "{refused:?}");
    let nobody = sets_role(&backend, EVE, Person(9), Moderator).await;
    assert!(matches!(nobody, Err(CommunityError::UserNotFound)), "{nobody:?}");
}

pub(crate) async fn who_is_more_removes_and_bans_who_is_less<B: Backend>(backend: B) {
    let choir = choir(&backend).await;
    let accounts = backend.accounts();
    Person(4).registers(&backend).await;
    sets_role(&backend, ALICE, BOB, CommunityRole::Moderator)
        .await
        .unwrap();
    let bans = async |by: Person, whom: Person| {
        accounts
            .ban_from_community(choir, by.account(), whom.account(), NOW)
            .await
    };
    for (by, whom) in [
        (BOB, ALICE),
        (BOB, BOB),
        (EVE, BOB),
        (EVE, Person(4)),
        (ALICE, ALICE),
    ] {
        let refused = bans(by, whom).await;
        assert!(
            matches!(refused, Err(CommunityError::Forbidden)),
            "{by:?} {whom:?}"
        );
        let refused = accounts
            .remove_community_member(choir, by.account(), whom.account())
            .await;
        assert!(
            matches!(refused, Err(CommunityError::Forbidden)),
            "{by:?} {whom:?}"
        );
    }
    accounts
        .remove_community_member(choir, BOB.account(), EVE.account())
        .await
        .unwrap();
    joins(&backend, EVE).await.unwrap();
    for whom in [EVE, EVE, Person(4)] {
        bans(BOB, whom).await.unwrap();
    }
    assert_eq!(read(&backend).await.unwrap().members, 2);
    for whom in [EVE, Person(4)] {
        let refused = joins(&backend, whom).await;
        assert!(matches!(refused, Err(CommunityError::Banned)), "{refused:?}");
    }
    let listed = accounts.community_bans(choir).await.unwrap();
    assert_eq!(listed.len(), 2);
    accounts
        .unban_from_community(choir, ALICE.account(), EVE.account())
        .await
        .unwrap();
    joins(&backend, EVE).await.unwrap();
    bans(ALICE, BOB).await.unwrap();
    assert_eq!(role(&backend, BOB).await, None);
}

pub(crate) async fn an_account_founds_so_many_communities_and_no_more<B: Backend>(backend: B) {
    let choir = choir(&backend).await;
    let most = u8::try_from(limits::COMMUNITIES_FOUNDED).unwrap();
    for number in 2..=most {
        founds(&backend, number, ALICE, profile("One more"))
            .await
            .unwrap();
    }
    let refused = founds(&backend, 100, ALICE, profile("Too much")).await;
    assert!(matches!(refused, Err(CommunityError::TooMany)), "{refused:?}");
    founds(&backend, 101, BOB, profile("Bob's")).await.unwrap();
    let accounts = backend.accounts();
    accounts
        .join_community(community(101), ALICE.account(), NOW)
        .await
        .unwrap();
    // Nor by being given one.
    let given = accounts
        .set_community_role(
            community(101),
            BOB.account(),
            ALICE.account(),
            CommunityRole::Founder,
        )
        .await;
    assert!(matches!(given, Err(CommunityError::TooMany)), "{given:?}");
    accounts.delete_community(choir, ALICE.account()).await.unwrap();
    founds(&backend, 102, ALICE, profile("Room again")).await.unwrap();
}

pub(crate) async fn a_founder_who_is_deleted_leaves_the_community_to_who_is_most<B: Backend>(backend: B) {
    choir(&backend).await;
    sets_role(&backend, ALICE, EVE, CommunityRole::Moderator)
        .await
        .unwrap();
    for (whom, founder, members) in [(ALICE, EVE, 2), (EVE, BOB, 1)] {
        backend
            .accounts()
            .delete_account(whom.account(), NOW)
            .await
            .unwrap();
        let read = read(&backend).await.unwrap();
        assert_eq!((read.founder.account, read.members), (founder.account(), members));
    }
    backend
        .accounts()
        .delete_account(BOB.account(), NOW)
        .await
        .unwrap();
    assert_eq!(read(&backend).await, None);
}

pub(crate) async fn who_handles_reports_deletes_a_community_and_it_is_written_down<B: Backend>(backend: B) {
    let choir = choir(&backend).await;
    let accounts = backend.accounts();
    let act = |by, change| NewAct {
        by,
        at: NOW,
        change,
        reason: "spam".to_owned(),
    };
    let delete = |by| act(by, NewChange::DeleteCommunity { community: choir });
    let refused = accounts.perform(delete(Actor::Account(EVE.account()))).await;
    assert!(matches!(refused, Err(PerformError::Forbidden)), "{refused:?}");
    let warden: RoleName = "warden".parse().unwrap();
    // Nothing but this: what every member may, it may too.
    for change in [
        NewChange::PutRole {
            role: warden.clone(),
            permissions: [Permission::HandleReports].into_iter().collect(),
        },
        NewChange::SetRole {
            account: EVE.account(),
            role: warden,
        },
        NewChange::SetRole {
            account: ALICE.account(),
            role: RoleName::administrator(),
        },
    ] {
        accounts.perform(act(Actor::CommandLine, change)).await.unwrap();
    }
    let exceeded = accounts.perform(delete(Actor::Account(EVE.account()))).await;
    assert!(matches!(exceeded, Err(PerformError::Exceeded)), "{exceeded:?}");
    assert!(read(&backend).await.is_some());
    sets_role(&backend, ALICE, BOB, CommunityRole::Founder)
        .await
        .unwrap();
    let done = accounts
        .perform(delete(Actor::Account(EVE.account())))
        .await
        .unwrap()
        .unwrap();
    let AdminChange::CommunityDeleted { title, founder, .. } = done.change else {
        panic!("{done:?}");
    };
    assert_eq!((title.as_str(), founder.account), ("Choir", BOB.account()));
    assert_eq!(read(&backend).await, None);
    let again = accounts.perform(delete(Actor::CommandLine)).await;
    assert!(matches!(again, Err(PerformError::CommunityNotFound)), "{again:?}");
}
