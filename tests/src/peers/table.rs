//! All peers side by side.

use super::measure::{Figures, Peer};
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::fmt::Write as _;
use std::path::Path;

/// What has been measured.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<(Peer, Figures)>,
    failed: Vec<(Peer, String)>,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'static str,
    #[serde(flatten)]
    figures: &'a Figures,
}

impl Table {
    pub(super) fn add(&mut self, peer: Peer, figures: Figures) {
        self.rows.push((peer, figures));
    }

    pub(super) fn failed(&mut self, peer: Peer, error: &anyhow::Error) {
        self.failed.push((peer, format!("{error:#}")));
    }

    /// Whether every peer was measured, and every message was confirmed.
    pub(super) fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.rows.iter().all(|(_, figures)| figures.is_sound)
    }

    pub(super) fn markdown(&self) -> String {
        let mut text = String::from(
            "| system | 100 pairs × 8: confirmed/s | µs each | many pairs × 1: confirmed/s | µs each | KiB a connection | \
             logins/s | Sotto is |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        let sotto = self.rows.iter().find(|(peer, _)| *peer == Peer::Sotto);
        for (peer, figures) in &self.rows {
            let logins = if peer.has_logins() {
                format!("{:.0}", figures.logins_per_second)
            } else {
                "–".to_owned()
            };
            let ratio = match sotto {
                Some((_, ours)) if *peer != Peer::Sotto => format!(
                    "{:.1} ×, {:.1} × with many",
                    ours.pairs_per_second / figures.pairs_per_second,
                    ours.many_per_second / figures.many_per_second
                ),
                _ => String::new(),
            };
            // Writing into a String cannot fail.
            let _ = writeln!(
                text,
                "| {}{} | {:.0} | {:.1} | {:.0} | {:.1} | {:.1} | {logins} | {ratio} |",
                peer.name(),
                if figures.is_sound {
                    ""
                } else {
                    " (not all confirmed)"
                },
                figures.pairs_per_second,
                figures.pairs_micros,
                figures.many_per_second,
                figures.many_micros,
                figures.kib_each,
            );
        }
        for (peer, why) in &self.failed {
            let _ = writeln!(text, "| {} | not measured: {why} | | | | | | |", peer.name());
        }
        if let Some((_, figures)) = self.rows.first() {
            let _ = writeln!(
                text,
                "\nAn `fdatasync` cost {:.2} ms at the beginning.",
                figures.sync_ms
            );
        }
        text
    }

    /// Writes what was asked for.
    pub(super) fn write(&self, markdown: Option<&Path>, json: Option<&Path>) -> Result<()> {
        let write = |file: &Path, text: &[u8]| {
            std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
        };
        if let Some(file) = markdown {
            write(file, self.markdown().as_bytes())?;
        }
        if let Some(file) = json {
            let rows: Vec<_> = self
                .rows
                .iter()
                .map(|(peer, figures)| Row {
                    name: peer.name(),
                    figures,
                })
                .collect();
            write(file, &serde_json::to_vec_pretty(&rows)?)?;
        }
        Ok(())
    }
}
