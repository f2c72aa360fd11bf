//! A scraper: strict where Prometheus is.

use crate::support::soon;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use tokio::sync::{Mutex, MutexGuard};

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Waits until no other test counts.
pub(crate) async fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().await
}

/// All samples of one page: a series, as it is written, and its value.
#[derive(Debug)]
pub(crate) struct Samples(BTreeMap<String, f64>);

/// Reads the page at `address`.
pub(crate) async fn scrape(address: SocketAddr) -> Samples {
    let response = soon(reqwest::get(format!("http://{address}/metrics")))
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    Samples::parse(&soon(response.text()).await.unwrap())
}

/// Reads the page until it says this: what is counted after an answer comes a moment later.
pub(crate) async fn scrape_until(address: SocketAddr, says: impl Fn(&Samples) -> bool) -> Samples {
    soon(async {
        loop {
            let samples = scrape(address).await;
            if says(&samples) {
                return samples;
            }
        }
    })
    .await
}

impl Samples {
    /// Parses the text format: every family has its help and its type before its samples, which stand together, no series
    /// is there twice, and the buckets of a histogram do not fall and end with the count.
    fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'));
        let mut samples = BTreeMap::new();
        let mut families = BTreeSet::new();
        let mut family = "";
        let mut kind = "";
        let mut bucket = 0.0;
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(help.ends_with('.') && help.is_ascii(), "{line}");
                assert!(families.insert(name), "{name} is there twice");
                family = name;
                kind = "";
                continue;
            }
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, of) = rest.split_once(' ').unwrap();
                assert_eq!(name, family);
                assert!(["counter", "gauge", "histogram"].contains(&of), "{line}");
                kind = of;
                continue;
            }
            let (series, value) = line.rsplit_once(' ').unwrap();
            let value: f64 = value.parse().unwrap();
            let rest = series.strip_prefix(family).unwrap();
            let suffix = rest.split('{').next().unwrap();
            match kind {
                "counter" | "gauge" => assert_eq!(suffix, "", "{line}"),
                "histogram" => match suffix {
                    "_bucket" => {
                        assert!(value >= bucket, "{line}");
                        bucket = value;
                    }
                    "_count" => {
                        assert!((value - bucket).abs() < 0.5, "{line}");
                        bucket = 0.0;
                    }
                    other => assert_eq!(other, "_sum", "{line}"),
                },
                other => panic!("{line}: a sample of a {other:?}"),
            }
            assert!(
                samples.insert(series.to_owned(), value).is_none(),
                "{series} is there twice"
            );
        }
        Self(samples)
    }

    /// The value of a series.
    #[track_caller]
    pub(crate) fn get(&self, series: &str) -> f64 {
        *self
            .0
            .get(series)
            .unwrap_or_else(|| panic!("there is no {series}"))
    }

    /// By how much a series has grown since `before`.
    #[track_caller]
    pub(crate) fn since(&self, before: &Self, series: &str) -> f64 {
        self.get(series) - before.get(series)
    }
}
