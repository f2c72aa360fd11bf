//! What can be asked about bots.

use clap::{Args, Subcommand};
use sotto_client_sdk::protocol::AccountName;
use sotto_webhooks::Endpoint;
use std::net::SocketAddr;

/// What can be done with bots.
#[derive(Debug, Subcommand)]
pub(crate) enum Bot {
    /// Make a token for a bot that whoever runs the server is to let in
    ///
    /// Shows the token, which stays with you, and what the operator has to do. Asks no server.
    Token {
        /// The bot's name
        name: AccountName,
    },

    /// Make a bot, and show its token
    ///
    /// Needs the permission manage-bots. As long as the bot is not registered, the same command gives it another token.
    Create {
        /// The bot's name
        name: AccountName,
    },

    /// Show the server's bots
    ///
    /// Needs the permission manage-bots.
    List,

    /// Revoke a bot's token: it is logged out everywhere, and let in nowhere
    ///
    /// Needs the permission manage-bots.
    Revoke {
        /// The bot's name
        name: AccountName,
        /// Why: its program is told
        #[arg(long, value_name = "TEXT", default_value = "")]
        reason: String,
    },

    /// Run the bot whose token is in SOTTO_BOT_TOKEN
    ///
    /// Registers it the first time. Takes messages from a program on this machine:
    ///
    ///     SOTTO_WEBHOOK_SECRET=… sotto bot run --listen 127.0.0.1:8460 --to '#Gardeners'
    ///     curl http://127.0.0.1:8460/message -H "Authorization: Bearer $SOTTO_WEBHOOK_SECRET" --json '{"text":"It rains."}'
    ///
    /// and posts what others say in its chats to one, signed as Standard Webhooks says, until it is taken:
    ///
    ///     SOTTO_WEBHOOK_SIGNING_SECRET=whsec_… sotto bot run --post-to https://hooks.example.org/sotto
    #[command(verbatim_doc_comment)]
    Run(RunBot),
}

/// How a bot is run.
#[derive(Debug, Args)]
pub(crate) struct RunBot {
    /// Take messages at this address of this machine; SOTTO_WEBHOOK_SECRET has what whoever posts there shows, at least 16 characters
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where what is posted without a chat goes: somebody's name, or #TITLE of a group
    #[arg(long, value_name = "NAME", requires = "listen")]
    pub(crate) to: Option<String>,
    /// How many messages are taken in a minute
    #[arg(long, value_name = "COUNT", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=6000))]
    pub(crate) per_minute: u32,
    /// Post what others say to this address: https, or http on this machine; SOTTO_WEBHOOK_SIGNING_SECRET has what the posts are signed
    /// with, whsec_ and the base64 of 24 to 64 random bytes
    #[arg(long, value_name = "URL")]
    pub(crate) post_to: Option<Endpoint>,
    /// Accept whoever writes to the bot, and every group that somebody brings it into
    #[arg(long)]
    pub(crate) accept: bool,
}
