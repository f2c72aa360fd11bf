//! A long conversation as a program: what shows a chat is measured with it.

use std::process::ExitCode;

fn main() -> ExitCode {
    sotto_tests::conversation::main()
}
