//! `GET /v1/chat/{id}?after=…&before=…&limit=…`

use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::{HttpProblem, Json, Path, Query};
use crate::store::PageRange;
use axum::extract::State;
use sotto_protocol::rest::chat::{ChatPage, ReadChat, StoredEntry};
use sotto_protocol::{ChatId, limits};

/// Entries of a chat that the calling device is in.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(chat): Path<ChatId>,
    Query(ReadChat { after, before, limit }): Query<ReadChat>,
) -> Result<Json<ChatPage>, HttpProblem> {
    if limit == Some(0) {
        return Err(HttpProblem::invalid_request("limit: at least 1"));
    }
    let range = PageRange {
        after,
        before,
        limit: limit.unwrap_or(limits::PAGE_ENTRIES).min(limits::PAGE_ENTRIES),
    };
    let page = app.delivery.page(caller.address, chat, range).await?;
    let entries = page.entries.into_iter().map(|entry| StoredEntry {
        seq: entry.seq,
        from: entry.from,
        message: entry.message,
        at: entry.at,
        retention: entry.retention,
        kind: entry.kind,
        payload: entry.payload.into(),
    });
    Ok(Json(ChatPage {
        entries: entries.collect(),
        last: page.last,
    }))
}
