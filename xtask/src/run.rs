//! The whole of Sotto on this machine.

use std::env;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{cargo, heading, program, run as run_to_end};
use crate::{paths, wasm, web};

/// How often the server is asked whether it is up.
const ASK_EVERY: Duration = Duration::from_millis(50);

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// The folder of the database, made if it is not there
    #[arg(default_value = "data")]
    data: PathBuf,

    /// The port to listen on, on this machine only
    #[arg(long, default_value_t = 7700)]
    port: u16,

    /// Build as for production: slower to build, faster to run
    #[arg(long)]
    release: bool,

    #[command(flatten)]
    wasm: wasm::Arguments,
}

/// Builds all, starts the server, prints its address, and stays until it ends.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, arguments.port));
    if TcpStream::connect(address).is_ok() {
        bail!(
            "port {0} is taken; choose another: cargo xtask run --port {1}",
            arguments.port,
            arguments.port.wrapping_add(1)
        );
    }
    web::build(&arguments.wasm)?;

    heading("The server");
    let mut build = cargo();
    build.args(["build", "--package", "sotto-server"]);
    if arguments.release {
        build.arg("--release");
    }
    run_to_end(&mut build)?;

    // Relative to where the command was typed, not to the workspace.
    let data = env::current_dir()
        .context("the current folder is gone")?
        .join(&arguments.data);
    let server_program = paths::target()
        .join(if arguments.release { "release" } else { "debug" })
        .join("sotto-server");
    let mut server = program(&server_program)
        .arg("--listen")
        .arg(address.to_string())
        .arg("--data")
        .arg(&data)
        // Its log goes to standard error; that it is ready is said below, once.
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("could not start {}", server_program.display()))?;
    wait_until_up(&mut server, address)?;

    heading("Sotto is running");
    println!("\n   Open  http://{address}\n");
    println!(
        "   Everything it stores is in {}. Stop it with Ctrl-C.\n",
        data.display()
    );
    let status = server.wait().context("the server could not be waited for")?;
    // Ctrl-C reaches the server too, which then ends in order; what killed it otherwise, it has said itself.
    if status.success() {
        Ok(())
    } else {
        bail!("the server ended ({status})")
    }
}

fn wait_until_up(server: &mut Child, address: SocketAddr) -> Result<()> {
    loop {
        if let Some(status) = server.try_wait().context("the server could not be waited for")? {
            bail!("the server did not start ({status}); above is what it said");
        }
        if is_healthy(address) {
            return Ok(());
        }
        thread::sleep(ASK_EVERY);
    }
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(
            stream,
            "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"HTTP/1.1 200")
    };
    ask().unwrap_or(false)
}
