//! The Delivery Service on the real store.

mod blocks;
mod chats;
mod commits;
mod communities;
mod connections;
mod deletions;
mod faults;
mod groups;
mod house;
mod messages;
mod nats_server;
mod nodes;
mod objections;
mod shutdown;
mod statements;
mod wakes;
