//! Several nodes on this machine: PostgreSQL, NATS, three nodes with the web app, and one address for all of them.

mod balancer;
mod part;
mod postgres;

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::command::{cargo, heading, note, run as run_to_end};
use crate::{nats, paths, postgres as installed_postgres, wasm, web};
use balancer::Balancer;
use part::Part;
use postgres::Postgres;

/// The log's shards, a database each.
const SHARDS: [&str; 2] = ["log_0", "log_1"];
const ACCOUNTS: &str = "accounts";
/// Ports after the common one: the nodes', then these.
const POSTGRES_PORT: u16 = 10;
const NATS_PORT: u16 = 11;
const NODES_MAX: u16 = 9;

#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// The folder of databases, files and logs, made if it is not there
    #[arg(default_value = "cluster-data")]
    data: PathBuf,

    /// Delete what the folder has from the last time
    #[arg(long)]
    fresh: bool,

    /// How many nodes
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=i64::from(NODES_MAX)))]
    nodes: u16,

    /// The port of the common address, on this machine only; the nodes have the next ones, PostgreSQL the tenth after it and
    /// NATS the eleventh
    #[arg(long, default_value_t = 7700)]
    port: u16,

    /// Build as for production: slower to build, faster to run
    #[arg(long)]
    release: bool,

    /// Start what was built the last time, and build nothing
    #[arg(long)]
    as_built: bool,

    #[command(flatten)]
    wasm: wasm::Arguments,
}

/// Installs what is missing, builds all, starts all, prints where it is, and stays until Ctrl-C.
pub(crate) fn cluster(arguments: &Arguments) -> Result<()> {
    let ports = Ports::of(arguments)?;
    installed_postgres::install()?;
    nats::install("a cluster")?;
    if !arguments.as_built {
        build(arguments)?;
    }

    // Relative to where the command was typed, not to the workspace.
    let data = env::current_dir()
        .context("the current folder is gone")?
        .join(&arguments.data);
    if arguments.fresh && data.exists() {
        if !data.join("postgres").exists() {
            bail!(
                "{} has no cluster in it and is left as it is; delete it yourself",
                data.display()
            );
        }
        fs::remove_dir_all(&data).with_context(|| format!("could not delete {}", data.display()))?;
    }
    fs::create_dir_all(&data).with_context(|| format!("could not create {}", data.display()))?;
    let profile = if arguments.release { "release" } else { "debug" };
    let program = paths::target().join(profile).join("sotto-server");
    tokio::runtime::Runtime::new()
        .context("could not start the runtime")?
        .block_on(run(&data, &program, &ports))
}

fn build(arguments: &Arguments) -> Result<()> {
    web::build(&arguments.wasm)?;
    heading("The server");
    let mut build = cargo();
    build.args(["build", "--package", "sotto-server"]);
    if arguments.release {
        build.arg("--release");
    }
    run_to_end(&mut build)
}

/// Where everything listens.
struct Ports {
    common: SocketAddr,
    nodes: Vec<SocketAddr>,
    postgres: SocketAddr,
    nats: SocketAddr,
}

impl Ports {
    /// The ports, if nobody has them.
    fn of(arguments: &Arguments) -> Result<Self> {
        let address = |offset: u16| {
            let port = arguments
                .port
                .checked_add(offset)
                .context("the port is too high")?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            // Dropped at once: it is only to see whether somebody else has it.
            TcpListener::bind(address)
                .with_context(|| format!("port {port} is taken; choose others with --port"))?;
            Ok::<_, anyhow::Error>(address)
        };
        Ok(Self {
            common: address(0)?,
            nodes: (1..=arguments.nodes).map(address).collect::<Result<_>>()?,
            postgres: address(POSTGRES_PORT)?,
            nats: address(NATS_PORT)?,
        })
    }
}

async fn run(data: &Path, program: &Path, ports: &Ports) -> Result<()> {
    heading("The cluster");
    let mut interrupt = Box::pin(tokio::signal::ctrl_c());
    let mut running = Vec::new();
    let started = tokio::select! {
        started = start(data, program, ports, &mut running) => started,
        _ = &mut interrupt => Err(anyhow::anyhow!("interrupted")),
    };
    let ended = match started {
        Ok(balancer) => {
            announce(data, ports);
            tokio::select! {
                _ = &mut interrupt => Ok(()),
                ended = watch(&mut running) => Err(ended),
                error = balancer.run() => Err(error),
            }
        }
        Err(error) => Err(error),
    };
    println!();
    // The nodes before what they need.
    for part in running.iter_mut().rev() {
        note(&format!("stopping {} (process {})", part.name(), part.pid()));
        part.stop().await;
    }
    ended
}

async fn start(data: &Path, program: &Path, ports: &Ports, running: &mut Vec<Part>) -> Result<Balancer> {
    let balancer = Balancer::bind(ports.common, ports.nodes.clone()).await?;
    note(&format!("PostgreSQL on {}", ports.postgres));
    let postgres = Postgres::in_folder(&data.join("postgres"), ports.postgres)?;
    running.push(postgres.start(&data.join("postgres.log")).await?);
    for database in [ACCOUNTS].into_iter().chain(SHARDS) {
        postgres.create(database)?;
    }
    note(&format!("NATS on {}", ports.nats));
    let port = ports.nats.port().to_string();
    let words = ["nats-server", "--addr", "127.0.0.1", "--port", &port].map(str::to_owned);
    running.push(Part::start("NATS", &words, &data.join("nats.log"), ports.nats).await?);
    let shards = SHARDS.map(|shard| postgres.url(shard)).join(",");
    for (number, address) in (1..).zip(&ports.nodes) {
        note(&format!("node {number} on {address}"));
        let words = [
            program.display().to_string(),
            "--listen".to_owned(),
            address.to_string(),
            "--data".to_owned(),
            data.join("node").display().to_string(),
            "--database".to_owned(),
            postgres.url(ACCOUNTS),
            "--log".to_owned(),
            shards.clone(),
            "--blobs".to_owned(),
            format!("file://{}", data.join("blobs").display()),
            "--bus".to_owned(),
            format!("nats://{}", ports.nats),
        ];
        let log = data.join(format!("node-{number}.log"));
        // One after the other: the first creates the tables.
        running.push(Part::start(&format!("node {number}"), &words, &log, *address).await?);
    }
    Ok(balancer)
}

fn announce(data: &Path, ports: &Ports) {
    heading("Sotto is running on several nodes");
    println!(
        "\n   Open  http://{}   any of the nodes, by turns\n",
        ports.common
    );
    for (number, address) in (1..).zip(&ports.nodes) {
        println!("         http://{address}   node {number}");
    }
    println!("\n   For clients that take several addresses:");
    let list: Vec<String> = ports
        .nodes
        .iter()
        .map(|address| format!("http://{address}"))
        .collect();
    println!("   {}\n", list.join(","));
    println!(
        "   Data and logs are in {}. Stop everything with Ctrl-C. A node may be killed: the others go on.\n",
        data.display()
    );
}

/// Says which running end by themselves. Ready when one has ended that the others cannot do without.
async fn watch(running: &mut [Part]) -> anyhow::Error {
    let mut ended = vec![false; running.len()];
    loop {
        for (part, has_ended) in running.iter_mut().zip(&mut ended) {
            if !*has_ended && part.has_ended() {
                *has_ended = true;
                note(&format!("{} has ended; its log is {}", part.name(), part.log()));
            }
        }
        if ended.iter().all(|ended| *ended) {
            return anyhow::anyhow!("everything has ended");
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
