//! What those have done who administer, as far as connected devices are concerned.

use super::Delivery;
use crate::store::{ChatIndex, LogStore};
use sotto_protocol::frame::{Change, Goodbye, ServerFrame};
use sotto_protocol::{AccountId, DeviceAddress};

impl<I: ChatIndex, L: LogStore> Delivery<I, L> {
    /// Tells the account's connected devices that it may do something else on the server than before.
    pub fn role_changed(&self, account: AccountId) {
        self.shared.fan_out.changed([account], Change::Role);
    }

    /// As [`Self::role_changed`], the devices that are connected to this node alone: each node hears of it by itself.
    pub fn role_changed_here(&self, account: AccountId) {
        let frame = ServerFrame::Changed(Change::Role).encode();
        self.shared.fan_out.to_accounts_here(&[account], &[], &frame);
    }

    /// As [`Self::disconnect`], but from this node alone: each node hears of it by itself.
    pub fn disconnect_here(&self, device: DeviceAddress, goodbye: Goodbye) {
        self.shared.fan_out.end_here(device, goodbye);
    }

    /// The account's devices that are connected to this node.
    pub(crate) fn connected_devices(&self, account: AccountId) -> Vec<DeviceAddress> {
        let connected = self.shared.fan_out.registry.devices_of(account);
        connected
            .into_iter()
            .map(|(device, _)| DeviceAddress { account, device })
            .collect()
    }
}
