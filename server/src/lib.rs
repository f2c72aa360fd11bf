//! Sotto's server: stores ciphertext and public keys, and puts them on the right sockets.

pub mod clock;
pub mod delivery;
pub mod store;
