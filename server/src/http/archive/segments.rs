//! `GET /v1/archive/{id}/segment?ids=…`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path, Query};
use crate::store::ArchiveStore as _;
use axum::extract::State;
use sotto_protocol::rest::archive::{ReadSegments, Segment, Segments};
use sotto_protocol::{ChatId, ProblemCode, SegmentId, limits};
use std::collections::HashSet;

/// Some segments of the caller's account's archive of a chat.
pub(crate) async fn segments<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Query(ReadSegments { ids }): Query<ReadSegments>,
) -> Result<Json<Segments>, HttpProblem> {
    let ids = parse(&ids)?;
    let found = app
        .accounts
        .archive_segments(caller.address.account, chat, &ids, app.now())
        .await?;
    let segments = found.segments.into_iter().map(|segment| Segment {
        segment: segment.segment,
        sealed: segment.sealed.into(),
    });
    Ok(Json(Segments {
        segments: segments.collect(),
        left_out: found.left_out,
    }))
}

fn parse(ids: &str) -> Result<Vec<SegmentId>, HttpProblem> {
    if ids.split(',').count() > limits::SEGMENTS_READ {
        return Err(ProblemCode::TooLarge.into());
    }
    let mut named = HashSet::new();
    ids.split(',')
        .map(|text| {
            let id = text
                .parse()
                .map_err(|error| HttpProblem::invalid_request(format!("ids: {error}")))?;
            if named.insert(id) {
                Ok(id)
            } else {
                Err(HttpProblem::invalid_request("ids: a segment is named twice"))
            }
        })
        .collect()
}
