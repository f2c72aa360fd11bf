//! What has to be so when everything has come to rest.

use super::device::Device;
use super::episode::{Episode, Tally};
use super::ledger::{Answer, Asked, Request};
use super::log::ChatLog;
use sotto_client_sdk::protocol::frame::EntryKind;
use sotto_client_sdk::protocol::{AccountId, ChatId, DeviceAddress, MessageId, Seq};
use sotto_client_sdk::testing::StoredChat;
use sotto_client_sdk::{Body, ConnectionState, GroupChange, Message, MessageState, Role};
use std::collections::{BTreeMap, BTreeSet};

/// What is left to do, for whom: nothing, if everything is at rest.
pub async fn restless(episode: &Episode) -> Vec<String> {
    let house = &episode.neighbourhood().house;
    let names = &episode.neighbourhood().names;
    let Some(running) = house.server() else {
        return vec!["the server is down".to_owned()];
    };
    let mut lasts = BTreeMap::new();
    for chat in episode.chats() {
        let members = house.members(chat).await.unwrap_or_default();
        if let Some(member) = members.first()
            && let Ok(Some(last)) = running.server.last(chat, *member).await
        {
            lasts.insert(chat, (last, members));
        }
    }
    let mut restless = Vec::new();
    for device in episode.devices() {
        if device.seen().is_logged_out {
            continue;
        }
        let name = device.name();
        let client = device.running_client();
        let Some(client) = client.filter(|client| client.connection() == ConnectionState::Online) else {
            restless.push(format!("{name} is not online"));
            continue;
        };
        for chat in client.chats().await.unwrap_or_default() {
            if chat.request.is_some() && client.accept_request(chat.chat).await.is_ok() {
                restless.push(format!("{name} has only now taken {}", names.chat(chat.chat)));
            }
        }
        let stored = device.vault().chats().await;
        for chat in &stored {
            let called = names.chat(chat.chat);
            if !chat.intents.is_empty() {
                restless.push(format!("{name} has yet to do {:?} in {called}", chat.intents));
            }
            if chat.queued > 0 {
                restless.push(format!("{name} has yet to send {} in {called}", chat.queued));
            }
            if chat.has_pending_commit {
                restless.push(format!("{name} has a Commit pending in {called}"));
            }
            if !chat.is_member && !chat.is_left {
                restless.push(format!("{name} is half in {called}"));
            }
        }
        let Some(address) = device.address() else {
            restless.push(format!("{name} is not logged in"));
            continue;
        };
        for (chat, (last, members)) in &lasts {
            let has = stored.iter().find(|stored| stored.chat == *chat);
            let done = has
                .filter(|stored| stored.is_member)
                .map_or(Seq::ZERO, |stored| stored.done);
            if members.contains(&address) && done != *last {
                restless.push(format!(
                    "{name} has read {} up to {} of {}",
                    names.chat(*chat),
                    done.0,
                    last.0
                ));
            }
            let is_missing =
                members.iter().any(|member| member.account == address.account) && !members.contains(&address);
            if is_missing {
                restless.push(format!(
                    "{name} is not in {}, and its account is",
                    names.chat(*chat)
                ));
            }
        }
    }
    restless
}

/// Holds everything against everything, and counts.
pub async fn all(episode: &Episode) -> Tally {
    let mut tally = Tally {
        episodes: 1,
        ..Tally::default()
    };
    for device in episode.devices() {
        let seen = device.seen();
        tally.ends += seen.ends;
        for alarm in seen.alarms {
            episode.find(format!("{}: {alarm}", device.name()));
        }
    }
    if episode.neighbourhood().witness.has_reversals() {
        episode.find("a Commit was taken back".to_owned());
    }
    let asked = episode.ledger().asked();
    for one in &asked {
        tally.asked += 1;
        match &one.answer {
            Answer::Awaited => episode.find(format!("{} was not answered: {:?}", one.on, one.what)),
            Answer::Done => tally.done += 1,
            Answer::Refused(_) => tally.refused += 1,
            Answer::Unheard => tally.unheard += 1,
        }
    }
    for chat in episode.chats() {
        let about: Vec<&Asked> = asked.iter().filter(|asked| asked.chat == chat).collect();
        if let Some(log) = chat_at_rest(episode, chat, &about).await {
            let commits = log.entries.iter().filter(|entry| entry.kind == EntryKind::Commit);
            let commits = commits.count();
            tally.commits += commits;
            tally.messages += log.entries.len() - commits;
            for one in &asked {
                if let (Request::NoDevice(device), Answer::Done) = (&one.what, &one.answer)
                    && log.members().iter().any(|member| member.device == *device)
                {
                    let names = &episode.neighbourhood().names;
                    episode.find(format!(
                        "{} was removed and is in {} still",
                        names.device(*device),
                        names.chat(chat)
                    ));
                }
            }
        }
    }
    tally
}

/// What a device shows of a chat.
struct Shown {
    device: Device,
    address: DeviceAddress,
    stored: Option<StoredChat>,
    messages: Vec<Message>,
    title: Option<String>,
}

async fn chat_at_rest(episode: &Episode, chat: ChatId, asked: &[&Asked]) -> Option<ChatLog> {
    let names = &episode.neighbourhood().names;
    let house = &episode.neighbourhood().house;
    let mut shown = Vec::new();
    for device in episode.devices() {
        if let (Some(address), false) = (device.address(), device.seen().is_logged_out) {
            let client = device.running_client()?;
            shown.push(Shown {
                stored: device.vault().chat(chat).await,
                messages: device.messages(chat).await,
                title: client.group(chat).await.ok().and_then(|group| group.title),
                address,
                device,
            });
        }
    }
    let on_server: BTreeSet<DeviceAddress> = house.members(chat).await?.into_iter().collect();
    let Some(member) = on_server.first() else {
        for one in shown.iter().filter(|one| one.is_member()) {
            episode.find(format!("{} is in {} alone", one.device.name(), names.chat(chat)));
        }
        return None;
    };
    let entries = house.entries(chat, *member).await?;
    let log = episode.neighbourhood().witness.read(chat, entries);
    let listed = |devices: &BTreeSet<DeviceAddress>| -> Vec<String> {
        devices.iter().map(|device| names.device(device.device)).collect()
    };
    if log.members() != on_server {
        episode.find(format!(
            "by its log {:?} are in {}, by the server {:?}",
            listed(&log.members()),
            names.chat(chat),
            listed(&on_server)
        ));
    }
    membership(episode, chat, &log, &shown);
    texts(episode, chat, &log, &shown, asked);
    requests(episode, chat, &log, &shown, asked);
    Some(log)
}

impl Shown {
    fn is_member(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.is_member)
    }
}

/// No fork, nobody locked out, nobody left in.
fn membership(episode: &Episode, chat: ChatId, log: &ChatLog, shown: &[Shown]) {
    let names = &episode.neighbourhood().names;
    let called = names.chat(chat);
    let members = log.members();
    let mut first: Option<(&Shown, &StoredChat)> = None;
    for one in shown {
        let name = one.device.name();
        let is_in = members.contains(&one.address);
        if is_in != one.is_member() {
            episode.find(format!(
                "{name} takes itself to be {} {called}, and is {}",
                if one.is_member() { "in" } else { "outside" },
                if is_in { "in" } else { "outside" }
            ));
        }
        let is_of_member = members.iter().any(|member| member.account == one.address.account);
        if is_of_member && !is_in {
            episode.find(format!("{name} is locked out of {called}"));
        }
        let Some(stored) = one.stored.as_ref().filter(|_| is_in) else {
            continue;
        };
        if stored.is_halted {
            episode.find(format!("{name} is halted in {called}"));
        }
        if stored.undecryptable > 0 {
            episode.find(format!(
                "{name} could not read {} entries of {called}",
                stored.undecryptable
            ));
        }
        let Some(group) = &stored.group else {
            episode.find(format!("{name} has no state of {called}"));
            continue;
        };
        if group.members.iter().copied().collect::<BTreeSet<_>>() != members {
            episode.find(format!("{name} has other members in {called} than its log"));
        }
        match first {
            None => first = Some((one, stored)),
            Some((other, theirs)) => {
                if theirs.group != stored.group {
                    let epoch = theirs.group.as_ref().map(|group| group.epoch);
                    episode.find(format!(
                        "FORK of {called}: {name} is in another state of epoch {:?} than {} of {epoch:?}",
                        group.epoch,
                        other.device.name()
                    ));
                }
                if one.title != other.title {
                    episode.find(format!(
                        "{name} calls {called} {:?}, and {} {:?}",
                        one.title,
                        other.device.name(),
                        other.title
                    ));
                }
            }
        }
    }
    for member in &members {
        if shown.iter().all(|one| one.address != *member) {
            episode.find(format!(
                "{} is in {called} and is no device any more",
                names.device(member.device)
            ));
        }
    }
}

/// Every text is read once, in its place, by all who were there, and by nobody else.
fn texts(episode: &Episode, chat: ChatId, log: &ChatLog, shown: &[Shown], asked: &[&Asked]) {
    let names = &episode.neighbourhood().names;
    let called = names.chat(chat);
    let mut by_place: BTreeMap<Seq, (MessageId, DeviceAddress)> = BTreeMap::new();
    let mut failed = BTreeSet::new();
    for one in shown {
        let name = one.device.name();
        let mut ids = BTreeSet::new();
        for message in one.messages.iter().filter(|message| is_text(message)) {
            let text = names.of(message.id.as_bytes());
            if !ids.insert(message.id) {
                episode.find(format!("{name} reads {text} twice in {called}"));
            }
            match message.state {
                MessageState::Failed { .. } => {
                    failed.insert(message.id);
                    continue;
                }
                MessageState::Queued | MessageState::Relayed { .. } => continue,
                MessageState::Accepted | MessageState::Received => {}
            }
            let seq = Seq(message.position);
            let from = DeviceAddress {
                account: message.from.account,
                device: message.from.device,
            };
            let (known, by) = *by_place.entry(seq).or_insert((message.id, from));
            if (known, by) != (message.id, from) {
                episode.find(format!(
                    "{name} reads {text} at {} of {called}, and others {}",
                    seq.0,
                    names.of(known.as_bytes())
                ));
            }
            if from != one.address && !log.might_read(one.address.account, seq) {
                episode.find(format!("{name} reads {text} of {called} and was not there"));
            }
        }
    }
    for one in shown {
        let Some(since) = log.member_since(one.address) else {
            continue;
        };
        let read: BTreeSet<Seq> = one
            .messages
            .iter()
            .filter(|message| is_text(message))
            .map(|message| Seq(message.position))
            .collect();
        for (seq, (id, _)) in by_place.range(since.next()..) {
            if !read.contains(seq) {
                episode.find(format!(
                    "{} misses {} at {} of {called}",
                    one.device.name(),
                    names.of(id.as_bytes()),
                    seq.0
                ));
            }
        }
    }
    let in_log: BTreeMap<MessageId, Seq> = log
        .entries
        .iter()
        .map(|entry| (entry.message, entry.seq))
        .collect();
    for one in asked {
        let Request::Text(id) = &one.what else {
            continue;
        };
        let text = names.of(id.as_bytes());
        match (in_log.get(id), &one.answer) {
            (Some(seq), _) if !by_place.contains_key(seq) => {
                // Whoever was there then may all be gone.
                let somebody = shown
                    .iter()
                    .any(|shown| log.member_since(shown.address).is_some_and(|since| since < *seq));
                if somebody {
                    episode.find(format!("nobody can read {text} at {} of {called}", seq.0));
                }
            }
            (None, Answer::Done) if !failed.contains(id) => {
                let is_there = shown.iter().any(|shown| shown.device.name() == one.on);
                if is_there {
                    episode.find(format!(
                        "{text} of {called} was taken, and is neither sent nor failed"
                    ));
                }
            }
            _ => {}
        }
    }
}

fn is_text(message: &Message) -> bool {
    matches!(message.body, Body::Text(_))
}

/// What users asked for has happened, or they were told.
fn requests(episode: &Episode, chat: ChatId, log: &ChatLog, shown: &[Shown], asked: &[&Asked]) {
    let called = episode.neighbourhood().names.chat(chat);
    let changes = changes(shown);
    let mut unheard: BTreeMap<&str, usize> = BTreeMap::new();
    for one in asked {
        let has_happened = has_happened(one, log, &changes) || was_taken_along(one, episode);
        match &one.answer {
            Answer::Done if !has_happened => episode.find(format!(
                "{} was told that {:?} has happened in {called}, and it has not",
                one.on, one.what
            )),
            Answer::Unheard if !has_happened => *unheard.entry(&one.on).or_default() += 1,
            _ => {}
        }
    }
    for one in shown {
        let name = one.device.name();
        let seen = one.device.seen();
        let lost = unheard.get(name).copied().unwrap_or(0);
        let all = asked
            .iter()
            .filter(|asked| asked.on == name && asked.answer == Answer::Unheard)
            .count();
        let kept = seen.kept_intents.iter().filter(|kept| **kept == chat).count();
        let told = seen.failed_intents.iter().filter(|told| **told == chat).count();
        // What was not kept yet when the process ended was not taken.
        if lost > all.saturating_sub(kept) + told {
            episode.find(format!(
                "{name} was asked for {all} things in {called} that it did not live to answer and kept {kept}; {lost} have not happened and {told} were reported"
            ));
        }
    }
}

/// Whether somebody's leaving was under way on a device that was then removed from its account, and everything with it.
fn was_taken_along(asked: &Asked, episode: &Episode) -> bool {
    let leaves = matches!(&asked.what, Request::Absent(accounts) if *accounts == [asked.by]);
    let mut devices = episode.devices().into_iter();
    leaves && devices.any(|device| device.name() == asked.on && device.seen().is_logged_out)
}

/// What changed in a chat, in order, as all devices together tell it.
fn changes(shown: &[Shown]) -> BTreeMap<Seq, Vec<GroupChange<AccountId>>> {
    let mut changes = BTreeMap::new();
    for message in shown.iter().flat_map(|one| &one.messages) {
        if let Body::GroupChanges(changed) = &message.body {
            let told: Vec<_> = changed
                .iter()
                .map(|change| change.clone().map(|whom| whom.account))
                .collect();
            let known: &mut Vec<_> = changes.entry(Seq(message.position)).or_default();
            if known.len() < told.len() {
                *known = told;
            }
        }
    }
    changes
}

/// Whether it was so at any time since the device knew what it knew when it was asked.
fn has_happened(asked: &Asked, log: &ChatLog, changes: &BTreeMap<Seq, Vec<GroupChange<AccountId>>>) -> bool {
    let since = |matches: &dyn Fn(&GroupChange<AccountId>) -> bool,
                 is_about: &dyn Fn(&GroupChange<AccountId>) -> bool| {
        let later = changes.range(asked.known.next()..);
        if later.flat_map(|(_, changes)| changes).any(matches) {
            return true;
        }
        // As it was then: if nothing tells how that came, it may be.
        let before = changes.range(..=asked.known).rev();
        let mut before = before.flat_map(|(_, changes)| changes.iter().rev());
        before.find(|change| is_about(change)).is_none_or(matches)
    };
    match &asked.what {
        Request::Present(accounts) => accounts
            .iter()
            .all(|account| was_present(log, *account, asked.known)),
        Request::Absent(accounts) => accounts
            .iter()
            .all(|account| was_absent(log, *account, asked.known)),
        Request::Role(account, role) => {
            // Whoever comes in again has no office.
            let parts = |change: &GroupChange<AccountId>| matches!(change, GroupChange::Removed(whom) | GroupChange::Left(whom) if whom == account);
            let gets = |change: &GroupChange<AccountId>| matches!(change, GroupChange::Role { account: whom, role: is } if whom == account && is == role);
            since(
                &|change| gets(change) || *role == Role::Member && parts(change),
                &|change| {
                    parts(change)
                        || matches!(change, GroupChange::Role { account: whom, .. } if whom == account)
                },
            )
        }
        Request::Policy(policy) => since(
            &|change| matches!(change, GroupChange::JoinPolicy(is) if is == policy),
            &|change| matches!(change, GroupChange::JoinPolicy(_)),
        ),
        Request::Title(title) => since(
            &|change| matches!(change, GroupChange::Title(is) if is == title),
            &|change| matches!(change, GroupChange::Title(_)),
        ),
        Request::Text(_) | Request::NoDevice(_) | Request::Other(_) => true,
    }
}

fn was_present(log: &ChatLog, account: AccountId, since: Seq) -> bool {
    let stays = log.stays.iter().filter(|(device, _)| device.account == account);
    stays
        .flat_map(|(_, stays)| stays)
        .any(|stay| stay.ends.is_none_or(|end| end > since))
}

fn was_absent(log: &ChatLog, account: AccountId, since: Seq) -> bool {
    let stays: Vec<_> = log
        .stays
        .iter()
        .filter(|(device, _)| device.account == account)
        .flat_map(|(_, stays)| stays)
        .collect();
    let is_in = |at: Seq| {
        stays
            .iter()
            .any(|stay| stay.begins <= at && stay.ends.is_none_or(|end| at < end))
    };
    let ends = stays.iter().filter_map(|stay| stay.ends);
    ends.filter(|end| *end >= since)
        .chain([since])
        .any(|at| !is_in(at))
}
