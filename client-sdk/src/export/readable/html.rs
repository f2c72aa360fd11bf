//! The history for people. `maud` escapes whatever is put into a template.

use super::Zone;
use super::files::Fetched;
use super::names::{line, lines};
use super::words::{self, Moment};
use super::write::{Counted, ReadableChat};
use crate::messages::{Answered, Body, FileInfo, Message, Text};
use core::fmt::Write as _;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// Nothing is run, nothing is loaded but what is in the ZIP, nothing is sent.
const POLICY: &str = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("style.css");

/// What is the same of every page.
fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(POLICY);
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="referrer" content="no-referrer";
            title { (title) }
            style { (PreEscaped(STYLE)) }
        }
    }
}

/// The first page: all chats.
pub(super) fn index(name: &str, day: &str, is_complete: bool, chats: &[(ReadableChat, Counted)]) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head("Sotto: the history of an account"))
            body {
                main {
                    h1 { "What " bdi { (name) } " has said and heard" }
                    p { "Exported from Sotto on " (day) ". Messages that vanish by themselves are not in it." }
                    @if !is_complete {
                        p class="notice" { "This is not all: some history was still coming from the archive." }
                    }
                    ul class="chats" {
                        @for (chat, counted) in chats {
                            li {
                                a href=(chat.page(1)) { bdi { (line(&chat.title)) } }
                                span class="faint" {
                                    " " (counted.messages) @if counted.messages == 1 { " message" } @else { " messages" }
                                    @if chat.is_left { ", left" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

/// The beginning of a page of a chat.
pub(super) fn begin(chat: &ReadableChat, page: u64) -> String {
    let title = line(&chat.title);
    let mut text = format!(
        "{}<html lang=\"en\">{}<body><main>",
        DOCTYPE.into_string(),
        head(&title).into_string()
    );
    let top = html! {
        nav { a href="../index.html" { "All chats" } }
        h1 { bdi { (title) } }
        @if page > 1 {
            nav { a href=(chat.page_beside(page - 1)) rel="prev" { "Earlier messages" } }
        }
    };
    text.push_str(&top.into_string());
    text
}

/// Its end.
pub(super) fn end(chat: &ReadableChat, page: u64, is_more: bool) -> String {
    let more = html! {
        @if is_more {
            nav { a href=(chat.page_beside(page + 1)) rel="next" { "Later messages" } }
        } @else if page == 1 {
            p class="faint" { "This is all." }
        }
    };
    format!("{}</main></body></html>", more.into_string())
}

/// The heading of a day.
pub(super) fn day(day: &str) -> String {
    html! { h2 { (day) } }.into_string()
}

/// A message.
pub(super) fn message(message: &Message, chat: &ReadableChat, fetched: &Fetched, zone: &dyn Zone) -> String {
    let name = message
        .from
        .name
        .as_ref()
        .map_or_else(|| "somebody".to_owned(), ToString::to_string);
    let at = Moment::local(message.at, zone).time();
    let utc = Moment::utc(message.at).rfc3339();
    if let Body::GroupChanges(changes) = &message.body {
        return html! {
            p class="change" id=(message.id) {
                @for change in changes { bdi { (name) } " " bdi { (words::change(change, |at| Moment::local(at, zone).day())) } ". " }
                time datetime=(utc) { (at) }
            }
        }
        .into_string();
    }
    html! {
        article id=(message.id) class=(if message.own { "own" } else { "other" }) {
            header {
                b { bdi { (name) } } " " time datetime=(utc) { (at) }
                @if chat.is_pinned(message.id) { span class="mark" { " pinned" } }
                @if message.is_starred { span class="mark" { " starred" } }
            }
            @if let Some(teller) = &message.told_by {
                p class="faint" { "Told by " bdi { (words::name(teller)) } ". Nobody can check that it was said so." }
            }
            @if let Some(answered) = &message.in_reply_to { (quote(answered)) }
            (body(message, fetched))
            @if message.editions.len() > 1 {
                details {
                    summary { "edited" }
                    @for edition in &message.editions {
                        p dir="auto" class="text faint" {
                            (Moment::local(edition.at, zone).day()) " " (Moment::local(edition.at, zone).time()) ": "
                            (lines(&edition.text.text))
                        }
                    }
                }
            }
            @if !message.reactions.is_empty() {
                p class="reactions" {
                    @for reactions in &message.reactions {
                        span title=(by(&reactions.by)) { bdi { (line(&reactions.emoji)) } " " (reactions.by.len()) }
                    }
                }
            }
        }
    }
    .into_string()
}

fn quote(answered: &Answered) -> Markup {
    html! {
        blockquote {
            bdi { (words::name(&answered.from)) }
            @if !answered.text.is_empty() { ": " span dir="auto" { (line(&answered.text)) } }
        }
    }
}

fn body(message: &Message, fetched: &Fetched) -> Markup {
    match &message.body {
        Body::Text(text) => said(text),
        Body::File { info, caption } => html! {
            (file(info, fetched.path(message.id)))
            @if !caption.text.is_empty() { (said(caption)) }
        },
        Body::Deleted { by } => html! { p class="faint" { "Deleted by " bdi { (words::name(by)) } "." } },
        Body::Unknown { .. } => {
            html! { p class="faint" { "Something that a newer version of Sotto has sent." } }
        }
        Body::GroupChanges(_) => html! {},
    }
}

fn said(text: &Text) -> Markup {
    html! {
        @if text.is_forwarded { p class="faint" { "Forwarded" } }
        p dir="auto" class="text" { (lines(&text.text)) }
    }
}

/// A file, drawn where a browser can and no file of this type can do harm.
fn file(info: &FileInfo, path: Option<&str>) -> Markup {
    let name = line(&info.name);
    let Some(path) = path else {
        return html! { p class="file faint" { bdi { (name) } " (" (size(info.length)) "): not in this export" } };
    };
    let address = address(path);
    html! {
        @match info.media_type.as_str() {
            "image/jpeg" | "image/png" | "image/gif" | "image/webp" | "image/avif" => {
                a href=(address) { img src=(address) alt=(name) loading="lazy"; }
            }
            "audio/mpeg" | "audio/mp4" | "audio/ogg" | "audio/webm" | "audio/wav" => {
                audio controls preload="none" src=(address) {}
            }
            "video/mp4" | "video/webm" | "video/ogg" => { video controls preload="none" src=(address) {} }
            _ => {}
        }
        p class="file" { a href=(address) download { bdi { (name) } } " (" (size(info.length)) ")" }
    }
}

/// A path in the ZIP as a page of a chat links to it: percent-encoded, but for what needs not be.
fn address(path: &str) -> String {
    let mut address = "../".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            address.push(byte.into());
        } else {
            // Writing into memory has no error.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

fn by(people: &[crate::groups::Whom]) -> String {
    people.iter().map(words::name).collect::<Vec<_>>().join(", ")
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let mut unit = None;
    let mut tenths = u128::from(bytes) * 10;
    for name in UNITS {
        if tenths < 10 * 1024 {
            break;
        }
        tenths /= 1024;
        unit = Some(name);
    }
    match unit {
        None => format!("{bytes} bytes"),
        Some(unit) => format!("{}.{} {unit}", tenths / 10, tenths % 10),
    }
}
