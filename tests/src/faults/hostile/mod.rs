//! What hostile clients do to others: the latency of ordinary people while strangers misbehave, against the same without
//! them, in one run. The server has cores of its own. Strangers take what ordinary people leave of the others, as their work
//! is done elsewhere in life, and their own use of a processor is no effect on the server.

mod attack;

pub use attack::Attack;

use super::history::{Event, History, Moment};
use super::house::House;
use super::report::percentile;
use super::workload::{Population, PopulationSize, RunClock};
use crate::light::{Api, LightAccount, LightDevice};
use crate::load::machine::Cores;
use attack::Attackers;
use rustix::process::setpriority_process;
use sotto_protocol::frame::RequestId;
use std::collections::HashMap;
use std::fmt;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::sleep;

/// How long everybody may take to come to rest.
const SETTLE_PATIENCE: Duration = Duration::from_mins(1);
/// After an attack has begun or ended, before anything is measured.
const BETWEEN: Duration = Duration::from_millis(500);
/// Hostile accounts, and devices of each.
const ACCOUNTS: usize = 4;
const DEVICES: usize = 8;
/// The attackers' niceness: the highest, so that everyone else goes first.
const NICENESS: i32 = 19;

/// How long ordinary people wait for an acknowledgement.
#[derive(Clone, Debug)]
pub struct Effect {
    /// What was done to the server.
    pub attack: Attack,
    /// Waits without it, before and after.
    pub normal: Vec<Duration>,
    /// Waits under it.
    pub under_attack: Vec<Duration>,
}

impl Effect {
    /// How many times as long the ninety-ninth of a hundred takes.
    #[must_use]
    pub fn ratio(&self) -> f64 {
        percentile(&self.under_attack, 99).as_secs_f64() / percentile(&self.normal, 99).as_secs_f64()
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |durations: &[Duration], of| percentile(durations, of).as_secs_f64() * 1000.0;
        write!(
            f,
            "{:<34} p50 {:>6.1} → {:>6.1} ms   p99 {:>7.1} → {:>7.1} ms   × {:.2}   ({} and {} messages)",
            self.attack.to_string(),
            millis(&self.normal, 50),
            millis(&self.under_attack, 50),
            millis(&self.normal, 99),
            millis(&self.under_attack, 99),
            self.ratio(),
            self.normal.len(),
            self.under_attack.len(),
        )
    }
}

/// A stretch of time, and under which attack it was.
struct Window {
    attack: usize,
    under_attack: bool,
    from: Moment,
    to: Moment,
}

/// Measures each attack: `turns` times calm and attack, each for so long. Binds this thread to the cores that the server
/// leaves.
pub fn measure(
    attacks: &[Attack],
    size: PopulationSize,
    turns: usize,
    each: Duration,
    seed: u64,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Effect>, String> {
    let said = |error: anyhow::Error| error.to_string();
    let (of_server, of_others) = Cores::available().map_err(said)?.halves();
    of_others.bind().map_err(said)?;
    let people = runtime(0)?;
    let strangers = runtime(NICENESS)?;
    let measured = people.block_on(async {
        of_server.bind().map_err(said)?;
        let house = House::on_sqlite(false).await?;
        of_others.bind().map_err(said)?;
        let rounds = (turns, each);
        measure_on(&house, attacks, size, rounds, seed, strangers.handle(), progress).await
    });
    strangers.shutdown_background();
    measured
}

fn runtime(niceness: i32) -> Result<Runtime, String> {
    let built = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .on_thread_start(move || {
            // Lowering one's priority is always allowed.
            let _ = setpriority_process(None, niceness);
        })
        .build();
    built.map_err(|error| format!("no runtime: {error}"))
}

async fn measure_on(
    house: &House,
    attacks: &[Attack],
    size: PopulationSize,
    (turns, each): (usize, Duration),
    seed: u64,
    strangers: &Handle,
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Effect>, String> {
    let clock = RunClock::start();
    let api = Api::new(&house.url());
    let said = |error| format!("nobody could register: {error}");
    let population = Population::start(&api, house.addresses(), size, clock, seed)
        .await
        .map_err(said)?;
    let hostile = hostile_devices(&api, seed).await?;
    let target = house.address();
    let mut windows = Vec::new();
    for turn in 0..turns {
        for (number, attack) in attacks.iter().enumerate() {
            progress(&format!("turn {}/{turns}: {attack}", turn + 1));
            for under_attack in [false, true] {
                let attackers =
                    under_attack.then(|| Attackers::start(strangers, *attack, target, &api, &hostile));
                sleep(BETWEEN).await;
                let from = clock.now();
                sleep(each).await;
                windows.push(Window {
                    attack: number,
                    under_attack,
                    from,
                    to: clock.now(),
                });
                if let Some(attackers) = attackers {
                    attackers.stop().await;
                }
            }
        }
    }
    let history = population.settle(SETTLE_PATIENCE).await;
    Ok(effects(&history, attacks, &windows))
}

async fn hostile_devices(api: &Api, seed: u64) -> Result<Vec<LightDevice>, String> {
    let mut dice = super::dice::Dice::of(seed, 4_000_000);
    let mut devices = Vec::new();
    for number in 0..ACCOUNTS {
        let name = format!("stranger{number}");
        let said = |error| format!("no stranger could register: {error}");
        let (mut account, first) = LightAccount::register(api, &name, dice.rng())
            .await
            .map_err(said)?;
        devices.push(first);
        for _ in 1..DEVICES {
            devices.push(account.enrol(api, dice.rng()).await.map_err(said)?);
        }
    }
    Ok(devices)
}

fn effects(history: &History, attacks: &[Attack], windows: &[Window]) -> Vec<Effect> {
    let mut effects: Vec<Effect> = attacks
        .iter()
        .map(|&attack| Effect {
            attack,
            normal: Vec::new(),
            under_attack: Vec::new(),
        })
        .collect();
    for device in &history.devices {
        let mut sent: HashMap<RequestId, Moment> = HashMap::new();
        for (moment, event) in &device.events {
            match event {
                Event::Submitted(submission) => drop(sent.insert(submission.request, *moment)),
                Event::Accepted { request, .. } => {
                    let Some(since) = sent.remove(request) else {
                        continue;
                    };
                    let window = windows
                        .iter()
                        .find(|window| (window.from..window.to).contains(&since));
                    let Some(window) = window else {
                        continue;
                    };
                    if let Some(effect) = effects.get_mut(window.attack) {
                        let took = Duration::from_nanos(moment.0 - since.0);
                        if window.under_attack {
                            effect.under_attack.push(took);
                        } else {
                            effect.normal.push(took);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    effects
}
