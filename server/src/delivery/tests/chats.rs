//! Direct chats and notes come into being.

use super::house::{House, creation, group_info, welcome};
use crate::delivery::{CreateChatError, DeliverySettings};
use crate::store::contract::fixture::{ALICE, BOB, EVE, NOW, Person, chat, direct, group_rules};
use crate::store::{AccountPair, ChatIndex as _, LogStore as _, Reservation, ReservedFor, ShardId};
use sotto_protocol::chat_rules::{DirectRules, Party};
use sotto_protocol::frame::ServerFrame;
use sotto_protocol::rest::chat::CreateDirectChat;
use sotto_protocol::{ChatRules, ProblemCode, Seq, Suite};

#[tokio::test]
async fn a_new_chat_is_told_to_every_connected_device_of_the_two() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let mut creator = house.connected(ALICE.device(1)).await;
    let mut bob = house.connected(BOB.device(1)).await;
    let mut outside = [
        house.connected(ALICE.device(2)).await,
        house.connected(BOB.device(2)).await,
    ];
    let mut eve = house.connected(EVE.device(1)).await;
    let chat = house.chat(1, ALICE, BOB).await;
    let expected = ServerFrame::Welcome {
        chat,
        after: Seq::ZERO,
        from: ALICE.device(1),
        payload: welcome(),
    };
    assert_eq!(bob.next().await, expected);
    for device in &mut outside {
        let cursor = ServerFrame::Cursor {
            chat,
            acknowledged: None,
            last: Seq::ZERO,
            suite: Suite::XWing,
        };
        assert_eq!(device.next().await, cursor);
    }
    assert!(creator.has_nothing().await);
    assert!(eve.has_nothing().await);
}

#[tokio::test]
async fn the_same_creation_again_gets_the_same_answer() {
    let house = House::of(&[ALICE, BOB]).await;
    house.chat(1, ALICE, BOB).await;
    house.clock.advance(1000);
    let again = house.creates(chat(1), ALICE, BOB).await;
    assert_eq!(again.unwrap().created_at, NOW);
}

#[tokio::test]
async fn two_accounts_have_one_chat() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    house.chat(1, ALICE, BOB).await;
    let create = async |number: u8, creator: Person, other| house.creates(chat(number), creator, other).await;
    assert!(
        matches!(create(2, BOB, ALICE).await, Err(CreateChatError::Exists(existing)) if existing == chat(1))
    );
    let taken = create(1, EVE, BOB).await;
    assert!(matches!(
        taken,
        Err(CreateChatError::Refused(ProblemCode::ChatTaken))
    ));
    let nobody = create(3, ALICE, Person(9)).await;
    assert!(matches!(
        nobody,
        Err(CreateChatError::Refused(ProblemCode::UserNotFound))
    ));
}

#[tokio::test]
async fn an_account_has_one_place_for_its_notes() {
    let house = House::of(&[ALICE]).await;
    let mut other = house.connected(ALICE.device(2)).await;
    house.creates(chat(1), ALICE, ALICE).await.unwrap();
    assert!(matches!(
        other.next().await,
        ServerFrame::Cursor {
            acknowledged: None,
            ..
        }
    ));
    let second = house.creates(chat(2), ALICE, ALICE).await;
    assert!(matches!(second, Err(CreateChatError::Exists(existing)) if existing == chat(1)));
    let mut alice = house.connected(ALICE.device(1)).await;
    let request = alice.sends(chat(1), 1).await;
    assert_eq!(alice.is_accepted(request).await, 1);
}

#[tokio::test]
async fn a_creation_that_is_against_the_rules_is_refused() {
    let house = House::of(&[ALICE, BOB, EVE]).await;
    let chat = chat(1);
    let good = || creation(chat, ALICE, BOB);
    let with_rules = |rules: &ChatRules| CreateDirectChat {
        group_info: group_info(ALICE.device(1), chat, 1, rules).into(),
        ..good()
    };
    let of_stranger = CreateDirectChat {
        added: vec![EVE.device(1)],
        ..good()
    };
    let of_nobody = CreateDirectChat {
        added: Vec::new(),
        ..good()
    };
    let of_creator = CreateDirectChat {
        added: vec![BOB.device(1), ALICE.device(1)],
        ..good()
    };
    let other_epoch = CreateDirectChat {
        group_info: group_info(ALICE.device(1), chat, 2, &direct(ALICE, BOB)).into(),
        ..good()
    };
    let without_welcome = CreateDirectChat {
        welcome: None,
        ..good()
    };
    let other_identity = Party {
        identity_key: EVE.identity_key(),
        ..BOB.party()
    };
    let other_identity = ChatRules::Direct(DirectRules::new(ALICE.party(), other_identity).unwrap());
    let other_suite = CreateDirectChat {
        suite: Suite::X25519,
        ..good()
    };
    for (request, code) in [
        (of_stranger, ProblemCode::MembershipRefused),
        (of_nobody, ProblemCode::MembershipRefused),
        (of_creator, ProblemCode::MembershipRefused),
        (without_welcome, ProblemCode::MembershipRefused),
        (with_rules(&other_identity), ProblemCode::MembershipRefused),
        (with_rules(&direct(ALICE, EVE)), ProblemCode::MembershipRefused),
        (
            with_rules(&ChatRules::Group(group_rules(ALICE))),
            ProblemCode::MalformedMessage,
        ),
        (other_epoch, ProblemCode::MalformedMessage),
        (other_suite, ProblemCode::MalformedMessage),
    ] {
        let refused = house
            .delivery
            .create_direct_chat(ALICE.device(1), chat, request, direct(ALICE, BOB))
            .await;
        assert!(
            matches!(refused, Err(CreateChatError::Refused(refused)) if refused == code),
            "{code}"
        );
    }
    house
        .delivery
        .create_direct_chat(ALICE.device(1), chat, good(), direct(ALICE, BOB))
        .await
        .unwrap();
}

/// Alice reserved the pair, and her creation stopped there.
async fn house_with_a_reservation() -> House {
    let house = House::of(&[ALICE, BOB]).await;
    let pair = ReservedFor::Pair(AccountPair::new(ALICE.account(), BOB.account()));
    let reserved = house
        .stores
        .accounts
        .reserve(pair, chat(1), ALICE.device(1), 1, NOW)
        .await
        .unwrap();
    assert_eq!(reserved, Reservation::Reserved(ShardId(0)));
    house
}

#[tokio::test]
async fn a_creation_cut_off_after_the_reservation_is_completed_by_repeating_it() {
    let house = house_with_a_reservation().await;
    house.chat(1, ALICE, BOB).await;
    let late = house.creates(chat(2), BOB, ALICE).await;
    assert!(matches!(late, Err(CreateChatError::Exists(existing)) if existing == chat(1)));
}

#[tokio::test]
async fn a_creation_cut_off_after_the_reservation_gives_way_to_the_other_account() {
    let house = house_with_a_reservation().await;
    house.chat(2, BOB, ALICE).await;
    let late = house.creates(chat(1), ALICE, BOB).await;
    assert!(matches!(late, Err(CreateChatError::Exists(existing)) if existing == chat(2)));
    assert!(house.stores.logs[0].members(chat(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_creation_cut_off_before_the_confirmation_stands() {
    let house = house_with_a_reservation().await;
    let stored = crate::store::contract::fixture::new_chat(1, ALICE, BOB);
    house.stores.logs[0].create_chat(stored).await.unwrap();
    let late = house.creates(chat(2), BOB, ALICE).await;
    assert!(matches!(late, Err(CreateChatError::Exists(existing)) if existing == chat(1)));
    house.chat(1, ALICE, BOB).await;
}

#[tokio::test]
async fn an_id_that_was_given_up_is_not_used_again() {
    let house = house_with_a_reservation().await;
    assert!(house.stores.logs[0].fence_chat(chat(1)).await.unwrap());
    let late = house.creates(chat(1), ALICE, BOB).await;
    assert!(matches!(
        late,
        Err(CreateChatError::Refused(ProblemCode::ChatTaken))
    ));
    house.chat(2, ALICE, BOB).await;
}

#[tokio::test]
async fn chats_of_several_shards_are_one_world_to_a_device() {
    let people: Vec<Person> = (1..=5).map(Person).collect();
    let house = House::with(&people, 3, DeliverySettings::default()).await;
    let mut alice = house.connected(ALICE.device(1)).await;
    for number in 2..=5 {
        let chat = house.chat(number, Person(number), ALICE).await;
        assert!(
            matches!(alice.next().await, ServerFrame::Welcome { chat: welcomed, .. } if welcomed == chat)
        );
        let request = alice.sends(chat, u32::from(number)).await;
        assert_eq!(alice.is_accepted(request).await, 1);
    }
    let mut used = 0;
    for log in &house.stores.logs {
        used += usize::from(!log.peers(ALICE.account()).await.unwrap().is_empty());
    }
    assert_eq!(used, 3);
    drop(alice);
    let (_, greeting) = house.greeted(ALICE.device(1)).await;
    let welcomes = greeting
        .iter()
        .take_while(|frame| matches!(frame, ServerFrame::Welcome { .. }))
        .count();
    let cursors = greeting
        .iter()
        .filter(|frame| matches!(frame, ServerFrame::Cursor { .. }))
        .count();
    assert_eq!((welcomes, cursors, greeting.len()), (4, 4, 8));
}
