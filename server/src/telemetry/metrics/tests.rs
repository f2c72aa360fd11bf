use super::catalogue::{FAMILIES, Metrics};
use super::exposition;
use super::instrument::{Counter, Histogram, Instrument as _, Kind, Seconds};
use super::label::{Per, RouteClass};
use super::text::Exposition;
use std::collections::BTreeSet;
use std::time::Duration;

/// What the catalogue says of a metric.
pub(super) struct Family {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) series: usize,
}

#[test]
fn a_name_says_what_it_is_and_in_which_unit() {
    let mut seen = BTreeSet::new();
    for family in FAMILIES {
        let name = family.name;
        assert!(seen.insert(name), "{name} is there twice");
        assert!(name.starts_with("sotto_"), "{name}");
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{name}"
        );
        assert_eq!(family.kind == Kind::Counter, name.ends_with("_total"), "{name}");
        for other in ["_ms", "_millis", "_micros", "_kb", "_count", "_sum", "_bucket"] {
            assert!(!name.ends_with(other), "{name}");
        }
    }
}

#[test]
fn no_label_can_carry_who_or_where() {
    let allowed = [
        "reason",
        "kind",
        "outcome",
        "route",
        "status",
        "direction",
        "code",
        "shard",
        "operation",
        "limit",
    ];
    for line in exposition().lines().filter(|line| !line.starts_with('#')) {
        let Some((_, labels)) = line.split_once('{') else {
            continue;
        };
        let (labels, _) = labels.split_once('}').unwrap();
        for label in labels.split(',') {
            let (name, value) = label.split_once('=').unwrap();
            let value = value.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
            match name {
                "le" => assert!(value == "+Inf" || value.parse::<f64>().is_ok(), "{line}"),
                "version" => assert_eq!(value, env!("CARGO_PKG_VERSION")),
                _ => {
                    assert!(allowed.contains(&name), "{line}");
                    assert!(value.len() <= 32, "{line}");
                    assert!(
                        value.bytes().all(|byte| byte.is_ascii_lowercase()
                            || b"-_".contains(&byte)
                            || byte.is_ascii_digit()),
                        "{line}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_number_of_series_is_bounded_and_known() {
    let text = exposition();
    let mut all = 0;
    for Family { name, series, .. } in FAMILIES {
        let is_of_it = |line: &&str| {
            line.strip_prefix(name).is_some_and(|rest| {
                ["{", " ", "_bucket{", "_sum", "_count"]
                    .iter()
                    .any(|next| rest.starts_with(next))
            })
        };
        assert_eq!(text.lines().filter(is_of_it).count(), *series, "{name}");
        all += series;
    }
    assert_eq!(all, Metrics::SERIES);
    assert!(all < 4000, "{all} series are more than one server should have");
}

#[test]
fn an_observation_is_counted_in_its_bucket_and_in_all_above() {
    let histogram = Histogram::<Seconds>::NEW;
    for micros in [10, 50, 51, 20_000_000] {
        histogram.record(Duration::from_micros(micros));
    }
    let mut exposition = Exposition::default();
    exposition.family("wait_seconds", " A wait.", &histogram);
    let text = exposition.into_text();
    for line in [
        "# HELP wait_seconds A wait.",
        "# TYPE wait_seconds histogram",
        "wait_seconds_bucket{le=\"0.00005\"} 2",
        "wait_seconds_bucket{le=\"0.0001\"} 3",
        "wait_seconds_bucket{le=\"10\"} 3",
        "wait_seconds_bucket{le=\"+Inf\"} 4",
        "wait_seconds_sum 20.000111",
        "wait_seconds_count 4",
    ] {
        assert!(text.lines().any(|written| written == line), "{line}\n{text}");
    }
}

#[test]
fn a_labelled_histogram_names_its_label_before_its_bucket() {
    let histograms = Per::<RouteClass, Histogram<Seconds>, 11>::NEW;
    histograms.of(RouteClass::Chat).record(Duration::from_secs(2));
    let mut exposition = Exposition::default();
    exposition.family("batch", "A batch.", &histograms);
    let text = exposition.into_text();
    assert!(
        text.contains("\nbatch_bucket{route=\"chat\",le=\"1\"} 0\n"),
        "{text}"
    );
    assert!(
        text.contains("\nbatch_bucket{route=\"chat\",le=\"2.5\"} 1\n"),
        "{text}"
    );
    assert!(text.contains("\nbatch_sum{route=\"chat\"} 2\n"), "{text}");
    assert!(text.contains("\nbatch_count{route=\"auth\"} 0\n"), "{text}");
}

#[test]
fn counting_on_many_threads_loses_nothing() {
    static COUNTER: Counter = Counter::NEW;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10_000).for_each(|_| COUNTER.increment()));
        }
    });
    assert_eq!(COUNTER.value(), 40_000);
}

const PAGE: &str = include_str!("../../../../docs/monitoring.md");
const DASHBOARD: &str = include_str!("../../../../docs/monitoring/grafana.json");
const ALERTS: &str = include_str!("../../../../docs/monitoring/alerts.yml");

/// Names that are in use: those of the catalogue, and those that are read where they are.
fn all_names() -> BTreeSet<String> {
    exposition()
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect()
}

/// The name in a word of a query, if it is one of a metric.
fn metric_in(word: &str) -> Option<&str> {
    if !(word.starts_with("sotto_") || word.starts_with("process_")) {
        return None;
    }
    let suffixes = ["_bucket", "_sum", "_count"];
    Some(
        suffixes
            .iter()
            .find_map(|suffix| word.strip_suffix(suffix))
            .unwrap_or(word),
    )
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
}

#[tokio::test]
async fn what_the_dashboard_and_the_alerts_name_exists() {
    let names = all_names();
    for (document, text, least) in [("the dashboard", DASHBOARD, 40), ("the alerts", ALERTS, 12)] {
        let used: BTreeSet<_> = words(text).filter_map(metric_in).collect();
        for name in &used {
            assert!(names.contains(*name), "{document}: {name}");
        }
        assert!(used.len() >= least, "{document} names only {}", used.len());
    }
}

#[tokio::test]
async fn the_dashboard_shows_every_metric_of_the_catalogue_but_its_own_exporters() {
    let shown: BTreeSet<_> = words(DASHBOARD).filter_map(metric_in).collect();
    for family in FAMILIES {
        assert!(
            shown.contains(family.name) || family.name == "sotto_trace_spans_total",
            "{} is on no panel",
            family.name
        );
    }
}

#[test]
fn the_dashboard_is_one_that_grafana_can_import() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    assert_eq!(dashboard["title"], "Sotto");
    assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 36);
    let mut ids = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{panel}");
        assert!(!panel["title"].as_str().unwrap().is_empty());
        let place = &panel["gridPos"];
        assert!(
            place["x"].as_u64().unwrap() + place["w"].as_u64().unwrap() <= 24,
            "{panel}"
        );
        if panel["type"] == "row" {
            continue;
        }
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            let query = target["expr"].as_str().unwrap();
            assert!(metric_in(words(query).find(|word| metric_in(word).is_some()).unwrap()).is_some());
            assert_eq!(query.matches('(').count(), query.matches(')').count(), "{query}");
            assert_eq!(query.matches('{').count(), query.matches('}').count(), "{query}");
        }
    }
}

#[tokio::test]
async fn the_page_explains_every_metric_in_its_own_words() {
    let text = exposition();
    let mut name_and_help = ("", "");
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            name_and_help = help.split_once(' ').unwrap();
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let (name, help) = name_and_help;
            let row = format!("| `{name}` | {} | {help} |", kind.split(' ').nth(1).unwrap());
            assert!(PAGE.contains(&row), "the page lacks\n{row}");
        }
    }
}
