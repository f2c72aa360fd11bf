//! A store that fails the writer: nobody waits for ever, and nothing piles up.

use super::house::{StandingClock, application};
use crate::delivery::{Connection, Delivery, DeliveryError, DeliverySettings, Taken};
use crate::store::contract::fixture::{ALICE, BOB, NOW, chat, message};
use crate::store::sqlite::{SqliteAccounts, SqliteStores};
use crate::store::{
    Appended, ChatCreation, ChatMembers, Deleted, Deletion, Expired, GroupStanding, GroupVersion, GrownChat,
    Leaving, ListPosition, LogStore, NewChat, Objected, Objection, PageRange, PendingWelcome, Standing,
    StoreError, StoredGroup, WriteBatch,
};
use futures_util::FutureExt as _;
use sotto_protocol::chat_rules::Invited;
use sotto_protocol::frame::{ClientFrame, Outcome, Page, RequestId, ServerFrame};
use sotto_protocol::rest::chat::{GroupInfo, Publish};
use sotto_protocol::{AccountId, ChatId, DeviceAddress, Epoch, ProblemCode, Retention, Seq, Timestamp};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::{Semaphore, watch};

/// Takes whatever is sent to it, as long as it may; keeps nothing.
#[derive(Debug, Default)]
struct Faults {
    panics: AtomicBool,
    fails: AtomicBool,
    last: AtomicU64,
    /// Since when it was looked for chats that have grown.
    looked_since: watch::Sender<Vec<Timestamp>>,
}

#[derive(Clone, Debug)]
struct FaultyLog {
    faults: Arc<Faults>,
    /// A transaction goes through with a permit of this.
    goes: Arc<Semaphore>,
}

impl LogStore for FaultyLog {
    async fn create_chat(&self, _: NewChat) -> Result<ChatCreation, StoreError> {
        unreachable!("no chat is created")
    }

    async fn fence_chat(&self, _: ChatId) -> Result<bool, StoreError> {
        unreachable!("no chat is fenced")
    }

    async fn write(&self, batch: WriteBatch<'_>) -> Result<Vec<Appended>, StoreError> {
        self.goes.acquire().await.unwrap().forget();
        assert!(!self.faults.panics.load(Ordering::Relaxed), "as it was told to");
        if self.faults.fails.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("as it was told to".into()));
        }
        let accepted = batch.submissions.iter().map(|submission| Appended::Accepted {
            seq: Some(Seq(self.faults.last.fetch_add(1, Ordering::Relaxed) + 1)),
            members: Arc::from([submission.from]),
            removed: Vec::new(),
            group: None,
        });
        Ok(accepted.collect())
    }

    async fn object(&self, _: Objection) -> Result<Option<Objected>, StoreError> {
        Ok(None)
    }

    async fn delete_entries(&self, _: Deletion) -> Result<Option<Deleted>, StoreError> {
        Ok(None)
    }

    async fn page(
        &self,
        _: DeviceAddress,
        _: ChatId,
        _: PageRange,
        _: Timestamp,
    ) -> Result<Option<Page>, StoreError> {
        Ok(None)
    }

    async fn group_info(&self, _: AccountId, _: ChatId) -> Result<Option<GroupInfo>, StoreError> {
        Ok(None)
    }

    async fn invited_group_info(
        &self,
        _: AccountId,
        _: ChatId,
        _: Invited,
    ) -> Result<Option<GroupInfo>, StoreError> {
        Ok(None)
    }

    async fn group(&self, _: ChatId) -> Result<Option<StoredGroup>, StoreError> {
        Ok(None)
    }

    async fn group_version(&self, _: ChatId) -> Result<Option<GroupVersion>, StoreError> {
        Ok(None)
    }

    async fn group_standings(&self, _: &[ChatId]) -> Result<Vec<GroupStanding>, StoreError> {
        Ok(Vec::new())
    }

    async fn parties(&self, _: ChatId) -> Result<Vec<AccountId>, StoreError> {
        Ok(Vec::new())
    }

    async fn members(&self, _: ChatId) -> Result<Option<Arc<ChatMembers>>, StoreError> {
        Ok(None)
    }

    async fn silence(&self, _: ChatId, _: AccountId, _: bool) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn standings(
        &self,
        _: DeviceAddress,
        _: ListPosition,
        _: u16,
    ) -> Result<Vec<Standing>, StoreError> {
        Ok(Vec::new())
    }

    async fn pending_welcomes(
        &self,
        _: DeviceAddress,
        _: ListPosition,
    ) -> Result<Vec<PendingWelcome>, StoreError> {
        Ok(Vec::new())
    }

    async fn grown_since(
        &self,
        since: Timestamp,
        _: ListPosition,
        _: u16,
    ) -> Result<Vec<GrownChat>, StoreError> {
        self.faults.looked_since.send_modify(|looked| looked.push(since));
        Ok(Vec::new())
    }

    async fn peers(&self, _: AccountId) -> Result<Vec<AccountId>, StoreError> {
        Ok(Vec::new())
    }

    async fn remove_devices(&self, _: &[DeviceAddress]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn leave_group(&self, _: ChatId, _: AccountId, _: Option<Epoch>) -> Result<Leaving, StoreError> {
        Ok(Leaving::NoParty)
    }

    async fn delete_group(&self, _: ChatId) -> Result<Vec<AccountId>, StoreError> {
        Ok(Vec::new())
    }

    async fn erase_deleted(&self, _: u16) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn expire(&self, _: Timestamp, _: u16) -> Result<Expired, StoreError> {
        Ok(Expired {
            erased: 0,
            more: false,
            next: None,
        })
    }
}

struct Faulty {
    delivery: Delivery<SqliteAccounts, FaultyLog>,
    log: FaultyLog,
    _folder: TempDir,
}

impl Faulty {
    /// With a queue for so many small messages. No transaction goes through yet.
    async fn with_room_for(messages: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stores = SqliteStores::open(folder.path(), 1).await.unwrap();
        let log = FaultyLog {
            faults: Arc::default(),
            goes: Arc::new(Semaphore::new(0)),
        };
        let settings = DeliverySettings {
            queue_bytes: messages * 1024,
            ..DeliverySettings::default()
        };
        let clock = Arc::new(StandingClock::at(NOW));
        let delivery = Delivery::start(stores.accounts, vec![log.clone()], clock, settings);
        Self {
            delivery,
            log,
            _folder: folder,
        }
    }

    async fn publish(&self, number: u32) -> Result<Option<Seq>, ProblemCode> {
        let publication = Publish {
            message: message(number),
            after: Seq::ZERO,
            retention: Retention::Keep,
            payload: application(chat(1), 1, number).into(),
        };
        let published = self.delivery.publish(ALICE.device(1), chat(1), publication);
        match published.await {
            Ok(published) => Ok(published.seq),
            Err(DeliveryError::Refused(refusal)) => Err(refusal.code),
            Err(error) => panic!("{error}"),
        }
    }
}

fn send(number: u32) -> ClientFrame {
    ClientFrame::Send {
        request: RequestId(number),
        chat: chat(1),
        message: message(number),
        after: Seq::ZERO,
        retention: Retention::Keep,
        payload: application(chat(1), 1, number),
    }
}

/// The next so many answers, in order.
async fn answers(
    connection: &mut Connection<SqliteAccounts, FaultyLog>,
    count: usize,
) -> Vec<(RequestId, Outcome)> {
    let mut answers = Vec::new();
    let mut frames = VecDeque::new();
    while answers.len() < count {
        if frames.is_empty() {
            let next = tokio::time::timeout(Duration::from_secs(20), connection.next());
            frames = next.await.expect("answers come").unwrap();
        }
        if let Some(ServerFrame::Response { request, outcome }) = frames
            .pop_front()
            .map(|bytes| ServerFrame::decode(&bytes).unwrap())
        {
            answers.push((request, outcome));
        }
    }
    answers
}

#[tokio::test]
async fn a_writer_that_panics_refuses_its_batch_and_goes_on_with_the_next() {
    let faulty = Faulty::with_room_for(100).await;
    let mut alice = faulty.delivery.connect(ALICE.device(1)).unwrap();
    faulty.log.faults.panics.store(true, Ordering::Relaxed);
    faulty.log.goes.add_permits(1);
    let unavailable = Outcome::Refused(ProblemCode::Unavailable.into());
    assert!(matches!(alice.intake().take(send(1), None), Taken::Done));
    assert_eq!(answers(&mut alice, 1).await, [(RequestId(1), unavailable)]);
    faulty.log.goes.add_permits(1);
    assert_eq!(faulty.publish(2).await, Err(ProblemCode::Unavailable));

    faulty.log.faults.panics.store(false, Ordering::Relaxed);
    faulty.log.goes.add_permits(2);
    assert!(matches!(alice.intake().take(send(3), None), Taken::Done));
    let answer = answers(&mut alice, 1).await;
    assert!(
        matches!(answer[..], [(RequestId(3), Outcome::Accepted { .. })]),
        "{answer:?}"
    );
    assert_eq!(faulty.publish(4).await, Ok(Some(Seq(2))));
    faulty.log.goes.add_permits(10);
    faulty.delivery.shutdown().await;
}

#[tokio::test]
async fn what_a_batch_without_an_outcome_may_have_written_is_looked_for_until_the_database_has_decided() {
    for has_panicked in [true, false] {
        let faulty = Faulty::with_room_for(100).await;
        let mut alice = faulty.delivery.connect(ALICE.device(1)).unwrap();
        let Faults {
            panics,
            fails,
            looked_since,
            ..
        } = &*faulty.log.faults;
        let fault = if has_panicked { panics } else { fails };
        fault.store(true, Ordering::Relaxed);
        faulty.log.goes.add_permits(2);
        for number in 1..=2 {
            assert!(matches!(alice.intake().take(send(number), None), Taken::Done));
            answers(&mut alice, 1).await;
        }
        tokio::time::pause();
        let mut looked = looked_since.subscribe();
        let looked = looked.wait_for(|looked| looked.len() >= 5).await.unwrap();
        assert_eq!(looked[..], [NOW; 5]);
        drop(looked);
        tokio::time::resume();
    }
}

#[tokio::test]
async fn while_the_database_stands_still_so_much_is_taken_and_no_more() {
    const ROOM: u32 = 8;
    let faulty = Faulty::with_room_for(ROOM as usize).await;
    let mut alice = faulty.delivery.connect(ALICE.device(1)).unwrap();
    let bob = faulty.delivery.connect(BOB.device(1)).unwrap();
    for number in 0..ROOM {
        assert!(
            matches!(alice.intake().take(send(number), None), Taken::Done),
            "{number}"
        );
    }
    // From here on a connection has to wait, and its socket is not read.
    let (Taken::Waits(mut waits), Taken::Waits(mut other_waits)) = (
        alice.intake().take(send(ROOM), None),
        bob.intake().take(send(ROOM), None),
    ) else {
        panic!("the queue is full");
    };
    tokio::task::yield_now().await;
    assert!((&mut waits).now_or_never().is_none());
    assert!((&mut other_waits).now_or_never().is_none());

    faulty.log.goes.add_permits(100);
    waits.await;
    other_waits.await;
    let answers = answers(&mut alice, ROOM as usize + 1).await;
    for (expected, (request, outcome)) in (0..).zip(answers) {
        assert_eq!(request, RequestId(expected));
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
}

#[tokio::test]
async fn whoever_has_waited_for_room_gets_some_for_what_comes_behind() {
    const ROOM: u32 = 512;
    const BEHIND: u32 = ROOM / 64 - 1;
    let faulty = Faulty::with_room_for(ROOM as usize).await;
    let mut alice = faulty.delivery.connect(ALICE.device(1)).unwrap();
    let mut carol = faulty.delivery.connect(ALICE.device(2)).unwrap();
    let bob = faulty.delivery.connect(BOB.device(1)).unwrap();
    for (connection, numbers) in [(&alice, 0..ROOM / 2), (&carol, ROOM / 2..ROOM)] {
        for number in numbers {
            assert!(matches!(
                connection.intake().take(send(number), None),
                Taken::Done
            ));
        }
    }
    let Taken::Waits(mut waits) = bob.intake().take(send(ROOM), None) else {
        panic!("the queue is full");
    };
    assert!((&mut waits).now_or_never().is_none());
    faulty.log.goes.add_permits(1);
    let mut room = waits.await.expect("there is room");
    answers(&mut alice, ROOM as usize / 2).await;
    answers(&mut carol, ROOM as usize / 2).await;
    // The queue is full again, but for what he holds.
    for (connection, numbers) in [(&alice, 0..ROOM / 2), (&carol, ROOM / 2..ROOM - 1 - BEHIND)] {
        for number in numbers {
            assert!(matches!(
                connection.intake().take(send(number), None),
                Taken::Done
            ));
        }
    }
    assert!(matches!(carol.intake().take(send(ROOM), None), Taken::Waits(_)));
    for number in 0..BEHIND {
        assert!(matches!(
            bob.intake().take(send(number), Some(&mut room)),
            Taken::Done
        ));
    }
    assert!(matches!(
        bob.intake().take(send(ROOM), Some(&mut room)),
        Taken::Waits(_)
    ));
    faulty.log.goes.add_permits(100);
}
