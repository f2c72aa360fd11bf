//! What can be searched for and what is found, as JavaScript gives and gets it: places in a text are in UTF-16 there, and in bytes of
//! UTF-8 here.

use core::ops::Range;
use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::Timestamp;
use tsify::Tsify;

use crate::error::Rejection;
use crate::group_types::account_id;
use crate::message_types::Message;
use crate::types::{number, position};

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SearchKind {
    Text,
    Link,
    Image,
    Video,
    Voice,
    File,
}

impl From<SearchKind> for sdk::SearchKind {
    fn from(kind: SearchKind) -> Self {
        match kind {
            SearchKind::Text => Self::Text,
            SearchKind::Link => Self::Link,
            SearchKind::Image => Self::Image,
            SearchKind::Video => Self::Video,
            SearchKind::Voice => Self::Voice,
            SearchKind::File => Self::File,
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
pub struct SearchQuery {
    text: String,
    #[tsify(optional)]
    chat: Option<String>,
    #[tsify(optional)]
    from: Option<String>,
    #[tsify(optional)]
    since: Option<f64>,
    #[tsify(optional)]
    until: Option<f64>,
    #[tsify(optional)]
    kind: Option<SearchKind>,
}

impl TryFrom<SearchQuery> for sdk::SearchQuery {
    type Error = Rejection;

    fn try_from(query: SearchQuery) -> Result<Self, Rejection> {
        let chat = query.chat.map(|chat| chat.parse()).transpose();
        Ok(Self {
            text: query.text,
            chat: chat.map_err(|_| Rejection::invalid("chat"))?,
            from: query.from.as_deref().map(account_id).transpose()?,
            since: query.since.map(|since| Timestamp(position(since))),
            until: query.until.map(|until| Timestamp(position(until))),
            kind: query.kind.map(Into::into),
        })
    }
}

#[derive(Tsify, Serialize)]
pub struct Mark {
    start: u32,
    end: u32,
}

#[derive(Tsify, Serialize)]
pub struct Found {
    message: Message,
    marks: Vec<Mark>,
}

impl From<sdk::Found> for Found {
    fn from(found: sdk::Found) -> Self {
        let marks = match &found.message.body {
            sdk::Body::Text(text) | sdk::Body::File { caption: text, .. } => marks(&text.text, &found.marks),
            sdk::Body::GroupChanges(_) | sdk::Body::Deleted { .. } | sdk::Body::Unknown { .. } => Vec::new(),
        };
        Self {
            message: found.message.into(),
            marks,
        }
    }
}

/// Ranges that are in order and apart, in UTF-16.
fn marks(text: &str, ranges: &[Range<usize>]) -> Vec<Mark> {
    let (mut bytes, mut units) = (0, 0);
    let mut unit_at = |end: usize| {
        let between = text.get(bytes..end).unwrap_or_default();
        units += between.encode_utf16().count();
        bytes = end;
        u32::try_from(units).unwrap_or(u32::MAX)
    };
    ranges
        .iter()
        .map(|range| Mark {
            start: unit_at(range.start),
            end: unit_at(range.end),
        })
        .collect()
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    found: Vec<Found>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    looked_to: Option<f64>,
}

impl From<sdk::SearchPage> for SearchPage {
    fn from(page: sdk::SearchPage) -> Self {
        Self {
            found: page.found.into_iter().map(Found::from).collect(),
            next: page.next.map(|next| next.to_string()),
            looked_to: page.looked_to.map(|at| number(at.0)),
        }
    }
}
