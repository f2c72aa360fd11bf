//! How many files, and so sockets, a process may have open.

use anyhow::{Context as _, Result, bail};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What a process needs beside its connections.
const OTHERS: u64 = 200;

/// Lets this process, and those that it starts, have so many connections open.
pub(crate) fn raise_open_files(connections: u64) -> Result<()> {
    let needed = connections + OTHERS;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    let maximum = limit.maximum.map(|maximum| maximum.max(needed));
    let raised = Rlimit {
        current: Some(needed),
        maximum,
    };
    if setrlimit(Resource::Nofile, raised).is_ok() {
        return Ok(());
    }
    match limit.maximum {
        Some(maximum) if maximum < needed => bail!(
            "{connections} connections need {needed} open files; this process may have {maximum}. Raise the bound \
             (ulimit -Hn, LimitNOFILE, /etc/security/limits.conf), or ask for fewer connections"
        ),
        _ => setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(needed),
                maximum: limit.maximum,
            },
        )
        .context("the bound on open files cannot be raised"),
    }
}
