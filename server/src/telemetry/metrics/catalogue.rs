//! Every metric that the server counts: its name, what it means, its kind and its labels. The sentence is what an operator
//! reads (`# HELP`), and `docs/monitoring.md` has the same names.

use super::instrument::{Counter, Gauge, Histogram, Instrument, Seconds};
use super::label::{ClaimOutcome, Label, LoginOutcome, Per, RouteClass, StatusClass};
use super::text::Exposition;
use http::StatusCode;
use sotto_protocol::ProblemCode;
use std::time::Duration;

/// A metric for each value of a label.
macro_rules! per {
    ($label:ty, $metric:ty) => { Per<$label, $metric, { <$label as Label>::VALUES.len() }> };
}

macro_rules! catalogue {
    ($($(#[doc = $help:literal])+ $metric:ident: $instrument:ty = $name:literal;)+) => {
        /// Every metric that the server counts.
        #[derive(Debug)]
        pub(crate) struct Metrics {
            $($(#[doc = $help])+ pub(crate) $metric: $instrument,)+
        }

        /// What this process has counted so far.
        pub(crate) static METRICS: Metrics = Metrics {
            $($metric: <$instrument as Instrument>::NEW,)+
        };

        impl Metrics {
            /// In how many series they show themselves.
            pub(super) const SERIES: usize = 0 $(+ <$instrument as Instrument>::SERIES)+;

            /// Says all of them.
            pub(super) fn write(&self, exposition: &mut Exposition) {
                $(exposition.family($name, concat!($($help),+), &self.$metric);)+
            }
        }

        #[cfg(test)]
        pub(super) const FAMILIES: &[super::tests::Family] = &[
            $(super::tests::Family {
                name: $name,
                kind: <$instrument as Instrument>::KIND,
                series: <$instrument as Instrument>::SERIES,
            },)+
        ];
    };
}

catalogue! {
    /// 1 while the server can do its work, as `/health/ready` says; 0 otherwise.
    ready: Gauge = "sotto_ready";

    /// Requests that were answered, by part of the interface and class of status.
    http_requests: per!(RouteClass, per!(StatusClass, Counter)) = "sotto_http_requests_total";
    /// Time from a request's head to the head of its answer, by part of the interface.
    http_duration: per!(RouteClass, Histogram<Seconds>) = "sotto_http_request_duration_seconds";
    /// Answers that were a problem, over HTTP and WebSocket, by its code.
    problems: per!(ProblemCode, Counter) = "sotto_problems_total";

    /// Accounts that were created.
    registrations: Counter = "sotto_registrations_total";
    /// Logins by password, by what became of them.
    logins: per!(LoginOutcome, Counter) = "sotto_logins_total";
    /// Requests for somebody's KeyPackages, by whether there were any.
    key_package_claims: per!(ClaimOutcome, Counter) = "sotto_key_package_claims_total";
}

impl Metrics {
    /// A request was answered.
    pub(crate) fn answered(&self, route: RouteClass, status: StatusCode, duration: Duration) {
        self.http_requests.of(route).of(status.into()).increment();
        self.http_duration.of(route).record(duration);
    }
}
