//! What suites that others wrote say of our protocols: Autobahn's WebSocket tests against the server's own WebSocket code,
//! schemathesis against the REST interface and its description.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::json;

use crate::command::{cargo, exists, heading, note, output, program, run, succeeds};
use crate::{paths, python};

const SUITE: &str = "autobahntestsuite==25.10.1";
const PYTHON: &str = "2.7.18";
/// Cases of which the suite only notes what an endpoint does: after a close of its own it sends on, or a code above 4999.
const INFORMATIONAL: [&str; 3] = ["7.1.6", "7.13.1", "7.13.2"];
/// Groups of cases for compression, which the server never negotiates.
const COMPRESSION: [&str; 2] = ["12.", "13."];

/// What the suite says of a case.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    behavior: String,
    behavior_close: String,
}

/// Installs the suite, runs it against the echo over our code, and fails if a case went otherwise than it has to.
pub(crate) fn websocket() -> Result<()> {
    heading("Autobahn's WebSocket tests");
    let folder = paths::target().join("conformance");
    fs::create_dir_all(&folder)?;
    let python = python(&folder)?;
    let suite = install(&python, &folder)?;
    run(cargo().args([
        "build",
        "--package",
        "sotto-server",
        "--example",
        "websocket_echo",
    ]))?;
    let echo = Echo::start()?;
    let report = folder.join("websocket");
    if report.exists() {
        fs::remove_dir_all(&report)?;
    }
    let specification = folder.join("websocket.json");
    let server = json!({ "agent": "sotto", "url": format!("ws://{}", echo.address) });
    let content = json!({
        "outdir": report, "servers": [server], "cases": ["*"], "exclude-cases": [], "exclude-agent-cases": {},
    });
    fs::write(&specification, content.to_string())?;
    note("some five hundred cases; this takes half a minute");
    // Its chatter is of no use: the report says it better.
    let log = fs::File::create(folder.join("websocket.log"))?;
    run(program(&python)
        .env("PYTHONPATH", &suite)
        .args(["-c", "from autobahntestsuite.wstest import run; run()"])
        .args(["-m", "fuzzingclient", "-s"])
        .arg(&specification)
        .stderr(log.try_clone()?)
        .stdout(log))?;
    judge(&report)
}

/// Installs schemathesis and runs it against a server, as one of its tests does.
pub(crate) fn rest() -> Result<()> {
    heading("schemathesis on the REST interface");
    let schemathesis = python::SCHEMATHESIS.path()?;
    note("more than twenty thousand requests; this takes some minutes");
    run(cargo()
        .args([
            "test",
            "--package",
            "sotto-server",
            "--test",
            "edge",
            "rest_conformance",
        ])
        .args(["--", "--ignored", "--nocapture"])
        .env("SCHEMATHESIS", schemathesis))
}

fn judge(report: &Path) -> Result<()> {
    let index = report.join("index.json");
    let index = fs::read_to_string(&index).with_context(|| format!("no report at {}", index.display()))?;
    let agents: BTreeMap<String, BTreeMap<String, Verdict>> = serde_json::from_str(&index)?;
    let verdicts = agents.into_values().next().context("the report is empty")?;
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    for (case, verdict) in &verdicts {
        *counts.entry(&verdict.behavior).or_default() += 1;
        if !is_right(case, verdict) {
            wrong.push(format!(
                "{case}: {}, closed {}",
                verdict.behavior, verdict.behavior_close
            ));
        }
    }
    for (behavior, count) in counts {
        note(&format!("{behavior}: {count}"));
    }
    note(&format!("case by case: {}", report.join("index.html").display()));
    if wrong.is_empty() {
        return Ok(());
    }
    bail!(
        "{} cases did not go as they have to:\n{}",
        wrong.len(),
        wrong.join("\n")
    )
}

/// Whether a case went as `docs/conformance.md` says.
fn is_right(case: &str, verdict: &Verdict) -> bool {
    let expected = if INFORMATIONAL.contains(&case) {
        ["INFORMATIONAL", "INFORMATIONAL"]
    } else if COMPRESSION.iter().any(|group| case.starts_with(group)) {
        ["UNIMPLEMENTED", "OK"]
    } else {
        ["OK", "OK"]
    };
    [verdict.behavior.as_str(), verdict.behavior_close.as_str()] == expected
}

/// The echo server, ended when this is dropped.
struct Echo {
    process: Child,
    address: String,
}

impl Echo {
    fn start() -> Result<Self> {
        let mut process = program(paths::target().join("debug/examples/websocket_echo"))
            .stdout(Stdio::piped())
            .spawn()
            .context("the echo server does not start")?;
        let mut address = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut address)?;
        }
        let address = address.trim_end().to_owned();
        Ok(Self { process, address })
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder with the suite in it, installed if it is not there.
fn install(python: &Path, folder: &Path) -> Result<PathBuf> {
    let suite = folder.join("autobahn");
    let is_installed = || succeeds(autobahn(python, &suite).args(["-c", "import autobahntestsuite.wstest"]));
    if !is_installed() {
        note(&format!("installing {SUITE} for Python {PYTHON}, once"));
        if !succeeds(program(python).args(["-m", "pip", "--version"])) {
            run(program(python).args(["-m", "ensurepip"]))?;
        }
        run(program(python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--upgrade",
                "--target",
            ])
            .arg(&suite)
            .arg(SUITE))
        .with_context(|| format!("THE SUITE {SUITE} CANNOT BE INSTALLED HERE: WebSockets were not tested"))?;
        // A namespace package, which Python 2 finds in a plain folder only by this.
        fs::write(suite.join("zope/__init__.py"), "")?;
        if !is_installed() {
            bail!("THE SUITE {SUITE} IS INSTALLED AND DOES NOT START: WebSockets were not tested");
        }
    }
    Ok(suite)
}

fn autobahn(python: &Path, suite: &Path) -> Command {
    let mut command = program(python);
    command.env("PYTHONPATH", suite);
    command
}

/// The suite is the last that still wants Python 2.7: `$PYTHON27`, or pyenv's.
fn python(folder: &Path) -> Result<PathBuf> {
    let works = |path: &Path| {
        succeeds(program(path).args(["-c", "import sys; sys.exit(sys.version_info[:2] != (2, 7))"]))
    };
    let named = std::env::var_os("PYTHON27").map(PathBuf::from);
    let candidates = named.into_iter().chain([PathBuf::from("python2.7")]);
    if let Some(python) = candidates.into_iter().find(|path| works(path)) {
        return Ok(python);
    }
    if !exists("pyenv") {
        bail!(
            "AUTOBAHN NEEDS PYTHON 2.7, which is not here: WebSockets were not tested. \
             Install pyenv (https://github.com/pyenv/pyenv), or set PYTHON27 to a Python {PYTHON}"
        );
    }
    note(&format!(
        "pyenv provides Python {PYTHON}; if it has to build it, this takes some minutes"
    ));
    let build_log = fs::File::create(folder.join("python.log"))?;
    run(program("pyenv")
        .args(["install", "--skip-existing", PYTHON])
        .stdout(build_log))
    .with_context(|| format!("PYTHON {PYTHON} CANNOT BE INSTALLED HERE: WebSockets were not tested"))?;
    let prefix = output(program("pyenv").args(["prefix", PYTHON]))?;
    let python = Path::new(prefix.trim_end()).join("bin/python2.7");
    if works(&python) {
        Ok(python)
    } else {
        bail!(
            "pyenv's {} does not work: WebSockets were not tested",
            python.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_fails_or_is_only_nearly_right_is_wrong() {
        let verdict = |behavior: &str, close: &str| Verdict {
            behavior: behavior.to_owned(),
            behavior_close: close.to_owned(),
        };
        assert!(is_right("1.1.1", &verdict("OK", "OK")));
        assert!(is_right("7.13.1", &verdict("INFORMATIONAL", "INFORMATIONAL")));
        assert!(is_right("12.1.1", &verdict("UNIMPLEMENTED", "OK")));
        for (case, behavior, close) in [
            ("1.1.1", "FAILED", "OK"),
            ("6.4.3", "NON-STRICT", "OK"),
            ("1.1.1", "OK", "UNCLEAN"),
            ("1.1.1", "UNIMPLEMENTED", "OK"),
            ("12.1.1", "OK", "OK"),
        ] {
            assert!(!is_right(case, &verdict(behavior, close)), "{case}");
        }
    }
}
