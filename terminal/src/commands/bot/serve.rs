//! `sotto bot run`

use crate::arguments::RunBot;
use crate::bot_token;
use crate::failure::Failure;
use crate::session::{self, Session, chat_with, wait_caught_up};
use core::future::pending;
use core::str::FromStr;
use sotto_client_sdk::native::{Native, SystemClock};
use sotto_client_sdk::{BotToken, Client, Event, Events};
use sotto_webhooks::{Incoming, IncomingRate, InvalidSecret, Outgoing, Trouble};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

/// Troubles that wait to be shown; more are not told.
const TROUBLES_WAITING: usize = 16;

pub(crate) async fn run(session: &mut Session, asked: RunBot) -> Result<(), Failure> {
    let token = bot_token::given()?.ok_or(Failure::NoBotToken)?;
    let other = session.settings.account.clone();
    if let Some(name) = other.filter(|name| name != token.name().as_str()) {
        return Err(Failure::OtherAccount { name });
    }
    let is_new = !session.folder.has_store();
    let client = session.open(session.transport()?, &token.password()).await?;
    if let Err(error) = enter(session, &client, &token).await {
        client.close().await?;
        // Nobody is in it yet, and the next token may be another one.
        if is_new {
            session.folder.delete_store()?;
        }
        return Err(error);
    }
    let done = serve(session, &client, asked).await;
    client.close().await?;
    done
}

async fn enter(session: &mut Session, client: &Client<Native>, token: &BotToken) -> Result<(), Failure> {
    client.log_in_as_bot(token).await?;
    let server = session.server()?;
    session.remember(&server, token.name().as_str())
}

async fn serve(session: &mut Session, client: &Client<Native>, asked: RunBot) -> Result<(), Failure> {
    let mut events = client.events();
    wait_caught_up(client).await?;
    if asked.accept {
        accept_all(client).await?;
    }
    let (report, mut troubles) = mpsc::channel(TROUBLES_WAITING);
    let outgoing = match asked.post_to {
        Some(endpoint) => {
            let secret = secret("SOTTO_WEBHOOK_SIGNING_SECRET")?;
            let report = move |trouble| {
                // Whoever reads has enough of them to see what is wrong.
                let _ = report.try_send(trouble);
            };
            let outgoing = Outgoing::new(client.clone(), SystemClock, endpoint, secret, report)?;
            session.screen.note("What others say is posted.")?;
            Some(outgoing)
        }
        None => None,
    };
    let incoming = match asked.listen {
        Some(address) => {
            let secret = secret("SOTTO_WEBHOOK_SECRET")?;
            let to = match &asked.to {
                Some(name) => Some(chat_with(client, name).await?),
                None => None,
            };
            let rate = IncomingRate {
                per_minute: asked.per_minute,
                ..IncomingRate::default()
            };
            let listener = TcpListener::bind(address).await?;
            let at = listener.local_addr()?;
            session
                .screen
                .note(&format!("Messages are taken at http://{at}/message."))?;
            Some((Incoming::new(client.clone(), secret, to, rate), listener))
        }
        None => None,
    };
    let taking = async {
        match incoming {
            Some((incoming, listener)) => incoming.serve(listener).await,
            None => pending().await,
        }
    };
    let posting = async {
        match outgoing {
            Some(outgoing) => outgoing.run().await,
            None => pending().await,
        }
    };
    tokio::select! {
        watched = watch(session, client, &mut events, &mut troubles, asked.accept) => watched,
        taken = taking => Ok(taken?),
        posted = posting => Ok(posted?),
    }
}

/// A secret of webhooks: from the environment, as no process list shows it there.
fn secret<S: FromStr<Err = InvalidSecret>>(variable: &'static str) -> Result<S, Failure> {
    let text = std::env::var(variable).map_err(|_| Failure::NoWebhookSecret(variable))?;
    Ok(Zeroizing::new(text).parse()?)
}

/// Tells what goes wrong, until the bot is logged out.
async fn watch(
    session: &mut Session,
    client: &Client<Native>,
    events: &mut Events,
    troubles: &mut mpsc::Receiver<Trouble>,
    accepts: bool,
) -> Result<(), Failure> {
    loop {
        tokio::select! {
            event = session::next(events) => match event? {
                Event::ChatAdded { .. } | Event::ChatChanged { .. } | Event::Lagged if accepts => accept_all(client).await?,
                _ => {}
            },
            Some(trouble) = troubles.recv() => session.screen.warn(&trouble.to_string())?,
        }
    }
}

async fn accept_all(client: &Client<Native>) -> Result<(), Failure> {
    for chat in client.chats().await? {
        if chat.request.is_some() {
            client.accept_request(chat.chat).await?;
        }
    }
    Ok(())
}
