//! What the store keeps of where this device is woken, and what the server is still to be told of it.

use super::WakeUpAddress;
use serde::{Deserialize, Serialize};
use sotto_protocol::{ChatId, Timestamp};

/// For so long, in milliseconds, it is taken for granted that the server has not forgotten an address: a day.
const TRUSTED_MS: u64 = 24 * 60 * 60 * 1000;

/// Where this device is woken, and what the server knows of that.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WakeUpRecord {
    /// Where, if it is to be.
    address: Option<WakeUpAddress>,
    /// The server was told this address in this session, and has said that it knows it.
    told: Option<Told>,
    /// The server may know an address without this device knowing that it does.
    in_doubt: bool,
    /// The address that the push service knew no more, if it was the last one.
    gone: Option<WakeUpAddress>,
}

/// What the server was told last.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    /// The chats for which this device is not woken, in the order of their ids.
    quiet: Vec<ChatId>,
    /// When it was known last that the server knows it.
    at: Timestamp,
}

/// What is to be done at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// It is to be told.
    Tell {
        /// Unless it has forgotten what it was told before.
        if_known: bool,
    },
    /// It is to be asked whether it has forgotten what it was told.
    Check,
    /// It is to forget.
    Forget,
}

impl WakeUpRecord {
    /// Where this device is woken.
    pub(crate) const fn address(&self) -> Option<&WakeUpAddress> {
        self.address.as_ref()
    }

    /// The device is to be woken there. `false` if its push service does not know that address any more.
    #[must_use]
    pub(crate) fn want(&mut self, address: WakeUpAddress) -> bool {
        let is_gone = |gone: &WakeUpAddress| gone.endpoint == address.endpoint;
        if self.gone.as_ref().is_some_and(is_gone) {
            return false;
        }
        if self.address.as_ref() != Some(&address) {
            self.told = None;
            self.in_doubt = true;
            self.address = Some(address);
        }
        true
    }

    /// The device is to be woken nowhere.
    pub(crate) fn want_none(&mut self) {
        self.address = None;
        self.in_doubt |= self.told.take().is_some();
    }

    /// What is to be done for these chats to be quiet, in the order of their ids.
    pub(crate) fn due(&self, quiet: &[ChatId]) -> Option<Due> {
        match (&self.address, &self.told) {
            (None, told) => (self.in_doubt || told.is_some()).then_some(Due::Forget),
            (Some(_), None) => Some(Due::Tell { if_known: false }),
            (Some(_), Some(told)) => (told.quiet != quiet).then_some(Due::Tell { if_known: true }),
        }
    }

    /// As [`Self::due`], when the device is known to be woken there still by what its browser says: that the server has forgotten it is
    /// found out now and then.
    pub(crate) fn due_if_wanted(&self, quiet: &[ChatId], now: Timestamp) -> Option<Due> {
        let is_old = |told: &Told| told.at.plus_millis(TRUSTED_MS) <= now || now < told.at;
        self.due(quiet)
            .or_else(|| self.told.as_ref().is_some_and(is_old).then_some(Due::Check))
    }

    /// The server knows the address, and that these chats are quiet.
    pub(crate) fn is_told(&mut self, quiet: Vec<ChatId>, at: Timestamp) {
        self.told = Some(Told { quiet, at });
        self.in_doubt = false;
        self.gone = None;
    }

    /// The server has forgotten the address, as its push service has.
    pub(crate) fn is_gone(&mut self) {
        self.gone = self.address.take();
        self.told = None;
        self.in_doubt = false;
    }

    /// The server knows none.
    pub(crate) const fn is_forgotten(&mut self) {
        self.in_doubt = false;
    }

    /// A session has begun: what the server was told in another one has ended with that.
    pub(crate) fn is_in_new_session(&mut self) {
        self.told = None;
        self.in_doubt = self.address.is_some();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_700_000_000_000);
    const CHAT: ChatId = ChatId::from_bytes([1; 16]);

    fn address(name: &str) -> WakeUpAddress {
        WakeUpAddress {
            endpoint: format!("https://push.example/{name}"),
            p256dh: vec![4; 65],
            auth: vec![7; 16],
        }
    }

    fn told(name: &str) -> WakeUpRecord {
        let mut record = WakeUpRecord::default();
        assert!(record.want(address(name)));
        record.is_told(Vec::new(), NOON);
        record
    }

    #[test]
    fn the_server_is_told_what_it_does_not_know_and_nothing_else() {
        let mut record = WakeUpRecord::default();
        assert_eq!(record.due(&[]), None);
        assert!(record.want(address("a")));
        assert_eq!(record.due(&[]), Some(Due::Tell { if_known: false }));
        record.is_told(Vec::new(), NOON);
        assert_eq!(record.due(&[]), None);
        assert!(record.want(address("a")));
        assert_eq!(record.due_if_wanted(&[], NOON), None);
        assert_eq!(record.due(&[CHAT]), Some(Due::Tell { if_known: true }));
        assert!(record.want(address("b")));
        assert_eq!(record.due(&[]), Some(Due::Tell { if_known: false }));
    }

    #[test]
    fn after_a_login_it_is_told_again() {
        let mut record = told("a");
        record.is_in_new_session();
        assert_eq!(record.due(&[]), Some(Due::Tell { if_known: false }));
        let mut none = WakeUpRecord::default();
        none.is_in_new_session();
        assert_eq!(none.due(&[]), None);
    }

    #[test]
    fn what_the_server_may_know_it_is_made_to_forget() {
        let mut record = told("a");
        record.want_none();
        assert_eq!(record.due(&[]), Some(Due::Forget));
        record.is_forgotten();
        assert_eq!(record.due(&[]), None);
        // It was told, perhaps, and the answer was lost.
        assert!(record.want(address("a")));
        record.want_none();
        assert_eq!(record.due(&[]), Some(Due::Forget));
    }

    #[test]
    fn an_address_that_is_gone_is_not_told_again_until_there_is_another() {
        let mut record = told("a");
        let tomorrow = NOON.plus_millis(TRUSTED_MS);
        assert_eq!(record.due(&[]), None, "not on every connection");
        assert_eq!(record.due_if_wanted(&[], tomorrow), Some(Due::Check));
        record.is_gone();
        assert_eq!(record.due_if_wanted(&[CHAT], tomorrow), None);
        assert!(!record.want(address("a")));
        assert_eq!(record.address(), None);
        assert!(record.want(address("b")));
        record.is_told(Vec::new(), NOON);
        assert!(record.want(address("a")), "it may be given out again");
    }
}
