//! `/v1/record/…`: sealed values that an account's devices share.

pub(super) mod read;
pub(super) mod write;
