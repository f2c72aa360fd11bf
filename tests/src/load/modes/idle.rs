//! Connections that have said one message, and then nothing.

use super::super::options::Common;
use super::super::report::Report;
use super::super::run::Plan;
use super::super::scene::{Need, Scene};
use super::super::workload::Pace;
use super::direct::run_pairs;
use anyhow::Result;
use std::time::Duration;

/// Time for the messages, before the silence that is measured.
const MESSAGES: Duration = Duration::from_secs(3);

pub(super) fn measure(connections: usize, common: &Common) -> Result<Report> {
    let pairs = connections / 2;
    let what = format!("idle: {} connections, each after one message", pairs * 2);
    println!("{what}");
    let need = Need {
        accounts: pairs * 2,
        pairs,
    };
    let scene = Scene::set(common, need)?;
    let plan = Plan {
        address: scene.address,
        processes: scene.processes.clone(),
        load_cores: scene.load_cores.clone(),
        connections: pairs * 2,
        warm_up: MESSAGES.max(Duration::from_secs(common.warm_up)),
        measured: Duration::from_secs(common.seconds),
    };
    let ran = run_pairs(&plan, &scene, common, pairs, false, |_| Pace::Count {
        messages: 1,
    })?;
    Ok(Report::new(what, pairs * 2, &ran, scene.strike(common)?))
}
