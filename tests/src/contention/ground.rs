//! Accounts that are there before an episode begins. To register one takes a password to be stretched, as slowly as it ought to
//! be: it is done once for each process, from a seed of its own, and every episode begins with a copy.

use super::clock::SimulatedClock;
use super::device::{Device, Neighbourhood, Vault};
use super::house::{self, Ending, House};
use super::log::Witness;
use super::network::Names;
use super::trace::Trace;
use super::weather::Weather;
use crate::faults::dice::Dice;
use sotto_client_sdk::Account;
use sotto_client_sdk::protocol::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tempfile::TempDir;

/// The moment at which everything begins.
const BEGINNING: Timestamp = Timestamp(1_800_000_000_000);
/// The seed of the accounts.
const SEED: u64 = 0x5077;
/// So many people are made at once.
const SIZES: [usize; 5] = [3, 5, super::plan::FEW, 20, super::plan::MANY];
/// The password of everybody.
const PASSWORD: &str = "correct horse battery staple";

/// People with an account and a device each.
pub struct Ground {
    folder: TempDir,
    /// What each of them keeps.
    pub people: Vec<(Account, Vault)>,
    /// The time at which they were ready.
    pub time: Timestamp,
}

impl Ground {
    /// At least so many people.
    #[must_use]
    pub fn with(people: usize) -> Arc<Self> {
        static GROUNDS: OnceLock<Mutex<BTreeMap<usize, Arc<Ground>>>> = OnceLock::new();
        // Whoever is not needed is not waited for.
        let size = SIZES.into_iter().find(|size| *size >= people).unwrap_or(people);
        let grounds = GROUNDS.get_or_init(Mutex::default);
        let mut grounds = grounds.lock().unwrap_or_else(PoisonError::into_inner);
        let ground = grounds
            .entry(size)
            .or_insert_with(|| Arc::new(super::in_paused_time(Self::prepare(size))));
        Arc::clone(ground)
    }

    /// What the server keeps, for one episode.
    #[must_use]
    pub fn folder(&self) -> TempDir {
        let folder = house::folder();
        house::copy(self.folder.path(), folder.path());
        folder
    }

    async fn prepare(people: usize) -> Self {
        let clock = SimulatedClock::at(BEGINNING);
        let trace = Trace::new(clock.clone(), false);
        let house = House::start(house::folder(), clock.clone(), trace.clone()).await;
        let neighbourhood = Neighbourhood {
            house: house.clone(),
            clock: clock.clone(),
            trace,
            witness: Witness::default(),
            names: Names::default(),
            weather: Weather::FINE,
        };
        let mut ready = Vec::new();
        for person in 0..people {
            let dice = Dice::of(SEED, person as u64);
            let name = format!("p{person}");
            let device = Device::begin(&neighbourhood, name.clone(), person, Vault::new(), dice);
            let client = device.client().await;
            client
                .register(&name, PASSWORD)
                .await
                .expect("an account is registered");
            device.is_online().await;
            ready.push(device);
        }
        // Until everybody's KeyPackages are published.
        tokio::time::sleep(Duration::from_secs(5)).await;
        let mut kept = Vec::new();
        for device in ready {
            let account = device.account().await.expect("it is logged in");
            kept.push((account, device.end().await));
        }
        house.end(Ending::Stopped).await;
        Self {
            folder: house.into_folder().expect("a server has a folder"),
            people: kept,
            time: clock.time(),
        }
    }
}
