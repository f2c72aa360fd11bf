//! Writing a readable export: of each chat its files, then what programs read, then its pages; at the end what lists them.

use super::ReadableExport;
use super::files::Fetched;
use super::html;
use super::json::{self, ReadableMessage};
use super::names::slug;
use super::words::Moment;
use super::zip::Zip;
use crate::archive::ArchivedKind;
use crate::client::Client;
use crate::contacts::{Contacts, Names as _};
use crate::error::ClientError;
use crate::export::block::ExportedChat;
use crate::export::is_exported;
use crate::export::progress::{ExportProgress, Exported, Watcher, go_on};
use crate::export::write::MessagesOf;
use crate::messages::{Message, MessageRecord, StoredBody};
use crate::platform::{Clock as _, FileSink, Platform, let_others_run};
use crate::sync::ExportPlan;
use serde_json::json;
use sotto_protocol::{ChatId, MessageId};
use std::sync::Arc;

/// Messages on a page at most.
const PAGE_MESSAGES: u64 = 2_000;

/// A chat, as it is called and where its pages are.
pub(super) struct ReadableChat {
    pub(super) number: usize,
    pub(super) id: ChatId,
    pub(super) title: String,
    pub(super) is_left: bool,
    kind: ArchivedKind,
    pinned: Vec<MessageId>,
    slug: String,
    last: u64,
}

/// What of a chat is in the export.
#[derive(Clone, Copy, Default)]
pub(super) struct Counted {
    pub(super) messages: u64,
    /// How many files of JSON.
    parts: u64,
    pages: u64,
}

impl ReadableChat {
    fn new(number: usize, chat: ExportedChat, contacts: &Contacts) -> Self {
        let title = match &chat.about.kind {
            ArchivedKind::Direct { peer } => contacts.name_of(*peer).map(|name| name.to_string()),
            ArchivedKind::Notes => Some("Notes".to_owned()),
            ArchivedKind::Group { profile, .. } => profile
                .as_ref()
                .and_then(|profile| profile.claimed().ok())
                .map(|profile| profile.title),
        };
        let last = chat.last();
        let title = title.unwrap_or_else(|| match &chat.about.kind {
            ArchivedKind::Direct { .. } => "somebody".to_owned(),
            ArchivedKind::Group { .. } | ArchivedKind::Notes => "a group".to_owned(),
        });
        Self {
            number,
            id: chat.chat,
            slug: slug(&title),
            title,
            is_left: chat.about.is_left,
            kind: chat.about.kind,
            pinned: chat.pinned,
            last,
        }
    }

    pub(super) const fn kind_word(&self) -> &'static str {
        match self.kind {
            ArchivedKind::Direct { .. } => "direct",
            ArchivedKind::Notes => "notes",
            ArchivedKind::Group { .. } => "group",
        }
    }

    pub(super) fn is_pinned(&self, message: MessageId) -> bool {
        self.pinned.contains(&message)
    }

    /// Where a page is, in the ZIP.
    pub(super) fn page(&self, page: u64) -> String {
        format!("chats/{}", self.page_beside(page))
    }

    /// Where it is, from another page of the chat.
    pub(super) fn page_beside(&self, page: u64) -> String {
        let (number, slug) = (self.number, &self.slug);
        if page == 1 {
            format!("{number:04}-{slug}.html")
        } else {
            format!("{number:04}-{slug}-{page}.html")
        }
    }

    /// Where programs read it.
    fn json(&self, part: u64) -> String {
        if part == 1 {
            format!("chats/{:04}.json", self.number)
        } else {
            format!("chats/{:04}-{part}.json", self.number)
        }
    }
}

/// Writes it all.
pub(in crate::export) async fn write<P: Platform>(
    client: &Client<P>,
    plan: ExportPlan,
    wanted: &ReadableExport,
    sink: &mut dyn FileSink,
    watcher: &impl Watcher<ExportProgress>,
) -> Result<Exported, ClientError> {
    let mut export = Export {
        client,
        contacts: client.shared().contacts(),
        wanted,
        zip: Zip::new(sink),
        watcher,
        progress: ExportProgress::default(),
        fetched: Fetched::default(),
        left: plan.chats.iter().map(|chat| chat.covered.count()).sum(),
    };
    let mut chats = Vec::with_capacity(plan.chats.len());
    for (number, exported) in (1..).zip(plan.chats) {
        export.left = export.left.saturating_sub(exported.covered.count());
        let chat = ReadableChat::new(number, exported, &export.contacts);
        if wanted.with_files {
            export.write_files(&chat).await?;
        }
        let mut counted = export.write_json(&chat).await?;
        counted.pages = export.write_pages(&chat).await?;
        chats.push((chat, counted));
    }
    let name = export.contacts.name_of(plan.account).map(|name| name.to_string());
    let name = name.unwrap_or_else(|| "somebody".to_owned());
    export
        .write_lists(&plan.account.to_string(), &name, plan.is_complete, &chats)
        .await?;
    let Export { zip, progress, .. } = export;
    zip.finish().await?;
    Ok(Exported {
        chats: chats.len() as u64,
        messages: progress.messages,
        files: progress.files,
        missing_files: progress.total_files - progress.files,
        is_complete: plan.is_complete,
    })
}

/// An export that is being written.
struct Export<'a, P: Platform, W> {
    client: &'a Client<P>,
    contacts: Arc<Contacts>,
    wanted: &'a ReadableExport,
    zip: Zip<'a>,
    watcher: &'a W,
    progress: ExportProgress,
    fetched: Fetched,
    /// Entries of the chats that come after this one.
    left: u64,
}

impl<P: Platform, W: Watcher<ExportProgress>> Export<'_, P, W> {
    /// The next messages that are exported, as they are stored; `None` if there are no more.
    async fn next(
        &self,
        messages: &mut MessagesOf,
    ) -> Result<Option<Vec<(u64, MessageRecord)>>, ClientError> {
        go_on(self.watcher)?;
        let_others_run().await;
        let Some(mut read) = messages.next(self.client.records()).await? else {
            return Ok(None);
        };
        read.retain(|(_, record)| is_exported(record));
        Ok(Some(read))
    }

    fn shown(&self, chat: &ReadableChat, read: Vec<(u64, MessageRecord)>) -> Vec<Message> {
        read.into_iter()
            .map(|(position, record)| record.into_message(chat.id, position, &*self.contacts))
            .collect()
    }

    async fn write_files(&mut self, chat: &ReadableChat) -> Result<(), ClientError> {
        let mut messages = MessagesOf::new(chat.id, chat.last);
        while let Some(read) = self.next(&mut messages).await? {
            for (_, record) in read {
                if let StoredBody::File(file) = &record.body {
                    let moved = (&mut self.progress, self.watcher);
                    self.fetched
                        .fetch(self.client, &mut self.zip, record.message, file, moved)
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn write_json(&mut self, chat: &ReadableChat) -> Result<Counted, ClientError> {
        let mut counted = Counted {
            parts: 1,
            ..Counted::default()
        };
        self.begin_json(chat, counted.parts).await?;
        let mut before = "\n";
        let mut messages = MessagesOf::new(chat.id, chat.last);
        while let Some(read) = self.next(&mut messages).await? {
            for message in self.shown(chat, read) {
                if self.zip.is_long() {
                    self.zip.write(json::END.as_bytes()).await?;
                    counted.parts += 1;
                    self.begin_json(chat, counted.parts).await?;
                    before = "\n";
                }
                let readable = ReadableMessage::new(&message, chat, &self.fetched);
                let text = serde_json::to_string(&readable)
                    .map_err(|_| ClientError::Failed("a message cannot be written as JSON"))?;
                self.zip.write(before.as_bytes()).await?;
                self.zip.write(text.as_bytes()).await?;
                before = ",\n";
                counted.messages += 1;
            }
        }
        self.zip.write(json::END.as_bytes()).await?;
        Ok(counted)
    }

    async fn begin_json(&mut self, chat: &ReadableChat, part: u64) -> Result<(), ClientError> {
        self.zip.begin_text(&chat.json(part))?;
        self.zip.write(json::begin(chat).as_bytes()).await
    }

    /// Writes a chat's pages, and says how many.
    async fn write_pages(&mut self, chat: &ReadableChat) -> Result<u64, ClientError> {
        let zone = &*self.wanted.zone;
        let (mut page, mut on_page) = (1, 0);
        let mut day = None;
        self.zip.begin_text(&chat.page(page))?;
        self.zip.write(html::begin(chat, page).as_bytes()).await?;
        let mut messages = MessagesOf::new(chat.id, chat.last);
        while let Some(read) = self.next(&mut messages).await? {
            for message in self.shown(chat, read) {
                if on_page == PAGE_MESSAGES || self.zip.is_long() {
                    self.zip.write(html::end(chat, page, true).as_bytes()).await?;
                    (page, on_page, day) = (page + 1, 0, None);
                    self.zip.begin_text(&chat.page(page))?;
                    self.zip.write(html::begin(chat, page).as_bytes()).await?;
                }
                let on = Moment::local(message.at, zone).day();
                if day.as_ref() != Some(&on) {
                    self.zip.write(html::day(&on).as_bytes()).await?;
                    day = Some(on);
                }
                let text = html::message(&message, chat, &self.fetched, zone);
                self.zip.write(text.as_bytes()).await?;
                on_page += 1;
                self.progress.messages += 1;
            }
            self.progress.total_messages = self.progress.messages + messages.left() + self.left;
            self.watcher.moved(self.progress);
        }
        self.zip.write(html::end(chat, page, false).as_bytes()).await?;
        Ok(page)
    }

    /// What lists the chats.
    async fn write_lists(
        &mut self,
        account: &str,
        name: &str,
        is_complete: bool,
        chats: &[(ReadableChat, Counted)],
    ) -> Result<(), ClientError> {
        let now = self.client.clock().now();
        let listed: Vec<_> = chats
            .iter()
            .map(|(chat, counted)| {
                let pages: Vec<String> = (1..=counted.pages).map(|page| chat.page(page)).collect();
                let parts: Vec<String> = (1..=counted.parts).map(|part| chat.json(part)).collect();
                json::listed(chat, counted.messages, &parts, &pages)
            })
            .collect();
        let history = json!({
            "format": json::FORMAT,
            "version": json::VERSION,
            "exportedAt": json::time(now),
            "account": { "account": account, "name": name },
            "isComplete": is_complete,
            "chats": listed,
        });
        self.zip.begin_text("history.json")?;
        self.zip.write(format!("{history:#}\n").as_bytes()).await?;
        self.zip.begin_text("index.html")?;
        let day = Moment::local(now, &*self.wanted.zone).day();
        let index = html::index(name, &day, is_complete, chats);
        self.zip.write(index.as_bytes()).await?;
        self.progress.total_messages = self.progress.messages;
        self.watcher.moved(self.progress);
        Ok(())
    }
}
