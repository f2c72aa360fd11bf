//! The news as an Atom feed (RFC 4287).

use super::content::Article;
use super::html::html;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// Items in the feed: the latest ones.
const ENTRIES: usize = 20;

/// `updated` of a feed without entries, which has to have one.
const NEVER: &str = "1970-01-01";

/// What a feed says of itself.
pub(crate) struct Feed<'a> {
    /// Its title: the server's name.
    pub(crate) name: &'a str,
    /// What stands before paths of this server, such as `https://chat.example.org`; empty for links that are relative to the feed.
    pub(crate) base: &'a str,
    /// The server's name in DNS, for ids that nobody else gives (RFC 4151).
    pub(crate) authority: &'a str,
}

/// The feed of the articles, the latest first.
pub(crate) fn feed<'a>(about: &Feed<'_>, articles: impl Iterator<Item = &'a Article>) -> io::Result<Vec<u8>> {
    let articles: Vec<_> = articles.take(ENTRIES).collect();
    let updated = articles.first().map_or(NEVER, |article| &article.item.date);
    let mut writer = Writer::new(Vec::new());
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    writer
        .create_element("feed")
        .with_attribute(("xmlns", "http://www.w3.org/2005/Atom"))
        .write_inner_content(|writer| {
            text(writer, "title", about.name)?;
            text(writer, "id", &format!("tag:{},2026:/news", about.authority))?;
            text(writer, "updated", &midnight(updated))?;
            link(writer, "self", &format!("{}/v1/news/feed", about.base))?;
            link(writer, "alternate", &format!("{}/news", about.base))?;
            writer
                .create_element("author")
                .write_inner_content(|writer| text(writer, "name", about.name))?;
            articles
                .iter()
                .try_for_each(|article| entry(writer, about, article))
        })?;
    Ok(writer.into_inner())
}

fn entry(writer: &mut Writer<Vec<u8>>, about: &Feed<'_>, article: &Article) -> io::Result<()> {
    let item = &article.item;
    let path = format!("/news/{}", item.slug);
    writer.create_element("entry").write_inner_content(|writer| {
        text(writer, "title", &item.title)?;
        text(
            writer,
            "id",
            &format!("tag:{},{}:{path}", about.authority, item.date),
        )?;
        text(writer, "published", &midnight(&item.date))?;
        text(writer, "updated", &midnight(&item.date))?;
        link(writer, "alternate", &format!("{}{path}", about.base))?;
        text(writer, "summary", &article.summary.summary)?;
        writer
            .create_element("content")
            .with_attribute(("type", "html"))
            .write_text_content(BytesText::new(&writable(&html(&item.content, about.base))))?;
        Ok(())
    })?;
    Ok(())
}

fn midnight(day: &str) -> String {
    format!("{day}T00:00:00Z")
}

fn text(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> io::Result<()> {
    writer
        .create_element(name)
        .write_text_content(BytesText::new(&writable(text)))?;
    Ok(())
}

/// Without what XML has no way to write (XML 1.0, section 2.2).
fn writable(text: &str) -> String {
    let is_writable = |character: char| {
        matches!(character, '\n' | '\t' | ' '..='\u{fffd}' | '\u{10000}'..) && character != '\u{7f}'
    };
    text.chars().filter(|character| is_writable(*character)).collect()
}

fn link(writer: &mut Writer<Vec<u8>>, relation: &str, to: &str) -> io::Result<()> {
    writer
        .create_element("link")
        .with_attributes([("rel", relation), ("href", to)])
        .write_empty()?;
    Ok(())
}
