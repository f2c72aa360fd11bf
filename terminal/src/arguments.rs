//! What can be asked on the command line.

#![allow(clippy::doc_markdown, reason = "the help is for terminals, not for rustdoc")]

use clap::{Args, Parser, Subcommand, ValueEnum};
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
///     sotto group create Gardeners --with grace
///     sotto chat '#Gardeners'     talk in a group
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

    /// Talk with somebody, or in a group
    ///
    /// Shows the last messages, then what comes; each line that you type is sent. Type /help for more, and end with Ctrl-D.
    /// From a pipe, sends each line and ends once the server has them all.
    Chat {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
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
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// What to say; - reads it from the input
        text: String,
    },

    /// Show earlier messages
    History {
        /// The other person's name, #TITLE of a group, or your own name for notes to yourself
        name: String,
        /// How many messages to show
        #[arg(long, default_value_t = 100, value_name = "COUNT")]
        last: usize,
    },

    /// Make groups, find and join them, and look after them
    #[command(subcommand)]
    Group(Group),

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

    /// Show your devices, or remove one
    Devices {
        /// The id of a device to remove: it is logged out at once, and reads nothing more
        #[arg(long, value_name = "ID")]
        remove: Option<String>,
    },

    /// Show who and where you are
    Whoami,
}

/// What can be done with groups. A group is named by its title, or by its id.
#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Make a group, which you own
    Create {
        /// What it is called
        title: String,
        /// What it is about
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
        /// Who is in it from the beginning; may be given several times
        #[arg(long, value_name = "NAME")]
        with: Vec<String>,
        /// How others get in
        #[arg(long, value_enum, default_value_t = Joining::Members)]
        joining: Joining,
        /// Let anyone find it: the server then knows its title
        #[arg(long)]
        listed: bool,
    },

    /// Show a group and who is in it
    Show {
        /// The group
        group: String,
    },

    /// Add people
    Add {
        /// The group
        group: String,
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
    },

    /// Remove people
    Remove {
        /// The group
        group: String,
        /// Their names
        #[arg(required = true)]
        names: Vec<String>,
        /// Do not let them in again
        #[arg(long)]
        ban: bool,
    },

    /// Give somebody another role
    ///
    /// The owner alone appoints admins. Whoever makes another the owner becomes an admin.
    Role {
        /// The group
        group: String,
        /// Whose role
        name: String,
        /// The role
        #[arg(value_enum)]
        role: RoleName,
    },

    /// Change how others get in, or whether anyone can find the group
    Set {
        /// The group
        group: String,
        /// How others get in
        #[arg(long, value_enum)]
        joining: Option<Joining>,
        /// Whether anyone can find it
        #[arg(long)]
        listed: Option<bool>,
    },

    /// Change what a group is called, and what it is about
    Rename {
        /// The group
        group: String,
        /// What it is called from now on
        title: String,
        /// What it is about
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
    },

    /// Leave a group
    Leave {
        /// The group
        group: String,
    },

    /// Delete a group for everyone, as its owner
    Delete {
        /// The group
        group: String,
    },

    #[command(flatten)]
    Admission(Admission),
}

/// How people get into groups.
#[derive(Debug, Subcommand)]
pub(crate) enum Admission {
    /// Find groups that anyone can find
    Find {
        /// Part of a title or description
        #[arg(default_value = "")]
        query: String,
    },

    /// Join a group that is open
    Join {
        /// Its id, as `sotto group find` shows it
        group: String,
    },

    /// Ask to be let into a group
    Ask {
        /// Its id, as `sotto group find` shows it, or as a member tells it
        group: String,
        /// Ask no more
        #[arg(long)]
        withdraw: bool,
    },

    /// Show who asks to be let into a group
    Requests {
        /// The group
        group: String,
    },

    /// Approve that somebody who has asked is let in
    Approve {
        /// The group
        group: String,
        /// Who has asked
        name: String,
    },

    /// Refuse somebody who has asked
    Decline {
        /// The group
        group: String,
        /// Who has asked
        name: String,
    },
}

/// How others get into a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Joining {
    /// Every member can add people
    Members,
    /// Admins add people
    Admins,
    /// People ask, and an admin approves
    AdminApproves,
    /// People ask, and a member approves
    MemberApproves,
    /// People ask, and two members approve
    TwoApprove,
    /// Anyone can join
    Open,
}

/// A role in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Like everyone else
    Member,
    /// Adds and removes people, and changes the group
    Admin,
    /// Appoints admins, and can delete the group
    Owner,
}
