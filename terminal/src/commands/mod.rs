//! One command, one file.

mod bot;
mod broadcast;
mod chat;
mod chats;
mod community;
mod delete_account;
mod devices;
mod export;
mod files;
mod group;
mod history;
mod import;
mod keep;
mod login;
mod logout;
mod marks;
mod notices;
mod oidc;
mod people;
mod privacy;
mod profile;
mod register;
mod report;
mod requests;
mod search;
mod send;
mod sync;
mod verify;
mod whoami;

pub(crate) use files::described;

use crate::arguments::Command;
use crate::failure::Failure;
use crate::session::Session;

/// Does what was asked.
pub(crate) async fn run(session: &mut Session, command: Command) -> Result<(), Failure> {
    match command {
        Command::Register {
            name,
            invite,
            provider,
        } => register::run(session, &name, invite.as_deref(), provider).await,
        Command::Login {
            name,
            recovery,
            code,
            provider,
        } => match code {
            Some(code) => login::by_code(session, code, provider).await,
            None => login::run(session, name, recovery, provider).await,
        },
        Command::Logout { erase, everywhere } => logout::run(session, erase, everywhere).await,
        Command::DeleteAccount { name } => delete_account::run(session, &name).await,
        Command::Chats { archived } => chats::run(session, archived).await,
        Command::Chat { name, last, follow } => chat::run(session, &name, last, follow).await,
        Command::Send {
            name,
            text,
            files,
            keep,
        } => send::run(session, &name, text, &files, keep).await,
        Command::Save { name, file, to } => files::save(session, &name, file.as_deref(), to.as_deref()).await,
        Command::Keep { name, time } => keep::run(session, &name, time).await,
        Command::History { name, last } => history::run(session, &name, last).await,
        Command::Starred { count } => marks::starred(session, count).await,
        Command::Notices { count } => notices::run(session, count).await,
        Command::Mute { name, time, off } => marks::mute(session, &name, time, off).await,
        Command::Archive { name, back } => marks::archive(session, &name, !back).await,
        Command::Sync => sync::run(session).await,
        Command::Export {
            file,
            readable,
            without_files,
            force,
        } => {
            let wanted = export::Wanted {
                readable,
                without_files,
                force,
            };
            export::run(session, &file, wanted).await
        }
        Command::Import { file } => import::run(session, &file).await,
        Command::Search(asked) => search::run(session, asked).await,
        Command::Group(command) => group::run(session, command).await,
        Command::Community(asked) => community::run(session, asked).await,
        Command::Broadcast(asked) => broadcast::run(session, asked).await,
        Command::People(asked) => people::run(session, asked).await,
        Command::Profile(action) => profile::run(session, action).await,
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
        Command::Report {
            name,
            says,
            reason,
            comment,
        } => {
            let wanted = report::Wanted {
                says,
                reason,
                comment: comment.unwrap_or_default(),
            };
            report::run(session, &name, wanted).await
        }
        Command::Devices { remove, action } => devices::run(session, remove, action).await,
        Command::Bot(asked) => bot::run(session, asked).await,
        Command::Privacy(asked) => privacy::run(session, asked).await,
        Command::Whoami { role } => whoami::run(session, role).await,
    }
}
