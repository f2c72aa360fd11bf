//! Invite links: whom they let in, and what whoever has one, a member without an office and the server try with them.

use crate::groups::{all_take, group, rules};
use crate::raw::Raw;
use crate::world::{CHAT, Client, NOW, NobodyKnown};
use sotto_crypto_core::chat::{JoinedExternally, Received};
use sotto_crypto_core::{
    Chat, ChatError, GroupSigningKey, InviteLink, InviteLinkError, JoinError, NotAllowed, ReceiveError,
};
use sotto_protocol::chat_rules::{Inviters, JoinPolicy, RuleViolation};
use sotto_protocol::{
    ChatId, ChatRules, Evidence, GroupRules, InvitationUse, Suite, Timestamp, binary, limits,
};

const SUITE: Suite = Suite::X25519;
const BY_ADMINS: JoinPolicy = JoinPolicy::Invite { by: Inviters::Admins };
const LATER: Timestamp = Timestamp(NOW.0 + 1_000);

/// Alice's group with Bob in it, a link to it that works, and Carol, who has the link.
struct Scene {
    alice: Client,
    bob: Client,
    carol: Client,
    key: GroupSigningKey,
    link: InviteLink,
    group_info: Vec<u8>,
}

fn scene() -> Scene {
    let [mut alice, mut bob, mut carol] = ["alice", "bob", "carol"].map(Client::new);
    let key = GroupSigningKey::generate(&mut alice.rng);
    let founded = GroupRules::new(key.public_key(), alice.party(), BY_ADMINS);
    let invited = bob.invitation(SUITE);
    let (welcome, _) = alice.creates(SUITE, ChatRules::Group(founded), &[invited]);
    bob.joins(&welcome.unwrap());
    let title = Some("Gardeners".to_owned());
    let link = InviteLink::generate(&mut carol.rng, CHAT, &key, title, LATER, 5);
    let inviting = alice.changes_rules(|rules| rules.invite(link.invitation()));
    all_take(&inviting, &mut alice, &mut [&mut bob]);
    Scene {
        alice,
        bob,
        carol,
        key,
        link,
        group_info: inviting.group_info,
    }
}

impl Client {
    fn joins_by(&mut self, link: &InviteLink, group_info: &[u8]) -> Result<JoinedExternally, JoinError> {
        Chat::join_by_invitation(&mut self.rng, &self.device, group_info, link, NOW, &NobodyKnown)
    }
}

fn showing(invitation: InvitationUse) -> Evidence {
    Evidence {
        invitation: Some(invitation),
        ..Evidence::default()
    }
}

impl Scene {
    /// Carol, or whoever has changed her client, joins with this as her invitation, and members refuse it.
    #[track_caller]
    fn all_refuse(&mut self, shown: InvitationUse, accepted_at: Timestamp, reason: NotAllowed) {
        let commit = Raw::of(&mut self.carol).joins_externally_by(&self.group_info, &showing(shown));
        for client in [&mut self.alice, &mut self.bob] {
            let epoch = client.chat().epoch();
            let disk = client.disk.clone();
            match client.receives_at(&commit, accepted_at) {
                Err(ReceiveError::NotAllowed(refused)) => assert_eq!(refused, reason),
                Err(error) => panic!("{error:?}"),
                Ok(_) => panic!("taken"),
            }
            assert!(disk == client.disk);
            assert_eq!(client.chat().epoch(), epoch);
        }
    }

    fn not_hers(&self) -> NotAllowed {
        NotAllowed::Statement {
            by: self.carol.address(),
        }
    }
}

const REFUSED: NotAllowed = NotAllowed::Rule(RuleViolation::Invitation);

#[test]
fn who_has_the_link_joins_a_group_that_is_not_open_and_takes_part() {
    let Scene {
        mut alice,
        mut bob,
        mut carol,
        link,
        group_info,
        ..
    } = scene();
    let link = InviteLink::decode(&link.encode()).unwrap();
    assert_eq!((link.group(), link.title()), (CHAT, Some("Gardeners")));
    let joined = carol.joins_by(&link, &group_info).unwrap();
    carol.has_chat(joined.chat);
    carol.confirms();
    for member in [&mut alice, &mut bob] {
        let Ok(Received::Commit(committed)) = member.receives_at(&joined.commit, NOW) else {
            panic!("not taken")
        };
        assert_eq!(committed.added, [carol.device.credential().clone()]);
    }
    carol.sends("hello").to(&mut alice);
    bob.sends("welcome").to(&mut carol);
}

#[test]
fn a_link_is_refused_by_its_user_if_the_group_does_not_know_it() {
    let Scene {
        mut alice,
        mut bob,
        mut carol,
        key,
        link,
        group_info,
    } = scene();
    let refused = |joined: Result<JoinedExternally, JoinError>| {
        assert!(matches!(joined, Err(JoinError::Invitation)));
    };
    let never_made = InviteLink::generate(&mut carol.rng, CHAT, &key, None, LATER, 5);
    refused(carol.joins_by(&never_made, &group_info));
    let other_chat = ChatId::from_bytes([9; 16]);
    let elsewhere = InviteLink::generate(&mut carol.rng, other_chat, &key, None, LATER, 5);
    refused(carol.joins_by(&elsewhere, &group_info));
    // The server shows a group of its own making in the place of the link's.
    let mut server = Client::new("server");
    let impostor = group(SUITE, JoinPolicy::Open, &mut server, &mut []);
    refused(carol.joins_by(&link, &impostor));
    let joined = Chat::join_by_invitation(
        &mut carol.rng,
        &carol.device,
        &group_info,
        &link,
        LATER,
        &NobodyKnown,
    );
    refused(joined);
    let revoking = alice.changes_rules(|rules| rules.revoke(link.invitation().key));
    all_take(&revoking, &mut alice, &mut [&mut bob]);
    refused(carol.joins_by(&link, &revoking.group_info));
}

#[test]
fn a_member_without_an_office_makes_and_revokes_no_link() {
    let mut scene = scene();
    let link = InviteLink::generate(&mut scene.bob.rng, CHAT, &scene.key, None, LATER, 5);
    let before = rules(&mut scene.bob);
    let mut more = before.clone();
    more.invite(link.invitation());
    let mut none = before;
    none.revoke(scene.link.invitation().key);
    for changed in [more, none] {
        let (chat, rng, device) = scene.bob.parts();
        assert!(matches!(
            chat.change_rules(rng, device, changed),
            Err(ChatError::NotAllowed(NotAllowed::Rule(
                RuleViolation::RulesChanged
            )))
        ));
    }
}

/// Who was dismissed may have the group's key still: what it signs lets nobody in.
#[test]
fn a_link_that_only_the_groups_key_has_signed_lets_nobody_in() {
    let mut scene = scene();
    let link = InviteLink::generate(&mut scene.bob.rng, CHAT, &scene.key, None, LATER, 5);
    assert!(InviteLink::decode(&link.encode()).is_ok());
    let shown = link.use_for(&scene.carol.device);
    scene.all_refuse(shown, NOW, REFUSED);
}

mod members_refuse_with_whatever_server {
    use super::*;

    #[test]
    fn an_invitation_that_is_over_when_the_server_says_it_was_used() {
        let mut scene = scene();
        let shown = scene.link.use_for(&scene.carol.device);
        scene.all_refuse(shown, LATER, REFUSED);
    }

    #[test]
    fn an_invitation_that_was_revoked() {
        let mut scene = scene();
        let key = scene.link.invitation().key;
        let revoking = scene.alice.changes_rules(|rules| rules.revoke(key));
        all_take(&revoking, &mut scene.alice, &mut [&mut scene.bob]);
        scene.group_info = revoking.group_info;
        let shown = scene.link.use_for(&scene.carol.device);
        scene.all_refuse(shown, NOW, REFUSED);
    }

    #[test]
    fn a_use_that_another_device_has_made() {
        let mut scene = scene();
        let mallory = Client::new("mallory");
        let replayed = scene.link.use_for(&mallory.device);
        let reason = scene.not_hers();
        scene.all_refuse(replayed, NOW, reason);
        let renamed = InvitationUse {
            device_key: scene.carol.device.credential().device_key,
            ..replayed
        };
        scene.all_refuse(renamed, NOW, reason);
    }

    /// As the server might, which knows account and device: with keys of its own.
    #[test]
    fn a_use_that_is_shown_by_an_impostor_of_the_device_that_made_it() {
        let mut scene = scene();
        let shown = scene.link.use_for(&scene.carol.device);
        scene.carol = Client::impostor_of("carol", 1);
        let reason = scene.not_hers();
        scene.all_refuse(shown, NOW, reason);
    }

    #[test]
    fn a_use_of_another_group() {
        let mut scene = scene();
        // The same key pair in two groups: no honest client makes such links.
        let other = ChatId::from_bytes([9; 16]);
        let invitation = scene.link.invitation().key;
        let device = scene.carol.device.credential();
        let signed = InvitationUse::signed_bytes(other, invitation, device.address(), device.device_key);
        let mut shown = scene.link.use_for(&scene.carol.device);
        assert_ne!(
            signed,
            InvitationUse::signed_bytes(CHAT, invitation, device.address(), device.device_key)
        );
        let elsewhere = InviteLink::generate(&mut scene.bob.rng, other, &scene.key, None, LATER, 5);
        shown.signature = elsewhere.use_for(&scene.carol.device).signature;
        let reason = scene.not_hers();
        scene.all_refuse(shown, NOW, reason);
    }

    #[test]
    fn a_use_that_the_links_key_has_not_signed() {
        let mut scene = scene();
        let other = InviteLink::generate(&mut scene.bob.rng, CHAT, &scene.key, None, LATER, 5);
        let shown = InvitationUse {
            signature: other.use_for(&scene.carol.device).signature,
            ..scene.link.use_for(&scene.carol.device)
        };
        let reason = scene.not_hers();
        scene.all_refuse(shown, NOW, reason);
    }

    #[test]
    fn whoever_is_banned() {
        let mut scene = scene();
        let account = scene.carol.account();
        let banning = scene.alice.changes_rules(|rules| rules.ban(account));
        all_take(&banning, &mut scene.alice, &mut [&mut scene.bob]);
        scene.group_info = banning.group_info;
        let shown = scene.link.use_for(&scene.carol.device);
        scene.all_refuse(shown, NOW, NotAllowed::Rule(RuleViolation::Banned { account }));
    }
}

#[test]
fn a_link_that_was_cut_altered_or_made_up_is_refused() {
    let scene = scene();
    let text = scene.link.encode();
    for length in 0..text.len() {
        assert!(InviteLink::decode(&text[..length]).is_err(), "{length}");
    }
    let bytes = binary::decode(&text).unwrap();
    for place in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[place] ^= 1;
        assert!(InviteLink::decode(&binary::encode(&altered)).is_err(), "{place}");
    }
    assert_eq!(
        InviteLink::decode(&"A".repeat(limits::INVITE_LINK_BYTES + 1)).err(),
        Some(InviteLinkError::Malformed)
    );
    let newer = [&[2], &bytes[1..]].concat();
    assert_eq!(
        InviteLink::decode(&binary::encode(&newer)).err(),
        Some(InviteLinkError::NewerVersion)
    );
}

#[test]
fn a_link_has_one_text() {
    let Scene { link, .. } = scene();
    let mut bytes = binary::decode(&link.encode()).unwrap();
    // The number of uses, before the title, in two bytes in place of one.
    let place = bytes.windows(2).position(|window| window == [5, 1]).unwrap();
    bytes.splice(place..=place, [0x85, 0]);
    assert_eq!(
        InviteLink::decode(&binary::encode(&bytes)).err(),
        Some(InviteLinkError::Malformed)
    );
}

#[test]
fn a_link_shows_its_group_alone_in_a_log() {
    let link = scene().link;
    assert_eq!(format!("{link:?}"), "InviteLink(ChatId(c4c4c4c4…))");
}
