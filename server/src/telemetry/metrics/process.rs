//! The process itself, under the names that Prometheus's own clients use, and what was built into it.
//!
//! Read from `/proc` when somebody asks. On a system without it, or a file of it that cannot be read, the metric is left
//! out: an absent figure is better than a wrong one.

use super::instrument::Kind;
use super::text::Exposition;
use std::fs;
use tokio::runtime::Handle;

/// Ticks of the clock in `/proc/*/stat`: Linux tells user space 100 whatever it counts in itself.
const TICKS_PER_SECOND: f64 = 100.0;

/// Says what there is to say.
pub(super) fn write(exposition: &mut Exposition) {
    exposition.info(
        "sotto_build_info",
        "The version that runs.",
        ("version", env!("CARGO_PKG_VERSION")),
    );
    write_runtime(exposition);
    let Some(process) = Process::read() else { return };
    exposition.value(
        "process_cpu_seconds_total",
        "Time on a processor, the system's work for the process included.",
        Kind::Counter,
        process.cpu_seconds,
    );
    exposition.value(
        "process_threads",
        "Threads of the process.",
        Kind::Gauge,
        process.threads,
    );
    if let Some(resident) = process.resident_bytes {
        exposition.value(
            "process_resident_memory_bytes",
            "Memory of the process that is in RAM.",
            Kind::Gauge,
            resident,
        );
    }
    if let Some(start) = process.start_seconds {
        exposition.value(
            "process_start_time_seconds",
            "When the process started, since the Unix epoch.",
            Kind::Gauge,
            start,
        );
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        exposition.value(
            "process_open_fds",
            "File descriptors that are open: sockets above all.",
            Kind::Gauge,
            // Reading the folder takes one.
            open.count().saturating_sub(1),
        );
    }
    if let Some(most) = most_descriptors() {
        exposition.value(
            "process_max_fds",
            "File descriptors that the system allows the process.",
            Kind::Gauge,
            most,
        );
    }
}

fn write_runtime(exposition: &mut Exposition) {
    let Ok(runtime) = Handle::try_current() else {
        return;
    };
    let metrics = runtime.metrics();
    exposition.value(
        "sotto_runtime_workers",
        "Threads that run the server's tasks.",
        Kind::Gauge,
        metrics.num_workers(),
    );
    exposition.value(
        "sotto_runtime_tasks",
        "Tasks that are not done: a connection is one.",
        Kind::Gauge,
        metrics.num_alive_tasks(),
    );
    exposition.value(
        "sotto_runtime_queued_tasks",
        "Tasks that wait for a free thread in the queue that all threads share.",
        Kind::Gauge,
        metrics.global_queue_depth(),
    );
}

struct Process {
    cpu_seconds: f64,
    threads: u64,
    resident_bytes: Option<u64>,
    start_seconds: Option<f64>,
}

impl Process {
    fn read() -> Option<Self> {
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // The second field is the program's name in parentheses, and may hold anything.
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
        // proc_pid_stat(5) counts from 1; the first here is its third.
        let field = |number: usize| fields.get(number - 3);
        let ticks = |number| field(number)?.parse::<f64>().ok();
        Some(Self {
            cpu_seconds: (ticks(14)? + ticks(15)?) / TICKS_PER_SECOND,
            threads: field(20)?.parse().ok()?,
            resident_bytes: resident_bytes(),
            start_seconds: ticks(22)
                .and_then(|since_boot| Some(boot_seconds()? + since_boot / TICKS_PER_SECOND)),
        })
    }
}

fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?
        .trim()
        .strip_suffix("kB")?;
    Some(kibibytes.trim().parse::<u64>().ok()? * 1024)
}

fn boot_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines()
        .find_map(|line| line.strip_prefix("btime "))?
        .trim()
        .parse()
        .ok()
}

fn most_descriptors() -> Option<u64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?
        .split_ascii_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_process_finds_itself() {
        let process = Process::read().unwrap();
        assert!(process.threads >= 1);
        assert!(process.resident_bytes.unwrap() > 1024 * 1024);
        let start = process.start_seconds.unwrap();
        let since_epoch = fs::metadata("/proc/self").unwrap().modified().unwrap();
        let since_epoch = since_epoch
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs_f64();
        assert!(start > 1e9 && start <= since_epoch + 60.0);
        assert!(most_descriptors().unwrap() > 10);
    }
}
