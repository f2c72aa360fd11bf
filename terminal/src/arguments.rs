//! What can be asked on the command line.

#![allow(clippy::doc_markdown, reason = "the help is for terminals, not for rustdoc")]

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// End-to-end encrypted messages, in a terminal.
///
/// Register once, or log in with an account that you have:
///
///     sotto register ada --server https://sotto.example
///     sotto login ada --server https://sotto.example
///
/// Then talk:
///
///     sotto people grace          find somebody
///     sotto chat grace            talk: what you type is sent, what comes is shown
///     sotto send grace "Hello!"   send one message and be done
///     sotto chats                 all your chats
///
/// Your keys and messages are kept on this machine, sealed with your password: each command asks for it. A script gives it as
/// SOTTO_PASSWORD, or as the first line of its input.
#[derive(Debug, Parser)]
#[command(
    name = "sotto",
    version,
    about,
    long_about,
    verbatim_doc_comment,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: Place,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where things are.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// The server's address, like https://sotto.example; remembered once you have registered or logged in
    #[arg(long, global = true, env = "SOTTO_SERVER", value_name = "URL")]
    pub(crate) server: Option<String>,

    /// The folder with your keys, messages and settings; one account each
    #[arg(long, global = true, env = "SOTTO_DATA_DIR", value_name = "FOLDER")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new account
    ///
    /// Shows a recovery code of 24 words: if you forget your password, nothing else can open your account again, so write it
    /// down. This version cannot take it back yet; a later one will.
    Register {
        /// Your name: 2 to 32 lower-case letters, digits, dots, dashes or underscores
        name: String,
    },

    /// Log in with an account that you have
    ///
    /// This machine becomes one of your devices. Messages from before that are on your other devices do not come along
    /// yet.
    Login {
        /// Your name
        name: String,
    },

    /// Log out
    Logout {
        /// Delete everything that is stored here, keys and messages
        #[arg(long)]
        erase: bool,
    },

    /// Show your chats, the latest first
    Chats,

    /// Talk with somebody
    ///
    /// Shows the last messages, then what comes; each line that you type is sent. Type /help for more, and end with Ctrl-D.
    /// From a pipe, sends each line and ends once the server has them all.
    Chat {
        /// The other person's name
        name: String,
        /// How many earlier messages to show
        #[arg(long, default_value_t = 20, value_name = "COUNT")]
        last: usize,
        /// Go on showing what comes after the input has ended
        #[arg(long)]
        follow: bool,
    },

    /// Send one message
    ///
    /// Ends once the server has it. If the server cannot be reached, the message is kept and goes out the next time; the exit
    /// code is then 75.
    Send {
        /// The other person's name
        name: String,
        /// What to say; - reads it from the input
        text: String,
    },

    /// Show earlier messages with somebody
    History {
        /// The other person's name
        name: String,
        /// How many messages to show
        #[arg(long, default_value_t = 100, value_name = "COUNT")]
        last: usize,
    },

    /// Find people by name
    People {
        /// Part of a name
        query: String,
    },

    /// Check that you talk to the right person
    ///
    /// Shows the safety number of your chat. Compare it with what the other person sees, by phone or face to face: if they
    /// are alike, nobody is in between. If their identity key has changed, this is where you accept it.
    Verify {
        /// The other person's name
        name: String,
        /// Accept a changed identity key without being asked
        #[arg(long)]
        accept: bool,
    },

    /// Show who and where you are
    Whoami,
}
