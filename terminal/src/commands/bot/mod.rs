//! `sotto bot`

mod serve;

use crate::arguments::Bot;
use crate::failure::Failure;
use crate::session::Session;
use sotto_client_sdk::native::Native;
use sotto_client_sdk::platform::system_rng;
use sotto_client_sdk::protocol::AccountName;
use sotto_client_sdk::protocol::rest::admin;
use sotto_client_sdk::{BotToken, Client};

pub(crate) async fn run(session: &mut Session, asked: Bot) -> Result<(), Failure> {
    match asked {
        Bot::Token { name } => token(session, name),
        Bot::Run(asked) => serve::run(session, asked).await,
        asked @ (Bot::Create { .. } | Bot::List | Bot::Revoke { .. }) => {
            let client = session.resume().await?;
            let done = administer(session, &client, asked).await;
            client.close().await?;
            done
        }
    }
}

fn token(session: &mut Session, name: AccountName) -> Result<(), Failure> {
    let token = BotToken::generate(&mut system_rng(), name);
    session.screen.show(&token.to_text())?;
    session
        .screen
        .note("Keep it as a password. Whoever runs the server lets the bot in with:")?;
    let command = format!("sotto-server admin bot create {} {}", token.name(), token.hash());
    Ok(session.screen.note(&command)?)
}

async fn administer(session: &mut Session, client: &Client<Native>, asked: Bot) -> Result<(), Failure> {
    match asked {
        Bot::Create { name } => {
            let token = BotToken::generate(&mut system_rng(), name);
            client.admin().create_bot(&token).await?;
            session.screen.show(&token.to_text())?;
            Ok(session
                .screen
                .note("This is shown once. Keep it as a password.")?)
        }
        Bot::Revoke { name, reason } => Ok(client.admin().revoke_bot(&name, &reason).await?),
        Bot::List => {
            let bots = client.admin().bots().await?;
            if bots.is_empty() {
                session.screen.note("There are no bots.")?;
            }
            for bot in bots {
                let line = format!("{}  {}", session.screen.name(bot.name.as_str()), state(&bot));
                session.screen.show(&line)?;
            }
            Ok(())
        }
        // Neither needs somebody who administers.
        Bot::Token { .. } | Bot::Run(_) => Ok(()),
    }
}

const fn state(bot: &admin::Bot) -> &'static str {
    match (bot.account, bot.banned) {
        (None, _) => "not registered",
        (Some(_), true) => "banned",
        (Some(_), false) => "registered",
    }
}
