//! The rows that set the server beside the bare relay: the least program that does the same work, on the same cores and disk,
//! measured right after it.

use super::super::super::options::{Bare, Common};
use super::super::super::report::{Outcome as _, Report};
use super::super::group::Group;
use super::{Measurer, Verdict, direct};
use anyhow::Result;

impl Measurer {
    pub(super) fn beside_bare(&mut self) {
        self.row(
            "beside the bare relay: durable direct messages, 100 pairs × 8",
            "≥ 0.5 × the bare relay",
            |common, _| {
                beside(common, Bare::Durable, 0.5, |common| {
                    direct(100, 8, None).measure(common)
                })
            },
        );
        self.row(
            "beside the bare relay: unbatched, 2,000 pairs × 1",
            "≥ 0.7 × the bare relay",
            |common, _| {
                beside(common, Bare::Durable, 0.7, |common| {
                    direct(2_000, 1, None).measure(common)
                })
            },
        );
        for (what, members) in [
            ("beside the bare relay: one entry to a group of 100", 100),
            ("beside the bare relay: one entry to a group of 1,000", 1_000),
        ] {
            self.row(
                what,
                "≥ 0.75 × the bare relay without a database",
                |common, _| {
                    let group = Group {
                        members,
                        outstanding: 8,
                        rate: None,
                    };
                    beside(common, Bare::Volatile, 0.75, |common| group.measure(common))
                },
            );
        }
    }
}

/// Measures the server, then the bare relay, by the same clients.
fn beside(
    common: &Common,
    bare: Bare,
    goal: f64,
    measure: impl Fn(&Common) -> Result<Report>,
) -> Result<Verdict> {
    let server = measure(common)?;
    println!("  the bare relay");
    let limit = measure(&Common {
        bare: Some(bare),
        ..common.clone()
    })?;
    let ratio = server.delivered_per_second / limit.delivered_per_second;
    let mut measured = format!(
        "{ratio:.2} ×: {:.0}/s of {:.0}/s; {:.1} and {:.1} µs of processor each",
        server.delivered_per_second,
        limit.delivered_per_second,
        server.server_micros_per_message,
        limit.server_micros_per_message
    );
    if !limit.is_good() {
        measured.push_str("; the bare relay");
        measured.push_str(&limit.complaint());
    }
    Ok(Verdict::of(&server, measured, ratio >= goal && limit.is_good()))
}
