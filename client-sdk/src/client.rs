//! The paved path: everything that an application needs of Sotto.

use crate::account::{Account, NewAccount, Registering, Session, SessionRecord, normalized_password};
use crate::api::Api;
use crate::captcha::Work;
use crate::chats::{ChatSummary, Mute, read_summaries};
use crate::contacts::{
    BlockedAccount, Contact, Contacts, FoundPerson, PeoplePage, PeopleQuery, Person, Verdict,
};
use crate::devices::usable_name;
use crate::error::ClientError;
use crate::events::{ConnectionState, EventHub, Events};
use crate::platform::{Clock as _, Platform, timeout};
use crate::presence::Presence;
use crate::privacy::Privacy;
use crate::receipts::Receipt;
use crate::record_key;
use crate::search::{Lookup, Search, SearchCursor, SearchPage, SearchQuery, look_through};
use crate::shared::Shared;
use crate::store::Records;
use crate::surroundings::Surroundings;
use crate::sync::{ClientRng, Command, Engine, EngineParts, Input, MarkCommand, Reply};
use async_channel::{Receiver, Sender};
use core::time::Duration;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sotto_crypto_core::{RecoveryCode, SafetyCode, SafetyComparison, SafetyNumber, StoreKey};
use sotto_protocol::rest::captcha::CaptchaSolution;
use sotto_protocol::rest::server::ServerInfo;
use sotto_protocol::{AccountId, AccountName, ChatId, IdentityKey, Retention};
use std::sync::{Arc, Mutex, PoisonError};
use zeroize::Zeroizing;

/// Inputs that wait for the engine; a link that finds the queue full reads no further.
const INPUTS_WAITING: usize = 1024;
/// How long [`Client::start_chat`] waits for a chat that exists to let this device in.
const CHAT_PATIENCE: Duration = Duration::from_secs(30);

/// What a client runs with.
pub struct ClientConfig<P: Platform> {
    /// The way to the server.
    pub transport: P::Transport,
    /// Where everything is kept, sealed. One client has it alone.
    pub store: P::Store,
    /// Seals what is kept.
    pub store_key: StoreKey,
    /// What time it is.
    pub clock: P::Clock,
    /// Randomness: the operating system's.
    pub rng: ClientRng,
    /// What to call this device when it enrols, for the account's other devices: its system, not its owner. What cannot be shown in it
    /// is left out.
    pub device_name: String,
}

/// A client of Sotto. Clones are the same client; when the last is gone, it closes.
///
/// What has to be sent, is: every message that [`Client::send`] took is in the store, and goes out when there is a
/// connection, in order and once. Reading works without one.
pub struct Client<P: Platform> {
    handle: Arc<Handle<P>>,
}

struct Handle<P: Platform> {
    surroundings: Arc<Surroundings<P>>,
    shared: Arc<Shared>,
    api: Api<P>,
    events: EventHub,
    ids: Mutex<ChaCha20Rng>,
    to_engine: Sender<Input>,
}

impl<P: Platform> Drop for Handle<P> {
    fn drop(&mut self) {
        // The engine ends when it has handled what is waiting.
        self.to_engine.close();
    }
}

impl<P: Platform> Clone for Client<P> {
    fn clone(&self) -> Self {
        Self {
            handle: Arc::clone(&self.handle),
        }
    }
}

impl<P: Platform> Client<P> {
    /// Opens the client over what the store holds: logged out, or as it was before, connecting by itself.
    pub async fn open(config: ClientConfig<P>) -> Result<Self, ClientError> {
        let ClientConfig {
            transport,
            store,
            store_key,
            clock,
            mut rng,
            device_name,
        } = config;
        let search = Arc::new(Search::default());
        let observer: Arc<Search> = Arc::clone(&search);
        let records = Records::observed(store, store_key, observer);
        let tokens = records.get::<SessionRecord>(&record_key::session()).await?;
        let surroundings = Arc::new(Surroundings::<P> {
            transport,
            clock,
            records,
            search,
        });
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        let session_rng = ChaCha20Rng::from_seed(*seed);
        // Another stream of the same seed: neither says anything of the other.
        let mut ids = session_rng.clone();
        ids.set_stream(1);
        let (session, session_ended) = Session::new(Arc::clone(&surroundings), tokens, session_rng);
        let session = Arc::new(session);
        let (to_engine, inputs) = async_channel::bounded(INPUTS_WAITING);
        let handle = Handle {
            surroundings: Arc::clone(&surroundings),
            shared: Arc::new(Shared::default()),
            api: Api::new(Arc::clone(&surroundings), Arc::clone(&session)),
            events: EventHub::default(),
            ids: Mutex::new(ids),
            to_engine: to_engine.clone(),
        };
        let engine = Engine::load(EngineParts {
            surroundings,
            shared: Arc::clone(&handle.shared),
            session,
            session_ended,
            events: handle.events.clone(),
            rng,
            device_name: usable_name(&device_name),
            inputs,
            to_self: to_engine,
        })
        .await?;
        P::spawn(engine.run());
        Ok(Self {
            handle: Arc::new(handle),
        })
    }

    /// The account that is logged in.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        self.handle.shared.account()
    }

    /// How the client stands to the server.
    #[must_use]
    pub fn connection(&self) -> ConnectionState {
        self.handle.shared.connection()
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> Events {
        self.handle.events.subscribe()
    }

    /// Registers an account with this device as its first. The recovery code is shown once and kept nowhere: with it, and
    /// without the password, the account can be recovered.
    pub async fn register(&self, name: &str, password: &str) -> Result<RecoveryCode, ClientError> {
        self.register_with(NewAccount::new(name, password)).await
    }

    /// As [`Client::register`], with all that may be said of the account: an invite code, where the server takes the invited alone
    /// ([`Client::server_info`]).
    pub async fn register_with(&self, account: NewAccount<'_>) -> Result<RecoveryCode, ClientError> {
        let account = account.read()?;
        if self.account().is_some() {
            return Err(ClientError::LoggedIn);
        }
        let mut work = Work::default();
        // Every registration needs it, where it is needed at all.
        self.do_work(&mut work).await?;
        self.ask_after(work, |captcha, reply| {
            let account = Registering {
                captcha,
                ..account.clone()
            };
            Command::Register { account, reply }
        })
        .await
    }

    /// What the server tells anyone of itself, with or without a login: who may make an account.
    pub async fn server_info(&self) -> Result<ServerInfo, ClientError> {
        Ok(self.handle.api.server_info().await?)
    }

    /// Logs in. A store that has a device of this account continues with it; else a new device is enrolled, which joins the
    /// account's chats by itself.
    pub async fn log_in(&self, name: &str, password: &str) -> Result<(), ClientError> {
        let name: AccountName = name.parse()?;
        let password = normalized_password(password);
        self.ask_working(|captcha, reply| Command::LogIn {
            name: name.clone(),
            password: password.clone(),
            captcha,
            reply,
        })
        .await
    }

    /// Ends the session. What is stored stays, sealed: logging in again continues with it.
    pub async fn log_out(&self) -> Result<(), ClientError> {
        self.ask(|reply| Command::LogOut { reply }).await
    }

    /// Ends the sessions of all devices of this account, this one's among them, on the server, which has to be reached. Each device keeps
    /// what it has stored, sealed, until somebody logs in on it again.
    pub async fn log_out_everywhere(&self) -> Result<(), ClientError> {
        self.ask(|reply| Command::LogOutEverywhere { reply }).await
    }

    /// Logs out and deletes everything that is stored here, this device's keys among it.
    pub async fn erase(&self) -> Result<(), ClientError> {
        self.ask(|reply| Command::Erase { reply }).await
    }

    /// Connects now, if a session and a network are there: after [`Client::disconnect`], after another client has taken this
    /// device's place, or because the network is known to be back.
    pub async fn connect(&self) -> Result<(), ClientError> {
        self.tell(Command::Connect).await
    }

    /// Stays offline until [`Client::connect`]. Messages are queued meanwhile.
    pub async fn disconnect(&self) -> Result<(), ClientError> {
        self.tell(Command::Disconnect).await
    }

    /// Listed accounts that fit a text, or are near a place, or both. `after` is [`PeoplePage::next`] of the page before.
    pub async fn search_people(
        &self,
        query: impl Into<PeopleQuery>,
        after: Option<&str>,
    ) -> Result<PeoplePage, ClientError> {
        let found = self.handle.api.search_users(&query.into(), after).await?;
        let contacts = self.handle.shared.contacts();
        let people = found.users.into_iter().map(|user| FoundPerson {
            person: Person {
                account: user.account,
                identity: contacts.known_status(user.account, &user.name),
                name: user.name,
                display_name: user.display_name,
            },
            is_bot: user.bot,
            about: user.about,
            place: user.place,
            picture: user.picture,
            distance_km: user.distance_km,
        });
        Ok(PeoplePage {
            people: people.collect(),
            next: found.next,
        })
    }

    /// The account with this name, as its profile says and as far as its identity is known here.
    pub async fn person(&self, name: &str) -> Result<Person, ClientError> {
        let user = self.handle.api.user(&name.parse()?).await?;
        let contacts = self.handle.shared.contacts();
        let verified = contacts.verify(user)?;
        Ok(contacts.person(&verified.user))
    }

    /// The direct chat with the account of this name; it is begun if there is none.
    pub async fn start_chat(&self, name: &str) -> Result<ChatId, ClientError> {
        let name: AccountName = name.parse()?;
        let started = self.ask(|reply| Command::StartChat { name, reply });
        timeout(&self.handle.surroundings.clock, CHAT_PATIENCE, started)
            .await
            .map_err(|_| ClientError::Failed("the chat exists, and has not let this device in yet"))?
    }

    /// Every chat, the latest active first. Local.
    pub async fn chats(&self) -> Result<Vec<ChatSummary>, ClientError> {
        let contacts = self.handle.shared.contacts();
        let surroundings = &self.handle.surroundings;
        Ok(read_summaries(&surroundings.records, &contacts, surroundings.clock.now()).await?)
    }

    /// Messages that match, the newest first, at most `limit` and 200, after the page that has ended with `before`. Local.
    ///
    /// What was deleted, edited away or is over is not found, nor is what somebody whom this account blocks has written, what is in a
    /// chat that waits as a request, and what is fleeting. The first search begins to read all messages into memory, which is wiped when
    /// nobody has searched for ten to twenty minutes, and when the session ends; what is not read yet comes on later pages. To have that begin
    /// early, ask for none.
    pub async fn search(
        &self,
        query: &SearchQuery,
        limit: usize,
        before: Option<SearchCursor>,
    ) -> Result<SearchPage, ClientError> {
        let surroundings = &self.handle.surroundings;
        if surroundings.search.begin()? {
            P::spawn(look_through(Arc::clone(surroundings)));
        }
        let contacts = self.handle.shared.contacts();
        let lookup = Lookup {
            search: &surroundings.search,
            records: &surroundings.records,
            clock: &surroundings.clock,
            contacts: &contacts,
        };
        lookup.page(query, limit, before).await
    }

    /// Has the chat's messages kept for so long from now on, unless they say otherwise. In a group its rules say who may.
    pub async fn set_retention(&self, chat: ChatId, retention: Retention) -> Result<(), ClientError> {
        self.ask(|reply| Command::SetRetention {
            chat,
            retention,
            reply,
        })
        .await
    }

    /// How far the other members of a chat are with what is said in it, as far as they tell. In a group of more than 64 devices nobody
    /// does, and there are none.
    pub async fn receipts(&self, chat: ChatId) -> Result<Vec<Receipt>, ClientError> {
        self.ask(|reply| Command::Receipts { chat, reply }).await
    }

    /// Tells the chat's members that something is being written here, which holds for six seconds, or that it is not any more. Without
    /// a connection nobody hears of it.
    pub async fn set_typing(&self, chat: ChatId, is_typing: bool) -> Result<(), ClientError> {
        self.ask(|reply| Command::SetTyping {
            chat,
            is_typing,
            reply,
        })
        .await
    }

    /// Whether somebody with whom there is a direct chat is there, as far as is known. They are asked: what they answer comes as
    /// [`Event::PresenceChanged`](crate::Event::PresenceChanged), and so does what changes within the next five minutes.
    pub async fn presence(&self, account: AccountId) -> Result<Presence, ClientError> {
        self.ask(|reply| Command::Presence { account, reply }).await
    }

    /// Says whether somebody is at this device. At first nobody is.
    pub async fn set_active(&self, is_active: bool) -> Result<(), ClientError> {
        self.tell(Command::SetActive { is_active }).await
    }

    /// What others are told of this account.
    pub async fn privacy(&self) -> Result<Privacy, ClientError> {
        self.ask(|reply| Command::Privacy { reply }).await
    }

    /// Decides what others are told of this account, by all of its devices.
    pub async fn set_privacy(&self, privacy: Privacy) -> Result<(), ClientError> {
        self.ask(|reply| Command::SetPrivacy { privacy, reply }).await
    }

    /// Has a chat be silent for so long, or not any more: for this account alone, on all of its devices.
    pub async fn mute(&self, chat: ChatId, mute: Option<Mute>) -> Result<(), ClientError> {
        self.ask(|reply| Command::Mark(MarkCommand::Mute { chat, mute, reply }))
            .await
    }

    /// Puts a chat away, until the next message comes there, or brings it back: for this account alone, on all of its devices.
    pub async fn archive(&self, chat: ChatId, is_archived: bool) -> Result<(), ClientError> {
        self.ask(|reply| {
            Command::Mark(MarkCommand::PutAway {
                chat,
                is_archived,
                reply,
            })
        })
        .await
    }

    /// What is known of an account that this one has a chat with. Local.
    #[must_use]
    pub fn contact(&self, account: AccountId) -> Option<Contact> {
        let contacts = self.handle.shared.contacts();
        contacts.contact(account)
    }

    /// Trusts the identity key that the account shows now. Ask the user first, and let them compare safety numbers.
    pub async fn accept_identity(&self, account: AccountId) -> Result<(), ClientError> {
        self.ask(|reply| Command::AcceptIdentity { account, reply }).await
    }

    /// Takes a chat that waits as a request: from now on it is a chat like any other, on all devices. Sending something there
    /// does the same.
    pub async fn accept_request(&self, chat: ChatId) -> Result<(), ClientError> {
        self.answer_request(chat, Verdict::Accepted).await
    }

    /// Declines a chat: it is not shown any more, on no device, whatever else is sent there. Whoever is behind it is not told. A
    /// group is left.
    pub async fn decline_request(&self, chat: ChatId) -> Result<(), ClientError> {
        self.answer_request(chat, Verdict::Declined).await
    }

    async fn answer_request(&self, chat: ChatId, verdict: Verdict) -> Result<(), ClientError> {
        self.ask(|reply| Command::AnswerRequest { chat, verdict, reply })
            .await
    }

    /// Blocks an account: its direct chat is not shown any more, the server takes nothing more from it there, and does not let
    /// it begin anything new. Once this returns it is written; it goes on by itself.
    pub async fn block(&self, account: AccountId) -> Result<(), ClientError> {
        self.ask(|reply| Command::JudgeAccount {
            account,
            verdict: Verdict::Blocked,
            reply,
        })
        .await
    }

    /// Blocks an account no more, and accepts it.
    pub async fn unblock(&self, account: AccountId) -> Result<(), ClientError> {
        self.ask(|reply| Command::JudgeAccount {
            account,
            verdict: Verdict::Accepted,
            reply,
        })
        .await
    }

    /// Whom this account blocks. Local.
    #[must_use]
    pub fn blocked(&self) -> Vec<BlockedAccount> {
        self.handle.shared.contacts().blocked()
    }

    /// What both people see alike if nobody is in between: of this account's identity key and the one that the other shows
    /// now. `None` of an account that was never met. Local.
    #[must_use]
    pub fn safety_number(&self, account: AccountId) -> Option<SafetyNumber> {
        let (own, other) = self.identities_with(account)?;
        Some(SafetyNumber::of(own, other))
    }

    /// What the other person's device compares by itself, to be shown as a QR code. `None` of an account that was never met. Local.
    #[must_use]
    pub fn safety_code(&self, account: AccountId) -> Option<SafetyCode> {
        let (own, other) = self.identities_with(account)?;
        Some(SafetyCode::of(own, other))
    }

    /// Holds what the other person's device shows against what is known here. If it is the same, the account counts as verified from
    /// now on, as long as it keeps its identity key; otherwise somebody may be in between: tell the user loudly.
    pub async fn compare_safety_code(
        &self,
        account: AccountId,
        code: &str,
    ) -> Result<SafetyComparison, ClientError> {
        let code: SafetyCode = code.parse()?;
        let (own, other) = self.identities_with(account).ok_or(ClientError::UserNotFound)?;
        let comparison = code.compare(own, other);
        if comparison == SafetyComparison::Same {
            let identity_key = other.1;
            self.ask(|reply| Command::Verified {
                account,
                identity_key,
                reply,
            })
            .await?;
        }
        Ok(comparison)
    }

    /// The user has compared the safety number with the other person, and it was the same.
    pub async fn confirm_safety_number(&self, account: AccountId) -> Result<(), ClientError> {
        let (_, (account, identity_key)) = self.identities_with(account).ok_or(ClientError::UserNotFound)?;
        self.ask(|reply| Command::Verified {
            account,
            identity_key,
            reply,
        })
        .await
    }

    /// This account and another one, each with the identity key that it shows now.
    fn identities_with(
        &self,
        account: AccountId,
    ) -> Option<((AccountId, IdentityKey), (AccountId, IdentityKey))> {
        let own = self.handle.shared.own_identity()?;
        let contacts = self.handle.shared.contacts();
        let contact = contacts.get(account)?;
        Some((own, (account, contact.changed_to.unwrap_or(contact.identity_key))))
    }

    /// Closes the client and its store. What was queued goes out the next time.
    pub async fn close(&self) -> Result<(), ClientError> {
        match self.ask(|reply| Command::Close { reply }).await {
            Err(ClientError::Closed) => Ok(()),
            closed => closed,
        }
    }

    pub(crate) async fn tell(&self, command: Command) -> Result<(), ClientError> {
        let told = self.handle.to_engine.send(Input::Command(command)).await;
        told.map_err(|_| ClientError::Closed)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    pub(crate) fn event_hub(&self) -> &EventHub {
        &self.handle.events
    }

    pub(crate) fn surroundings(&self) -> Arc<Surroundings<P>> {
        Arc::clone(&self.handle.surroundings)
    }

    pub(crate) fn api(&self) -> &Api<P> {
        &self.handle.api
    }

    /// Sixteen random bytes, for an id.
    pub(crate) fn fresh_id(&self) -> [u8; 16] {
        let mut id = [0; 16];
        let mut ids = self.handle.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.fill_bytes(&mut id);
        id
    }

    pub(crate) fn contacts(&self) -> Arc<Contacts> {
        self.handle.shared.contacts()
    }

    pub(crate) fn records(&self) -> &Records<P::Store> {
        &self.handle.surroundings.records
    }

    pub(crate) fn clock(&self) -> &P::Clock {
        &self.handle.surroundings.clock
    }

    pub(crate) async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, ClientError> {
        let (reply, answer): (Reply<T>, Receiver<Result<T, ClientError>>) = Reply::new();
        self.tell(command(reply)).await?;
        answer.recv().await.map_err(|_| ClientError::Closed)?
    }

    /// Asks, and does the work that the server wants to be shown, if it wants any.
    pub(crate) async fn ask_working<T>(
        &self,
        command: impl FnMut(Option<CaptchaSolution>, Reply<T>) -> Command,
    ) -> Result<T, ClientError> {
        self.ask_after(Work::default(), command).await
    }

    async fn ask_after<T>(
        &self,
        mut work: Work,
        mut command: impl FnMut(Option<CaptchaSolution>, Reply<T>) -> Command,
    ) -> Result<T, ClientError> {
        loop {
            let captcha = work.solution();
            match self.ask(|reply| command(captcha, reply)).await {
                Err(error) if work.is_asked_for(&error) => self.do_work(&mut work).await?,
                answer => return answer,
            }
        }
    }

    /// Gets a captcha and solves it, if the server asks for one. Nothing else waits for this, and it ends when it is dropped.
    async fn do_work(&self, work: &mut Work) -> Result<(), ClientError> {
        work.begin(self.handle.api.captcha().await?).await
    }
}
