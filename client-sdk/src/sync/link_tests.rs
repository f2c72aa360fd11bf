//! The link and the session against a scripted server, with time in the test's hands.

use super::input::Input;
use super::link::{Link, LinkEnd, LinkEvent, ToLink};
use super::scripted::{Peer, Scripted, ScriptedTransport, problem, success};
use crate::account::{Session, SessionError, SessionRecord};
use crate::native::SystemClock;
use crate::platform::{Clock as _, TransportError};
use crate::store::{MemoryStore, Records};
use crate::surroundings::Surroundings;
use async_channel::{Receiver, Sender};
use core::time::Duration;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use sotto_crypto_core::StoreKey;
use sotto_protocol::frame::{ClientFrame, Goodbye, ServerFrame};
use sotto_protocol::rest::auth::{SessionTokens, Token};
use sotto_protocol::{Ban, ProblemCode, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::time::Instant;

fn surroundings(transport: ScriptedTransport) -> Arc<Surroundings<Scripted>> {
    Arc::new(Surroundings {
        transport,
        clock: SystemClock,
        records: Records::new(MemoryStore::new(), StoreKey::from_bytes([3; 32])),
        search: Arc::default(),
    })
}

fn tokens(expires_at: Timestamp) -> SessionRecord {
    SessionRecord {
        access_token: Token::new("first".to_owned()),
        expires_at,
        refresh_token: Token::new("refresh".to_owned()),
    }
}

fn session(
    surroundings: &Arc<Surroundings<Scripted>>,
    expires_at: Timestamp,
) -> (Arc<Session<Scripted>>, Receiver<Option<Ban>>) {
    let rng = ChaCha20Rng::from_seed([4; 32]);
    let (session, ended) = Session::new(Arc::clone(surroundings), Some(tokens(expires_at)), rng);
    (Arc::new(session), ended)
}

fn far_away() -> Timestamp {
    SystemClock.now().plus_millis(24 * 60 * 60 * 1000)
}

fn renewed(number: u32) -> SessionTokens {
    SessionTokens {
        access_token: Token::new(format!("renewed {number}")),
        expires_in: 900,
        refresh_token: Token::new(format!("refresh {number}")),
    }
}

struct Wire {
    to_link: Sender<ToLink>,
    events: Receiver<Input>,
    peers: Receiver<Peer>,
    session: Arc<Session<Scripted>>,
    transport: ScriptedTransport,
}

/// A link that begins after `wait`.
fn link(wait: Duration) -> Wire {
    let refreshed = AtomicU32::new(0);
    let (transport, peers) = ScriptedTransport::new(move |request| {
        assert_eq!(request.path, "/v1/auth/refresh");
        Ok(success(&renewed(refreshed.fetch_add(1, Ordering::SeqCst))))
    });
    let surroundings = surroundings(transport.clone());
    let (session, _) = session(&surroundings, far_away());
    let (to_link, from_engine) = async_channel::unbounded();
    let (to_engine, events) = async_channel::unbounded();
    let link = Link {
        surroundings,
        session: Arc::clone(&session),
        attempt: 1,
        from_engine,
        to_engine,
    };
    tokio::spawn(link.run(wait));
    Wire {
        to_link,
        events,
        peers,
        session,
        transport,
    }
}

impl Wire {
    async fn event(&self) -> LinkEvent {
        match self.events.recv().await.unwrap() {
            Input::Link { event, .. } => event,
            _ => panic!("not from the link"),
        }
    }

    async fn up(&self) -> Peer {
        assert!(matches!(self.event().await, LinkEvent::Connecting));
        assert!(matches!(self.event().await, LinkEvent::Up));
        self.peers.recv().await.unwrap()
    }

    async fn end(&self) -> LinkEnd {
        loop {
            if let LinkEvent::Down(end) = self.event().await {
                return end;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_peer_is_noticed_within_45_seconds() {
    let wire = link(Duration::ZERO);
    let peer = wire.up().await;
    let heard = Instant::now();
    peer.says(&ServerFrame::Pong).await;
    assert_eq!(wire.end().await, LinkEnd::Lost);
    assert!(
        heard.elapsed() <= Duration::from_secs(46),
        "{:?}",
        heard.elapsed()
    );
    assert_eq!(peer.hears().await, Some(ClientFrame::Ping));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_pings_is_kept() {
    let wire = link(Duration::ZERO);
    let peer = wire.up().await;
    for _ in 0..100 {
        assert_eq!(peer.hears().await, Some(ClientFrame::Ping));
        peer.says(&ServerFrame::Pong).await;
    }
    assert!(wire.events.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_goodbye_ends_the_link_with_its_reason() {
    for goodbye in [
        Goodbye::Replaced,
        Goodbye::TooSlow,
        Goodbye::SessionEnded,
        Goodbye::Restarting,
    ] {
        let wire = link(Duration::ZERO);
        let peer = wire.up().await;
        peer.says(&ServerFrame::Goodbye(goodbye)).await;
        assert_eq!(wire.end().await, LinkEnd::Goodbye(goodbye));
    }
}

#[tokio::test(start_paused = true)]
async fn the_wait_before_an_attempt_is_kept_unless_it_is_cut_short() {
    let begun = Instant::now();
    let wire = link(Duration::from_mins(1));
    wire.up().await;
    assert!(begun.elapsed() >= Duration::from_mins(1));

    let begun = Instant::now();
    let wire = link(Duration::from_mins(1));
    wire.to_link.send(ToLink::Hurry).await.unwrap();
    wire.up().await;
    assert!(begun.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_closed_link_hangs_up() {
    let wire = link(Duration::ZERO);
    let peer = wire.up().await;
    wire.to_link.send(ToLink::Close).await.unwrap();
    assert_eq!(wire.end().await, LinkEnd::Closed);
    peer.is_left().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_server_refuses_is_renewed_for_the_next_attempt() {
    let wire = link(Duration::from_secs(1));
    wire.transport
        .refuse_next(TransportError::Refused { status: 401 });
    assert_eq!(wire.end().await, LinkEnd::Lost);
    assert_eq!(wire.session.access_token().await.unwrap().reveal(), "renewed 0");
}

#[tokio::test(start_paused = true)]
async fn those_who_need_a_new_token_at_the_same_time_share_one_renewal() {
    let renewals = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&renewals);
    let (transport, _) =
        ScriptedTransport::new(move |_| Ok(success(&renewed(counted.fetch_add(1, Ordering::SeqCst)))));
    let surroundings = surroundings(transport);
    let (session, _) = session(&surroundings, SystemClock.now());
    let tokens = futures_util::future::join_all((0..10).map(|_| session.access_token())).await;
    for token in tokens {
        assert_eq!(token.unwrap().reveal(), "renewed 0");
    }
    let refused = Token::new("renewed 0".to_owned());
    let tokens = futures_util::future::join_all((0..10).map(|_| session.renewed_token(&refused))).await;
    for token in tokens {
        assert_eq!(token.unwrap().reveal(), "renewed 1");
    }
    assert_eq!(renewals.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn renewed_tokens_are_in_the_store_before_they_are_used() {
    let (transport, _) = ScriptedTransport::new(|_| Ok(success(&renewed(0))));
    let surroundings = surroundings(transport);
    let (session, _) = session(&surroundings, SystemClock.now());
    session.access_token().await.unwrap();
    let stored = surroundings
        .records
        .get::<SessionRecord>(&crate::record_key::session())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.refresh_token.reveal(), "refresh 0");
}

#[tokio::test(start_paused = true)]
async fn a_session_that_the_server_has_ended_is_over_and_everyone_hears_of_it() {
    let (transport, _) = ScriptedTransport::new(|_| Ok(problem(ProblemCode::SessionEnded)));
    let surroundings = surroundings(transport);
    let (session, ended) = session(&surroundings, SystemClock.now());
    assert!(session.access_token().await.is_err());
    ended.recv().await.unwrap();
    assert!(session.access_token().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn of_a_ban_everyone_hears_and_the_tokens_are_kept_for_when_it_is_over() {
    let (transport, _) = ScriptedTransport::new(|_| Ok(problem(ProblemCode::Banned)));
    let surroundings = surroundings(transport);
    let (session, ended) = session(&surroundings, SystemClock.now());
    for _ in 0..2 {
        let refused = session.access_token().await;
        assert!(matches!(refused, Err(SessionError::Refresh(_))));
    }
    assert!(ended.recv().await.unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_still_good_serves_while_it_cannot_be_renewed() {
    let (transport, _) = ScriptedTransport::new(|_| Err(TransportError::TimedOut));
    let surroundings = surroundings(transport);
    let (session, _) = session(&surroundings, SystemClock.now().plus_millis(30_000));
    assert_eq!(session.access_token().await.unwrap().reveal(), "first");
}
