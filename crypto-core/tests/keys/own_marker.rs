//! What an account's devices tell each other in their markers: for them alone, each in its place.

use crate::{ACCOUNT, DEVICE, rng};
use sotto_crypto_core::marker::NotOwnMarker;
use sotto_crypto_core::{AccountRoot, OwnMarker, OwnMarkers};
use sotto_protocol::{ChatId, DeviceAddress, DeviceId, Seq};

const CHAT: ChatId = ChatId::from_bytes([0xc1; 16]);
const HERE: DeviceAddress = DeviceAddress {
    account: ACCOUNT,
    device: DEVICE,
};

#[test]
fn a_marker_opens_for_the_account_in_its_chat_as_its_devices_alone() {
    let root = AccountRoot::generate(&mut rng(1));
    let markers = OwnMarkers::new(&root);
    let marker = OwnMarker { read: Seq(300) };
    let sealed = markers.seal(&mut rng(2), CHAT, HERE, marker);
    assert_eq!(markers.open(CHAT, HERE, &sealed), Ok(marker));
    let other_device = DeviceAddress {
        device: DeviceId::from_bytes([9; 16]),
        ..HERE
    };
    let other_chat = ChatId::from_bytes([9; 16]);
    assert_eq!(markers.open(CHAT, other_device, &sealed), Err(NotOwnMarker));
    assert_eq!(markers.open(other_chat, HERE, &sealed), Err(NotOwnMarker));
    let stranger = OwnMarkers::new(&AccountRoot::generate(&mut rng(3)));
    assert_eq!(stranger.open(CHAT, HERE, &sealed), Err(NotOwnMarker));
}

#[test]
fn its_length_says_nothing() {
    let markers = OwnMarkers::new(&AccountRoot::generate(&mut rng(1)));
    let lengths = [0, u64::MAX].map(|read| {
        markers
            .seal(&mut rng(2), CHAT, HERE, OwnMarker { read: Seq(read) })
            .len()
    });
    assert_eq!(lengths[0], lengths[1]);
}
