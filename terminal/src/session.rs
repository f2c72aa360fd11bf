//! A client over the account's folder.

use crate::arguments::Place;
use crate::failure::Failure;
use crate::password;
use crate::screen::Screen;
use crate::settings::{Folder, Settings};
use core::time::Duration;
use futures_util::StreamExt as _;
use sotto_client_sdk::native::{HttpTransport, Native, SqliteStore, SystemClock};
use sotto_client_sdk::platform::system_rng;
use sotto_client_sdk::protocol::ChatId;
use sotto_client_sdk::store::Store as _;
use sotto_client_sdk::{
    ChatKind, Client, ClientConfig, ClientError, ConnectionState, Event, Events, StoreKey,
};
use tokio::time::timeout;
use zeroize::Zeroizing;

/// How long a command waits for the server before it goes on without.
const ONLINE_TIME: Duration = Duration::from_secs(10);

/// How long a command waits until everything that was missed has been read.
const CATCHING_UP_TIME: Duration = Duration::from_secs(30);
/// How long it waits for the title of a group.
const TITLE_TIME: Duration = Duration::from_secs(5);

/// What this device is called in the list of devices: by its system, and not by its owner or its machine's name.
fn device_name() -> String {
    let system = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        "freebsd" => "FreeBSD",
        other => other,
    };
    format!("sotto on {system}")
}

/// What every command has at hand.
pub(crate) struct Session {
    pub(crate) folder: Folder,
    pub(crate) settings: Settings,
    pub(crate) screen: Screen,
}

impl Session {
    pub(crate) fn new(place: Place) -> Result<Self, Failure> {
        let folder = Folder::find(place.data_dir)?;
        let mut settings = folder.load()?;
        if place.server.is_some() {
            settings.server = place.server;
        }
        Ok(Self {
            folder,
            settings,
            screen: Screen::new(),
        })
    }

    /// Writes down where this account is, once it is sure.
    pub(crate) fn remember(&mut self, server: &str, account: &str) -> Result<(), Failure> {
        self.settings.server = Some(server.to_owned());
        self.settings.account = Some(account.to_owned());
        self.folder.save(&self.settings)
    }

    /// Deletes what is stored here, and that there was an account.
    pub(crate) fn forget_account(&mut self) -> Result<(), Failure> {
        self.folder.delete_store()?;
        self.settings.account = None;
        self.folder.save(&self.settings)
    }

    /// The server's address.
    pub(crate) fn server(&self) -> Result<String, Failure> {
        self.settings.server.clone().ok_or(Failure::NoServer)
    }

    /// The way to the server.
    pub(crate) fn transport(&self) -> Result<HttpTransport, Failure> {
        let server = self.settings.server.as_deref().ok_or(Failure::NoServer)?;
        Ok(HttpTransport::new(server)?)
    }

    /// Opens the store, which the password unseals, and the client over it.
    pub(crate) async fn open(
        &self,
        transport: HttpTransport,
        password: &Zeroizing<String>,
    ) -> Result<Client<Native>, Failure> {
        self.folder.make()?;
        let store = SqliteStore::open(self.folder.store()).await?;
        let store_key = self.unlock(&store, password).await?;
        let config = ClientConfig {
            transport,
            store,
            store_key,
            clock: SystemClock,
            rng: Box::new(system_rng()),
            device_name: device_name(),
        };
        Ok(Client::open(config).await?)
    }

    async fn unlock(&self, store: &SqliteStore, password: &Zeroizing<String>) -> Result<StoreKey, Failure> {
        let passphrase = password.as_bytes().to_vec().into();
        match store.unlock(&passphrase, &mut system_rng()).await {
            Ok(key) => Ok(key),
            Err(error) => {
                store.close().await;
                Err(error.into())
            }
        }
    }

    /// Asks for the password and opens the client of this folder's account.
    pub(crate) async fn resume(&mut self) -> Result<Client<Native>, Failure> {
        let name = self.settings.account.clone().ok_or(Failure::NoAccount)?;
        let transport = self.transport()?;
        let password = password::ask(&name)?;
        let client = self.open(transport, &password).await?;
        if client.account().is_none() {
            client.close().await?;
            return Err(Failure::SessionEnded);
        }
        Ok(client)
    }

    /// As [`Session::resume`], and hears of everything that is new first. Without a server it goes on with what is here.
    pub(crate) async fn resume_online(&mut self) -> Result<Client<Native>, Failure> {
        let client = self.resume().await?;
        if wait_caught_up(&client).await? == ConnectionState::Online {
            return Ok(client);
        }
        self.screen
            .note("The server cannot be reached; this is what is stored here.")?;
        Ok(client)
    }
}

/// Waits until the client is online, but not for ever.
pub(crate) async fn wait_online(client: &Client<Native>) -> Result<ConnectionState, Failure> {
    let mut events = client.events();
    let online = async {
        while client.connection() != ConnectionState::Online {
            // The first attempt failed: the client goes on trying, but nobody has to watch.
            if next(&mut events).await? == Event::Connection(ConnectionState::Offline) {
                break;
            }
        }
        Ok::<_, Failure>(())
    };
    // A command that was given up on stays offline, and says so.
    timeout(ONLINE_TIME, online).await.unwrap_or(Ok(()))?;
    Ok(client.connection())
}

/// As [`wait_online`], and until what was missed has been read.
pub(crate) async fn wait_caught_up(client: &Client<Native>) -> Result<ConnectionState, Failure> {
    if wait_online(client).await? != ConnectionState::Online {
        return Ok(client.connection());
    }
    // What takes longer goes on while the command does what it can.
    match timeout(CATCHING_UP_TIME, client.catch_up()).await {
        Ok(Err(ClientError::NotLoggedIn)) => Err(Failure::SessionEnded),
        Ok(Err(ClientError::Offline) | Ok(())) | Err(_) => Ok(client.connection()),
        Ok(Err(error)) => Err(error.into()),
    }
}

/// The chat of this name that there is: a person's name, one's own for notes, or a group's title after `#`.
pub(crate) async fn find_chat(client: &Client<Native>, name: &str) -> Result<Option<ChatId>, Failure> {
    if let Some(title) = name.strip_prefix('#') {
        return find_group(client, title).await.map(Some);
    }
    let is_own = is_own(client, name);
    let chats = client.chats().await?;
    let chat = chats.into_iter().find(|chat| match &chat.kind {
        ChatKind::Direct { with } => with.name.as_str() == name,
        ChatKind::Notes => is_own,
        ChatKind::Group { .. } => false,
    });
    Ok(chat.map(|chat| chat.chat))
}

/// The chat of this name, begun if there is none.
pub(crate) async fn chat_with(client: &Client<Native>, name: &str) -> Result<ChatId, Failure> {
    match find_chat(client, name).await? {
        Some(chat) => Ok(chat),
        None if is_own(client, name) => Ok(client.notes().await?),
        None => Ok(client.start_chat(name).await?),
    }
}

/// The group of this account with this title, or this id. Where the title of a group that one has just come into is not known
/// yet, it is waited for a moment.
pub(crate) async fn find_group(client: &Client<Native>, name: &str) -> Result<ChatId, Failure> {
    let mut events = client.events();
    let found = async {
        loop {
            let (found, all_are_known) = look_for_group(client, name).await?;
            if !matches!(found, Err(Failure::NoGroup { .. })) || all_are_known {
                return found;
            }
            next(&mut events).await?;
        }
    };
    if client.connection() == ConnectionState::Online
        && let Ok(found) = timeout(TITLE_TIME, found).await
    {
        return found;
    }
    look_for_group(client, name).await?.0
}

/// The group of this name as far as is known now, and whether the titles of all groups are.
async fn look_for_group(
    client: &Client<Native>,
    name: &str,
) -> Result<(Result<ChatId, Failure>, bool), Failure> {
    let name = name.strip_prefix('#').unwrap_or(name);
    let wanted = name.to_lowercase();
    let (mut found, mut all_are_known) = (Vec::new(), true);
    for chat in client.chats().await? {
        let ChatKind::Group { title, .. } = &chat.kind else {
            continue;
        };
        if chat.chat.to_string() == name {
            return Ok((Ok(chat.chat), true));
        }
        match title {
            Some(title) if title.to_lowercase() == wanted => found.push(chat.chat),
            Some(_) => {}
            None => all_are_known = false,
        }
    }
    let name = name.to_owned();
    let found = match found.as_slice() {
        [group] => Ok(*group),
        [] => Err(Failure::NoGroup { name }),
        _ => Err(Failure::SeveralGroups { name }),
    };
    Ok((found, all_are_known))
}

fn is_own(client: &Client<Native>, name: &str) -> bool {
    client
        .account()
        .is_some_and(|account| account.name.as_str() == name)
}

/// The next event of a client that is open.
pub(crate) async fn next(events: &mut Events) -> Result<Event, Failure> {
    match events.next().await {
        Some(Event::Banned(ban)) => Err(Failure::Banned(ban)),
        Some(Event::LoggedOut { .. }) | None => Err(Failure::SessionEnded),
        Some(event) => Ok(event),
    }
}
