//! Devices of the own account that come: noticed, told, let in by a code, named, found to be what they seem.

use super::{Done, Engine, Reply};
use crate::account::AccountRecord;
use crate::devices::{DeviceLinkOffer, OfferedRecord, OwnDeviceRecord};
use crate::error::ClientError;
use crate::events::Event;
use crate::platform::Platform;
use crate::record_key;
use crate::store::{Changes, Scan};
use sotto_crypto_core::{AccountRoot, DeviceLink, DeviceLinkCode, LinkedAccount, device_name};
use sotto_protocol::rest::auth::OfferDeviceLink;
use sotto_protocol::rest::device::UpdateDevice;
use sotto_protocol::{DeviceAddress, DeviceId, DeviceList, ListedDevice};
use std::collections::BTreeMap;

/// What the application wants of the account's devices.
pub(crate) enum DeviceCommand {
    Rename {
        device: DeviceId,
        name: String,
        reply: Reply<()>,
    },
    Confirm {
        device: DeviceId,
        reply: Reply<()>,
    },
    Acknowledge {
        reply: Reply<()>,
    },
    OfferLink {
        server: String,
        reply: Reply<DeviceLinkOffer>,
    },
}

impl<P: Platform> Engine<P> {
    pub(super) async fn device_command(&mut self, command: DeviceCommand) {
        match command {
            DeviceCommand::Rename { device, name, reply } => self.rename_device(device, &name, reply).await,
            DeviceCommand::Confirm { device, reply } => reply.send(self.confirm_device(device).await),
            DeviceCommand::Acknowledge { reply } => reply.send(self.acknowledge_devices().await),
            DeviceCommand::OfferLink { server, reply } => reply.send(self.offer_device_link(server).await),
        }
    }

    async fn rename_device(&mut self, device: DeviceId, name: &str, reply: Reply<()>) {
        let sealed = match self.seal_device_name(device, name).await {
            Ok(sealed) => sealed,
            Err(error) => return reply.send(Err(error)),
        };
        let api = self.api.clone();
        self.start(async move {
            let body = UpdateDevice { name: sealed.into() };
            let result = api.update_device(device, &body).await;
            Done::Answered { reply, result }
        });
    }

    async fn seal_device_name(&mut self, device: DeviceId, name: &str) -> Result<Vec<u8>, ClientError> {
        let root = self.own_root().await?;
        let account = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?.account;
        let address = DeviceAddress { account, device };
        Ok(device_name::seal(&mut self.rng, &root, address, name)?)
    }

    /// The root of the account that is logged in.
    pub(super) async fn own_root(&mut self) -> Result<AccountRoot, ClientError> {
        self.ensure_loaded().await?;
        if !self.logged_in {
            return Err(ClientError::NotLoggedIn);
        }
        let records = &self.surroundings.records;
        let record = records.get::<AccountRecord>(&record_key::account()).await?;
        let record = record.ok_or(ClientError::NotLoggedIn)?;
        Ok(AccountRoot::from_bytes(record.root))
    }

    async fn confirm_device(&mut self, device: DeviceId) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let key = record_key::own_device(device);
        let records = self.surroundings.records.clone();
        let known = records.get::<OwnDeviceRecord>(&key).await?;
        let known = known.ok_or(ClientError::DeviceNotFound)?;
        let mut changes = Changes::new();
        let record = OwnDeviceRecord {
            is_verified: true,
            is_noticed: true,
            ..known
        };
        changes.put(key, &record);
        self.write(changes).await?;
        self.events.emit(&Event::DevicesChanged);
        Ok(())
    }

    async fn acknowledge_devices(&mut self) -> Result<(), ClientError> {
        self.ensure_loaded().await?;
        let mut changes = Changes::new();
        for (device, known) in self.known_devices().await? {
            if !known.is_noticed {
                let record = OwnDeviceRecord {
                    is_noticed: true,
                    ..known
                };
                changes.put(record_key::own_device(device), &record);
            }
        }
        if !changes.is_empty() {
            self.write(changes).await?;
            self.events.emit(&Event::DevicesChanged);
        }
        Ok(())
    }

    async fn known_devices(&self) -> Result<BTreeMap<DeviceId, OwnDeviceRecord>, ClientError> {
        let records = &self.surroundings.records;
        let found = records
            .scan::<OwnDeviceRecord>(Scan::prefix(record_key::own_devices()))
            .await?;
        let known = found.into_iter();
        Ok(known
            .filter_map(|(key, record)| Some((record_key::first_id(&key)?, record)))
            .collect())
    }

    /// Notes which devices are on the list. Gives back what is to be told of those that are new; nothing is, if this is the first
    /// list that this device sees.
    pub(super) async fn note_devices(
        &mut self,
        list: &DeviceList,
        is_first: bool,
        changes: &mut Changes,
    ) -> Result<Vec<Event>, ClientError> {
        let here = self.me.as_ref().map(|me| me.address().device);
        let known = self.known_devices().await?;
        let is_first = is_first || known.is_empty();
        let offered = self.offered().await?;
        let mut news = Vec::new();
        for &ListedDevice { device, device_key } in &list.devices {
            if known
                .get(&device)
                .is_some_and(|known| known.device_key == device_key)
            {
                continue;
            }
            let is_expected = offered.devices.contains(&device);
            let is_noticed = is_first || is_expected || here == Some(device);
            let record = OwnDeviceRecord {
                device_key,
                is_verified: is_expected,
                is_noticed,
            };
            changes.put(record_key::own_device(device), &record);
            if !is_noticed {
                self.note_unexpected_device(device, changes);
            }
            if !is_first && here != Some(device) {
                news.push(Event::DeviceAdded { device, is_expected });
            }
        }
        for &device in known.keys() {
            if !list.devices.iter().any(|listed| listed.device == device) {
                changes.delete(record_key::own_device(device));
            }
        }
        Ok(news)
    }

    /// Notes a device that vouches for itself: the one that showed the code by which this one came.
    pub(super) async fn vouch_for(&mut self, device: ListedDevice) -> Result<(), ClientError> {
        let mut changes = Changes::new();
        let record = OwnDeviceRecord {
            device_key: device.device_key,
            is_verified: true,
            is_noticed: true,
        };
        changes.put(record_key::own_device(device.device), &record);
        self.write(changes).await
    }

    async fn offered(&self) -> Result<OfferedRecord, ClientError> {
        let records = &self.surroundings.records;
        let offered = records
            .get::<OfferedRecord>(&record_key::offered_devices())
            .await?;
        Ok(offered.unwrap_or_default())
    }

    /// Makes an offer to a new device. What comes of it is noted before the server hears of it.
    async fn offer_device_link(&mut self, server: String) -> Result<DeviceLinkOffer, ClientError> {
        let root = self.own_root().await?;
        let list = self.read_own_list().await?;
        let me = self.me.as_ref().ok_or(ClientError::NotLoggedIn)?;
        let (account, name) = (me.account, me.name.clone());
        let credential = me.device.credential();
        let linked = LinkedAccount {
            root,
            offered_by: ListedDevice {
                device: credential.device,
                device_key: credential.device_key,
            },
            list_version: list.version,
        };
        let link = DeviceLink::generate(&mut self.rng);
        let device = link.device();
        let body = OfferDeviceLink {
            login_key: link.login_key(),
            vault: link.seal(&mut self.rng, account, &linked).into(),
        };
        let mut offered = self.offered().await?;
        offered.note(device);
        let mut changes = Changes::new();
        changes.put(record_key::offered_devices(), &offered);
        self.write(changes).await?;
        let answer = self.api.offer_device_link(link.id(), &body).await?;
        Ok(DeviceLinkOffer {
            code: DeviceLinkCode { link, name, server },
            device,
            expires_at: answer.expires_at,
        })
    }
}
