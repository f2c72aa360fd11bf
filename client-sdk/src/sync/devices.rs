//! Devices of the own account that were removed: taken off the signed list, and out of every chat.

use super::open_chat::OpenError;
use super::{Done, Engine, Input, OpenChat, up_to};
use crate::account::AccountRecord;
use crate::api::ApiError;
use crate::chats::Stage;
use crate::devices::DeviceListRecord;
use crate::error::ClientError;
use crate::events::Event;
use crate::groups::IntentRecord;
use crate::platform::Platform;
use crate::record_key;
use crate::store::Changes;
use core::time::Duration;
use sotto_crypto_core::{AccountRoot, verify_device_list};
use sotto_protocol::rest::device::RemoveDevice;
use sotto_protocol::rest::user::User;
use sotto_protocol::{ChatId, DeviceId, DeviceList, ListedDevice, ProblemCode};
use std::collections::BTreeMap;

/// How often a device list is made anew because another device was faster.
const ATTEMPTS: usize = 8;
/// The longest wait before a device takes a removed one out of the chats, in milliseconds: whoever removed it does so at once,
/// and one is enough.
const WAIT_MS: u64 = 5_000;
/// Before the own list is read again that could not be read, in milliseconds, and as much again at random.
const AGAIN_MS: u64 = 5_000;

impl<P: Platform> Engine<P> {
    /// Takes a device off the account's list, whereupon the server lets it do nothing more, and out of every chat.
    pub(crate) async fn remove_device(&mut self, device: DeviceId) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let me = self
            .me
            .as_ref()
            .filter(|_| self.logged_in)
            .ok_or(ClientError::NotLoggedIn)?;
        if me.device.address().device == device {
            return Err(ClientError::ThisDevice);
        }
        for _ in 0..ATTEMPTS {
            let list = self.read_own_list().await?;
            if !list.devices.iter().any(|listed| listed.device == device) {
                return self.expel_removed(Among::All).await;
            }
            let without = self.sign_list_without(&list, device).await?;
            match self.api.remove_device(device, &without).await {
                Ok(()) => {}
                // Another device has changed the list, or removed this one: it is read anew.
                Err(error)
                    if matches!(
                        error.code(),
                        Some(ProblemCode::StaleDeviceList | ProblemCode::DeviceNotFound)
                    ) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ClientError::Failed("the list of devices keeps changing"))
    }

    /// The account's list as the server shows it: signed, and not older than one seen before.
    pub(super) async fn read_own_list(&mut self) -> Result<DeviceList, ClientError> {
        let account = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.account;
        let user = self.api.user_by_id(account).await?;
        self.check_own_list(&user).await
    }

    async fn check_own_list(&mut self, user: &User) -> Result<DeviceList, ClientError> {
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?;
        let (account, identity_key) = (me.account, me.device.credential().identity_key);
        let known = self.device_list_record().await?;
        let list = verify_device_list(&user.device_list, account, identity_key, known.seen)
            .map_err(|_| ClientError::Untrusted("one's own device list does not hold"))?;
        let mut changes = Changes::new();
        let news = self.note_devices(&list, known.seen == 0, &mut changes).await?;
        if list.version > known.seen {
            let record = DeviceListRecord {
                seen: list.version,
                ..known
            };
            changes.put(record_key::device_list(), &record);
        }
        if !changes.is_empty() {
            self.write(changes).await?;
        }
        for event in &news {
            self.events.emit(event);
        }
        if !news.is_empty() {
            self.archive_for_new_device();
        }
        Ok(list)
    }

    async fn device_list_record(&self) -> Result<DeviceListRecord, ClientError> {
        let records = &self.surroundings.records;
        let known = records
            .get::<DeviceListRecord>(&record_key::device_list())
            .await?;
        Ok(known.unwrap_or_default())
    }

    async fn sign_list_without(
        &self,
        list: &DeviceList,
        device: DeviceId,
    ) -> Result<RemoveDevice, ClientError> {
        let record = self
            .surroundings
            .records
            .get::<AccountRecord>(&record_key::account())
            .await?
            .ok_or(ClientError::NotLoggedIn)?;
        let next = list.clone().without(device);
        let identity = AccountRoot::from_bytes(record.root).identity();
        Ok(RemoveDevice {
            device_list: identity.sign_device_list(&next),
        })
    }

    /// The account's own profile may have changed: reads it.
    pub(crate) fn look_after_devices(&mut self) {
        let Some(account) = self.me.as_ref().map(|me| me.account) else {
            return;
        };
        let api = self.api.clone();
        self.own_profiles_awaited += 1;
        self.start(async move {
            let result = api.user_by_id(account).await;
            Done::OwnProfile { result }
        });
    }

    /// The own profile was read: if devices were removed, this one sees to it that they are out of the chats.
    pub(crate) async fn own_profile_read(&mut self, result: Result<User, ApiError>) {
        self.own_profiles_awaited = self.own_profiles_awaited.saturating_sub(1);
        let user = match result {
            Ok(user) => user,
            Err(error) if error.is_passing() => return self.look_after_devices_later(),
            Err(_) => return,
        };
        // What does not hold is read on the next connection.
        let (Ok(list), Ok(known)) = (self.check_own_list(&user).await, self.device_list_record().await)
        else {
            return;
        };
        if list.version > known.applied {
            self.events.emit(&Event::DevicesChanged);
        } else if self.chats.values().all(|chat| !is_unchecked(chat)) {
            return;
        }
        let wait = up_to(&mut self.rng, WAIT_MS);
        self.later(Duration::from_millis(wait), Input::DevicesDue(list.version));
    }

    /// It is time to hold the chats against this version of the list, or a later one.
    pub(crate) async fn devices_due(&mut self, version: u64) {
        let applied = self
            .device_list_record()
            .await
            .is_ok_and(|known| known.applied >= version);
        let among = if applied { Among::Unchecked } else { Among::All };
        self.hold_against_list(among).await;
    }

    async fn hold_against_list(&mut self, among: Among) {
        if self.logged_in && self.expel_removed(among).await.is_err() {
            self.look_after_devices_later();
        }
    }

    /// On the next connection it is done anyway.
    fn look_after_devices_later(&mut self) {
        if self.is_online() {
            let wait = AGAIN_MS + up_to(&mut self.rng, AGAIN_MS);
            self.later(Duration::from_millis(wait), Input::OwnProfileDue);
        }
    }

    pub(crate) fn own_profile_due(&mut self) {
        if self.is_online() {
            self.look_after_devices();
        }
    }

    /// Has every device of this account that is in a chat and was removed taken out of it. Kept, so that it happens whatever
    /// comes between.
    ///
    /// The chats are looked at before the list is read: a device is on the list before it is in a chat, so that one that is new
    /// is never taken for one that was removed.
    async fn expel_removed(&mut self, among: Among) -> Result<(), ClientError> {
        let in_chats = self.own_devices_in_chats(among).await?;
        if in_chats.is_empty() && among == Among::Unchecked {
            return Ok(());
        }
        let list = self.read_own_list().await?;
        let mut changes = Changes::new();
        for (id, devices) in &in_chats {
            let Some(chat) = self.chats.get_mut(id) else {
                continue;
            };
            for device in devices.iter().filter(|device| !list.devices.contains(device)) {
                let record = IntentRecord::RemoveDevice(device.device);
                if !chat.wants(&record) {
                    chat.want(record, &mut changes);
                }
            }
            if !core::mem::replace(&mut chat.record.own_devices_checked, true) {
                changes.put(record_key::chat(*id), &chat.record);
            }
        }
        if among == Among::All {
            let known = self.device_list_record().await?;
            let record = DeviceListRecord {
                applied: known.applied.max(list.version),
                ..known
            };
            changes.put(record_key::device_list(), &record);
        }
        self.write(changes).await?;
        if among == Among::All {
            self.events.emit(&Event::DevicesChanged);
        }
        for id in in_chats.into_keys() {
            self.advance(id).await;
        }
        Ok(())
    }

    /// This device has come into a chat, which may have a device in it that was removed before: it is held against the list, together
    /// with others that it comes into meanwhile.
    pub(crate) fn look_after_devices_in_new_chats(&mut self) {
        if !core::mem::replace(&mut self.watching_new_chats, true) {
            let wait = up_to(&mut self.rng, WAIT_MS);
            self.later(Duration::from_millis(wait), Input::NewChatsDue);
        }
    }

    pub(crate) async fn new_chats_due(&mut self) {
        self.watching_new_chats = false;
        self.hold_against_list(Among::Unchecked).await;
    }

    /// This account's devices in each chat.
    async fn own_devices_in_chats(
        &mut self,
        among: Among,
    ) -> Result<BTreeMap<ChatId, Vec<ListedDevice>>, ClientError> {
        let own = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.account;
        let chats: Vec<ChatId> = self
            .chats
            .values()
            .filter(|chat| match among {
                Among::All => chat.record.stage == Stage::Member,
                Among::Unchecked => is_unchecked(chat),
            })
            .map(|chat| chat.id)
            .collect();
        let mut found = BTreeMap::new();
        for id in chats {
            let Some(mut chat) = self.chats.remove(&id) else {
                continue;
            };
            match chat.open(&self.surroundings.records).await {
                Ok(()) => {}
                // Joined anew, it has the devices that are in it then.
                Err(OpenError::Group) => chat.line.lost = true,
                Err(OpenError::Records(error)) => {
                    self.store_failed();
                    return Err(error.into());
                }
            }
            let members = chat
                .group
                .as_ref()
                .map(sotto_crypto_core::Chat::members)
                .unwrap_or_default();
            let devices = members
                .iter()
                .filter(|member| member.account == own)
                .map(|member| ListedDevice {
                    device: member.device,
                    device_key: member.device_key,
                });
            found.insert(id, devices.collect());
            self.chats.insert(id, chat);
        }
        Ok(found)
    }
}

/// Which chats are held against the list of devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Among {
    /// All that this device is in: the list has changed.
    All,
    /// Those that it has come into since they were.
    Unchecked,
}

fn is_unchecked(chat: &OpenChat) -> bool {
    chat.record.stage == Stage::Member && !chat.line.lost && !chat.record.own_devices_checked
}
