//! An episode, from its seed to its findings.

use super::check;
use super::clock::SimulatedClock;
use super::device::{Device, Neighbourhood, ProcessEnded, Vault};
use super::ground::Ground;
use super::house::{Ending, House};
use super::ledger::{Answer, Asked, Ledger, Request};
use super::log::Witness;
use super::network::Names;
use super::plan::{Plan, Step, Who, Wish};
use super::trace::Trace;
use super::weather::Weather;
use crate::faults::dice::Dice;
use sotto_client_sdk::protocol::{AccountId, ChatId, MessageId, Retention, Seq};
use sotto_client_sdk::{ClientError, GroupSettings, GroupSize, JoinPolicy, NewGroup, NewMessage};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until, timeout};

/// How long everything may take to come to rest, in the time of the episode.
const REST: Duration = Duration::from_mins(20);
/// How often it is looked whether everything is at rest.
const LOOK: Duration = Duration::from_secs(2);
/// How long a user waits for anything.
const PATIENCE: Duration = Duration::from_mins(30);

/// What came of an episode.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// What ought not to be; empty if all is well.
    pub findings: Vec<String>,
    /// Of everything that happened.
    pub digest: u64,
    /// Everything that happened, if it was kept.
    pub trace: String,
    /// How much happened.
    pub tally: Tally,
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Episodes.
    pub episodes: usize,
    /// Things that were asked for.
    pub asked: usize,
    /// Of these, such as happened.
    pub done: usize,
    /// And such as were refused, and the user told.
    pub refused: usize,
    /// And such as their process did not live to answer.
    pub unheard: usize,
    /// Commits in the logs.
    pub commits: usize,
    /// Other entries.
    pub messages: usize,
    /// Processes that ended before their time.
    pub ends: usize,
    /// Lines of the traces: frames, requests, and what else happens.
    pub lines: usize,
}

impl Tally {
    /// Adds another one.
    pub fn add(&mut self, other: &Self) {
        self.episodes += other.episodes;
        self.asked += other.asked;
        self.done += other.done;
        self.refused += other.refused;
        self.unheard += other.unheard;
        self.commits += other.commits;
        self.messages += other.messages;
        self.ends += other.ends;
        self.lines += other.lines;
    }
}

impl Outcome {
    /// Whether all is well.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Plays the episode of a seed. Its trace is kept if wanted.
#[must_use]
pub fn play(seed: u64, keep_trace: bool) -> Outcome {
    play_plan(seed, Plan::of(seed), keep_trace)
}

/// Plays this plan, with the chances of this seed.
#[must_use]
pub fn play_plan(seed: u64, plan: Plan, keep_trace: bool) -> Outcome {
    let ground = Ground::with(plan.people);
    super::in_paused_time(async move {
        let episode = Episode::begin(seed, &plan, &ground, keep_trace).await;
        episode.run(&plan).await
    })
}

/// What an episode consists of. Clones are the same one.
#[derive(Clone)]
pub struct Episode {
    seed: u64,
    neighbourhood: Neighbourhood,
    people: Arc<[AccountId]>,
    ledger: Ledger,
    state: Arc<Mutex<State>>,
}

struct State {
    devices: Vec<Device>,
    chats: Vec<ChatId>,
    dice: Dice,
    /// How many devices have come.
    added: u64,
    findings: Vec<String>,
}

impl Episode {
    async fn begin(seed: u64, plan: &Plan, ground: &Ground, keep_trace: bool) -> Self {
        let clock = SimulatedClock::at(ground.time);
        let trace = Trace::new(clock.clone(), keep_trace);
        trace.say(format_args!("seed {seed}"));
        let house = House::start(ground.folder(), clock.clone(), trace.clone()).await;
        let neighbourhood = Neighbourhood {
            house,
            clock,
            trace,
            witness: Witness::default(),
            names: Names::default(),
            weather: Weather::FINE,
        };
        let mut devices = Vec::new();
        let mut people = Vec::new();
        for (person, (account, vault)) in ground.people.iter().take(plan.people).enumerate() {
            let name = format!("p{person}");
            let names = &neighbourhood.names;
            names.give(account.account.as_bytes(), name.clone());
            names.give(account.device.as_bytes(), name.clone());
            people.push(account.account);
            let dice = Dice::of(seed, 100 + person as u64);
            devices.push(Device::begin(&neighbourhood, name, person, vault.copy(), dice));
        }
        for device in &devices {
            device.is_online().await;
        }
        Self {
            seed,
            neighbourhood,
            people: people.into(),
            ledger: Ledger::default(),
            state: Arc::new(Mutex::new(State {
                devices,
                chats: Vec::new(),
                dice: Dice::of(seed, 1),
                added: 0,
                findings: Vec::new(),
            })),
        }
    }

    async fn run(self, plan: &Plan) -> Outcome {
        self.found_groups(plan).await;
        for device in self.devices() {
            device.way().set_weather(plan.weather);
        }
        let begun = Instant::now();
        let mut steps = Vec::new();
        for (at, step) in &plan.steps {
            sleep_until(begun + *at).await;
            let (episode, step, weather) = (self.clone(), step.clone(), plan.weather);
            steps.push(tokio::spawn(async move { episode.step(step, weather).await }));
        }
        sleep(Duration::from_secs(3)).await;
        self.say("everything is to come to rest");
        for device in self.devices() {
            device.way().set_weather(Weather::FINE);
        }
        for step in steps {
            if timeout(PATIENCE, step).await.is_err() {
                self.find("something that a user asked for is never answered".to_owned());
            }
        }
        for device in self.devices() {
            device.way().set_weather(Weather::FINE);
            device.way().come_back();
        }
        self.comes_to_rest("after all that happened").await;
        self.everybody_speaks().await;
        self.comes_to_rest("after everybody spoke").await;
        let tally = check::all(&self).await;
        let trace = &self.neighbourhood.trace;
        Outcome {
            seed: self.seed,
            findings: self.state().findings.clone(),
            digest: trace.digest(),
            trace: trace.text(),
            tally: Tally {
                lines: trace.lines(),
                ..tally
            },
        }
    }

    async fn found_groups(&self, plan: &Plan) {
        for (number, group) in plan.groups.iter().enumerate() {
            let founder = self.devices().swap_remove(group.founder);
            let new = NewGroup {
                size: GroupSize::Normal,
                title: format!("Group {number}"),
                description: String::new(),
                join_policy: group.join_policy,
                is_listed: false,
                retention: Retention::Keep,
                members: group
                    .members
                    .iter()
                    .map(|person| format!("p{person}").parse().expect("a name"))
                    .collect(),
                community: None,
                is_broadcast: false,
            };
            let client = founder.client().await;
            let chat = client.create_group(new).await.expect("a group can be founded");
            self.neighbourhood
                .names
                .give(chat.as_bytes(), format!("g{number}"));
            let roles = group
                .admins
                .iter()
                .map(|person| (self.account(*person), sotto_client_sdk::Role::Admin));
            let settings = GroupSettings {
                roles: roles.collect(),
                ..GroupSettings::default()
            };
            if !settings.roles.is_empty() {
                client
                    .set_group(chat, settings)
                    .await
                    .expect("admins are appointed");
            }
            self.state().chats.push(chat);
        }
        self.comes_to_rest("before anything happens").await;
    }

    async fn step(&self, step: Step, weather: Weather) {
        let house = &self.neighbourhood.house;
        match step {
            Step::Ask(who, group, wish) => self.wish(who, group, wish).await,
            Step::AddDevice(who) => self.add_device(who, weather).await,
            Step::RemoveDevice(who) => self.remove_device(who).await,
            Step::Crash(who, batches, pause) => {
                if let Some(device) = self.who(who) {
                    device.crash(batches, pause).await;
                }
            }
            Step::Close(who, pause) => {
                if let Some(device) = self.who(who) {
                    device.close(pause).await;
                }
            }
            Step::Offline(who, pause) => {
                if let Some(device) = self.who(who) {
                    self.say(format_args!("{} goes offline", device.name()));
                    device.way().go_offline();
                    sleep(pause).await;
                    device.way().come_back();
                    self.say(format_args!("{} may come back", device.name()));
                }
            }
            Step::KillServer(pause) => self.restart_server(Ending::Killed, pause, house).await,
            Step::StopServer(pause) => self.restart_server(Ending::Stopped, pause, house).await,
            Step::Jump(by) => {
                self.say("the clocks jump");
                self.neighbourhood.clock.jump(by);
            }
        }
    }

    async fn restart_server(&self, ending: Ending, pause: Duration, house: &House) {
        if house.server().is_some() {
            house.end(ending).await;
            sleep(pause).await;
            house.begin().await;
        }
    }

    /// The device that is meant, if the person has one that is usable.
    fn who(&self, who: Who) -> Option<Device> {
        let devices = self.devices_of(who.person);
        devices.get(who.device % devices.len().max(1)).cloned()
    }

    fn devices_of(&self, person: usize) -> Vec<Device> {
        let mut devices = self.devices();
        devices.retain(|device| device.person() == person && !device.seen().is_logged_out);
        devices
    }

    async fn add_device(&self, who: Who, weather: Weather) {
        let (Some(old), true) = (self.who(who), self.devices_of(who.person).len() < 3) else {
            return;
        };
        let offer = old
            .ask(async |client| client.offer_device_link("https://sotto.example").await)
            .await;
        let Ok(Ok(offer)) = offer else {
            return;
        };
        // No two of the same chances: they would make the same keys.
        let number = {
            let mut state = self.state();
            state.added += 1;
            state.added
        };
        let dice = Dice::of(self.seed, 10_000 + number);
        let name = format!("p{}.{number}", who.person);
        self.neighbourhood
            .names
            .give(offer.device.as_bytes(), name.clone());
        let neighbourhood = Neighbourhood {
            weather,
            ..self.neighbourhood.clone()
        };
        let device = Device::begin(&neighbourhood, name, who.person, Vault::new(), dice);
        device.client().await;
        let code = offer.code.text();
        let logged_in = device
            .ask(async |client| client.log_in_by_device_link(&code).await)
            .await;
        self.say(format_args!("{}: logs in: {logged_in:?}", device.name()));
        // Whoever did not get in is put away, and might be on the list all the same: it stays there until it is removed.
        match logged_in {
            Ok(Ok(())) => self.state().devices.push(device),
            Ok(Err(_)) | Err(ProcessEnded) => {
                device.end().await;
            }
        }
    }

    async fn remove_device(&self, who: Who) {
        let Some(remover) = self.who(who) else {
            return;
        };
        let (Some(own), Some(other)) = (
            remover.address(),
            self.devices_of(who.person)
                .into_iter()
                .rev()
                .find(|device| device.name() != remover.name()),
        ) else {
            return;
        };
        let Some(address) = other.address() else {
            return;
        };
        let asked = Asked {
            on: remover.name().to_owned(),
            by: own.account,
            chat: ChatId::from_bytes([0; 16]),
            what: Request::NoDevice(address.device),
            known: Seq::ZERO,
            answer: Answer::Awaited,
        };
        self.asks(&remover, asked, async move |client| {
            client.remove_device(address.device).await
        })
        .await;
    }

    async fn asks(
        &self,
        device: &Device,
        asked: Asked,
        question: impl AsyncFnOnce(
            sotto_client_sdk::Client<super::platform::Simulation>,
        ) -> Result<(), ClientError>,
    ) {
        let what = format!("{}: {:?}", device.name(), asked.what);
        self.say(format_args!("{what}?"));
        let line = self.ledger.ask(asked);
        let answer = match device.ask(question).await {
            Ok(Ok(())) => Answer::Done,
            Ok(Err(ClientError::Closed)) | Err(ProcessEnded) => Answer::Unheard,
            Ok(Err(error)) => Answer::Refused(error.to_string()),
        };
        self.say(format_args!("{what}: {answer:?}"));
        self.ledger.answer(line, answer);
    }

    #[allow(clippy::too_many_lines, reason = "one arm a wish, none of them long")]
    async fn wish(&self, who: Who, group: usize, wish: Wish) {
        let (Some(device), Some(chat)) = (self.who(who), self.chat(group)) else {
            return;
        };
        let Some(own) = device.address() else {
            return;
        };
        let stored = device.vault().chat(chat).await;
        let account = |person: &usize| self.account(*person);
        let names: Vec<String>;
        let mut asked = Asked {
            on: device.name().to_owned(),
            by: own.account,
            chat,
            what: Request::Other(""),
            known: stored.as_ref().map_or(Seq::ZERO, |stored| stored.done),
            answer: Answer::Awaited,
        };
        match wish {
            Wish::Text => {
                let message = MessageId::from_bytes(self.state().dice.bytes());
                let text = self.text(&device);
                self.neighbourhood.names.give(message.as_bytes(), text.clone());
                asked.what = Request::Text(message);
                self.asks(&device, asked, async move |client| {
                    client
                        .send(chat, NewMessage::text(text).with_id(message))
                        .await
                        .map(drop)
                })
                .await;
            }
            Wish::Add(people) => {
                let accounts: Vec<AccountId> = people
                    .iter()
                    .map(account)
                    .filter(|account| *account != own.account)
                    .collect();
                names = people
                    .iter()
                    .filter(|person| account(person) != own.account)
                    .map(|person| format!("p{person}"))
                    .collect();
                if names.is_empty() {
                    return;
                }
                asked.what = Request::Present(accounts);
                self.asks(&device, asked, async move |client| {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    client.add_to_group(chat, &names).await
                })
                .await;
            }
            Wish::Remove(people, bans) => {
                let accounts: Vec<AccountId> = people.iter().map(account).collect();
                asked.what = Request::Absent(accounts.clone());
                self.asks(&device, asked, async move |client| {
                    client.remove_from_group(chat, &accounts, bans).await
                })
                .await;
            }
            Wish::Appoint(person, role) => {
                let settings = GroupSettings {
                    roles: vec![(account(&person), role)],
                    ..GroupSettings::default()
                };
                asked.what = Request::Role(account(&person), role);
                self.asks(&device, asked, async move |client| {
                    client.set_group(chat, settings).await
                })
                .await;
            }
            Wish::Policy(policy) => {
                let settings = GroupSettings {
                    join_policy: Some(policy),
                    ..GroupSettings::default()
                };
                asked.what = Request::Policy(policy);
                self.asks(&device, asked, async move |client| {
                    client.set_group(chat, settings).await
                })
                .await;
            }
            Wish::Title => {
                let title = self.text(&device);
                asked.what = Request::Title(title.clone());
                self.asks(&device, asked, async move |client| {
                    client.describe_group(chat, title, "").await
                })
                .await;
            }
            Wish::Leave => {
                asked.what = Request::Absent(vec![own.account]);
                self.asks(&device, asked, async move |client| client.leave_group(chat).await)
                    .await;
            }
            Wish::Join => {
                let is_open = stored
                    .as_ref()
                    .and_then(|stored| stored.group.as_ref())
                    .and_then(|group| group.rules.as_group())
                    .is_none_or(|rules| rules.join_policy == JoinPolicy::Open);
                if is_open {
                    asked.what = Request::Present(vec![own.account]);
                    self.asks(&device, asked, async move |client| {
                        client.join_group(chat).await.map(drop)
                    })
                    .await;
                } else {
                    asked.what = Request::Other("ask to join");
                    self.asks(&device, asked, async move |client| client.ask_to_join(chat).await)
                        .await;
                }
            }
            Wish::Approve => {
                asked.what = Request::Other("approve");
                self.asks(&device, asked, async move |client| {
                    let requests = client.join_requests(chat).await?;
                    match requests.first() {
                        Some(request) => client.approve_join_request(chat, request.account).await,
                        None => Ok(()),
                    }
                })
                .await;
            }
        }
    }

    fn account(&self, person: usize) -> AccountId {
        let account = self.people.get(person).copied();
        account.expect("a plan names its people alone")
    }

    /// A text that nobody else sends.
    fn text(&self, device: &Device) -> String {
        let number = self.state().dice.number() >> 40;
        format!("{}#{number:x}", device.name())
    }

    /// Every device says something in every chat that it is in.
    async fn everybody_speaks(&self) {
        self.say("everybody speaks");
        for chat in self.chats() {
            for device in self.devices() {
                let stored = device.vault().chat(chat).await;
                if device.seen().is_logged_out || stored.is_none_or(|stored| !stored.is_member) {
                    continue;
                }
                let text = self.text(&device);
                let said = device
                    .ask(async |client| client.send_text(chat, text).await)
                    .await;
                if !matches!(said, Ok(Ok(_))) {
                    self.find(format!("{} cannot say anything: {said:?}", device.name()));
                }
            }
        }
    }

    /// Waits until nothing is left to do, for anybody.
    async fn comes_to_rest(&self, when: &str) {
        let deadline = Instant::now() + REST;
        let mut quiet = 0;
        loop {
            sleep(LOOK).await;
            let restless = check::restless(self).await;
            // Once is not enough: something may be on its way.
            quiet = if restless.is_empty() { quiet + 1 } else { 0 };
            if quiet >= 8 {
                return;
            }
            if Instant::now() > deadline {
                for what in restless {
                    self.find(format!("no rest {when}: {what}"));
                }
                return;
            }
        }
    }

    /// Writes down what ought not to be.
    pub(super) fn find(&self, what: String) {
        self.say(format_args!("FOUND: {what}"));
        self.state().findings.push(what);
    }

    pub(super) fn say(&self, what: impl std::fmt::Display) {
        self.neighbourhood.trace.say(what);
    }

    pub(super) fn devices(&self) -> Vec<Device> {
        self.state().devices.clone()
    }

    pub(super) fn chats(&self) -> Vec<ChatId> {
        self.state().chats.clone()
    }

    fn chat(&self, number: usize) -> Option<ChatId> {
        self.state().chats.get(number).copied()
    }

    pub(super) fn neighbourhood(&self) -> &Neighbourhood {
        &self.neighbourhood
    }

    pub(super) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
