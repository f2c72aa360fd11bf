//! The bare relay as a program: the load generator starts it to measure a limit with it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sotto_tests::bare::main()
}
