//! What was said before comes to a newcomer of a group: what others try to have of it.

use crate::groups::all_take;
use crate::world::{CHAT, Client};
use sotto_crypto_core::history_share::HistoryShareDoesNotOpen;
use sotto_crypto_core::{
    Body, ChatError, FileKey, GroupSigningKey, HistoryFile, HistoryRequest, HistoryShare,
};
use sotto_protocol::chat_rules::{GrantedHistory, JoinPolicy};
use sotto_protocol::{BlobId, ChatId, ChatRules, GroupRules, Suite, Timestamp};

const SUITE: Suite = Suite::X25519;

/// Alice's group with Bob and Carol, which gives newcomers what was said since the beginning.
fn scene() -> [Client; 3] {
    let [mut alice, mut bob, mut carol] = ["alice", "bob", "carol"].map(Client::new);
    let key = GroupSigningKey::generate(&mut alice.rng);
    let mut rules = GroupRules::new(key.public_key(), alice.party(), JoinPolicy::Open);
    rules.history = GrantedHistory::Since(Timestamp(0));
    let invited = [bob.invitation(SUITE), carol.invitation(SUITE)];
    let (welcome, _) = alice.creates(SUITE, ChatRules::Group(rules), &invited);
    for other in [&mut bob, &mut carol] {
        other.joins(welcome.as_ref().unwrap());
    }
    [alice, bob, carol]
}

fn file(of: &mut Client) -> HistoryFile {
    HistoryFile {
        blob: BlobId::from_bytes([7; 16]),
        length: 70_000,
        key: FileKey::generate(&mut of.rng),
    }
}

impl Client {
    fn gives(
        &mut self,
        file: &HistoryFile,
        asker: &Self,
        request: &HistoryRequest,
    ) -> Result<HistoryShare, ChatError> {
        let (chat, rng, device) = self.parts();
        chat.share_history(rng, device, asker.address(), request, file)
    }
}

#[test]
fn a_newcomer_who_asks_has_the_key_of_what_was_said_and_nobody_else_has() {
    let [mut alice, mut bob, mut carol] = scene();
    let file = file(&mut alice);
    let (request, secret) = HistoryRequest::generate(&mut bob.rng);
    let Body::HistoryRequest(request) = bob.says_to(&mut alice, Body::HistoryRequest(request)) else {
        panic!("no request");
    };
    let share = alice.gives(&file, &bob, &request).unwrap();
    let Body::HistoryShare(share) = alice.says_to(&mut bob, Body::HistoryShare(share)) else {
        panic!("no share");
    };
    assert_eq!(share.to(), bob.address());
    let (from, own) = (alice.address(), bob.address());
    assert_eq!(share.open(&secret, CHAT, from, own), Ok(file));

    let no = Err(HistoryShareDoesNotOpen);
    let (_, other) = HistoryRequest::generate(&mut carol.rng);
    assert_eq!(share.open(&other, CHAT, from, own), no);
    assert_eq!(share.open(&secret, CHAT, carol.address(), own), no);
    assert_eq!(share.open(&secret, CHAT, from, carol.address()), no);
    assert_eq!(share.open(&secret, ChatId::from_bytes([9; 16]), from, own), no);
}

#[test]
fn who_is_not_in_the_group_is_given_nothing_and_nobody_is_when_the_rules_give_nothing() {
    let [mut alice, mut bob, mut carol] = scene();
    let file = file(&mut alice);
    let (request, _) = HistoryRequest::generate(&mut bob.rng);
    for asker in [&Client::new("mallory"), &Client::impostor_of("bob", 9)] {
        let given = alice.gives(&file, asker, &request);
        assert!(matches!(given, Err(ChatError::NoHistory)));
    }
    assert!(alice.gives(&file, &bob, &request).is_ok());
    let closing = alice.changes_rules(|rules| rules.history = GrantedHistory::None);
    all_take(&closing, &mut alice, &mut [&mut bob, &mut carol]);
    let given = alice.gives(&file, &bob, &request);
    assert!(matches!(given, Err(ChatError::NoHistory)));
}
