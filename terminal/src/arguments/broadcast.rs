//! What `sotto broadcast` takes.

use clap::{Args, Subcommand};

/// What to do with a broadcast.
#[derive(Debug, Subcommand)]
pub(crate) enum Broadcast {
    /// Show the broadcast, if there is one
    Show {
        #[command(flatten)]
        of: Of,
    },

    /// Read along: it appears among your chats
    ///
    /// Of a community: join that first.
    Follow {
        #[command(flatten)]
        of: Of,
    },

    /// Begin a broadcast, in the place of the one before
    ///
    /// For those who manage the server's, or for the founder and the moderators of a community. You own it, and write there with
    /// `sotto send`; others write there whom you make admins with `sotto group role`. It holds at most 2,000 devices, and is not protected
    /// against a later quantum computer: anyone of its audience can come in and read.
    Start {
        /// What it is called
        title: String,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
        #[command(flatten)]
        of: Of,
    },

    /// Make it the broadcast no more
    ///
    /// The group goes on among those who are in it; `sotto group delete` ends it for everyone.
    Stop {
        #[command(flatten)]
        of: Of,
    },
}

/// Whose broadcast.
#[derive(Debug, Args)]
pub(crate) struct Of {
    /// Of this community, by its title or its id; without this of the whole server
    #[arg(long, value_name = "COMMUNITY")]
    pub(crate) community: Option<String>,
}
