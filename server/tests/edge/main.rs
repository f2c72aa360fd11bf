//! The server as strangers see it: over real sockets, with a real database in a temporary folder.

mod support;

mod chats;
mod devices;
mod http;
mod key_packages;
mod login;
mod pages;
mod registration;
mod shutdown;
mod strangers;
mod tokens;
mod users;
mod websocket;
