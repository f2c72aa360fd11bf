//! Memory and SQLite stores: the contract of every store, a model, and what is SQLite's own.

#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests"
)]
#![cfg(not(target_family = "wasm"))]

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng as _;
use sotto_client_sdk::native::{SqliteStore, UnlockError};
use sotto_client_sdk::store::{
    Batch, Changes, Direction, MemoryStore, RecordKey, Records, RecordsError, Scan, Store, StoreError,
};
use sotto_client_sdk::testing::store_contract::{self, Backend};
use sotto_client_sdk::{StoreKey, store_contract_cases};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::PathBuf;
use tempfile::TempDir;

/// What a process that begins with this store finds is what the one before left.
#[derive(Default)]
struct Memory(MemoryStore);

impl Backend for Memory {
    type Store = MemoryStore;

    async fn open(&mut self) -> Result<MemoryStore, StoreError> {
        self.0 = self.0.snapshot();
        Ok(self.0.clone())
    }
}

struct Sqlite {
    folder: TempDir,
}

impl Sqlite {
    fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }
}

impl Backend for Sqlite {
    type Store = SqliteStore;

    async fn open(&mut self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(self.path()).await
    }
}

mod memory {
    macro_rules! cases {
        ($($case:ident,)+) => { $(
            #[tokio::test]
            async fn $case() {
                super::store_contract::$case(&mut super::Memory::default()).await;
            }
        )+ };
    }
    super::store_contract_cases!(cases);
}

mod sqlite {
    macro_rules! cases {
        ($($case:ident,)+) => { $(
            #[tokio::test]
            async fn $case() {
                super::store_contract::$case(&mut super::Sqlite::new()).await;
            }
        )+ };
    }
    super::store_contract_cases!(cases);
}

#[derive(Clone, Debug)]
enum Step {
    Apply(Vec<(Vec<u8>, Option<Vec<u8>>)>),
    Scan(Scan),
    Get(Vec<u8>),
    Reopen,
}

/// Few different bytes, so that keys meet and nest.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(vec![0, 1, 2, 254, 255]), 1..4)
}

fn bound() -> impl Strategy<Value = Bound<Vec<u8>>> {
    prop_oneof![
        key().prop_map(Bound::Included),
        key().prop_map(Bound::Excluded),
        Just(Bound::Unbounded),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop::collection::vec(any::<u8>(), 0..16);
    let change = (key(), prop::option::weighted(0.7, value));
    let direction = prop::sample::select(vec![Direction::Ascending, Direction::Descending]);
    let limit = prop_oneof![0..5_usize, Just(usize::MAX)];
    let scan = (bound(), bound(), direction, limit).prop_map(|(from, to, direction, limit)| Scan {
        from,
        to,
        direction,
        limit,
    });
    prop_oneof![
        4 => prop::collection::vec(change, 0..6).prop_map(Step::Apply),
        4 => scan.prop_map(Step::Scan),
        2 => key().prop_map(Step::Get),
        1 => Just(Step::Reopen),
    ]
}

/// Does every step to the store and to a map, and compares what they say.
async fn behaves_like_a_map<B: Backend>(mut backend: B, steps: Vec<Step>) {
    let mut map = BTreeMap::new();
    let mut store = backend.open().await.unwrap();
    for step in steps {
        match step {
            Step::Apply(changes) => {
                let mut batch = Batch::new();
                for (key, value) in changes {
                    if let Some(value) = value {
                        batch.put(key.clone(), value.clone());
                        map.insert(key, value);
                    } else {
                        map.remove(&key);
                        batch.delete(key);
                    }
                }
                store.apply(batch).await.unwrap();
            }
            Step::Scan(scan) => {
                let in_range = |key: &Vec<u8>| {
                    (match &scan.from {
                        Bound::Included(from) => key >= from,
                        Bound::Excluded(from) => key > from,
                        Bound::Unbounded => true,
                    }) && match &scan.to {
                        Bound::Included(to) => key <= to,
                        Bound::Excluded(to) => key < to,
                        Bound::Unbounded => true,
                    }
                };
                let mut expected: Vec<_> = map
                    .iter()
                    .filter(|(key, _)| in_range(key))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                if scan.direction == Direction::Descending {
                    expected.reverse();
                }
                expected.truncate(scan.limit);
                assert_eq!(store.scan(scan).await.unwrap(), expected);
            }
            Step::Get(key) => assert_eq!(store.get(&key).await.unwrap(), map.get(&key).cloned()),
            Step::Reopen => {
                store.close().await;
                store = backend.open().await.unwrap();
            }
        }
    }
}

fn wait_for(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn memory_behaves_like_a_map(steps in prop::collection::vec(step(), 1..40)) {
        wait_for(behaves_like_a_map(Memory::default(), steps));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn sqlite_behaves_like_a_map(steps in prop::collection::vec(step(), 1..40)) {
        wait_for(behaves_like_a_map(Sqlite::new(), steps));
    }
}

#[tokio::test]
async fn a_store_has_one_client_at_a_time() {
    let mut place = Sqlite::new();
    let store = place.open().await.unwrap();
    assert_eq!(place.open().await.unwrap_err(), StoreError::Locked);
    store.close().await;
    let second = place.open().await.unwrap();
    assert_eq!(place.open().await.unwrap_err(), StoreError::Locked);
    drop(second);
    place.open().await.unwrap();
}

#[tokio::test]
async fn reading_the_stores_file_does_not_free_it() {
    let mut place = Sqlite::new();
    let store = place.open().await.unwrap();
    drop(std::fs::read(place.path()).unwrap());
    assert_eq!(place.open().await.unwrap_err(), StoreError::Locked);
    store.close().await;
}

#[tokio::test]
async fn a_batch_under_way_holds_the_store_until_it_is_done() {
    let mut place = Sqlite::new();
    for round in 0..20_u8 {
        let store = place.open().await.unwrap();
        let mut batch = Batch::new();
        for key in 0..50 {
            batch.put([key], [round]);
        }
        let mut applying = Box::pin(store.apply(batch));
        assert!(futures_util::poll!(&mut applying).is_pending());
        drop(applying);
        drop(store);
        // Whoever opens it next sees the batch, or has to wait for it.
        let store = loop {
            match place.open().await {
                Ok(store) => break store,
                Err(StoreError::Locked) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(store.get(&[0]).await, Ok(Some(vec![round])));
        store.close().await;
    }
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused_and_left_as_it_is() {
    let mut place = Sqlite::new();
    let text = b"Dear diary, this is no database, but long enough to look at. ".repeat(40);
    std::fs::write(place.path(), &text).unwrap();
    assert!(matches!(place.open().await, Err(StoreError::Corrupted(_))));
    assert_eq!(std::fs::read(place.path()).unwrap(), text);
}

#[tokio::test]
async fn a_database_of_another_program_is_refused() {
    let mut place = Sqlite::new();
    sqlite(&place, "CREATE TABLE diary (page TEXT)").await;
    assert!(matches!(place.open().await, Err(StoreError::Corrupted(_))));
}

#[tokio::test]
async fn a_store_of_a_newer_format_is_refused() {
    let mut place = Sqlite::new();
    place.open().await.unwrap().close().await;
    sqlite(
        &place,
        "UPDATE header SET value = x'00000002' WHERE name = 'format'",
    )
    .await;
    assert_eq!(place.open().await.unwrap_err(), StoreError::Newer { format: 2 });
}

#[tokio::test]
async fn a_store_without_its_header_is_refused() {
    let mut place = Sqlite::new();
    place.open().await.unwrap().close().await;
    sqlite(&place, "DELETE FROM header").await;
    assert!(matches!(place.open().await, Err(StoreError::Corrupted(_))));
}

#[tokio::test]
async fn a_missing_folder_is_an_error_and_not_made() {
    let place = Sqlite::new();
    let path = place.folder.path().join("missing").join("store.db");
    assert!(matches!(
        SqliteStore::open(path).await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(!place.folder.path().join("missing").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn no_one_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let mut place = Sqlite::new();
    let store = place.open().await.unwrap();
    let mut batch = Batch::new();
    batch.put([1], [1]);
    store.apply(batch).await.unwrap();
    for file in std::fs::read_dir(place.folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
    }
}

/// A store in which this was, until now.
async fn with_deleted(place: &mut Sqlite, secret: &[u8]) -> SqliteStore {
    let store = place.open().await.unwrap();
    for changed in 0..2_u8 {
        let mut batch = Batch::new();
        batch.put(b"kept", [changed]);
        if changed == 0 {
            batch.put(b"secret", secret);
        } else {
            batch.delete(b"secret");
        }
        store.apply(batch).await.unwrap();
    }
    store
}

fn is_in_a_file(place: &Sqlite, secret: &[u8]) -> bool {
    let mut files = std::fs::read_dir(place.folder.path()).unwrap();
    files.any(|file| {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        content.windows(secret.len()).any(|window| window == secret)
    })
}

#[tokio::test]
async fn what_was_deleted_is_gone_from_the_files_once_the_store_is_closed() {
    let mut place = Sqlite::new();
    let secret = b"the quick brown fox and what it said";
    let store = with_deleted(&mut place, secret).await;
    store.close().await;
    assert!(!is_in_a_file(&place, secret));
}

#[tokio::test]
async fn what_was_deleted_is_gone_from_the_files_of_an_open_store_when_it_is_erased() {
    let mut place = Sqlite::new();
    let secret = b"the quick brown fox and what it said";
    let store = with_deleted(&mut place, secret).await;
    assert!(is_in_a_file(&place, secret), "the write-ahead log has it still");
    // A reader's connection is open too.
    assert_eq!(store.get(b"secret").await.unwrap(), None);
    store.erase().await.unwrap();
    assert!(!is_in_a_file(&place, secret));
    assert_eq!(store.get(b"kept").await.unwrap(), Some(vec![1]));
}

async fn sqlite(place: &Sqlite, statement: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(place.path())
        .create_if_missing(true);
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::query(statement).execute(&mut connection).await.unwrap();
    sqlx::Connection::close(connection).await.unwrap();
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(7)
}

#[tokio::test]
async fn a_passphrase_opens_the_same_key_again_and_another_one_none() {
    let mut place = Sqlite::new();
    let store = place.open().await.unwrap();
    let right = b"correct horse".to_vec().into();
    let wrong = b"correct mule".to_vec().into();
    let key = store.unlock(&right, &mut rng()).await.unwrap();
    store.close().await;

    let store = place.open().await.unwrap();
    assert_eq!(
        store.unlock(&wrong, &mut rng()).await,
        Err(UnlockError::WrongPassphrase)
    );
    assert!(store.unlock(&right, &mut rng()).await.unwrap() == key);
    assert_eq!(store.unlock_with(&key, &mut rng()).await, Ok(()));
}

#[tokio::test]
async fn a_new_passphrase_replaces_the_old_one_and_keeps_the_key() {
    let mut place = Sqlite::new();
    let store = place.open().await.unwrap();
    let old = b"old".to_vec().into();
    let new = b"new".to_vec().into();
    let key = store.unlock(&old, &mut rng()).await.unwrap();
    let other = StoreKey::from_bytes([9; 32]);
    let refused = store.change_passphrase(&other, &new, &mut rng()).await;
    assert_eq!(refused, Err(UnlockError::WrongKey));
    store.change_passphrase(&key, &new, &mut rng()).await.unwrap();
    assert_eq!(
        store.unlock(&old, &mut rng()).await,
        Err(UnlockError::WrongPassphrase)
    );
    assert!(store.unlock(&new, &mut rng()).await.unwrap() == key);
}

#[tokio::test]
async fn a_key_from_a_key_ring_is_remembered_and_another_one_refused() {
    let mut place = Sqlite::new();
    let store = place.open().await.unwrap();
    let key = StoreKey::from_bytes([1; 32]);
    let other = StoreKey::from_bytes([2; 32]);
    store.unlock_with(&key, &mut rng()).await.unwrap();
    assert_eq!(
        store.unlock_with(&other, &mut rng()).await,
        Err(UnlockError::WrongKey)
    );
    assert_eq!(store.unlock_with(&key, &mut rng()).await, Ok(()));
    let passphrase = b"none was set".to_vec().into();
    assert_eq!(
        store.unlock(&passphrase, &mut rng()).await,
        Err(UnlockError::NoPassphrase)
    );
}

#[tokio::test]
async fn records_are_sealed_and_typed() {
    let store = MemoryStore::new();
    let records = Records::new(store.clone(), StoreKey::from_bytes([1; 32]));
    let key = RecordKey::new(1).id(&[7; 16]).number(3);
    let mut changes = Changes::new();
    changes.put(key.clone(), "attack at dawn");
    changes.put_bytes(RecordKey::new(2), b"attack at dusk".to_vec().into());
    records.apply(&mut rng(), changes).await.unwrap();

    assert_eq!(records.get(&key).await, Ok(Some("attack at dawn".to_owned())));
    assert_eq!(
        records.get::<(u64, u64)>(&key).await,
        Err(RecordsError::Malformed)
    );
    let bytes = records.get_bytes(&RecordKey::new(2)).await.unwrap().unwrap();
    assert_eq!(bytes.expose(), b"attack at dusk");
    for (_, sealed) in store.scan(Scan::all()).await.unwrap() {
        assert!(!sealed.windows(6).any(|window| window == b"attack"));
    }
    let other_key = Records::new(store, StoreKey::from_bytes([2; 32]));
    assert_eq!(other_key.get::<String>(&key).await, Err(RecordsError::Unopened));
}

#[tokio::test]
async fn a_record_moved_to_another_key_does_not_open() {
    let store = MemoryStore::new();
    let records = Records::new(store.clone(), StoreKey::from_bytes([1; 32]));
    let mut changes = Changes::new();
    changes.put(RecordKey::new(1), "mine");
    records.apply(&mut rng(), changes).await.unwrap();
    let sealed = store.get(RecordKey::new(1).as_slice()).await.unwrap().unwrap();
    let mut moved = Batch::new();
    moved.put(RecordKey::new(2), sealed);
    store.apply(moved).await.unwrap();
    assert_eq!(
        records.get::<String>(&RecordKey::new(2)).await,
        Err(RecordsError::Unopened)
    );
}

#[tokio::test]
async fn a_snapshot_is_what_a_client_finds_after_a_crash() {
    let store = MemoryStore::new();
    let mut batch = Batch::new();
    batch.put([1], [1]);
    store.apply(batch).await.unwrap();
    let snapshot = store.snapshot();
    let mut batch = Batch::new();
    batch.put([1], [2]);
    store.apply(batch).await.unwrap();
    store.close().await;
    assert_eq!(snapshot.get(&[1]).await, Ok(Some(vec![1])));
    assert_eq!(store.snapshot().get(&[1]).await, Ok(Some(vec![2])));
}
