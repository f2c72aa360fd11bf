//! The contract of broadcasts: of each community one, and one of the whole server.

use super::Backend;
use super::administration::{act, by, has_role};
use super::communities::{community, founds, profile};
use super::fixture::*;
use crate::store::{
    BroadcastStore as _, ChatIndex as _, CommunityChange, CommunityError, CommunityStore as _, NewChange,
    PerformError, ReservedFor,
};
use sotto_protocol::rest::admin::AdminChange;
use sotto_protocol::{ChatId, CommunityId};

async fn with_group<B: Backend>(backend: &B, number: u8) -> ChatId {
    let index = backend.accounts();
    let group = chat(number);
    index
        .reserve(ReservedFor::Group, group, ALICE.device(1), 1, NOW)
        .await
        .unwrap();
    index.confirm(ReservedFor::Group, group).await.unwrap();
    group
}

async fn read<B: Backend>(backend: &B, community: Option<CommunityId>) -> Option<ChatId> {
    backend.accounts().broadcast(community).await.unwrap()
}

async fn deletes<B: Backend>(backend: &B, group: ChatId) {
    let index = backend.accounts();
    assert!(index.begin_deletion(group).await.unwrap());
    index.conclude_deletion(group).await.unwrap();
}

pub(crate) async fn a_community_has_the_broadcast_that_its_moderators_say<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    founds(&backend, 1, ALICE, profile("Choir")).await.unwrap();
    let (first, second) = (with_group(&backend, 1).await, with_group(&backend, 2).await);
    let choir = Some(community(1));
    let sets = async |by: Person, group| {
        let change = CommunityChange::Broadcast(group);
        let changed = backend
            .accounts()
            .change_community(community(1), by.account(), change);
        changed.await.map(drop)
    };
    let refused = sets(BOB, Some(first)).await;
    assert!(matches!(refused, Err(CommunityError::NotAMember)), "{refused:?}");
    for group in [first, first, second] {
        sets(ALICE, Some(group)).await.unwrap();
        assert_eq!(read(&backend, choir).await, Some(group));
    }
    assert_eq!(
        (
            read(&backend, None).await,
            read(&backend, Some(community(2))).await
        ),
        (None, None)
    );
    sets(ALICE, None).await.unwrap();
    assert_eq!(read(&backend, choir).await, None);
    sets(ALICE, Some(first)).await.unwrap();
    deletes(&backend, first).await;
    assert_eq!(read(&backend, choir).await, None);
    sets(ALICE, Some(second)).await.unwrap();
    // What is gone becomes none.
    let gone = sets(ALICE, Some(first)).await;
    assert!(matches!(gone, Err(CommunityError::GroupNotFound)), "{gone:?}");
    assert_eq!(read(&backend, choir).await, Some(second));
    backend
        .accounts()
        .delete_community(community(1), ALICE.account())
        .await
        .unwrap();
    assert_eq!(read(&backend, choir).await, None);
}

pub(crate) async fn the_broadcast_of_a_server_is_set_by_who_may_and_written_down<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let group = with_group(&backend, 1).await;
    let sets = |group| act(&backend, by(ALICE), NewChange::SetBroadcast { group });
    let refused = sets(Some(group)).await;
    assert!(matches!(refused, Err(PerformError::Forbidden)), "{refused:?}");
    has_role(&backend, ALICE, "administrator").await;
    let done = sets(Some(group)).await.unwrap().unwrap();
    assert_eq!(done.change, AdminChange::BroadcastSet { group: Some(group) });
    assert_eq!(read(&backend, None).await, Some(group));
    assert_eq!(sets(Some(group)).await.unwrap(), None);
    let nobodys = sets(Some(chat(2))).await;
    assert!(matches!(nobodys, Err(PerformError::GroupNotFound)), "{nobodys:?}");
    assert_eq!(read(&backend, None).await, Some(group));
    sets(None).await.unwrap().unwrap();
    assert_eq!(
        (read(&backend, None).await, sets(None).await.unwrap()),
        (None, None)
    );
}
