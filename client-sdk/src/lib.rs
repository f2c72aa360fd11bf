//! Sotto's client: sync, sending, storage and events, native and in the browser.

pub mod platform;
pub mod store;
