//! The store in IndexedDB.
//!
//! Straight on the browser's interface: a wrapper would have to pass on the durability that is asked for and the reason why a
//! transaction was aborted.

use super::global::{self, member, member_of};
use super::request::{bytes, completion, failure, opened, result_of};
use super::web_lock::WebLock;
use crate::store::{Batch, Direction, Record, Scan, Store, StoreError};
use core::cell::RefCell;
use core::fmt;
use js_sys::{Array, Function, Uint8Array};
use std::ops::Bound;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{
    IdbCursor, IdbCursorDirection, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbTransaction,
};

/// What this code writes: the database's version. A change that older code would misread raises it.
const FORMAT: u32 = 1;

/// The object store of the records: bytes to bytes.
const RECORD: &str = "record";
/// The object store of what the store itself keeps: names to values.
pub(super) const HEADER: &str = "header";

/// A [`Store`] in an IndexedDB database. Clones are the same store.
///
/// A Web Lock holds it for one client among all tabs and Workers. Whether the browser may throw the database away when
/// space is short is for the page to settle (`navigator.storage.persist()`).
#[derive(Clone)]
pub struct IndexedDbStore {
    inner: Rc<Inner>,
}

struct Inner {
    database: IdbDatabase,
    /// `None` once closed.
    lock: RefCell<Option<WebLock>>,
}

/// Whether a transaction writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    Write,
}

impl IndexedDbStore {
    /// Opens the store in the database of this name, or makes one.
    ///
    /// [`StoreError::Locked`] if a client has it open, in this tab or another, and does not end within a few seconds.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let lock = WebLock::acquire(&format!("sotto store {name}")).await?;
        let factory: IdbFactory = member("indexedDB")
            .dyn_into()
            .map_err(|_| StoreError::Unavailable("this browser has no IndexedDB".to_owned()))?;
        let request = factory
            .open_with_u32(name, FORMAT)
            .map_err(|thrown| failure(&thrown))?;
        let upgrade = {
            let request = request.clone();
            Closure::once(move || {
                // What fails here is missed when the store is first used.
                if let Some(database) = request
                    .result()
                    .ok()
                    .and_then(|it| it.dyn_into::<IdbDatabase>().ok())
                {
                    let _ = database.create_object_store(RECORD);
                    let _ = database.create_object_store(HEADER);
                }
            })
        };
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database = match opened(&request).await {
            Ok(database) => database.unchecked_into::<IdbDatabase>(),
            Err(error) => return Err(newer(&factory, name).await.unwrap_or(error)),
        };
        // Lets another page delete the database, or open it in a newer version.
        let close: Function = member_of(&database, "close").unchecked_into();
        database.set_onversionchange(Some(&close.bind0(&database)));
        Ok(Self {
            inner: Rc::new(Inner {
                database,
                lock: RefCell::new(Some(lock)),
            }),
        })
    }

    /// Begins a transaction on one object store.
    pub(super) fn begin(
        &self,
        name: &str,
        mode: Mode,
    ) -> Result<(IdbTransaction, IdbObjectStore), StoreError> {
        if self.inner.lock.borrow().is_none() {
            return Err(StoreError::Closed);
        }
        let transaction = self.inner.begin(&name.into(), mode)?;
        let object_store = transaction
            .object_store(name)
            .map_err(|thrown| failure(&thrown))?;
        Ok((transaction, object_store))
    }
}

impl Inner {
    /// By name, because `web-sys` does not have the third argument yet.
    fn begin(&self, scope: &JsValue, mode: Mode) -> Result<IdbTransaction, StoreError> {
        let begin: Function = member_of(&self.database, "transaction").unchecked_into();
        let transaction = match mode {
            Mode::Read => begin.call2(&self.database, scope, &"readonly".into()),
            Mode::Write => {
                let options = global::object([("durability", "strict".into())]);
                begin.call3(&self.database, scope, &"readwrite".into(), &options)
            }
        };
        transaction
            .map(JsValue::unchecked_into)
            .map_err(|thrown| failure(&thrown))
    }

    /// Ends when every write that has begun is done.
    async fn settled(&self) {
        let both = Array::of2(&RECORD.into(), &HEADER.into());
        if let Ok(last) = self.begin(&both, Mode::Write) {
            let _ = completion(last).await;
        }
        self.database.close();
    }
}

/// A client that is dropped holds its store until what it has begun is done: the next one would not see it.
impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.take() {
            let last = Self {
                database: self.database.clone(),
                lock: RefCell::new(None),
            };
            wasm_bindgen_futures::spawn_local(async move {
                last.settled().await;
                drop(lock);
            });
        }
    }
}

impl Store for IndexedDbStore {
    async fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let (_, records) = self.begin(RECORD, Mode::Read)?;
        let request = records
            .get(&Uint8Array::from(key))
            .map_err(|thrown| failure(&thrown))?;
        let value = result_of(&request).await?;
        if value.is_undefined() {
            Ok(None)
        } else {
            bytes(&value).map(Some)
        }
    }

    async fn scan(&self, scan: Scan) -> Result<Vec<Record>, StoreError> {
        let (_, records) = self.begin(RECORD, Mode::Read)?;
        if scan.is_empty() {
            return Ok(Vec::new());
        }
        let descending = scan.direction == Direction::Descending;
        // IndexedDB reads many records at once only upwards: a scan that ends early from above first looks where.
        let range = if descending && scan.limit != usize::MAX {
            let Some(lowest) = lowest_key(&records, &scan).await? else {
                return Ok(Vec::new());
            };
            range(&Bound::Included(lowest), &scan.to)?
        } else {
            range(&scan.from, &scan.to)?
        };
        let limit = u32::try_from(scan.limit).unwrap_or(u32::MAX);
        // Both requests in one turn, so that no write comes between.
        let values = records
            .get_all_with_key_and_limit(&range, limit)
            .map_err(|thrown| failure(&thrown))?;
        let keys = records
            .get_all_keys_with_key_and_limit(&range, limit)
            .map_err(|thrown| failure(&thrown))?;
        let (values, keys) = futures_util::try_join!(result_of(&values), result_of(&keys))?;
        let mut found = Vec::new();
        for (key, value) in Array::from(&keys).iter().zip(Array::from(&values).iter()) {
            found.push((bytes(&key)?, bytes(&value)?));
        }
        if descending {
            found.reverse();
        }
        Ok(found)
    }

    async fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let (transaction, records) = self.begin(RECORD, Mode::Write)?;
        for (key, value) in batch {
            let key = Uint8Array::from(key.as_slice());
            let request = match value {
                Some(value) => records.put_with_key(&Uint8Array::from(value.as_slice()), &key),
                None => records.delete(&key),
            };
            if let Err(thrown) = request {
                // Otherwise what came before would be committed.
                let _ = transaction.abort();
                return Err(failure(&thrown));
            }
        }
        completion(transaction).await
    }

    /// When the browser rewrites its files is its own matter.
    async fn erase(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn close(&self) {
        let lock = self.inner.lock.take();
        if lock.is_some() {
            self.inner.settled().await;
        }
    }
}

impl fmt::Debug for IndexedDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexedDbStore")
    }
}

/// The last key of a descending scan, or the range's first if the scan reaches it.
async fn lowest_key(records: &IdbObjectStore, scan: &Scan) -> Result<Option<Vec<u8>>, StoreError> {
    let range = range(&scan.from, &scan.to)?;
    let request = records
        .open_key_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev)
        .map_err(|thrown| failure(&thrown))?;
    let Ok(cursor) = result_of(&request).await?.dyn_into::<IdbCursor>() else {
        return Ok(None);
    };
    let key_of = |cursor: &IdbCursor| {
        cursor
            .key()
            .map_err(|thrown| failure(&thrown))
            .and_then(|key| bytes(&key))
    };
    let steps = u32::try_from(scan.limit.saturating_sub(1)).unwrap_or(u32::MAX);
    if steps == 0 {
        return key_of(&cursor).map(Some);
    }
    cursor.advance(steps).map_err(|thrown| failure(&thrown))?;
    if let Ok(cursor) = result_of(&request).await?.dyn_into::<IdbCursor>() {
        return key_of(&cursor).map(Some);
    }
    // Past the range's beginning: all of it is wanted.
    let request = records.get_key(&range).map_err(|thrown| failure(&thrown))?;
    bytes(&result_of(&request).await?).map(Some)
}

/// The range between two bounds. Every key is at least the empty one, so that there is always a range.
fn range(from: &Bound<Vec<u8>>, to: &Bound<Vec<u8>>) -> Result<IdbKeyRange, StoreError> {
    let key = |bytes: &Vec<u8>| JsValue::from(Uint8Array::from(bytes.as_slice()));
    let (lower, lower_open) = match from {
        Bound::Included(from) => (key(from), false),
        Bound::Excluded(from) => (key(from), true),
        Bound::Unbounded => (key(&Vec::new()), false),
    };
    match to {
        Bound::Included(to) => {
            IdbKeyRange::bound_with_lower_open_and_upper_open(&lower, &key(to), lower_open, false)
        }
        Bound::Excluded(to) => {
            IdbKeyRange::bound_with_lower_open_and_upper_open(&lower, &key(to), lower_open, true)
        }
        Bound::Unbounded => IdbKeyRange::lower_bound_with_open(&lower, lower_open),
    }
    .map_err(|thrown| failure(&thrown))
}

/// If the database could not be opened because it is newer than this code: that.
async fn newer(factory: &IdbFactory, name: &str) -> Option<StoreError> {
    let request = factory.open(name).ok()?;
    let database: IdbDatabase = opened(&request).await.ok()?.unchecked_into();
    let format = database.version();
    database.close();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "versions are whole numbers, and ours small"
    )]
    let format = format as u32;
    (format > FORMAT).then_some(StoreError::Newer { format })
}
