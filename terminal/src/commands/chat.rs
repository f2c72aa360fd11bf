//! `sotto chat`

use super::devices::NEW_DEVICE;
use super::files::save_last;
use super::history::{LOOK_BACK, newest};
use super::search::newest_found;
use super::send::{Sending, reached_words};
use crate::failure::Failure;
use crate::input;
use crate::receipts;
use crate::retention;
use crate::session::{Session, chat_with, find_chat};
use crate::text;
use futures_util::StreamExt as _;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::platform::Clock as _;
use sotto_client_sdk::protocol::{AccountId, ChatId, Retention};
use sotto_client_sdk::{
    Body, ChatKind, Client, ClientError, ConnectionState, Event, Events, IdentityStatus, Message,
    MessageState, NewMessage, Presence, SearchQuery,
};
use std::io::{self, IsTerminal as _};
use std::path::Path;
use tokio::sync::mpsc;

/// Lines that wait to be sent: a pipe that writes faster is held up.
const LINES_WAITING: usize = 64;

/// How many messages a search shows.
const FOUND: usize = 20;

const NO_COMMAND: &str = "That is no command; /help shows them. To send it, begin with //";

const HELP: &str = "\
/seen     who has read your last message, and whether they are there
/verify   show the safety number, to compare with theirs
/keep 1h  what you type from now on is deleted after an hour; also 30m, 7d, always, fleeting
/keep     what you type is kept as long as the chat's messages are
/reply …  answer the last message of somebody else
/react 👍 say what you think of it; /react 👍 again takes that back
/edit …   say your last message in other words
/delete   delete your last message, for everybody
/star     mark the last message of somebody else for yourself; /star again takes that back
/pin      show it above the others, to everybody; /pin again takes that back
/forward grace  pass it on to somebody
/file …   send a file, by its path
/save …   save the last file of somebody else, here or to a folder or path
/search … find what was said in this chat; \"words in quotes\" stand together
/quit     leave (also Ctrl-D)
//…       send a line that begins with a slash";

pub(crate) async fn run(session: &mut Session, name: &str, last: usize, follow: bool) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let ended = talk(session, &client, name, last, follow).await;
    client.close().await?;
    ended
}

async fn talk(
    session: &mut Session,
    client: &Client<Native>,
    name: &str,
    last: usize,
    follow: bool,
) -> Result<(), Failure> {
    // Before the history is read, so that nothing falls in between.
    let mut events = client.events();
    let chat = chat_with(client, name).await?;
    let mut conversation = Conversation {
        session,
        client,
        name,
        chat,
        shown: 0,
        sending: Sending::default(),
        keep: None,
        asked_for: None,
    };
    for message in newest(client, chat, last).await? {
        conversation.show(&message).await?;
    }
    conversation.warn_of_changed_identities().await?;
    conversation.warn_of_new_devices().await?;
    if let Some(draft) = client.draft(chat).await? {
        conversation
            .session
            .screen
            .note(&format!("You began to write: {}", text::line(&draft.text)))?;
    }
    let chats = client.chats().await?;
    if chats
        .iter()
        .any(|known| known.chat == chat && known.request.is_some())
    {
        conversation
            .session
            .screen
            .note("They have written to you for the first time, and do not see that you read it. What you send accepts it.")?;
    }
    let interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    client.set_active(interactive).await?;
    let lines = if interactive {
        conversation
            .session
            .screen
            .note("/help for help, Ctrl-D to leave")?;
        conversation.type_lines()?
    } else {
        read_lines()
    };
    conversation
        .go_on(&mut events, lines, interactive, follow)
        .await?;
    conversation
        .sending
        .finish(client, chat, &mut events)
        .await
        .map(drop)
}

struct Conversation<'a> {
    session: &'a mut Session,
    client: &'a Client<Native>,
    name: &'a str,
    chat: ChatId,
    /// The position of the last message shown that the server has.
    shown: u64,
    sending: Sending,
    /// How long what is typed is kept, if that is not what holds for the chat.
    keep: Option<Retention>,
    /// Whose presence was asked for.
    asked_for: Option<AccountId>,
}

/// What can be done with messages that were said.
enum Change<'a> {
    Reply(&'a str),
    React(&'a str),
    Edit(&'a str),
    Delete,
    Star,
    Pin,
    Forward(&'a str),
}

/// Whether the conversation goes on.
#[derive(PartialEq, Eq)]
enum Next {
    Line,
    End,
}

impl Conversation<'_> {
    async fn go_on(
        &mut self,
        events: &mut Events,
        mut lines: mpsc::Receiver<String>,
        interactive: bool,
        follow: bool,
    ) -> Result<(), Failure> {
        let mut reading = true;
        while reading || follow {
            tokio::select! {
                line = lines.recv(), if reading => match line {
                    Some(line) if interactive => reading = self.typed(line).await? == Next::Line,
                    Some(line) => self.send(line).await?,
                    None => reading = false,
                },
                event = events.next() => match event {
                    Some(event) => self.happened(event).await?,
                    None => return Err(Failure::SessionEnded),
                },
            }
        }
        Ok(())
    }

    async fn typed(&mut self, line: String) -> Result<Next, Failure> {
        let screen = &mut self.session.screen;
        match line.strip_prefix('/') {
            None => self.send(line).await?,
            Some(text) if text.starts_with('/') => self.send(text.to_owned()).await?,
            Some("quit" | "q" | "exit") => return Ok(Next::End),
            Some("help") => {
                for line in HELP.lines() {
                    screen.note(line)?;
                }
            }
            Some("seen") => self.seen().await?,
            Some("verify") => self.verify().await?,
            Some("keep") => {
                self.keep = None;
                screen.note("What you type is kept as long as the chat's messages are.")?;
            }
            Some(command) if command.starts_with("keep ") => match retention::parse(command[5..].trim()) {
                Ok(retention) => {
                    self.keep = Some(retention);
                    screen.note(&format!("What you type now is {}.", retention::kept(retention)))?;
                }
                Err(words) => screen.note(&words)?,
            },
            Some("delete") => self.change(Change::Delete).await?,
            Some("star") => self.change(Change::Star).await?,
            Some("pin") => self.change(Change::Pin).await?,
            Some("save") => self.save(None).await?,
            Some(command) => match command.split_once(' ') {
                Some(("reply", text)) => self.change(Change::Reply(text.trim())).await?,
                Some(("react", emoji)) => self.change(Change::React(emoji.trim())).await?,
                Some(("search", text)) => self.search(text).await?,
                Some(("edit", text)) => self.change(Change::Edit(text.trim())).await?,
                Some(("file", path)) => self.send_file(path.trim()).await?,
                Some(("save", path)) => self.save(Some(Path::new(path.trim()))).await?,
                Some(("forward", name)) => self.change(Change::Forward(name.trim())).await?,
                Some(_) | None => screen.note(NO_COMMAND)?,
            },
        }
        Ok(Next::Line)
    }

    /// Whoever looks at a chat is told of everyone in it whose identity is in doubt.
    async fn warn_of_changed_identities(&mut self) -> Result<(), Failure> {
        let chats = self.client.chats().await?;
        let Some(summary) = chats.iter().find(|chat| chat.chat == self.chat) else {
            return Ok(());
        };
        let doubted: Vec<AccountId> = match &summary.kind {
            ChatKind::Direct { with } if with.identity == IdentityStatus::Changed => vec![with.account],
            ChatKind::Group { .. } => {
                let group = self.client.group(self.chat).await?;
                group.doubted.into_iter().map(|whom| whom.account).collect()
            }
            ChatKind::Direct { .. } | ChatKind::Notes => Vec::new(),
        };
        for account in doubted {
            self.warn_of_identity(account)?;
        }
        Ok(())
    }

    async fn warn_of_new_devices(&mut self) -> Result<(), Failure> {
        if self.client.has_new_devices().await? {
            self.session.screen.warn(NEW_DEVICE)?;
        }
        Ok(())
    }

    fn warn_of_identity(&mut self, account: AccountId) -> Result<(), Failure> {
        let name = self.client.contact(account).and_then(|contact| contact.name);
        let warning = match name {
            Some(name) => format!(
                "The identity key of {0} has changed: somebody else may be posing as {0}. Compare with `sotto verify {0}`.",
                name.as_str()
            ),
            None => "The identity key of somebody whom you talk to has changed.".to_owned(),
        };
        Ok(self.session.screen.warn(&warning)?)
    }

    /// Answers or changes the last message that it can be about.
    async fn change(&mut self, change: Change<'_>) -> Result<(), Failure> {
        let is_about_own = matches!(change, Change::Edit(_) | Change::Delete);
        let messages = newest(self.client, self.chat, LOOK_BACK).await?;
        let last = messages.iter().rfind(|message| {
            message.own == is_about_own && matches!(message.body, Body::Text(_)) && !message.from_blocked
        });
        let Some(last) = last else {
            return Ok(self
                .session
                .screen
                .note("There is no message that this could be about.")?);
        };
        let (chat, message) = (self.chat, last.id);
        let done = match change {
            Change::Reply(text) => {
                let answer = NewMessage::text(text).in_reply_to(message).kept(self.keep);
                let sent = self.client.send(chat, answer).await;
                sent.map(|answer| self.sending.waits_for(answer))
            }
            Change::React(emoji) => {
                let own = self.client.account().map(|account| account.account);
                let is_set = last.reactions.iter().any(|reactions| {
                    reactions.emoji == emoji && reactions.by.iter().any(|by| Some(by.account) == own)
                });
                self.client.react(chat, message, emoji, !is_set).await
            }
            Change::Edit(text) => self.client.edit(chat, message, text).await,
            Change::Delete => self.client.delete(chat, message).await,
            Change::Star => self.client.star(chat, message, !last.is_starred).await,
            Change::Pin => {
                let pinned = self.client.pinned(chat).await?;
                let is_pinned = pinned.iter().any(|pinned| pinned.id == message);
                self.client.pin(chat, message, !is_pinned).await
            }
            Change::Forward(name) => {
                let Some(to) = find_chat(self.client, name).await? else {
                    let words = format!("You have no chat with {}.", text::line(name));
                    return Ok(self.session.screen.note(&words)?);
                };
                let passed_on = self.client.forward(chat, message, to).await;
                passed_on.map(|passed_on| self.sending.waits_for(passed_on))
            }
        };
        match done {
            Ok(()) => Ok(()),
            // What cannot be done with one message is no reason to leave.
            Err(
                error @ (ClientError::MessageRefused
                | ClientError::NotSentYet
                | ClientError::InvalidReaction
                | ClientError::TextEmpty
                | ClientError::TextTooLong
                | ClientError::TooManyStars),
            ) => Ok(self.session.screen.warn(&Failure::from(error).sentence())?),
            Err(error) => Err(error.into()),
        }
    }

    /// Shows the latest messages of this chat that match.
    async fn search(&mut self, text: &str) -> Result<(), Failure> {
        let query = SearchQuery {
            chat: Some(self.chat),
            ..SearchQuery::text(text)
        };
        let (messages, are_more) = newest_found(self.client, &query, FOUND).await?;
        let screen = &mut self.session.screen;
        screen.note(match (messages.is_empty(), are_more) {
            (true, _) => "Nothing was found here.",
            (false, true) => "The latest that were found here; there are more:",
            (false, false) => "All that was found here:",
        })?;
        for message in &messages {
            screen.message(message)?;
        }
        Ok(screen.note("(What was found ends here.)")?)
    }

    /// How far the others are with the last own message, and whether the other side of a direct chat is there.
    async fn seen(&mut self) -> Result<(), Failure> {
        let messages = newest(self.client, self.chat, LOOK_BACK).await?;
        let last = messages
            .iter()
            .rfind(|message| message.own && message.state == MessageState::Accepted);
        let told = self.client.receipts(self.chat).await?;
        let screen = &mut self.session.screen;
        match last {
            Some(last) if !told.is_empty() => {
                for receipt in told.iter().filter(|receipt| receipt.since < last.position) {
                    screen.note(&receipts::state(receipt, last.position))?;
                }
            }
            Some(_) => screen.note("In this chat nobody tells.")?,
            None => screen.note("You have said nothing here lately.")?,
        }
        let chats = self.client.chats().await?;
        let with = chats
            .iter()
            .find(|chat| chat.chat == self.chat)
            .and_then(|chat| chat.kind.with());
        if let Some(with) = with {
            let known = self.client.presence(with.account).await?;
            self.asked_for = Some(with.account);
            self.say_presence(known)?;
        }
        Ok(())
    }

    fn say_presence(&mut self, presence: Presence) -> Result<(), Failure> {
        let screen = &mut self.session.screen;
        if let Some(words) = receipts::presence(screen, self.name, presence, SystemClock.now()) {
            screen.note(&words)?;
        }
        Ok(())
    }

    async fn verify(&mut self) -> Result<(), Failure> {
        let chats = self.client.chats().await?;
        let with = chats
            .iter()
            .find(|chat| chat.chat == self.chat)
            .and_then(|chat| chat.kind.with())
            .map(|person| person.account);
        match with.and_then(|account| self.client.safety_number(account)) {
            Some(number) => self.session.screen.show(&number.to_string())?,
            None => self.session.screen.note("There is nothing to compare yet.")?,
        }
        Ok(())
    }

    async fn send_file(&mut self, path: &str) -> Result<(), Failure> {
        let sent = self
            .sending
            .send_file(self.client, self.chat, Path::new(path), None, self.keep)
            .await;
        self.forgiving(sent)
    }

    async fn save(&mut self, to: Option<&Path>) -> Result<(), Failure> {
        match save_last(self.client, self.chat, None, to).await {
            Ok(words) => Ok(self.session.screen.note(&words)?),
            Err(failure) => self.forgiving(Err(failure)),
        }
    }

    /// A file that cannot be sent or saved is no reason to leave.
    fn forgiving(&mut self, done: Result<(), Failure>) -> Result<(), Failure> {
        match done {
            Err(failure @ (Failure::File { .. } | Failure::Client(_) | Failure::NoFile)) => {
                Ok(self.session.screen.warn(&failure.sentence())?)
            }
            done => done,
        }
    }

    async fn send(&mut self, line: String) -> Result<(), Failure> {
        if line.trim().is_empty() {
            return Ok(());
        }
        match self
            .sending
            .send(self.client, self.name, self.chat, line, self.keep)
            .await
        {
            // One line that cannot be sent is no reason to leave.
            Err(failure @ (Failure::IdentityChanged { .. } | Failure::Client(ClientError::TextTooLong))) => {
                self.session.screen.warn(&failure.sentence())?;
                if let Some(advice) = failure.advice() {
                    self.session.screen.note(&advice)?;
                }
                Ok(())
            }
            sent => sent,
        }
    }

    async fn happened(&mut self, event: Event) -> Result<(), Failure> {
        let screen = &mut self.session.screen;
        match event {
            Event::MessageAdded(message) if message.chat == self.chat => self.arrived(&message).await?,
            Event::MessageChanged(message) if message.chat == self.chat => {
                self.sending.note(&message);
                if !message.editions.is_empty() || matches!(message.body, Body::Deleted { .. }) {
                    screen.message(&message)?;
                }
                if let MessageState::Failed { code } = message.state {
                    screen.warn(&format!("Not sent: {}", code.title()))?;
                }
                if let MessageState::Relayed { reached } = message.state {
                    screen.note(&reached_words(reached))?;
                }
            }
            Event::Connection(ConnectionState::Offline) => {
                screen.note("Offline. What you type is sent later.")?;
            }
            Event::Connection(ConnectionState::Online) => screen.note("Online.")?,
            Event::IdentityChanged { account } => self.warn_of_identity(account)?,
            Event::DeviceAdded { is_expected, .. } => {
                screen.warn(if is_expected {
                    "The device that you have linked is logged in."
                } else {
                    NEW_DEVICE
                })?;
            }
            Event::Undecryptable { chat, .. } if chat == self.chat => {
                screen.note("(A message could not be opened.)")?;
            }
            Event::IntentFailed { chat, error } if chat == self.chat => {
                screen.warn(&format!(
                    "Something that you asked for in this group cannot be done: {error}."
                ))?;
            }
            Event::ChatHalted { chat } if chat == self.chat => {
                screen.warn("This chat is paused: a change was made that its rules do not allow. It goes on when that is taken back.")?;
            }
            Event::Typing { chat, who, is_typing } if chat == self.chat => {
                if is_typing {
                    screen.note(&format!("{} is writing…", receipts::name(&who)))?;
                }
            }
            Event::PresenceChanged { account } if self.asked_for == Some(account) => {
                let known = self.client.presence(account).await?;
                self.say_presence(known)?;
            }
            Event::StoreFailed => screen.warn("Nothing more can be stored: is the disk full?")?,
            Event::Banned(ban) => return Err(Failure::Banned(ban)),
            Event::LoggedOut { .. } => return Err(Failure::SessionEnded),
            Event::Lagged => self.catch_up().await?,
            Event::MessageAdded(_)
            | Event::MessageChanged(_)
            | Event::MessageRemoved { .. }
            | Event::Undecryptable { .. }
            | Event::IntentFailed { .. }
            | Event::ReceiptsChanged { .. }
            | Event::Typing { .. }
            | Event::PresenceChanged { .. }
            | Event::PrivacyChanged
            | Event::StarsChanged
            | Event::HistoryRestored { .. }
            | Event::ArchiveChanged
            | Event::NoticesChanged
            | Event::RoleChanged
            | Event::Transfer(_)
            | Event::DraftChanged { .. }
            | Event::DevicesChanged
            | Event::ContactRequested { .. }
            | Event::BlockedChanged
            | Event::ChatHalted { .. }
            | Event::JoinRequestsChanged { .. }
            | Event::Connection(ConnectionState::Connecting)
            | Event::LoggedIn(_)
            | Event::ChatAdded { .. }
            | Event::ChatChanged { .. } => {}
        }
        Ok(())
    }

    /// What was typed here stands on the screen already.
    async fn arrived(&mut self, message: &Message) -> Result<(), Failure> {
        let here = self.client.account().map(|account| account.device);
        if Some(message.from.device) == here {
            return Ok(());
        }
        self.show(message).await
    }

    async fn show(&mut self, message: &Message) -> Result<(), Failure> {
        // Read with the history already.
        let kept = matches!(message.state, MessageState::Received | MessageState::Accepted);
        if kept && message.retention != Retention::Never {
            if message.position <= self.shown {
                return Ok(());
            }
            self.shown = message.position;
        }
        self.session.screen.message(message)?;
        if message.state == MessageState::Received {
            self.client.mark_read(self.chat, message.position).await?;
        }
        Ok(())
    }

    async fn catch_up(&mut self) -> Result<(), Failure> {
        for message in newest(self.client, self.chat, LOOK_BACK).await? {
            self.sending.note(&message);
            self.arrived(&message).await?;
        }
        Ok(())
    }

    /// Lines as they are typed, with what happens shown above them.
    fn type_lines(&mut self) -> Result<mpsc::Receiver<String>, Failure> {
        let broken = |error: ReadlineError| Failure::Terminal(io::Error::other(error));
        let config = Config::builder().auto_add_history(true).build();
        let mut editor = Editor::<(), MemHistory>::with_history(config, MemHistory::new()).map_err(broken)?;
        let printer = editor.create_external_printer().map_err(broken)?;
        self.session.screen.write_above(Box::new(printer));
        let (sender, lines) = mpsc::channel(LINES_WAITING);
        // A thread of its own: it ends with the input or with the program, and neither waits for it.
        std::thread::spawn(move || {
            while let Ok(line) = editor.readline("> ") {
                if sender.blocking_send(line).is_err() {
                    break;
                }
            }
        });
        Ok(lines)
    }
}

fn read_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(LINES_WAITING);
    std::thread::spawn(move || {
        while let Ok(Some(line)) = input::line() {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    lines
}
