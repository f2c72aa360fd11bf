//! The bodies of the REST interface under `/v1`: JSON, binary values as base64url. Unknown members are refused in
//! requests and ignored in answers.

pub mod admin;
pub mod archive;
pub mod auth;
pub mod blob;
pub mod block;
pub mod broadcast;
pub mod captcha;
pub mod chat;
pub mod community;
pub mod device;
pub mod group;
pub mod key_package;
pub mod notification;
pub mod oidc;
pub mod passkey;
pub mod record;
pub mod report;
pub mod role;
pub mod server;
pub mod site;
pub mod user;
