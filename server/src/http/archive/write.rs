//! `POST /v1/archive/{id}`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::{self, ArchiveAllowance, ArchiveStore as _, ArchiveWrite, WriteArchiveError};
use axum::extract::State;
use sotto_protocol::rest::archive::{ArchiveWritten, WriteArchive};
use sotto_protocol::{ChatId, Problem, ProblemCode, Timestamp, limits};
use std::collections::HashSet;

impl From<WriteArchiveError> for HttpProblem {
    fn from(error: WriteArchiveError) -> Self {
        match error {
            WriteArchiveError::AccountNotFound => ProblemCode::UserNotFound.into(),
            WriteArchiveError::Stale { revision } => Problem {
                revision: Some(revision),
                ..Problem::new(ProblemCode::StaleArchive)
            }
            .into(),
            WriteArchiveError::SegmentTaken => ProblemCode::SegmentTaken.into(),
            WriteArchiveError::Full => ProblemCode::ArchiveFull.into(),
            WriteArchiveError::TooManySegments => ProblemCode::TooManySegments.into(),
            WriteArchiveError::TooManyArchives => ProblemCode::TooManyArchives.into(),
            WriteArchiveError::Store(error) => error.into(),
        }
    }
}

/// Replaces the index of an archive of the caller's account, adds segments and removes others.
pub(crate) async fn write<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Json(request): Json<WriteArchive>,
) -> Result<Json<ArchiveWritten>, HttpProblem> {
    let now = app.now();
    check(&request, now)?;
    let config = &app.config.archive;
    let allowance = ArchiveAllowance {
        bytes: config.bytes_max,
        segments: config.segments_max,
        chats: config.chats_max,
    };
    let adds = request.adds.into_iter().map(|added| store::NewSegment {
        segment: added.segment,
        sealed: added.sealed.0,
        ends_at: added.ends_at,
    });
    let write = ArchiveWrite {
        by: caller.address,
        chat,
        replaces: request.replaces,
        index: request.index.0,
        adds: adds.collect(),
        removes: request.removes,
        releases: request.releases,
        at: now,
    };
    let revision = app.accounts.write_archive(write, allowance).await?;
    Ok(Json(ArchiveWritten { revision }))
}

fn check(request: &WriteArchive, now: Timestamp) -> Result<(), HttpProblem> {
    let is_too_large = request.index.0.len() > limits::ARCHIVE_INDEX_BYTES
        || request.adds.len() > limits::SEGMENTS_ADDED
        || request.removes.len() > limits::SEGMENTS_REMOVED
        || request
            .adds
            .iter()
            .any(|added| added.sealed.0.len() > limits::SEGMENT_BYTES);
    if is_too_large {
        return Err(ProblemCode::TooLarge.into());
    }
    if request.adds.iter().any(|added| added.sealed.0.is_empty()) {
        return Err(HttpProblem::invalid_request("adds: a segment is empty"));
    }
    let mut named = HashSet::new();
    let added = request.adds.iter().map(|added| added.segment);
    if !added
        .chain(request.removes.iter().copied())
        .all(|id| named.insert(id))
    {
        return Err(HttpProblem::invalid_request("a segment is named twice"));
    }
    let latest = now
        .plus_seconds(limits::RETENTION_SECONDS_MAX)
        .plus_millis(limits::SEGMENT_END_SLACK_MILLIS);
    if request
        .adds
        .iter()
        .any(|added| added.ends_at.is_some_and(|end| end > latest))
    {
        return Err(ProblemCode::InvalidRetention.into());
    }
    Ok(())
}
