//! Every metric that the server counts: its name, what it means, its kind and its labels. The sentence is what an operator
//! reads (`# HELP`), and `docs/monitoring.md` has the same names.

use super::instrument::{Count, Counter, Gauge, Histogram, Instrument, Seconds, SecondsOfMany};
use super::label::{
    AnswerKind, CacheOutcome, ClaimOutcome, CloseReason, ExportOutcome, FrameKind, Label, Limit,
    LoginOutcome, ObjectOperation, Per, PushOutcome, RouteClass, StatusClass, SubmissionOutcome, Submitted,
};
use super::text::Exposition;
use crate::telemetry::store::StoreOperation;
use bytes::Bytes;
use http::StatusCode;
use sotto_protocol::ProblemCode;
use std::collections::VecDeque;
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

    /// Time from handing a task to the runtime until it has run: how long everything waits for a thread.
    runtime_delay: Histogram<Seconds> = "sotto_runtime_delay_seconds";

    /// Devices that are connected.
    connections: Gauge = "sotto_connections";
    /// Connections of devices that were opened.
    connections_opened: Counter = "sotto_connections_opened_total";
    /// Connections of devices that ended, by the reason.
    connections_closed: per!(CloseReason, Counter) = "sotto_connections_closed_total";
    /// Frames that devices sent, by what they are.
    frames_received: per!(FrameKind, Counter) = "sotto_frames_received_total";
    /// Bytes of the frames that devices sent.
    received_bytes: Counter = "sotto_frames_received_bytes_total";
    /// Frames that were handed to a connection's socket at once: how well writes are coalesced.
    frames_per_write: Histogram<Count> = "sotto_frames_sent_per_write";
    /// Bytes of the frames that were handed to sockets.
    sent_bytes: Counter = "sotto_frames_sent_bytes_total";
    /// Frames that wait in the outboxes of connections.
    outbox_frames: Gauge = "sotto_outbox_frames";
    /// Bytes that wait in the outboxes of connections.
    outbox_bytes: Gauge = "sotto_outbox_bytes";

    /// Messages and Commits that are decided, by kind and by what became of them.
    submissions: per!(Submitted, per!(SubmissionOutcome, Counter)) = "sotto_submissions_total";
    /// Messages and Commits that wait for a writer, or are in its transaction.
    submissions_waiting: Gauge = "sotto_submissions_waiting";
    /// Room in the writers' queues that is taken.
    queue_bytes: Gauge = "sotto_writer_queue_bytes";
    /// Time from the receipt of a message or Commit until it is durable.
    durable: Histogram<Seconds> = "sotto_submission_durable_seconds";
    /// Time that the oldest submission of a transaction waited before it began.
    queue_wait: Histogram<Seconds> = "sotto_writer_wait_seconds";
    /// Time of a writer's transaction in the store.
    transaction_duration: Histogram<Seconds> = "sotto_writer_transaction_seconds";
    /// Submissions in one transaction: how well they are batched.
    transaction_submissions: Histogram<Count> = "sotto_writer_transaction_submissions";
    /// Cursors and markers that were written along with submissions, or alone.
    transaction_others: Counter = "sotto_writer_cursors_total";
    /// Transactions that failed: everyone who waited for them was told to try again.
    transaction_failures: Counter = "sotto_writer_failures_total";
    /// Times that a submission was left for the next transaction because another node held its chat.
    busy_chats: Counter = "sotto_writer_busy_chats_total";
    /// Time from the end of a transaction until all of its entries are with the connections of this node.
    fan_out_duration: Histogram<Seconds> = "sotto_fan_out_seconds";
    /// Entries that were handed to a connected device other than the sender's.
    fan_out_deliveries: Counter = "sotto_fan_out_deliveries_total";

    /// Time of an operation of a database, but for the writers' transactions, by its name.
    store_duration: per!(StoreOperation, Histogram<SecondsOfMany>) = "sotto_store_operation_seconds";
    /// Operations that a database failed, by their names.
    store_failures: per!(StoreOperation, Counter) = "sotto_store_failures_total";

    /// Requests that were answered, by part of the interface and class of status.
    http_requests: per!(RouteClass, per!(StatusClass, Counter)) = "sotto_http_requests_total";
    /// Time from a request's head to the head of its answer, by part of the interface.
    http_duration: per!(RouteClass, Histogram<Seconds>) = "sotto_http_request_duration_seconds";
    /// Answers that were a problem, over HTTP and WebSocket, by its code.
    problems: per!(ProblemCode, Counter) = "sotto_problems_total";

    /// Reads of profiles, groups and communities, by whether the answer was in memory.
    answer_reads: per!(AnswerKind, per!(CacheOutcome, Counter)) = "sotto_answer_cache_reads_total";
    /// Answers that had to make room in memory for others.
    answer_evictions: Counter = "sotto_answer_cache_evictions_total";
    /// Answers that are kept in memory.
    answers: Gauge = "sotto_answer_cache_answers";
    /// Bytes that the answers in memory take, as they are counted against their bound.
    answer_bytes: Gauge = "sotto_answer_cache_bytes";

    /// Requests and connections that were over a limit, by the limit.
    limits_hit: per!(Limit, Counter) = "sotto_limits_hit_total";

    /// Accounts that were created.
    registrations: Counter = "sotto_registrations_total";
    /// Logins by password, by what became of them.
    logins: per!(LoginOutcome, Counter) = "sotto_logins_total";
    /// Requests for somebody's KeyPackages, by whether there were any.
    key_package_claims: per!(ClaimOutcome, Counter) = "sotto_key_package_claims_total";

    /// Requests that are adding to a blob.
    blob_appends: Gauge = "sotto_blob_appends";
    /// Blobs that are being read.
    blob_reads: Gauge = "sotto_blob_reads";
    /// Bytes of blobs that were written to the folder or bucket.
    blob_written_bytes: Counter = "sotto_blob_written_bytes_total";
    /// Bytes of blobs that were read from the folder or bucket.
    blob_read_bytes: Counter = "sotto_blob_read_bytes_total";
    /// Time of an operation of the folder or bucket for blobs, by its name.
    object_duration: per!(ObjectOperation, Histogram<Seconds>) = "sotto_blob_store_operation_seconds";
    /// Operations that the folder or bucket for blobs failed, by their names.
    object_failures: per!(ObjectOperation, Counter) = "sotto_blob_store_failures_total";
    /// Objects of blobs that were found missing: an operator has to look.
    blob_missing_objects: Counter = "sotto_blob_missing_objects_total";

    /// Devices to be woken, by what became of it.
    push: per!(PushOutcome, Counter) = "sotto_push_total";

    /// Spans of traces, by whether the collector has them. What the queue before the collector cannot hold is not counted.
    trace_spans: per!(ExportOutcome, Counter) = "sotto_trace_spans_total";

    /// 1 while the bus to other nodes is connected; 0 otherwise, and where there is none.
    bus_connected: Gauge = "sotto_bus_connected";
    /// Other nodes that are known.
    bus_nodes: Gauge = "sotto_bus_nodes";
    /// Bytes that wait to be sent to other nodes.
    bus_queue_bytes: Gauge = "sotto_bus_queue_bytes";
    /// Messages sent to other nodes.
    bus_sent: Counter = "sotto_bus_sent_total";
    /// Bytes of messages sent to other nodes.
    bus_sent_bytes: Counter = "sotto_bus_sent_bytes_total";
    /// Messages of other nodes that were heeded.
    bus_received: Counter = "sotto_bus_received_total";
    /// Messages on the bus that no node of this installation sealed for this one: somebody else is there.
    bus_refused: Counter = "sotto_bus_refused_total";
    /// Times that messages of another node were missing; what they said was then read from the database.
    bus_holes: Counter = "sotto_bus_holes_total";
    /// Times that messages came faster than they could be taken, and some were dropped.
    bus_overruns: Counter = "sotto_bus_overruns_total";
    /// Chats that devices were sent to look into because entries might have been missed.
    bus_repaired_chats: Counter = "sotto_bus_repaired_chats_total";
}

impl Metrics {
    /// A device sent a frame.
    pub(crate) fn received(&self, frame: FrameKind, bytes: usize) {
        self.frames_received.of(frame).increment();
        self.received_bytes.add(wide(bytes));
    }

    /// These frames were handed to a socket.
    pub(crate) fn sent(&self, frames: &VecDeque<Bytes>) {
        self.frames_per_write.record(frames.len());
        self.sent_bytes.add(wide(frames.iter().map(Bytes::len).sum()));
    }

    /// A request was answered.
    pub(crate) fn answered(&self, route: RouteClass, status: StatusCode, duration: Duration) {
        self.http_requests.of(route).of(status.into()).increment();
        self.http_duration.of(route).record(duration);
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
