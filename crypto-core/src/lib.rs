//! Sotto's keys, MLS, passwords and sealed records: pure, with randomness passed in.
