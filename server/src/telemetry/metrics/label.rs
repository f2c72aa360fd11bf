//! Labels. A label's value is one of an enum's, never text: so none can carry an id, a name or an address, and how many
//! series a metric has is known when the server is built.

use super::instrument::{Instrument, Kind};
use super::text::Series;
use sotto_protocol::frame::{ClientFrame, Goodbye};
use sotto_protocol::{ProblemCode, Retention};
use std::marker::PhantomData;

/// A label and its values.
pub(crate) trait Label: Copy + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Its values, in the order of [`Self::index`].
    const VALUES: &'static [&'static str];

    /// The place of this value among [`Self::VALUES`].
    fn index(self) -> usize;
}

/// A metric for each value of a label.
#[derive(Debug)]
pub(crate) struct Per<L, M, const N: usize> {
    each: [M; N],
    label: PhantomData<L>,
}

impl<L: Label, M, const N: usize> Per<L, M, N> {
    /// The one for this value.
    #[allow(
        clippy::indexing_slicing,
        reason = "`NEW` does not compile unless every index has its place"
    )]
    pub(crate) fn of(&self, label: L) -> &M {
        &self.each[label.index()]
    }
}

impl<L: Label, M: Instrument, const N: usize> Instrument for Per<L, M, N> {
    const KIND: Kind = M::KIND;
    const NEW: Self = {
        assert!(L::VALUES.len() == N, "one metric for each value of the label");
        Self {
            each: [const { M::NEW }; N],
            label: PhantomData,
        }
    };
    const SERIES: usize = N * M::SERIES;

    fn write(&self, series: &mut Series<'_>) {
        for (value, metric) in L::VALUES.iter().zip(&self.each) {
            series.with_label(L::NAME, value, |series| metric.write(series));
        }
    }
}

macro_rules! labels {
    ($($(#[$doc:meta])* $label:ident = $name:literal { $($(#[$value_doc:meta])* $value:ident = $text:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $label {
            $($(#[$value_doc])* $value,)+
        }

        #[allow(dead_code, reason = "not every label needs all of it")]
        impl $label {
            /// Every value, in the order of their places.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$value,)+];
            /// How many there are.
            pub(crate) const COUNT: usize = Self::ALL.len();

            /// As the label has it.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)+ }
            }
        }

        impl Label for $label {
            const NAME: &'static str = $name;
            const VALUES: &'static [&'static str] = &[$($text,)+];

            fn index(self) -> usize {
                self as usize
            }
        }
    )+};
}

labels! {
    /// Why a connection ended.
    CloseReason = "reason" {
        /// The client closed it.
        Client = "client",
        /// The network lost it, or the client neither read nor answered.
        Lost = "lost",
        /// See [`Goodbye::Restarting`].
        Restarting = "restarting",
        /// See [`Goodbye::TooSlow`].
        TooSlow = "too-slow",
        /// See [`Goodbye::SessionEnded`].
        SessionEnded = "session-ended",
        /// See [`Goodbye::Replaced`].
        Replaced = "replaced",
        /// See [`Goodbye::Malformed`].
        Malformed = "malformed",
        /// See [`Goodbye::Banned`].
        Banned = "banned",
    }

    /// What a client's frame is.
    FrameKind = "kind" {
        /// A message for a chat.
        Send = "send",
        /// A Commit.
        Commit = "commit",
        /// How far the device has everything.
        Ack = "ack",
        /// A request for entries.
        Fetch = "fetch",
        /// A signal.
        Signal = "signal",
        /// A marker.
        Marker = "marker",
        /// A sign of life.
        Ping = "ping",
    }

    /// What was submitted to a chat: by its retention, or that it is a Commit.
    Submitted = "kind" {
        /// See [`Retention::Keep`].
        Keep = "keep",
        /// See [`Retention::For`].
        Timed = "timed",
        /// See [`Retention::Never`].
        Fleeting = "fleeting",
        /// A Commit.
        Commit = "commit",
    }

    /// What became of a submission.
    SubmissionOutcome = "outcome" {
        /// It has its place, durably; or, if it is fleeting, it was relayed.
        Accepted = "accepted",
        /// It was accepted before.
        Duplicate = "duplicate",
        /// It was against the rules, or came at the wrong time.
        Refused = "refused",
        /// The store failed.
        Failed = "failed",
    }

    /// What became of a login.
    LoginOutcome = "outcome" {
        /// The password was right.
        Succeeded = "succeeded",
        /// Name or password was wrong.
        WrongCredentials = "wrong-credentials",
        /// It took too long, or had been finished before.
        Expired = "expired",
        /// There were too many to the same name.
        RateLimited = "rate-limited",
        /// The password was right, and the account is banned.
        Banned = "banned",
    }

    /// What became of a claim of KeyPackages.
    ClaimOutcome = "outcome" {
        /// There was one of every device.
        Served = "served",
        /// And of some device it was among the last.
        Low = "low",
        /// There was none.
        None = "none",
    }

    /// What became of spans.
    ExportOutcome = "outcome" {
        /// The collector has them.
        Exported = "exported",
        /// They are lost.
        Failed = "failed",
    }

    /// What became of wake-ups.
    PushOutcome = "outcome" {
        /// The push service has it.
        Sent = "sent",
        /// The push service knows the subscription no more.
        Gone = "gone",
        /// The push service, or what the operator allows, refuses it.
        Refused = "refused",
        /// The push service was not reached, or could not take it, several times.
        Failed = "failed",
        /// There was too much to do, or no database.
        Dropped = "dropped",
    }

    /// What an answer that may be kept in memory is about.
    AnswerKind = "kind" {
        /// A profile.
        User = "user",
        /// What anyone may know of a group.
        Group = "group",
        /// A community.
        Community = "community",
    }

    /// Whether an answer was in memory.
    CacheOutcome = "outcome" {
        /// It was, in its present version.
        Hit = "hit",
        /// It was not.
        Miss = "miss",
        /// It was in memory, but had changed since.
        Outdated = "outdated",
    }

    /// What a folder or bucket for blobs is asked to do.
    ObjectOperation = "operation" {
        /// Write an object.
        Put = "put",
        /// Read a part of one.
        Get = "get",
        /// Delete one.
        Delete = "delete",
    }

    /// A limit on how much in a short time, or how many at a time.
    Limit = "limit" {
        /// Requests of an address.
        RequestsPerAddress = "requests-per-address",
        /// Logins, refreshes and logouts of an address.
        AuthPerAddress = "auth-per-address",
        /// Registrations of an address.
        RegistrationsPerAddress = "registrations-per-address",
        /// WebSockets that an address opens.
        ConnectsPerAddress = "connects-per-address",
        /// Logins to a name.
        LoginsPerName = "logins-per-name",
        /// Requests of an account.
        RequestsPerAccount = "requests-per-account",
        /// Requests of a device.
        RequestsPerDevice = "requests-per-device",
        /// Searches of an account.
        SearchesPerAccount = "searches-per-account",
        /// Claims of KeyPackages by an account.
        ClaimsPerAccount = "claims-per-account",
        /// Claims of an account's KeyPackages.
        ClaimsPerTarget = "claims-per-target",
        /// Requests of an account for blobs.
        BlobRequestsPerAccount = "blob-requests-per-account",
        /// Requests of an account for its archives.
        ArchiveRequestsPerAccount = "archive-requests-per-account",
        /// Reports of an account.
        ReportsPerAccount = "reports-per-account",
        /// Connections of an address at a time.
        ConnectionsPerAddress = "connections-per-address",
        /// Transfers of blobs of an account at a time.
        BlobTransfersPerAccount = "blob-transfers-per-account",
        /// WebSockets that a device opens.
        ConnectsPerDevice = "connects-per-device",
        /// Frames that a connection sends.
        FramesPerConnection = "frames-per-connection",
        /// Reads of the database for frames of an account's devices.
        ReadsPerAccount = "reads-per-account",
        /// Claims of one account's KeyPackages by another.
        ClaimsPerPair = "claims-per-pair",
        PicturesPerAccount = "pictures-per-account",
    }

    /// Which part of the interface a request is for. A path has names and ids in it.
    RouteClass = "route" {
        /// `/v1/auth`.
        Auth = "auth",
        /// `/v1/user`.
        User = "user",
        /// `/v1/device`.
        Device = "device",
        /// `/v1/key-package`.
        KeyPackage = "key-package",
        /// `/v1/chat`.
        Chat = "chat",
        /// `/v1/blob`.
        Blob = "blob",
        /// `/v1/archive`.
        Archive = "archive",
        /// `/v1/ws`, the upgrade.
        WebSocket = "ws",
        /// `/health`.
        Health = "health",
        /// What else is under `/v1`.
        OtherApi = "api",
        /// The web app, and everything that is nothing.
        Page = "page",
    }

    /// The class of an HTTP status.
    StatusClass = "status" {
        /// 100 to 199.
        Informational = "1xx",
        /// 200 to 299.
        Success = "2xx",
        /// 300 to 399.
        Redirection = "3xx",
        /// 400 to 499.
        ClientError = "4xx",
        /// 500 and beyond.
        ServerError = "5xx",
    }

}

impl From<Goodbye> for CloseReason {
    fn from(goodbye: Goodbye) -> Self {
        match goodbye {
            Goodbye::Restarting => Self::Restarting,
            Goodbye::TooSlow => Self::TooSlow,
            Goodbye::SessionEnded => Self::SessionEnded,
            Goodbye::Replaced => Self::Replaced,
            Goodbye::Malformed => Self::Malformed,
            Goodbye::Banned => Self::Banned,
        }
    }
}

impl<T> From<&ClientFrame<T>> for FrameKind {
    fn from(frame: &ClientFrame<T>) -> Self {
        match frame {
            ClientFrame::Send { .. } => Self::Send,
            ClientFrame::Commit { .. } => Self::Commit,
            ClientFrame::Ack { .. } => Self::Ack,
            ClientFrame::Fetch { .. } => Self::Fetch,
            ClientFrame::Signal { .. } => Self::Signal,
            ClientFrame::Marker { .. } => Self::Marker,
            ClientFrame::Ping => Self::Ping,
        }
    }
}

impl From<Retention> for Submitted {
    fn from(retention: Retention) -> Self {
        match retention {
            Retention::Keep => Self::Keep,
            Retention::For { .. } => Self::Timed,
            Retention::Never => Self::Fleeting,
        }
    }
}

impl RouteClass {
    /// The class of a route, given as the router has it; `None` is no route.
    pub(crate) fn of(route: Option<&str>) -> Self {
        let Some(route) = route else {
            return Self::Page;
        };
        if let Some(rest) = route.strip_prefix("/v1/") {
            return match rest.split('/').next().unwrap_or_default() {
                "auth" => Self::Auth,
                "user" => Self::User,
                "device" => Self::Device,
                "key-package" => Self::KeyPackage,
                "chat" => Self::Chat,
                "blob" => Self::Blob,
                "archive" => Self::Archive,
                "ws" => Self::WebSocket,
                _ => Self::OtherApi,
            };
        }
        if route == "/health" || route.starts_with("/health/") {
            Self::Health
        } else {
            Self::Page
        }
    }
}

impl From<http::StatusCode> for StatusClass {
    fn from(status: http::StatusCode) -> Self {
        match status.as_u16() {
            0..200 => Self::Informational,
            200..300 => Self::Success,
            300..400 => Self::Redirection,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}

impl Label for ProblemCode {
    const NAME: &'static str = "code";
    const VALUES: &'static [&'static str] = &{
        let mut values = [""; Self::ALL.len()];
        let mut index = 0;
        while index < Self::ALL.len() {
            #[allow(clippy::indexing_slicing, reason = "the loop ends before the list does")]
            {
                values[index] = Self::ALL[index].as_str();
            }
            index += 1;
        }
        values
    };

    fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_code_is_counted_under_its_own_name() {
        for code in ProblemCode::ALL {
            assert_eq!(ProblemCode::VALUES[code.index()], code.as_str());
        }
    }

    #[test]
    fn a_route_belongs_to_its_noun_and_a_path_that_is_no_route_to_none() {
        for (route, class) in [
            (Some("/v1/auth/login/finish"), RouteClass::Auth),
            (Some("/v1/chat/{id}"), RouteClass::Chat),
            (Some("/v1/ws"), RouteClass::WebSocket),
            (Some("/v1/new-noun"), RouteClass::OtherApi),
            (Some("/health/ready"), RouteClass::Health),
            (Some("/healthy"), RouteClass::Page),
            (None, RouteClass::Page),
        ] {
            assert_eq!(RouteClass::of(route), class, "{route:?}");
        }
    }
}
