//! The contract of [`crate::store::PictureStore`].

use super::Backend;
use super::fixture::*;
use crate::store::{AccountStore, NewPicture, NewProfilePicture, PictureStore};
use sotto_protocol::PictureId;
use sotto_protocol::rest::user::ProfilePicture;

fn id(number: u8) -> PictureId {
    PictureId::from_bytes([number; 16])
}

fn new(number: u8) -> NewPicture {
    NewPicture {
        id: id(number),
        jpeg: vec![number; 100].into(),
    }
}

fn both(large: u8, small: u8) -> NewProfilePicture {
    NewProfilePicture {
        large: new(large),
        small: new(small),
    }
}

async fn which_are_there<B: Backend>(backend: &B) -> Vec<u8> {
    let mut there = Vec::new();
    for number in 1..=9 {
        if let Some(jpeg) = backend.accounts().picture(id(number)).await.unwrap() {
            assert_eq!(jpeg, vec![number; 100]);
            there.push(number);
        }
    }
    there
}

pub(crate) async fn a_picture_is_there_until_it_is_replaced_or_removed<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    let accounts = backend.accounts();
    let alice = ALICE.account();
    let user = accounts
        .set_picture(alice, Some(both(1, 2)))
        .await
        .unwrap()
        .unwrap();
    let picture = ProfilePicture {
        large: id(1),
        small: id(2),
    };
    assert_eq!((user.picture, user.cover), (Some(picture), None));
    let user = accounts.set_cover(alice, Some(new(3))).await.unwrap().unwrap();
    assert_eq!((user.picture, user.cover), (Some(picture), Some(id(3))));
    assert_eq!(accounts.account(alice).await.unwrap(), Some(user));
    assert_eq!(which_are_there(&backend).await, [1, 2, 3]);
    accounts
        .set_picture(alice, Some(both(4, 5)))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(which_are_there(&backend).await, [3, 4, 5]);
    accounts.set_cover(alice, Some(new(6))).await.unwrap().unwrap();
    assert_eq!(which_are_there(&backend).await, [4, 5, 6]);
    accounts.set_picture(alice, None).await.unwrap().unwrap();
    let user = accounts.set_cover(alice, None).await.unwrap().unwrap();
    assert_eq!((user.picture, user.cover), (None, None));
    assert!(which_are_there(&backend).await.is_empty());
    assert_eq!(
        accounts
            .set_picture(BOB.account(), Some(both(7, 8)))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        accounts.set_cover(BOB.account(), Some(new(9))).await.unwrap(),
        None
    );
    assert!(which_are_there(&backend).await.is_empty());
}

pub(crate) async fn pictures_go_with_their_account<B: Backend>(backend: B) {
    ALICE.registers(&backend).await;
    BOB.registers(&backend).await;
    let accounts = backend.accounts();
    accounts
        .set_picture(ALICE.account(), Some(both(1, 2)))
        .await
        .unwrap();
    accounts.set_cover(ALICE.account(), Some(new(3))).await.unwrap();
    accounts.set_cover(BOB.account(), Some(new(4))).await.unwrap();
    accounts.delete_account(ALICE.account(), NOW).await.unwrap();
    assert_eq!(which_are_there(&backend).await, [4]);
}
