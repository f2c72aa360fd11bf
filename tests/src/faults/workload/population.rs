//! Who talks with whom.

use super::chat::ChatView;
use super::device::{Device, DeviceOptions};
use super::{Phase, Progress, RunClock};
use crate::faults::dice::Dice;
use crate::faults::history::{DeviceHistory, History};
use crate::light::{Api, ApiError, LightAccount, LightDevice, rules};
use sotto_protocol::{AccountId, ChatId, ChatRules, DeviceAddress};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How many there are.
#[derive(Clone, Copy, Debug)]
pub struct PopulationSize {
    /// Accounts, each with a chat with the next ones.
    pub accounts: usize,
    /// Devices of each account; all are in all its chats.
    pub devices: usize,
    /// Chats that each account begins.
    pub chats: usize,
    /// Average time between two messages of a device.
    pub pace: Duration,
}

/// Devices that talk.
pub struct Population {
    /// How far they have come.
    pub progress: Arc<Progress>,
    chats: BTreeMap<ChatId, Vec<DeviceAddress>>,
    phase: watch::Sender<Phase>,
    devices: Vec<(DeviceAddress, JoinHandle<DeviceHistory>)>,
}

impl Population {
    /// Registers everybody at one node, and lets them talk over these.
    pub async fn start(
        api: &Api,
        nodes: Arc<[SocketAddr]>,
        size: PopulationSize,
        clock: RunClock,
        seed: u64,
    ) -> Result<Self, ApiError> {
        let mut dice = Dice::of(seed, 1_000_000);
        let mut accounts: Vec<(LightAccount, Vec<LightDevice>)> = Vec::new();
        for number in 0..size.accounts {
            let name = format!("person{number}");
            let (mut account, first) = LightAccount::register(api, &name, dice.rng()).await?;
            let mut devices = vec![first];
            for _ in 1..size.devices {
                devices.push(account.enrol(api, dice.rng()).await?);
            }
            accounts.push((account, devices));
        }
        let chats = create_chats(api, &accounts, size, &mut dice).await?;
        let mut chats_of: HashMap<DeviceAddress, Vec<ChatView>> = HashMap::new();
        for (&chat, members) in &chats {
            let rules = rules_of(members);
            for member in members {
                let view = ChatView::new(chat, rules.clone());
                chats_of.entry(*member).or_default().push(view);
            }
        }
        let phase = watch::Sender::new(Phase::Talk);
        let progress = Arc::new(Progress::default());
        let all = accounts.into_iter().flat_map(|(_, devices)| devices);
        let devices = all.enumerate().map(|(number, device)| {
            let mut dice = Dice::of(seed, u64::try_from(number).unwrap());
            let address = device.address;
            let device = Device {
                chats: chats_of.remove(&address).unwrap_or_default(),
                options: DeviceOptions::random(&mut dice, size.pace),
                dice,
                nodes: Arc::clone(&nodes),
                clock,
                phase: phase.subscribe(),
                progress: Arc::clone(&progress),
                outgoing: Vec::new(),
                pages: HashMap::new(),
                requests: 0,
                node: number,
                next_message: Instant::now(),
                heard: Instant::now(),
                history: DeviceHistory {
                    address,
                    events: Vec::new(),
                    settled: false,
                },
                session: device,
            };
            (address, tokio::spawn(device.run()))
        });
        Ok(Self {
            devices: devices.collect(),
            progress,
            chats,
            phase,
        })
    }

    /// Lets everybody come to rest: answers to everything, every chat read to its end. Whoever has not after `patience`
    /// is marked in the history.
    pub async fn settle(self, patience: Duration) -> History {
        let settled = async {
            self.phase.send_replace(Phase::Settle);
            self.progress.all_answered().await;
            self.phase.send_replace(Phase::CatchUp);
        };
        let deadline = Instant::now() + patience;
        let _ = tokio::time::timeout_at(deadline, settled).await;
        let mut history = History {
            devices: Vec::new(),
            chats: self.chats,
            broken: Vec::new(),
        };
        for (address, mut device) in self.devices {
            let done = if let Ok(done) = tokio::time::timeout_at(deadline, &mut device).await {
                done
            } else {
                self.phase.send_replace(Phase::Leave);
                device.await
            };
            let left_nothing = |_| DeviceHistory {
                address,
                events: Vec::new(),
                settled: false,
            };
            history.devices.push(done.unwrap_or_else(left_nothing));
        }
        history
    }
}

/// The rules of a chat that these devices of two accounts are in.
fn rules_of(members: &[DeviceAddress]) -> ChatRules {
    let accounts: BTreeSet<AccountId> = members.iter().map(|member| member.account).collect();
    let (Some(&one), Some(&other)) = (accounts.first(), accounts.last()) else {
        panic!("a chat has members");
    };
    rules::direct(one, other)
}

async fn create_chats(
    api: &Api,
    accounts: &[(LightAccount, Vec<LightDevice>)],
    size: PopulationSize,
    dice: &mut Dice,
) -> Result<BTreeMap<ChatId, Vec<DeviceAddress>>, ApiError> {
    let mut chats = BTreeMap::new();
    for (number, (account, devices)) in accounts.iter().enumerate() {
        for distance in 1..=size.chats {
            let peer = accounts.get((number + distance) % accounts.len());
            let (Some((peer, _)), Some(creator)) = (peer, devices.first()) else {
                continue;
            };
            if peer.id() == account.id() {
                continue;
            }
            let chat = ChatId::from_bytes(dice.bytes());
            let members: Vec<DeviceAddress> = account.addresses().chain(peer.addresses()).collect();
            let others = members
                .iter()
                .copied()
                .filter(|&member| member != creator.address);
            match creator.create_chat(api, chat, peer.id(), others.collect()).await {
                Ok(_) => drop(chats.insert(chat, members)),
                // In a small ring two accounts meet twice.
                Err(ApiError::Refused(problem)) if problem.chat.is_some() => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(chats)
}
