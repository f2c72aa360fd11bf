//! What tests of this crate and of those above it share: faults at every await, the contract of a store, a look at what a
//! client has stored, and a history to search in.
//!
//! Generic throughout: a program that uses none of it holds none of it.

pub mod faults;
pub mod faulty_store;
pub mod faulty_transport;
pub mod history;
pub mod store_contract;
pub mod stored_chat;

pub use faults::{Fault, Faults};
pub use faulty_store::FaultyStore;
pub use faulty_transport::FaultyTransport;
pub use history::{History, Said};
pub use stored_chat::{StoredChat, StoredGroup, stored_chats};
