//! The comparison with the peers as a program: `cargo xtask peers` builds and runs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sotto_tests::peers::main()
}
