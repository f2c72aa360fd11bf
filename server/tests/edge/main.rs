//! The server as strangers see it: over real sockets, with a real database in a temporary folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this is a test"
)]

mod support;

mod administration;
mod archives;
mod bans;
mod blob_memory;
mod blobs;
mod blobs_in_s3;
mod blocks;
mod bots;
mod captcha;
mod chats;
mod communities;
mod conditional;
mod deletions;
mod device_links;
mod devices;
mod groups;
mod health;
mod hostile;
mod http;
mod invitations;
mod invited;
mod key_packages;
mod limits;
mod login;
mod notifications;
mod oidc;
mod other_accounts;
mod pages;
mod passkeys;
mod pictures;
mod profiles;
mod raw_socket;
mod records;
mod recovery;
mod registration;
mod reports;
mod rest_conformance;
mod s3_server;
mod shutdown;
mod site;
mod strangers;
mod tls;
mod tokens;
mod users;
mod websocket;
