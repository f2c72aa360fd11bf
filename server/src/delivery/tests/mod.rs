//! The Delivery Service on the real store.
