//! The contract of [`crate::store::ChatIndex`].

use super::Backend;
use super::fixture::*;
use crate::store::{AccountPair, ChatIndex, GroupStore as _, Reservation, ReservedFor, ShardId};
use std::collections::HashMap;

fn pair(one: Person, other: Person) -> ReservedFor {
    ReservedFor::Pair(AccountPair::new(one.account(), other.account()))
}

/// `creator` reserves a group's id, with one shard.
async fn reserves_group<B: Backend>(backend: &B, number: u8, creator: Person) -> Reservation {
    backend
        .accounts()
        .reserve(ReservedFor::Group, chat(number), creator.device(1), 1, NOW)
        .await
        .unwrap()
}

/// `creator` reserves a chat with `other`, with one shard.
async fn reserves<B: Backend>(backend: &B, number: u8, creator: Person, other: Person) -> Reservation {
    backend
        .accounts()
        .reserve(pair(creator, other), chat(number), creator.device(1), 1, NOW)
        .await
        .unwrap()
}

async fn open<B: Backend>(backend: &B) {
    for person in [ALICE, BOB, EVE] {
        person.registers(backend).await;
    }
}

const RESERVED: Reservation = Reservation::Reserved(ShardId(0));

fn exists(number: u8, confirmed: bool) -> Reservation {
    Reservation::Exists {
        chat: chat(number),
        shard: ShardId(0),
        confirmed,
    }
}

pub(crate) async fn a_pair_is_reserved_once<B: Backend>(backend: B) {
    open(&backend).await;
    assert_eq!(reserves(&backend, 1, ALICE, BOB).await, RESERVED);
    assert_eq!(reserves(&backend, 2, BOB, ALICE).await, exists(1, false));
    backend
        .accounts()
        .confirm(pair(ALICE, BOB), chat(1))
        .await
        .unwrap();
    assert_eq!(reserves(&backend, 2, BOB, ALICE).await, exists(1, true));
    assert_eq!(reserves(&backend, 2, BOB, EVE).await, RESERVED);
    assert_eq!(
        backend.accounts().shard_of(chat(1)).await.unwrap(),
        Some(ShardId(0))
    );
    assert_eq!(backend.accounts().shard_of(chat(9)).await.unwrap(), None);
}

pub(crate) async fn the_creator_may_come_again<B: Backend>(backend: B) {
    open(&backend).await;
    for _ in 0..2 {
        assert_eq!(reserves(&backend, 1, ALICE, BOB).await, RESERVED);
    }
    backend
        .accounts()
        .confirm(pair(ALICE, BOB), chat(1))
        .await
        .unwrap();
    assert_eq!(reserves(&backend, 1, ALICE, BOB).await, RESERVED);
}

pub(crate) async fn a_chat_id_belongs_to_one_pair<B: Backend>(backend: B) {
    open(&backend).await;
    reserves(&backend, 1, ALICE, BOB).await;
    assert_eq!(reserves(&backend, 1, ALICE, EVE).await, Reservation::ChatTaken);
}

pub(crate) async fn both_accounts_have_to_exist<B: Backend>(backend: B) {
    open(&backend).await;
    assert_eq!(
        reserves(&backend, 1, ALICE, Person(9)).await,
        Reservation::AccountNotFound
    );
}

pub(crate) async fn new_chats_go_to_the_shard_with_the_fewest<B: Backend>(backend: B) {
    for number in 1..=10 {
        Person(number).registers(&backend).await;
    }
    let place = async |number: u8, shards| {
        let pair = pair(Person(number), Person(number + 1));
        let creator = Person(number).device(1);
        let reserved = backend
            .accounts()
            .reserve(pair, chat(number), creator, shards, NOW)
            .await
            .unwrap();
        let Reservation::Reserved(shard) = reserved else {
            panic!("not reserved: {reserved:?}");
        };
        shard
    };
    for number in 1..=3 {
        assert_eq!(place(number, 1).await, ShardId(0));
    }
    let mut chats = HashMap::new();
    for number in 4..=9 {
        *chats.entry(place(number, 2).await).or_insert(0) += 1;
    }
    assert_eq!(chats[&ShardId(1)], 5, "the added shard catches up");
    assert_eq!(
        backend.accounts().shard_of(chat(1)).await.unwrap(),
        Some(ShardId(0)),
        "no chat moves"
    );
}

pub(crate) async fn a_reservation_without_a_chat_can_be_taken_over<B: Backend>(backend: B) {
    open(&backend).await;
    reserves(&backend, 1, ALICE, BOB).await;
    backend
        .accounts()
        .take_over(pair(BOB, ALICE), chat(1))
        .await
        .unwrap();
    assert_eq!(reserves(&backend, 2, BOB, ALICE).await, RESERVED);
    backend
        .accounts()
        .take_over(pair(BOB, ALICE), chat(1))
        .await
        .unwrap();
    assert_eq!(reserves(&backend, 1, ALICE, BOB).await, exists(2, false));
}

pub(crate) async fn a_confirmed_chat_cannot_be_taken_over<B: Backend>(backend: B) {
    open(&backend).await;
    reserves(&backend, 1, ALICE, BOB).await;
    backend
        .accounts()
        .confirm(pair(ALICE, BOB), chat(1))
        .await
        .unwrap();
    backend
        .accounts()
        .take_over(pair(BOB, ALICE), chat(1))
        .await
        .unwrap();
    assert_eq!(reserves(&backend, 2, BOB, ALICE).await, exists(1, true));
}

pub(crate) async fn notes_are_reserved_once<B: Backend>(backend: B) {
    open(&backend).await;
    assert_eq!(reserves(&backend, 1, ALICE, ALICE).await, RESERVED);
    assert_eq!(reserves(&backend, 2, ALICE, ALICE).await, exists(1, false));
    assert_eq!(reserves(&backend, 2, ALICE, BOB).await, RESERVED);
    assert_eq!(
        reserves(&backend, 3, Person(9), Person(9)).await,
        Reservation::AccountNotFound
    );
}

pub(crate) async fn a_group_id_is_reserved_once<B: Backend>(backend: B) {
    open(&backend).await;
    for _ in 0..2 {
        assert_eq!(reserves_group(&backend, 1, ALICE).await, RESERVED);
    }
    assert_eq!(reserves_group(&backend, 1, BOB).await, Reservation::ChatTaken);
    assert_eq!(reserves(&backend, 1, BOB, EVE).await, Reservation::ChatTaken);
    reserves(&backend, 2, ALICE, BOB).await;
    assert_eq!(reserves_group(&backend, 2, ALICE).await, Reservation::ChatTaken);
    assert_eq!(
        reserves_group(&backend, 3, Person(9)).await,
        Reservation::AccountNotFound
    );
    let accounts = backend.accounts();
    assert_eq!(accounts.shard_of(chat(1)).await.unwrap(), Some(ShardId(0)));
    accounts.take_over(ReservedFor::Group, chat(1)).await.unwrap();
    assert_eq!(reserves_group(&backend, 1, BOB).await, RESERVED);
    accounts.confirm(ReservedFor::Group, chat(1)).await.unwrap();
    accounts.take_over(ReservedFor::Group, chat(1)).await.unwrap();
    assert_eq!(reserves_group(&backend, 1, ALICE).await, Reservation::ChatTaken);
}

pub(crate) async fn a_deletion_is_known_until_it_is_concluded_and_the_id_stays_taken<B: Backend>(backend: B) {
    open(&backend).await;
    reserves_group(&backend, 1, ALICE).await;
    let accounts = backend.accounts();
    accounts.confirm(ReservedFor::Group, chat(1)).await.unwrap();
    assert!(!accounts.begin_deletion(chat(2)).await.unwrap());
    for _ in 0..2 {
        assert!(accounts.begin_deletion(chat(1)).await.unwrap());
        assert_eq!(accounts.deletions(10).await.unwrap(), [chat(1)]);
    }
    accounts.conclude_deletion(chat(1)).await.unwrap();
    accounts.conclude_deletion(chat(1)).await.unwrap();
    assert!(!accounts.begin_deletion(chat(1)).await.unwrap());
    assert_eq!(accounts.deletions(10).await.unwrap(), []);
    for creator in [ALICE, BOB] {
        assert_eq!(reserves_group(&backend, 1, creator).await, Reservation::ChatTaken);
    }
    assert_eq!(accounts.shard_of(chat(1)).await.unwrap(), Some(ShardId(0)));
    assert_eq!(accounts.group_profile(chat(1)).await.unwrap(), None);
}

pub(crate) async fn the_chats_that_an_account_begins_are_counted<B: Backend>(backend: B) {
    for person in [ALICE, BOB, EVE] {
        person.registers(&backend).await;
    }
    let accounts = backend.accounts();
    let begins = async |number: u8, who: Person, with: Person, at: u64| {
        let pair = AccountPair::new(who.account(), with.account());
        accounts
            .reserve(
                ReservedFor::Pair(pair),
                chat(number),
                who.device(1),
                1,
                NOW.plus_millis(at),
            )
            .await
            .unwrap();
        accounts.chat_of(pair).await.unwrap()
    };
    let nth = async |who: Person, nth: u32| accounts.began_nth_latest(who.account(), nth).await.unwrap();
    assert_eq!(nth(ALICE, 1).await, None);
    // Notes to oneself count for nothing.
    begins(1, ALICE, ALICE, 1).await;
    assert_eq!(nth(ALICE, 1).await, None);
    assert_eq!(begins(2, ALICE, BOB, 2).await, Some((chat(2), ShardId(0))));
    begins(3, ALICE, EVE, 3).await;
    assert_eq!(nth(ALICE, 1).await, Some(NOW.plus_millis(3)));
    assert_eq!(nth(ALICE, 2).await, Some(NOW.plus_millis(2)));
    assert_eq!(nth(ALICE, 3).await, None);
    // Whoever is written to has begun nothing.
    assert_eq!(nth(BOB, 1).await, None);
    let nobody = AccountPair::new(BOB.account(), EVE.account());
    assert_eq!(accounts.chat_of(nobody).await.unwrap(), None);
}
