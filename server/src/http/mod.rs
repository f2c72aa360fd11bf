//! HTTP: `<noun>/<verb>`, a file each: its errors, their status, the handler. The routes are all in [`router`].

mod admin;
mod answer_cache;
mod archive;
mod auth;
mod blob;
mod block;
mod chat;
mod community;
mod device;
mod device_list;
mod group;
mod health;
mod json;
mod key_package;
mod layers;
mod news;
mod notification;
mod oidc;
mod openapi;
mod party;
mod passkey;
mod path;
mod problem;
mod query;
mod record;
mod report;
mod revalidated;
mod role;
mod router;
mod server;
pub(crate) mod sessions;
mod site;
mod user;

pub(crate) use answer_cache::AnswerCache;
pub(crate) use health::look;
pub use openapi::document as openapi_document;
pub(crate) use problem::{HttpProblem, chain};
pub(crate) use revalidated::{entity_tag, is_known};
pub(crate) use router::router;

use answer_cache::{Answer, AnswerVersion};
use json::Json;
use party::party;
use path::{Path, PathPair};
use query::Query;
use revalidated::Revalidated;
