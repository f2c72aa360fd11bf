//! One command, one file.

mod chat;
mod chats;
mod devices;
mod group;
mod history;
mod keep;
mod login;
mod logout;
mod people;
mod privacy;
mod register;
mod requests;
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
        Command::Login { name, recovery, code } => login::run(session, name, recovery, code).await,
        Command::Logout { erase } => logout::run(session, erase).await,
        Command::Chats => chats::run(session).await,
        Command::Chat { name, last, follow } => chat::run(session, &name, last, follow).await,
        Command::Send { name, text, keep } => send::run(session, &name, text, keep).await,
        Command::Keep { name, time } => keep::run(session, &name, time).await,
        Command::History { name, last } => history::run(session, &name, last).await,
        Command::Group(command) => group::run(session, command).await,
        Command::People { query } => people::run(session, &query).await,
        Command::Verify {
            name,
            accept,
            qr,
            code,
            same,
        } => {
            let wanted = verify::Wanted {
                accept,
                qr,
                code,
                same,
            };
            verify::run(session, &name, wanted).await
        }
        Command::Requests => requests::list(session).await,
        Command::Accept { name } => requests::accept(session, &name).await,
        Command::Decline { name } => requests::decline(session, &name).await,
        Command::Block { name } => requests::block(session, &name).await,
        Command::Unblock { name } => requests::unblock(session, &name).await,
        Command::Blocked => requests::blocked(session).await,
        Command::Devices { remove, action } => devices::run(session, remove, action).await,
        Command::Privacy(asked) => privacy::run(session, asked).await,
        Command::Whoami => whoami::run(session),
    }
}
