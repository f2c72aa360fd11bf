//! Many commit at once, go offline in the middle and come back, and nothing is lost by it: simulated, from seeds.
//!
//! ```text
//! plan (from a seed) ──→ devices: real clients, whose processes die ⇄ weather ⇄ house: a real server, killed and restarted
//!                              ↓                                        ↓
//!                        ledger: what users asked for           log: who was in which chat when
//!                              └────────────→ check ←───────────────────┘
//! ```
//!
//! All of an episode runs on one thread, in a time that stands still while anything is left to do and then jumps to what is due
//! next. So one seed gives one episode, to the last frame, however often and wherever it is played.

pub mod check;
pub mod clock;
pub mod device;
pub mod episode;
pub mod ground;
pub mod house;
pub mod ledger;
pub mod life;
pub mod log;
pub mod network;
pub mod plan;
pub mod platform;
pub mod trace;
pub mod weather;

pub use episode::{Outcome, Tally, play, play_plan};
pub use plan::Plan;

/// Runs a future in a runtime of one thread whose time is paused.
pub(crate) fn in_paused_time<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("there is a runtime");
    runtime.block_on(future)
}
