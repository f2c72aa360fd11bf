//! What the server takes before anybody has done anything: time to its first login, memory, bytes of its program.

use super::super::machine::{Cores, usage};
use super::super::options::{Common, Storage};
use super::super::report::Outcome;
use super::super::run::per;
use super::super::seed;
use super::super::server::OwnServer;
use crate::light::{Api, LightAccount};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use rand_core::Rng as _;
use serde::Serialize;
use std::path::Path;
use std::time::Instant;

const MIB: f64 = 1024.0 * 1024.0;

/// A server starts over a large database: how long until the first login, and what does it take?
#[derive(Clone, Debug, Args)]
pub(crate) struct Footprint {
    /// Messages in the database
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) messages: usize,
}

/// What a server takes before anybody has done anything.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) messages: usize,
    /// From the start of the process until it says that it is ready.
    pub(crate) ready_ms: f64,
    /// From the start of the process until somebody has logged in with a password and enrolled a device.
    pub(crate) first_login_ms: f64,
    /// Resident before the first connection.
    pub(crate) resident_mib: f64,
    /// Bytes of the program.
    pub(crate) program_mib: f64,
}

impl Footprint {
    pub(crate) fn what(&self) -> String {
        format!("footprint: a server starts over {} messages", self.messages)
    }

    pub(super) fn measure(&self, common: &Common) -> Result<Measured> {
        if common.url.is_some() || common.database.is_some() || common.tls {
            bail!("the footprint is that of a server of our own over SQLite, without TLS");
        }
        let binary = common.binary()?;
        let (server_cores, _) = common.cores()?;
        let folder = common.state()?.join(format!("footprint-{}", self.messages));
        seed::messages(&folder, &binary, self.messages)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;

        let server = OwnServer::start(&binary, &folder, &Storage::Folder, &Cores::available()?)?;
        let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
        let name = format!("first-{:016x}", rng.next_u64());
        let api = Api::new(server.url());
        let (mut account, _) = runtime.block_on(LightAccount::register(&api, &name, &mut rng))?;
        server.stop()?;

        let begun = Instant::now();
        let server = OwnServer::start(&binary, &folder, &Storage::Folder, &server_cores)?;
        let ready = begun.elapsed();
        let resident = usage(&[server.process()])?.resident;
        let looked = begun.elapsed();
        let api = Api::new(server.url());
        runtime.block_on(account.enrol(&api, &mut rng))?;
        // What looking at the memory took is not the server's.
        let first_login = begun.elapsed().saturating_sub(looked.saturating_sub(ready));
        server.stop()?;
        Ok(Measured {
            messages: self.messages,
            ready_ms: ready.as_secs_f64() * 1e3,
            first_login_ms: first_login.as_secs_f64() * 1e3,
            resident_mib: per(resident, MIB),
            program_mib: per(size(&binary)?, MIB),
        })
    }
}

fn size(file: &Path) -> Result<u64> {
    Ok(std::fs::metadata(file)
        .with_context(|| format!("cannot look at {}", file.display()))?
        .len())
}

impl Outcome for Measured {
    fn print(&self) {
        println!("\nfootprint of a server over {} messages", self.messages);
        println!(
            "  ready        {:.0} ms after its start; somebody logged in and enrolled after {:.0} ms",
            self.ready_ms, self.first_login_ms
        );
        println!(
            "  memory       {:.1} MiB resident before the first connection",
            self.resident_mib
        );
        println!("  program      {:.1} MiB", self.program_mib);
    }

    fn to_json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::to_value(self)?)
    }

    fn is_good(&self) -> bool {
        true
    }
}
