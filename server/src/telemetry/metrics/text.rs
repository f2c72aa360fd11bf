//! The text format of Prometheus, version 0.0.4.

use super::instrument::{Instrument, Kind};
use std::fmt::{Display, Write as _};

/// What a scraper is told the answer is.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Bytes of a line, most of the time.
const LINE_BYTES: usize = 96;

/// A page of metrics, as a scraper reads it.
#[derive(Debug, Default)]
pub(crate) struct Exposition(String);

impl Exposition {
    /// An empty page with room for so many series.
    pub(crate) fn with_room_for(series: usize) -> Self {
        Self(String::with_capacity(series * LINE_BYTES))
    }

    /// Adds a metric with all of its series.
    pub(crate) fn family<M: Instrument>(&mut self, name: &str, help: &str, metric: &M) {
        self.head(name, help, M::KIND);
        metric.write(&mut Series {
            name,
            labels: String::new(),
            text: &mut self.0,
        });
    }

    /// Adds a metric that is read where it is, and has one value.
    pub(crate) fn value(&mut self, name: &str, help: &str, kind: Kind, value: impl Display) {
        self.head(name, help, kind);
        self.line(name, "", value);
    }

    /// Adds a metric that says something by its labels alone.
    pub(crate) fn info(&mut self, name: &str, help: &str, label: (&str, &str)) {
        self.head(name, help, Kind::Gauge);
        let (label, value) = label;
        self.line(name, &format!("{{{label}=\"{value}\"}}"), 1);
    }

    /// The page.
    pub(crate) fn into_text(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, help: &str, kind: Kind) {
        // Writing to a string has no error.
        let _ = writeln!(self.0, "# HELP {name} {}", help.trim());
        let _ = writeln!(self.0, "# TYPE {name} {}", kind.as_str());
    }

    fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

/// Where a metric says its values.
pub(crate) struct Series<'a> {
    name: &'a str,
    /// `name="value",` for each label so far.
    labels: String,
    text: &'a mut String,
}

impl Series<'_> {
    /// Says one, with a label of its own after those that it is within.
    pub(super) fn sample(&mut self, suffix: &str, label: Option<(&str, &str)>, value: impl Display) {
        let Self { name, labels, text } = self;
        let _ = match label {
            Some((label, of)) => writeln!(text, "{name}{suffix}{{{labels}{label}=\"{of}\"}} {value}"),
            None if labels.is_empty() => writeln!(text, "{name}{suffix} {value}"),
            None => writeln!(text, "{name}{suffix}{{{}}} {value}", labels.trim_end_matches(',')),
        };
    }

    /// Says what is within this label's value.
    pub(super) fn with_label(&mut self, label: &str, value: &str, say: impl FnOnce(&mut Self)) {
        let outer = self.labels.len();
        let _ = write!(self.labels, "{label}=\"{value}\",");
        say(self);
        self.labels.truncate(outer);
    }
}
