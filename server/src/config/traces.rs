//! `[telemetry.traces]`: what becomes of traces.

use super::InvalidValue;
use http::Uri;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// What becomes of traces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traces {
    /// An OpenTelemetry collector that takes OTLP over HTTP, such as `http://127.0.0.1:4318`; `/v1/traces` is added unless
    /// there is a path. Nothing is traced if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The share of requests and messages that is traced.
    pub sample_ratio: SampleRatio,
    /// Whether requests may say which trace they are part of (W3C `traceparent`). Whoever reaches the server can then
    /// choose what is traced: for a server that only a proxy of one's own reaches.
    pub accept_traceparent: bool,
}

impl Traces {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        self.endpoint_url().map(drop)
    }

    /// Where traces go.
    pub(crate) fn endpoint_url(&self) -> Result<Option<String>, InvalidValue> {
        let Some(endpoint) = &self.endpoint else {
            return Ok(None);
        };
        let refused = || {
            InvalidValue::new(
                "telemetry.traces.endpoint",
                "expected http://host:port or https://host:port, with or without a path",
            )
        };
        let uri: Uri = endpoint.parse().map_err(|_| refused())?;
        let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(refused());
        };
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(refused());
        }
        Ok(Some(match uri.path() {
            "" | "/" => format!("{}/v1/traces", endpoint.trim_end_matches('/')),
            _ => endpoint.clone(),
        }))
    }
}

/// A share between 0 and 1, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct SampleRatio(u32);

/// The share is not between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from 0 to 1, such as 0.01")]
pub struct InvalidSampleRatio;

impl SampleRatio {
    /// Nothing.
    pub const NEVER: Self = Self(0);
    /// Everything.
    pub const ALWAYS: Self = Self(1_000_000);

    /// The share in millionths.
    #[must_use]
    pub const fn millionths(self) -> u32 {
        self.0
    }
}

impl Default for SampleRatio {
    /// One in a hundred.
    fn default() -> Self {
        Self(10_000)
    }
}

impl TryFrom<f64> for SampleRatio {
    type Error = InvalidSampleRatio;

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked before"
    )]
    fn try_from(ratio: f64) -> Result<Self, InvalidSampleRatio> {
        if (0.0..=1.0).contains(&ratio) {
            Ok(Self((ratio * f64::from(Self::ALWAYS.0)).round() as u32))
        } else {
            Err(InvalidSampleRatio)
        }
    }
}

impl From<SampleRatio> for f64 {
    fn from(ratio: SampleRatio) -> Self {
        Self::from(ratio.0) / Self::from(SampleRatio::ALWAYS.0)
    }
}

impl FromStr for SampleRatio {
    type Err = InvalidSampleRatio;

    fn from_str(text: &str) -> Result<Self, InvalidSampleRatio> {
        text.parse::<f64>().map_err(|_| InvalidSampleRatio)?.try_into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(endpoint: &str) -> Result<Option<String>, InvalidValue> {
        let traces = Traces {
            endpoint: Some(endpoint.to_owned()),
            ..Traces::default()
        };
        traces.endpoint_url()
    }

    #[test]
    fn the_usual_path_is_added_where_none_is_given() {
        let expected = Some("http://collector:4318/v1/traces".to_owned());
        assert_eq!(to("http://collector:4318"), Ok(expected.clone()));
        assert_eq!(to("http://collector:4318/"), Ok(expected));
        assert_eq!(to("https://a/b"), Ok(Some("https://a/b".to_owned())));
        assert_eq!(Traces::default().endpoint_url(), Ok(None));
    }

    #[test]
    fn what_is_no_collector_is_refused() {
        for endpoint in [
            "collector:4318",
            "ftp://a",
            "",
            "http://user:secret@a",
            "http://a?b=c",
        ] {
            assert!(to(endpoint).is_err(), "{endpoint}");
        }
    }

    #[test]
    fn a_ratio_is_between_nothing_and_everything() {
        assert_eq!("0".parse(), Ok(SampleRatio::NEVER));
        assert_eq!("1".parse(), Ok(SampleRatio::ALWAYS));
        assert_eq!("0.000001".parse(), Ok(SampleRatio(1)));
        for text in ["-0.1", "1.1", "NaN", "inf", "half", ""] {
            assert_eq!(text.parse::<SampleRatio>(), Err(InvalidSampleRatio), "{text}");
        }
        let (ratio, written): (SampleRatio, f64) = ("0.25".parse().unwrap(), 0.25);
        assert!((f64::from(ratio) - written).abs() < f64::EPSILON);
    }
}
