//! Search in the messages that this device has.
//!
//! Nothing is written for it. With the first search an index begins to be built in memory from the sealed records, newest first; it can
//! be used meanwhile, follows every change of a record from then on, and is wiped when nobody has searched for a while, when the session
//! ends, and when the client closes. What it finds is read from the store again before it is shown, so that nothing is ever shown but
//! what is there at that moment.

mod arena;
mod find;
mod fold;
mod index;
mod query;
mod reading;
mod state;
mod terms;

pub(crate) use find::Lookup;
pub use query::{Found, InvalidCursor, SearchCursor, SearchKind, SearchPage, SearchQuery};
pub(crate) use reading::look_through;
pub(crate) use state::Search;
