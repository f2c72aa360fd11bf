//! Sotto in a terminal: register, log in, find people, and talk.

mod arguments;
mod bot_token;
mod commands;
mod failure;
mod input;
mod moment;
mod passphrase;
mod password;
mod receipts;
mod retention;
mod screen;
mod session;
mod settings;
mod text;

use arguments::Arguments;
use clap::Parser as _;
use failure::Failure;
use session::Session;
use std::io::Write as _;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            // Where even the error output is closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "{}", failure.sentence());
            if let Some(advice) = failure.advice() {
                let _ = writeln!(std::io::stderr(), "{advice}");
            }
            failure.exit_code()
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let mut session = Session::new(arguments.place)?;
    commands::run(&mut session, arguments.command).await
}
