//! Who may depend on whom. The compiler enforces what a manifest says; this enforces what a manifest may say.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::command::{cargo, heading, note, output};
use crate::wasm::toolchain;

/// What each crate of ours may depend on directly, of ours. Tests of a crate obey the same rule: what needs more
/// than that is tested in `tests/`.
const ALLOWED: [(&str, &[&str]); 9] = [
    ("sotto-protocol", &[]),
    ("sotto-crypto-core", &["sotto-protocol"]),
    ("sotto-client-sdk", &["sotto-crypto-core", "sotto-protocol"]),
    ("sotto-wasm", &["sotto-client-sdk"]),
    ("sotto-webhooks", &["sotto-client-sdk"]),
    ("sotto-terminal", &["sotto-client-sdk", "sotto-webhooks"]),
    ("sotto-server", &["sotto-protocol"]),
    (
        "sotto-tests",
        &[
            "sotto-client-sdk",
            "sotto-crypto-core",
            "sotto-protocol",
            "sotto-server",
            "sotto-terminal",
            "sotto-webhooks",
        ],
    ),
    ("xtask", &[]),
];

/// Libraries with keys or randomness in them: a second version is twice the code to audit, so each needs a reason.
const SINGLE: [&str; 17] = [
    "argon2",
    "chacha20poly1305",
    "curve25519-dalek",
    "ed25519-dalek",
    "getrandom",
    "hkdf",
    "hmac",
    "hpke",
    "ml-kem",
    "openmls",
    "rand",
    "rand_core",
    "rustls",
    "sha2",
    "tungstenite",
    "x25519-dalek",
    "zeroize",
];

/// The versions beside the newest that are tolerated, and why. One that is not there any more has to be removed.
const TOLERATED: [(&str, &str, &str); 9] = [
    (
        "curve25519-dalek",
        "4",
        "opaque-ke 4.0.1 is of the generation before",
    ),
    ("hkdf", "0.12", "opaque-ke 4.0.1"),
    ("hmac", "0.12", "opaque-ke 4.0.1"),
    (
        "rand",
        "0.8",
        "opaque-ke 4.0.1; without its generators: randomness is passed in",
    ),
    ("rand_core", "0.6", "opaque-ke 4.0.1"),
    (
        "sha2",
        "0.10",
        "opaque-ke 4.0.1, and sqlx for the checksums of migrations",
    ),
    ("getrandom", "0.3", "tungstenite 0.29, which masks frames with it"),
    ("rand", "0.9", "tungstenite 0.29"),
    ("rand_core", "0.9", "tungstenite 0.29"),
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: Vec<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `None` is an ordinary dependency.
    kind: Option<String>,
}

struct Graph {
    names: BTreeMap<String, String>,
    /// Ordinary and build dependencies, and with them those of tests.
    shipped: BTreeMap<String, Vec<String>>,
    with_tests: BTreeMap<String, Vec<String>>,
    members: Vec<String>,
}

/// A library and the beginning of its version.
type Exemption = (&'static str, &'static str);

/// Checks all rules, and names every violation before it fails.
pub(crate) fn check() -> Result<()> {
    heading("Who may depend on whom");
    let mut violations = Vec::new();
    layers(&graph()?, &mut violations);

    let host = host()?;
    let mut used = BTreeSet::new();
    for (program, platform) in [
        ("sotto-server", host.as_str()),
        ("sotto-terminal", host.as_str()),
        ("sotto-wasm", toolchain::TARGET),
    ] {
        versions(program, platform, &mut used, &mut violations)?;
    }
    for (name, version, _) in TOLERATED {
        if !used.contains(&(name, version)) {
            violations.push(format!(
                "{name} {version} is tolerated but not there any more: remove the exemption"
            ));
        }
    }
    if !violations.is_empty() {
        bail!("dependency rules are broken:\n   {}", violations.join("\n   "));
    }
    note("every crate sees what it may see, and nothing else");
    Ok(())
}

fn host() -> Result<String> {
    let version = output(crate::command::program("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .context("rustc did not say what it runs on")
}

fn graph() -> Result<Graph> {
    let text = output(cargo().args(["metadata", "--quiet", "--format-version", "1", "--locked"]))
        .context("if Cargo.lock is behind a manifest, any cargo command brings it up to date")?;
    let metadata: Metadata = serde_json::from_str(&text).context("cargo metadata is not as expected")?;
    let edges = |kept: fn(&DependencyKind) -> bool| {
        let of = |node: &Node| {
            node.deps
                .iter()
                .filter(|one| one.dep_kinds.iter().any(kept))
                .map(|one| one.pkg.clone())
                .collect()
        };
        metadata
            .resolve
            .nodes
            .iter()
            .map(|node| (node.id.clone(), of(node)))
            .collect()
    };
    Ok(Graph {
        shipped: edges(|dependency| dependency.kind.is_none()),
        with_tests: edges(|_| true),
        names: metadata
            .packages
            .iter()
            .map(|one| (one.id.clone(), one.name.clone()))
            .collect(),
        members: metadata.workspace_members,
    })
}

impl Graph {
    fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }

    /// All that a member reaches: its own tests' dependencies first if asked for, and from there what is shipped.
    fn reach(&self, from: &str, with_tests: bool) -> BTreeSet<&str> {
        let first = if with_tests {
            &self.with_tests
        } else {
            &self.shipped
        };
        let mut waiting: Vec<&str> = first
            .get(from)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let mut reached = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if reached.insert(id) {
                waiting.extend(self.shipped.get(id).into_iter().flatten().map(String::as_str));
            }
        }
        reached
    }
}

fn layers(graph: &Graph, violations: &mut Vec<String>) {
    for member in &graph.members {
        let name = graph.name(member);
        let Some((_, allowed)) = ALLOWED.iter().find(|(of, _)| *of == name) else {
            violations.push(format!(
                "{name} has no rule: write down in {} what it may depend on",
                file!()
            ));
            continue;
        };
        let ours = |id: &&str| graph.members.iter().any(|one| one == id);
        for direct in graph
            .with_tests
            .get(member)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .filter(ours)
        {
            let direct = graph.name(direct);
            if direct != name && !allowed.contains(&direct) {
                violations.push(format!("{name} must not depend on {direct}"));
            }
        }
        if name == "sotto-server" {
            for id in graph.reach(member, true).into_iter().filter(ours) {
                let reached = graph.name(id);
                if reached != "sotto-protocol" && reached != name {
                    violations.push(format!(
                        "the server reaches {reached}: it must not be able to name a secret"
                    ));
                }
            }
        }
    }
}

/// Looks at what is compiled into a program for a platform.
fn versions(
    program: &str,
    platform: &str,
    used: &mut BTreeSet<Exemption>,
    violations: &mut Vec<String>,
) -> Result<()> {
    // Not `cargo metadata`, which also counts the features that the tests of other crates switch on.
    let tree = output(
        cargo()
            .args([
                "tree",
                "--quiet",
                "--locked",
                "--package",
                program,
                "--target",
                platform,
            ])
            .args([
                "--edges",
                "normal,no-proc-macro",
                "--prefix",
                "none",
                "--format",
                "{p}",
            ]),
    )?;
    for name in SINGLE {
        let found: BTreeSet<&str> = tree
            .lines()
            .filter_map(|line| line.strip_prefix(name)?.strip_prefix(" v")?.split(' ').next())
            .collect();
        let unexplained: Vec<_> = found
            .iter()
            .filter(|version| !tolerated(name, version, used))
            .collect();
        if unexplained.len() > 1 {
            violations.push(format!("{program} has {name} more than once: {unexplained:?}"));
        }
    }
    Ok(())
}

fn tolerated(name: &str, version: &str, used: &mut BTreeSet<Exemption>) -> bool {
    TOLERATED.iter().any(|(of, prefix, _)| {
        let matches = *of == name
            && version
                .strip_prefix(prefix)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if matches {
            used.insert((of, prefix));
        }
        matches
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exemption_is_for_one_line_of_versions_and_is_counted_as_used() {
        let mut used = BTreeSet::new();
        assert!(!tolerated("rand", "0.80.1", &mut used));
        assert!(!tolerated("rand", "0.10.3", &mut used));
        assert!(used.is_empty());
        assert!(tolerated("rand", "0.8.8", &mut used));
        assert_eq!(used, BTreeSet::from([("rand", "0.8")]));
    }

    #[test]
    fn a_layer_that_is_jumped_is_named() {
        let name = |id: &str| (id.to_owned(), id.to_owned());
        let edges = BTreeMap::from([
            ("sotto-server".to_owned(), vec!["helper".to_owned()]),
            ("helper".to_owned(), vec!["sotto-crypto-core".to_owned()]),
            ("sotto-protocol".to_owned(), vec!["sotto-server".to_owned()]),
        ]);
        let graph = Graph {
            names: ["sotto-server", "sotto-protocol", "sotto-crypto-core", "helper"]
                .into_iter()
                .map(name)
                .collect(),
            shipped: edges.clone(),
            with_tests: edges,
            members: ["sotto-server", "sotto-protocol", "sotto-crypto-core"]
                .map(str::to_owned)
                .to_vec(),
        };
        let mut violations = Vec::new();
        layers(&graph, &mut violations);
        assert_eq!(
            violations,
            [
                "the server reaches sotto-crypto-core: it must not be able to name a secret",
                "sotto-protocol must not depend on sotto-server",
            ]
        );
    }
}
