//! The contract of [`crate::store::GroupStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{
    AccountStore as _, Asked, ChatIndex as _, GroupSearchPosition, GroupStore, NewJoinRequest,
    REQUESTS_PER_ACCOUNT, ReservedFor, SearchGroups,
};
use bytes::Bytes;
use sotto_protocol::limits::JOIN_REQUESTS;
use sotto_protocol::{ChatId, GroupProfile, Signature, SignedGroupProfile, Timestamp};

/// Groups 1 to `number`, of Alice.
async fn open<B: Backend>(backend: &B, number: u8) {
    ALICE.registers(backend).await;
    for number in 1..=number {
        reserve(backend, chat(number)).await;
    }
}

async fn reserve<B: Backend>(backend: &B, group: ChatId) {
    let accounts = backend.accounts();
    accounts
        .reserve(ReservedFor::Group, group, ALICE.device(1), 1, NOW)
        .await
        .unwrap();
    accounts.confirm(ReservedFor::Group, group).await.unwrap();
}

fn profile(
    group: ChatId,
    revision: u64,
    title: &str,
    description: &str,
) -> (GroupProfile, SignedGroupProfile) {
    let profile = GroupProfile {
        group,
        revision,
        title: title.to_owned(),
        description: description.to_owned(),
        picture: None,
    };
    let signed = SignedGroupProfile {
        profile: profile.encode().into(),
        signature: Signature::from_bytes([u8::try_from(revision % 200).unwrap(); 64]),
    };
    (profile, signed)
}

async fn says<B: Backend>(backend: &B, number: u8, revision: u64, title: &str) -> bool {
    let (profile, signed) = profile(chat(number), revision, title, "");
    backend
        .accounts()
        .put_group_profile(profile, signed)
        .await
        .unwrap()
}

async fn revision<B: Backend>(backend: &B, number: u8) -> Option<u64> {
    let profile = backend.accounts().group_profile(chat(number)).await.unwrap();
    profile.map(|signed| signed.claimed().unwrap().revision)
}

pub(crate) async fn a_profile_is_replaced_by_a_later_one<B: Backend>(backend: B) {
    open(&backend, 1).await;
    assert_eq!(revision(&backend, 1).await, None);
    assert!(says(&backend, 1, 1, "Gardeners").await);
    assert!(says(&backend, 1, 1, "Gardeners").await, "the same again");
    for stale in [0, 1, u64::MAX] {
        assert!(!says(&backend, 1, stale, "Gardens").await);
    }
    assert!(says(&backend, 1, 3, "Gardens").await);
    assert!(!says(&backend, 1, 2, "Gardeners").await);
    let (_, expected) = profile(chat(1), 3, "Gardens", "");
    let standing = backend.accounts().group_profile(chat(1)).await.unwrap();
    assert_eq!(standing, Some(expected));
    assert!(!says(&backend, 9, 1, "No group").await);
    assert_eq!(revision(&backend, 9).await, None);
}

pub(crate) async fn a_group_that_has_no_profile_takes_any_revision<B: Backend>(backend: B) {
    open(&backend, 1).await;
    assert!(says(&backend, 1, 7, "Gardeners").await);
    let accounts = backend.accounts();
    accounts.delete_group_profile(chat(1)).await.unwrap();
    accounts.delete_group_profile(chat(1)).await.unwrap();
    assert_eq!(revision(&backend, 1).await, None);
    assert!(says(&backend, 1, u64::MAX, "Gardeners").await);
    assert!(!says(&backend, 1, 8, "Gardens").await);
}

async fn found<B: Backend>(backend: &B, text: &str) -> Vec<ChatId> {
    let search = SearchGroups {
        text: text.to_owned(),
        limit: 50,
        after: None,
    };
    let found = backend.accounts().search_groups(search).await.unwrap();
    assert_eq!(found.next, None);
    found.profiles.iter().map(|found| found.group).collect()
}

pub(crate) async fn a_search_finds_what_titles_and_descriptions_contain<B: Backend>(backend: B) {
    open(&backend, 4).await;
    for (number, title, description) in [
        (1, "Gärtner", "Seeds 100% and_slugs."),
        (2, "Astronomers", "Under a GARDEN sky\0"),
        (3, "Zoo", ""),
    ] {
        let (profile, signed) = profile(chat(number), 1, title, description);
        assert!(
            backend
                .accounts()
                .put_group_profile(profile, signed)
                .await
                .unwrap()
        );
    }
    assert_eq!(found(&backend, "").await, [2, 1, 3].map(chat));
    assert_eq!(found(&backend, "GÄRT").await, [chat(1)]);
    assert_eq!(found(&backend, "garden").await, [chat(2)]);
    assert_eq!(found(&backend, "o").await, [chat(2), chat(3)]);
    assert_eq!(found(&backend, "100%").await, [chat(1)]);
    assert_eq!(found(&backend, "d_s").await, [chat(1)]);
    for nothing in ["%", "_", "*", "sky\0x", "quiet"] {
        let expected: &[ChatId] = match nothing {
            "%" | "_" => &[chat(1)],
            _ => &[],
        };
        assert_eq!(found(&backend, nothing).await, expected, "{nothing:?}");
    }
    says(&backend, 3, 2, "Aquarium").await;
    assert_eq!(found(&backend, "").await, [3, 2, 1].map(chat));
}

pub(crate) async fn the_pages_of_a_search_for_groups_have_each_once<B: Backend>(backend: B) {
    open(&backend, 25).await;
    for number in 1..=25 {
        // Some have the same title.
        assert!(says(&backend, number, 1, &format!("Club {}", number % 7)).await);
    }
    let mut seen = Vec::new();
    let mut after: Option<GroupSearchPosition> = None;
    loop {
        let search = SearchGroups {
            text: "club".to_owned(),
            limit: 4,
            after,
        };
        let page = backend.accounts().search_groups(search).await.unwrap();
        seen.extend(page.profiles.iter().map(|found| {
            let title = found.profile.claimed().unwrap().title;
            (title, found.group)
        }));
        after = page.next.map(|next| next.to_string().parse().unwrap());
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
}

async fn asks<B: Backend>(backend: &B, person: Person, group: ChatId, at: Timestamp) -> Asked {
    let request = NewJoinRequest {
        group,
        account: person.account(),
        key_package: Bytes::from(format!("key package of {}", person.0)),
        at,
    };
    backend.accounts().ask_to_join(request).await.unwrap()
}

async fn waiting<B: Backend>(backend: &B, group: ChatId) -> Vec<Person> {
    let requests = backend.accounts().join_requests(group).await.unwrap();
    requests
        .iter()
        .map(|request| Person(request.account.as_bytes()[0]))
        .collect()
}

pub(crate) async fn requests_wait_in_their_order_until_they_are_forgotten<B: Backend>(backend: B) {
    open(&backend, 2).await;
    BOB.registers(&backend).await;
    EVE.registers(&backend).await;
    assert_eq!(asks(&backend, EVE, chat(1), NOW).await, Asked::Waiting);
    assert_eq!(
        asks(&backend, BOB, chat(1), NOW.plus_millis(1)).await,
        Asked::Waiting
    );
    assert_eq!(asks(&backend, BOB, chat(2), NOW).await, Asked::Waiting);
    assert_eq!(waiting(&backend, chat(1)).await, [EVE, BOB]);
    // A new request takes the place of the earlier one, and its turn.
    assert_eq!(
        asks(&backend, EVE, chat(1), NOW.plus_millis(2)).await,
        Asked::Waiting
    );
    let requests = backend.accounts().join_requests(chat(1)).await.unwrap();
    assert_eq!(waiting(&backend, chat(1)).await, [BOB, EVE]);
    assert_eq!(requests[1].key_package.as_slice(), b"key package of 3");
    assert_eq!(requests[1].at, NOW.plus_millis(2));

    let accounts = backend.accounts();
    let both = [BOB.account(), ALICE.account()];
    assert!(accounts.forget_join_requests(chat(1), &both).await.unwrap());
    assert!(!accounts.forget_join_requests(chat(1), &both).await.unwrap());
    assert_eq!(waiting(&backend, chat(1)).await, [EVE]);
    assert_eq!(waiting(&backend, chat(2)).await, [BOB]);
    assert_eq!(asks(&backend, BOB, chat(9), NOW).await, Asked::NotFound);
    assert_eq!(asks(&backend, Person(9), chat(1), NOW).await, Asked::NotFound);
}

pub(crate) async fn so_many_requests_wait_and_no_more<B: Backend>(backend: B) {
    open(&backend, 1).await;
    let most = u8::try_from(JOIN_REQUESTS).unwrap();
    let people: Vec<Person> = (10..=10 + most).map(Person).collect();
    let (last, people) = people.split_last().unwrap();
    for person in people {
        person.registers(&backend).await;
        assert_eq!(asks(&backend, *person, chat(1), NOW).await, Asked::Waiting);
    }
    last.registers(&backend).await;
    assert_eq!(asks(&backend, *last, chat(1), NOW).await, Asked::TooMany);
    assert_eq!(asks(&backend, people[0], chat(1), NOW).await, Asked::Waiting);

    let most = u8::try_from(REQUESTS_PER_ACCOUNT).unwrap();
    for number in 100..100 + most {
        reserve(&backend, chat(number)).await;
        assert_eq!(asks(&backend, *last, chat(number), NOW).await, Asked::Waiting);
    }
    reserve(&backend, chat(200)).await;
    assert_eq!(asks(&backend, *last, chat(200), NOW).await, Asked::TooMany);
    assert_eq!(asks(&backend, *last, chat(100), NOW).await, Asked::Waiting);
}

pub(crate) async fn old_requests_are_purged_and_those_of_a_deleted_account_go<B: Backend>(backend: B) {
    open(&backend, 1).await;
    for (person, at) in [
        (BOB, NOW),
        (EVE, NOW.plus_millis(10)),
        (Person(4), NOW.plus_millis(20)),
    ] {
        person.registers(&backend).await;
        asks(&backend, person, chat(1), at).await;
    }
    let accounts = backend.accounts();
    accounts.purge_join_requests(NOW.plus_millis(10)).await.unwrap();
    assert_eq!(waiting(&backend, chat(1)).await, [EVE, Person(4)]);
    accounts.delete_account(EVE.account(), NOW).await.unwrap();
    assert_eq!(waiting(&backend, chat(1)).await, [Person(4)]);
}

pub(crate) async fn a_deleted_group_has_neither_profile_nor_requests<B: Backend>(backend: B) {
    open(&backend, 2).await;
    BOB.registers(&backend).await;
    for number in 1..=2 {
        says(&backend, number, 1, "Gardeners").await;
        asks(&backend, BOB, chat(number), NOW).await;
    }
    let accounts = backend.accounts();
    accounts.begin_deletion(chat(1)).await.unwrap();
    // From here on nothing comes that would stay.
    assert_eq!(asks(&backend, BOB, chat(1), NOW).await, Asked::NotFound);
    assert!(!says(&backend, 1, 2, "Gardens").await);
    accounts.conclude_deletion(chat(1)).await.unwrap();
    assert_eq!(revision(&backend, 1).await, None);
    assert_eq!(waiting(&backend, chat(1)).await, []);
    assert_eq!(found(&backend, "").await, [chat(2)]);
    assert_eq!(waiting(&backend, chat(2)).await, [BOB]);
}
