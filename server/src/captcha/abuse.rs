//! How much of what robots do has happened of late.

use crate::limit::{ClientAddress, Recent};
use sotto_protocol::{AccountName, Timestamp};

/// Logins to one name that were begun within ten minutes and not finished: more than somebody who tries their old passwords.
const LOGINS_OF_NAME: u64 = 8;
/// The same of one address: more than an office whose people mistype now and then.
const LOGINS_OF_ADDRESS: u64 = 64;

/// Registrations and refused logins of the last ten minutes, counted by node, as rates are. A wrong password shows itself to the
/// client, which then does not come back; so a login counts as refused from its beginning until it is finished. Who comes from this
/// machine itself has no address here.
pub(crate) struct Abuse {
    registrations: Recent<ClientAddress>,
    logins_by_address: Recent<ClientAddress>,
    logins_by_name: Recent<AccountName>,
}

impl Abuse {
    /// Nothing yet. So many keys are known one by one.
    pub(crate) fn new(keys_max: u32) -> Self {
        Self {
            registrations: Recent::new(keys_max),
            logins_by_address: Recent::new(keys_max),
            logins_by_name: Recent::new(keys_max),
        }
    }

    /// An account was created.
    pub(crate) fn registered(&self, from: Option<ClientAddress>, now: Timestamp) {
        self.registrations.add(stranger(from).as_ref(), now);
    }

    /// A login was begun, to a name that somebody has or nobody.
    pub(crate) fn login_begun(&self, name: &AccountName, from: Option<ClientAddress>, now: Timestamp) {
        self.logins_by_name.add(Some(name), now);
        self.logins_by_address.add(stranger(from).as_ref(), now);
    }

    /// A login was finished: it was no guess.
    pub(crate) fn login_finished(&self, name: &AccountName, from: Option<ClientAddress>, now: Timestamp) {
        self.logins_by_name.take_back(Some(name), now);
        self.logins_by_address.take_back(stranger(from).as_ref(), now);
    }

    /// Whether there were more logins to this name, or from this address, than a person makes.
    pub(crate) fn is_guessing(
        &self,
        name: &AccountName,
        from: Option<ClientAddress>,
        now: Timestamp,
    ) -> bool {
        self.logins_by_name.count(name, now) >= LOGINS_OF_NAME
            || stranger(from)
                .is_some_and(|address| self.logins_by_address.count(&address, now) >= LOGINS_OF_ADDRESS)
    }

    /// Registrations and refused logins of this address.
    pub(crate) fn of_address(&self, from: Option<ClientAddress>, now: Timestamp) -> u64 {
        stranger(from).map_or(0, |address| {
            self.registrations.count(&address, now) + self.logins_by_address.count(&address, now)
        })
    }

    /// Registrations and refused logins of all.
    pub(crate) fn in_all(&self, now: Timestamp) -> u64 {
        self.registrations.total(now) + self.logins_by_address.total(now)
    }
}

fn stranger(from: Option<ClientAddress>) -> Option<ClientAddress> {
    from.filter(|address| !address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn address(text: &str) -> ClientAddress {
        text.parse::<IpAddr>().unwrap().into()
    }

    fn name(text: &str) -> AccountName {
        text.parse().unwrap()
    }

    #[test]
    fn more_logins_to_a_name_than_a_person_makes_are_guesses_from_wherever_they_come() {
        let abuse = Abuse::new(100);
        for number in 0..LOGINS_OF_NAME {
            let from = Some(address(&format!("192.0.2.{number}")));
            assert!(!abuse.is_guessing(&name("alice"), from, NOW));
            abuse.login_begun(&name("alice"), from, NOW);
        }
        assert!(abuse.is_guessing(&name("alice"), Some(address("198.51.100.1")), NOW));
        assert!(abuse.is_guessing(&name("alice"), Some(address("127.0.0.1")), NOW));
        assert!(!abuse.is_guessing(&name("bob"), Some(address("192.0.2.1")), NOW));
    }

    #[test]
    fn more_logins_from_an_address_than_people_make_are_guesses_to_whatever_name() {
        let abuse = Abuse::new(1000);
        let from = Some(address("192.0.2.1"));
        for number in 0..LOGINS_OF_ADDRESS {
            abuse.login_begun(&name(&format!("somebody{number}")), from, NOW);
        }
        assert!(abuse.is_guessing(&name("alice"), from, NOW));
        assert!(!abuse.is_guessing(&name("alice"), Some(address("192.0.2.2")), NOW));
        assert_eq!(abuse.of_address(from, NOW), LOGINS_OF_ADDRESS);
        assert_eq!(abuse.in_all(NOW), LOGINS_OF_ADDRESS);
    }

    #[test]
    fn logins_that_are_finished_are_no_guesses() {
        let abuse = Abuse::new(100);
        for from in ["192.0.2.1", "127.0.0.1"].map(|text| Some(address(text))) {
            for _ in 0..10 * LOGINS_OF_ADDRESS {
                assert!(!abuse.is_guessing(&name("alice"), from, NOW));
                abuse.login_begun(&name("alice"), from, NOW);
                abuse.login_finished(&name("alice"), from, NOW);
            }
        }
        assert_eq!(abuse.in_all(NOW), 0);
    }

    #[test]
    fn this_machine_itself_is_no_address() {
        let abuse = Abuse::new(100);
        abuse.registered(Some(address("127.0.0.1")), NOW);
        abuse.registered(None, NOW);
        assert_eq!(
            (
                abuse.of_address(Some(address("127.0.0.1")), NOW),
                abuse.in_all(NOW)
            ),
            (0, 2)
        );
    }
}
