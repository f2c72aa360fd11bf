//! Sotto's client SDK for the browser: converts and forwards, decides nothing.
//!
//! JavaScript sees one class, [`Client`](client::Client). Each method gives a promise that rejects with an object
//! `{ code, message }`; what happens without being asked for arrives through one callback. The npm package in `package/`
//! runs this in a Worker, one for all tabs, and checks the types that are generated from here against its interface.
#![cfg(target_family = "wasm")]
#![allow(
    unreachable_pub,
    reason = "JavaScript reaches what it exports, and wants it `pub`"
)]
#![allow(clippy::unused_async, reason = "every call gives a promise")]

mod admin;
mod admin_types;
mod archive;
mod broadcasts;
mod client;
mod communities;
mod community_types;
mod device_types;
mod devices;
mod error;
mod event;
mod export;
mod files;
mod group_types;
mod groups;
mod marks;
mod message_types;
mod messages;
mod notices;
mod oidc;
mod panic;
mod passkeys;
mod presence_types;
mod profile_types;
mod profiles;
mod registration;
mod report_types;
mod reports;
mod search;
mod search_types;
mod site;
mod types;
mod wake_up;
