//! What a metric is made of. Recording is an addition or two to memory that is there from the start: it takes no lock,
//! allocates nothing, and cannot fail.

use super::text::Series;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// What Prometheus knows how to add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Observations, counted in buckets.
    Histogram,
}

impl Kind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric, or several that differ in the value of a label.
pub(crate) trait Instrument {
    /// What it is to Prometheus.
    const KIND: Kind;
    /// Nothing recorded yet.
    #[allow(
        clippy::declare_interior_mutable_const,
        reason = "the beginning of a static, never used in place"
    )]
    const NEW: Self;
    /// In how many series it shows itself.
    const SERIES: usize;

    /// Says its values.
    fn write(&self, series: &mut Series<'_>);
}

/// Counts what happened. On a cache line of its own: two that are counted on two cores do not slow each other.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub(crate) fn increment(&self) {
        self.add(1);
    }

    /// `count` more.
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn value(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Instrument for Counter {
    const KIND: Kind = Kind::Counter;
    const NEW: Self = Self(AtomicU64::new(0));
    const SERIES: usize = 1;

    fn write(&self, series: &mut Series<'_>) {
        series.sample("", None, self.0.load(Ordering::Relaxed));
    }
}

/// What there is now.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Gauge(AtomicI64);

impl Gauge {
    /// One more, for as long as the answer is held.
    pub(crate) fn hold(&'static self) -> Held {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(self)
    }

    /// There are `value`.
    pub(crate) fn set(&self, value: usize) {
        self.0
            .store(i64::try_from(value).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}

impl Instrument for Gauge {
    const KIND: Kind = Kind::Gauge;
    const NEW: Self = Self(AtomicI64::new(0));
    const SERIES: usize = 1;

    fn write(&self, series: &mut Series<'_>) {
        series.sample("", None, self.0.load(Ordering::Relaxed));
    }
}

/// One of what a [`Gauge`] counts.
#[derive(Debug)]
pub(crate) struct Held(&'static Gauge);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// In which unit a histogram shows what it is told, and where its buckets end.
pub(crate) trait Scale {
    /// The upper ends of the buckets, inclusive and rising, in the unit that is recorded; at most [`BOUNDS_MAX`].
    const BOUNDS: &'static [u64];
    /// How many of that unit are one of those that are shown.
    const DIVISOR: f64;

    /// The place of a value's bucket.
    fn bucket_of(value: u64) -> usize {
        Self::BOUNDS.partition_point(|bound| *bound < value)
    }
}

/// Buckets of a histogram, the one without an end not counted.
pub(crate) const BOUNDS_MAX: usize = 20;

/// Recorded in nanoseconds, shown in seconds: from 50 µs, below which no disk answers, to 10 s, beyond which nobody waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds;

impl Scale for Seconds {
    const BOUNDS: &'static [u64] = &[
        50_000,
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        20_000_000,
        50_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        1_000_000_000,
        2_500_000_000,
        5_000_000_000,
        10_000_000_000,
    ];
    const DIVISOR: f64 = 1e9;
}

/// As [`Seconds`], in fewer buckets: of what there are many kinds of, each of which is a histogram.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecondsOfMany;

impl Scale for SecondsOfMany {
    const BOUNDS: &'static [u64] = &[
        100_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        20_000_000,
        50_000_000,
        100_000_000,
        500_000_000,
        2_500_000_000,
        10_000_000_000,
    ];
    const DIVISOR: f64 = 1e9;
}

/// A scale of times.
pub(crate) trait Times: Scale {}

impl Times for Seconds {}

impl Times for SecondsOfMany {}

/// How many there were at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count;

impl Scale for Count {
    const BOUNDS: &'static [u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
    const DIVISOR: f64 = 1.0;
}

/// Observations, counted in fixed buckets.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Histogram<S> {
    sum: AtomicU64,
    buckets: [AtomicU64; BOUNDS_MAX + 1],
    scale: PhantomData<S>,
}

impl<S: Scale> Histogram<S> {
    fn observe(&self, value: u64) {
        if let Some(bucket) = self.buckets.get(S::bucket_of(value)) {
            bucket.fetch_add(1, Ordering::Relaxed);
            self.sum.fetch_add(value, Ordering::Relaxed);
        }
    }
}

impl<S: Times> Histogram<S> {
    /// It took so long.
    pub(crate) fn record(&self, duration: Duration) {
        self.observe(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }
}

impl Histogram<Count> {
    /// There were so many.
    pub(crate) fn record(&self, count: usize) {
        self.observe(u64::try_from(count).unwrap_or(u64::MAX));
    }
}

/// Durations that are gathered where nobody else counts, to be added at once.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sum: u64,
    count: u64,
    buckets: [u64; BOUNDS_MAX + 1],
}

impl Tally {
    /// It took so long.
    pub(crate) fn record(&mut self, duration: Duration) {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get_mut(Seconds::bucket_of(nanos)) {
            *bucket += 1;
            self.count += 1;
            self.sum = self.sum.saturating_add(nanos);
        }
    }

    /// Whether it holds nothing.
    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Histogram<Seconds> {
    /// All that was gathered.
    pub(crate) fn add(&self, tally: &Tally) {
        for (bucket, count) in self.buckets.iter().zip(tally.buckets) {
            if count > 0 {
                bucket.fetch_add(count, Ordering::Relaxed);
            }
        }
        self.sum.fetch_add(tally.sum, Ordering::Relaxed);
    }
}

impl<S: Scale> Instrument for Histogram<S> {
    const KIND: Kind = Kind::Histogram;
    const NEW: Self = Self {
        sum: AtomicU64::new(0),
        buckets: [const { AtomicU64::new(0) }; BOUNDS_MAX + 1],
        scale: PhantomData,
    };
    const SERIES: usize = S::BOUNDS.len() + 3;

    #[allow(
        clippy::cast_precision_loss,
        reason = "a bound is a small round number, and a sum that passes 2^53 ns is no less true for its last digits"
    )]
    fn write(&self, series: &mut Series<'_>) {
        let mut count = 0;
        let mut buckets = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed));
        for (bound, in_bucket) in S::BOUNDS.iter().zip(&mut buckets) {
            count += in_bucket;
            let bound = (*bound as f64 / S::DIVISOR).to_string();
            series.sample("_bucket", Some(("le", &bound)), count);
        }
        count += buckets.sum::<u64>();
        series.sample("_bucket", Some(("le", "+Inf")), count);
        series.sample("_sum", None, self.sum.load(Ordering::Relaxed) as f64 / S::DIVISOR);
        series.sample("_count", None, count);
    }
}
