//! A run from its first connection to its last message: the workers in their threads, and what is seen of them meanwhile.

use super::engine::{Clients, Session, Stopwatch, TlsClient, nanos};
use super::machine::{Cores, Usage, usage};
use super::measure::{Control, Measured, Phase, Recorder};
use super::workload::{Workload, work};
use anyhow::{Result, bail};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// How long all clients may take to connect, each thousand of them beyond the first ten seconds.
const CONNECT_EACH_THOUSAND: Duration = Duration::from_secs(5);
/// How long what is under way at the end may take to arrive.
const DRAIN: Duration = Duration::from_mins(1);
/// How often the main thread looks.
const LOOK: Duration = Duration::from_millis(5);
/// Time for the server to come to rest after the last connection.
const SETTLE: Duration = Duration::from_secs(2);

/// What a run is to be.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) address: SocketAddr,
    /// How TLS is spoken there, if it is.
    pub(crate) tls: Option<TlsClient>,
    pub(crate) processes: Vec<u32>,
    pub(crate) load_cores: Cores,
    pub(crate) connections: usize,
    /// What is not measured.
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) measured: Measured,
    /// For how long it was measured.
    pub(crate) seconds: f64,
    /// How long all clients took to connect.
    pub(crate) connected_in: Duration,
    /// Before the first connection.
    pub(crate) at_first: Usage,
    /// With all connections, before the run.
    pub(crate) connected: Usage,
    /// When the measuring began and ended.
    pub(crate) began: Usage,
    pub(crate) ended: Usage,
    /// The server's largest resident memory, looked at every second.
    pub(crate) resident_max: u64,
    /// The server's private memory, second by second of the measured time.
    pub(crate) memory: Vec<(f64, u64)>,
    /// What was still under way at the end, after all patience.
    pub(crate) unsettled: u64,
}

impl Ran {
    /// The server's processor time in the measured time.
    pub(crate) fn processor(&self) -> Duration {
        self.ended.processor.saturating_sub(self.began.processor)
    }

    /// Messages that arrived in a measured second.
    pub(crate) fn arrivals_per_second(&self) -> f64 {
        per(self.measured.arrivals, self.seconds)
    }
}

#[allow(clippy::cast_precision_loss, reason = "for people to read")]
pub(crate) fn per(count: u64, divisor: f64) -> f64 {
    count as f64 / divisor
}

/// Runs the workload that `make` makes for each worker: of which it says the number, and of how many.
pub(crate) fn run<S, W, F>(plan: &Plan, make: F) -> Result<Ran>
where
    S: Session,
    W: Workload<S>,
    F: Fn(usize, usize, &mut Clients<S>) -> Result<W> + Sync,
{
    let control = Control::new();
    let stopwatch = Stopwatch::start();
    let workers = plan.load_cores.count();
    let cores: Vec<Cores> = plan.load_cores.singles().collect();
    thread::scope(|scope| {
        let (control, make) = (&control, &make);
        let handles: Vec<_> = cores
            .iter()
            .enumerate()
            .map(|(number, core)| {
                scope.spawn(move || -> Result<Measured> {
                    core.bind()?;
                    let mut clients = Clients::new(plan.address, plan.tls.clone(), stopwatch)?;
                    let workload = make(number, workers, &mut clients)?;
                    Ok(work(workload, clients, Recorder::new(control))?)
                })
            })
            .collect();
        let watch = Watch {
            plan,
            control,
            stopwatch,
            handles: &handles,
        };
        let ran = watch.through();
        control.set_phase(Phase::Stop);
        let mut sum = Measured::new();
        for handle in handles {
            match handle.join() {
                Ok(measured) => sum.add(&measured?),
                Err(_) => bail!("a worker panicked"),
            }
        }
        let mut ran = ran.map_err(|error| {
            let failures: Vec<_> = sum
                .failures
                .iter()
                .map(|(failure, count)| format!("{failure} ({count})"))
                .collect();
            error.context(format!("failures: {}", failures.join(", ")))
        })?;
        ran.measured = sum;
        Ok(ran)
    })
}

/// The main thread while the workers work.
struct Watch<'a, 'scope> {
    plan: &'a Plan,
    control: &'a Control,
    stopwatch: Stopwatch,
    handles: &'a [ScopedJoinHandle<'scope, Result<Measured>>],
}

impl Watch<'_, '_> {
    fn through(&self) -> Result<Ran> {
        let plan = self.plan;
        let at_first = usage(&plan.processes)?;
        let connected_in = self.connect()?;
        self.control.set_phase(Phase::Rest);
        thread::sleep(SETTLE);
        let connected = usage(&plan.processes)?;

        let run_from = self.stopwatch.now() + nanos(Duration::from_millis(50));
        let measure_from = run_from + nanos(plan.warm_up);
        let measure_until = measure_from + nanos(plan.measured);
        self.control.begin(run_from, measure_from, measure_until);
        self.sleep_until(measure_from)?;
        let began = usage(&plan.processes)?;
        let began_at = self.stopwatch.now();
        let mut progress = Progress::new(self.control);
        let mut resident_max = began.resident;
        let mut memory = Vec::new();
        let mut next = measure_from;
        while next < measure_until {
            next = measure_until.min(next + nanos(Duration::from_secs(1)));
            self.sleep_until(next)?;
            let now = usage(&plan.processes)?;
            resident_max = resident_max.max(now.resident);
            memory.push((seconds(next - measure_from), now.private));
            progress.print(self.control, now);
        }
        let ended = usage(&plan.processes)?;
        let measured_for = seconds(self.stopwatch.now() - began_at);
        self.control.set_phase(Phase::Drain);
        let unsettled = self.drain()?;
        Ok(Ran {
            measured: Measured::new(),
            seconds: measured_for,
            connected_in,
            at_first,
            connected,
            began,
            ended,
            resident_max,
            memory,
            unsettled,
        })
    }

    /// Waits until all clients are connected.
    fn connect(&self) -> Result<Duration> {
        let begun = Instant::now();
        let all = self.plan.connections as u64;
        let thousands = u32::try_from(all / 1000 + 2).unwrap_or(u32::MAX);
        let patience = CONNECT_EACH_THOUSAND * thousands;
        let mut said = Instant::now();
        loop {
            let connected = self.control.gauges.connected.load(Ordering::Relaxed);
            let failures = self.control.gauges.failures.load(Ordering::Relaxed);
            if connected >= all {
                let took = begun.elapsed();
                println!(
                    "  {all} connected in {:.2} s ({:.0} a second)",
                    took.as_secs_f64(),
                    per(all, took.as_secs_f64())
                );
                return Ok(took);
            }
            if connected + failures >= all || begun.elapsed() > patience {
                bail!("{connected} of {all} clients could connect");
            }
            self.look_after_workers()?;
            if said.elapsed() > Duration::from_secs(1) {
                said = Instant::now();
                println!("  {connected} of {all} connected");
            }
            thread::sleep(LOOK);
        }
    }

    /// Waits until nothing is under way. Returns what then still is.
    fn drain(&self) -> Result<u64> {
        let begun = Instant::now();
        loop {
            let unsettled = self.control.gauges.unsettled.load(Ordering::Relaxed);
            if unsettled == 0 || begun.elapsed() > DRAIN {
                return Ok(unsettled);
            }
            self.look_after_workers()?;
            thread::sleep(LOOK);
        }
    }

    fn sleep_until(&self, at: u64) -> Result<()> {
        loop {
            let left = at.saturating_sub(self.stopwatch.now());
            if left == 0 {
                return Ok(());
            }
            self.look_after_workers()?;
            thread::sleep(Duration::from_nanos(left).min(Duration::from_millis(100)));
        }
    }

    fn look_after_workers(&self) -> Result<()> {
        if self.handles.iter().any(ScopedJoinHandle::is_finished) {
            bail!("a worker has ended");
        }
        Ok(())
    }
}

fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

/// A line each second.
struct Progress {
    accepted: u64,
    delivered: u64,
    processor: Option<Duration>,
    at: Instant,
}

impl Progress {
    fn new(control: &Control) -> Self {
        println!(
            "       accepted/s  delivered/s   p50 ms   p99 ms  under way   server: core   MiB   failures"
        );
        control.take_recent();
        Self {
            accepted: control.gauges.accepted.load(Ordering::Relaxed),
            delivered: control.gauges.delivered.load(Ordering::Relaxed),
            processor: None,
            at: Instant::now(),
        }
    }

    fn print(&mut self, control: &Control, usage: Usage) {
        let accepted = control.gauges.accepted.load(Ordering::Relaxed);
        let delivered = control.gauges.delivered.load(Ordering::Relaxed);
        let recent = control.take_recent();
        let took = self.at.elapsed().as_secs_f64();
        let core = self.processor.map_or_else(
            || "    -".to_owned(),
            |before| {
                let used = usage.processor.saturating_sub(before);
                format!("{:5.2}", used.as_secs_f64() / took)
            },
        );
        println!(
            "      {:>11.0}  {:>11.0}  {:>7.2}  {:>7.2}  {:>9}         {core}  {:>4.0}   {:>8}",
            per(accepted - self.accepted, took),
            per(delivered - self.delivered, took),
            per(recent.value_at_quantile(0.5), 1e6),
            per(recent.value_at_quantile(0.99), 1e6),
            control.gauges.unsettled.load(Ordering::Relaxed),
            per(usage.resident, 1024.0 * 1024.0),
            control.gauges.failures.load(Ordering::Relaxed),
        );
        self.accepted = accepted;
        self.delivered = delivered;
        self.processor = Some(usage.processor);
        self.at = Instant::now();
    }
}
