//! The load generator as a program: `cargo xtask load` builds and runs it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sotto_tests::load::main()
}
