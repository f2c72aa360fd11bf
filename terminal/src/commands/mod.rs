//! One command, one file.

mod chat;
mod chats;
mod devices;
mod group;
mod history;
mod login;
mod logout;
mod people;
mod register;
mod send;
mod verify;
mod whoami;

use crate::arguments::Command;
use crate::failure::Failure;
use crate::session::Session;

/// Does what was asked.
pub(crate) async fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::Register { name } => register::run(session, &name).await,
        Command::Login { name } => login::run(session, &name).await,
        Command::Logout { erase } => logout::run(session, erase).await,
        Command::Chats => chats::run(session).await,
        Command::Chat { name, last, follow } => chat::run(session, &name, last, follow).await,
        Command::Send { name, text } => send::run(session, &name, text).await,
        Command::History { name, last } => history::run(session, &name, last).await,
        Command::Group(command) => group::run(session, command).await,
        Command::People { query } => people::run(session, &query).await,
        Command::Verify { name, accept } => verify::run(session, &name, accept).await,
        Command::Devices { remove } => devices::run(session, remove).await,
        Command::Whoami => whoami::run(session),
    }
}
