//! A proof of work against robots: what an account costs a machine, and what guesses of passwords cost it once there are many. People
//! notice nothing but a moment.
//!
//! The challenges are ALTCHA's, and signed: the server keeps none. What it keeps is which were spent, until they are over.

mod abuse;
mod challenge;
mod difficulty;

pub(crate) use abuse::Abuse;
pub(crate) use challenge::{CaptchaKey, InvalidSolution};
pub(crate) use difficulty::Difficulty;
