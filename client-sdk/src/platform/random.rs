//! Randomness from where the program runs: the edge at which it enters. Everything else takes it as an argument.

use getrandom::SysRng;
use rand_core::UnwrapErr;

/// The operating system's randomness, or the browser's. It panics if there is none: no program can go on then.
pub type SystemRng = UnwrapErr<SysRng>;

/// The operating system's randomness, or the browser's.
#[must_use]
pub const fn system_rng() -> SystemRng {
    UnwrapErr(SysRng)
}
