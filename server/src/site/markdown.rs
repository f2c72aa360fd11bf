//! Markdown as a tree: `CommonMark` with tables and strikethrough. What is no part of that, HTML above all, is text.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Options, Parser, Tag};
use sotto_protocol::limits;
use sotto_protocol::rest::site::{Alignment, Block, FileName, Inline, SiteLink};
use std::collections::BTreeSet;

/// Blocks, inlines, items and cells of one text.
const PARTS: usize = 20_000;

/// A text that was read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Document {
    /// Its heading of the first level, if that is what it begins with.
    pub(super) title: Option<String>,
    /// What comes after it.
    pub(super) content: Vec<Block>,
    /// The pictures that stand in it.
    pub(super) pictures: BTreeSet<FileName>,
    /// Links and pictures that were left out.
    pub(super) left_out: Vec<String>,
}

/// The text is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error(
        "lists, quotes and the like stand in each other more than {} deep",
        limits::SITE_TEXT_DEPTH
    )]
    TooDeep,
    #[error("it has more than {PARTS} parts")]
    TooMuch,
}

/// What was begun and not ended.
enum Open {
    Blocks(Holder, Vec<Block>, Vec<Inline>),
    List(Option<u32>, Vec<Vec<Block>>),
    Line(Line, Vec<Inline>),
    Code(Option<String>, String),
    /// What no extension is switched on for, and HTML: its text alone.
    Verbatim(String),
    Table(Vec<Alignment>, Vec<Vec<Inline>>, Vec<Vec<Vec<Inline>>>),
    Row(RowKind, Vec<Vec<Inline>>),
}

/// What holds blocks.
enum Holder {
    Document,
    Quote,
    Item,
}

/// What holds inlines.
enum Line {
    Paragraph,
    Heading(u8),
    Cell,
    Emphasis,
    Strong,
    Strikethrough,
    Link(String),
    Image(String),
}

enum RowKind {
    Head,
    Body,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Document, Refused> {
    let mut reader = Reader {
        open: vec![Open::Blocks(Holder::Document, Vec::new(), Vec::new())],
        document: Document::default(),
        parts: 0,
    };
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    for event in Parser::new_ext(text, options) {
        reader.take(event)?;
    }
    Ok(reader.finish())
}

/// The words alone.
pub(super) fn plain(content: &[Inline]) -> String {
    let mut text = String::new();
    for inline in content {
        match inline {
            Inline::Text { text: words }
            | Inline::Code { text: words }
            | Inline::Image { alt: words, .. } => {
                text.push_str(words);
            }
            Inline::Emphasis { content }
            | Inline::Strong { content }
            | Inline::Strikethrough { content }
            | Inline::Link { content, .. } => text.push_str(&plain(content)),
            Inline::Break => text.push(' '),
        }
    }
    text
}

struct Reader {
    open: Vec<Open>,
    document: Document,
    parts: usize,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) -> Result<(), Refused> {
        self.parts += 1;
        if self.parts > PARTS {
            return Err(Refused::TooMuch);
        }
        match event {
            Event::Start(tag) => {
                // The document itself does not count.
                if self.open.len() > limits::SITE_TEXT_DEPTH {
                    return Err(Refused::TooDeep);
                }
                self.open.push(begin(tag));
            }
            Event::End(_) => {
                if let Some(ended) = self.open.pop() {
                    self.end(ended);
                }
            }
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::Code(text) => self.inline(Inline::Code {
                text: text.into_string(),
            }),
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.inline(Inline::Break),
            Event::Rule => self.block(Block::Rule),
            Event::TaskListMarker(_) => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        match self.open.last_mut() {
            Some(Open::Code(_, lines) | Open::Verbatim(lines)) => lines.push_str(text),
            _ => self.inline(Inline::Text {
                text: text.to_owned(),
            }),
        }
    }

    /// Puts an inline where it stands. Those of a tight list stand in its items without a paragraph.
    fn inline(&mut self, inline: Inline) {
        let Some(Open::Line(_, content) | Open::Blocks(_, _, content)) = self.open.last_mut() else {
            return;
        };
        // What the parser hands out in pieces is one text.
        match (content.last_mut(), inline) {
            (Some(Inline::Text { text }), Inline::Text { text: more }) => text.push_str(&more),
            (_, inline) => content.push(inline),
        }
    }

    fn block(&mut self, block: Block) {
        if let Some(Open::Blocks(_, blocks, loose)) = self.open.last_mut() {
            settle(blocks, loose);
            blocks.push(block);
        }
    }

    /// Puts what has ended into what it stands in.
    fn end(&mut self, ended: Open) {
        match ended {
            Open::Blocks(holder, mut blocks, mut loose) => {
                settle(&mut blocks, &mut loose);
                match (holder, self.open.last_mut()) {
                    (Holder::Item, Some(Open::List(_, items))) => items.push(blocks),
                    (Holder::Quote, _) => self.block(Block::Quote { content: blocks }),
                    (Holder::Item | Holder::Document, _) => {}
                }
            }
            Open::List(start, items) => self.block(Block::List { start, items }),
            Open::Line(line, content) => self.end_line(line, content),
            Open::Code(language, text) => self.block(Block::Code { language, text }),
            Open::Verbatim(text) => {
                let content = vec![Inline::Text {
                    text: text.trim_end().to_owned(),
                }];
                self.block(Block::Paragraph { content });
            }
            Open::Table(columns, head, rows) => self.block(Block::Table { columns, head, rows }),
            Open::Row(kind, mut cells) => {
                if let Some(Open::Table(columns, head, rows)) = self.open.last_mut() {
                    cells.resize(columns.len(), Vec::new());
                    match kind {
                        RowKind::Head => *head = cells,
                        RowKind::Body => rows.push(cells),
                    }
                }
            }
        }
    }

    fn end_line(&mut self, line: Line, content: Vec<Inline>) {
        match line {
            Line::Paragraph => self.block(Block::Paragraph { content }),
            Line::Heading(level) => self.block(Block::Heading { level, content }),
            Line::Cell => {
                if let Some(Open::Row(_, cells)) = self.open.last_mut() {
                    cells.push(content);
                }
            }
            Line::Emphasis => self.inline(Inline::Emphasis { content }),
            Line::Strong => self.inline(Inline::Strong { content }),
            Line::Strikethrough => self.inline(Inline::Strikethrough { content }),
            Line::Link(to) => match to.parse::<SiteLink>() {
                Ok(to) => self.inline(Inline::Link { to, content }),
                Err(reason) => {
                    let left_out = format!("the link {to:?} is left out: {reason}");
                    self.document.left_out.push(left_out);
                    for inline in content {
                        self.inline(inline);
                    }
                }
            },
            Line::Image(name) => {
                let alt = plain(&content);
                match name.parse::<FileName>() {
                    Ok(name) => {
                        self.document.pictures.insert(name.clone());
                        self.inline(Inline::Image { name, alt });
                    }
                    Err(reason) => {
                        let left_out = format!("the picture {name:?} is left out: {reason}");
                        self.document.left_out.push(left_out);
                        self.inline(Inline::Text { text: alt });
                    }
                }
            }
        }
    }

    fn finish(mut self) -> Document {
        if let Some(Open::Blocks(_, mut blocks, mut loose)) = self.open.pop() {
            settle(&mut blocks, &mut loose);
            if let Some(Block::Heading { level: 1, content }) = blocks.first() {
                self.document.title = Some(plain(content));
                blocks.remove(0);
            }
            self.document.content = blocks;
        }
        self.document
    }
}

/// Makes a paragraph of the inlines that stood without one.
fn settle(blocks: &mut Vec<Block>, loose: &mut Vec<Inline>) {
    if !loose.is_empty() {
        blocks.push(Block::Paragraph {
            content: std::mem::take(loose),
        });
    }
}

fn begin(tag: Tag<'_>) -> Open {
    let line = |line| Open::Line(line, Vec::new());
    let blocks = |holder| Open::Blocks(holder, Vec::new(), Vec::new());
    match tag {
        Tag::Paragraph => line(Line::Paragraph),
        Tag::Heading { level, .. } => line(Line::Heading(number(level))),
        Tag::BlockQuote(_) => blocks(Holder::Quote),
        Tag::CodeBlock(kind) => Open::Code(language(&kind), String::new()),
        Tag::List(start) => Open::List(start.and_then(|start| start.try_into().ok()), Vec::new()),
        Tag::Item => blocks(Holder::Item),
        Tag::Table(columns) => {
            let columns = columns.into_iter().map(alignment).collect();
            Open::Table(columns, Vec::new(), Vec::new())
        }
        Tag::TableHead => Open::Row(RowKind::Head, Vec::new()),
        Tag::TableRow => Open::Row(RowKind::Body, Vec::new()),
        Tag::TableCell => line(Line::Cell),
        Tag::Emphasis => line(Line::Emphasis),
        Tag::Strong => line(Line::Strong),
        Tag::Strikethrough => line(Line::Strikethrough),
        Tag::Link {
            link_type, dest_url, ..
        } => {
            let to = dest_url.into_string();
            line(Line::Link(if link_type == LinkType::Email {
                format!("mailto:{to}")
            } else {
                to
            }))
        }
        Tag::Image { dest_url, .. } => line(Line::Image(dest_url.into_string())),
        Tag::HtmlBlock
        | Tag::FootnoteDefinition(_)
        | Tag::DefinitionList
        | Tag::DefinitionListTitle
        | Tag::DefinitionListDefinition
        | Tag::Superscript
        | Tag::Subscript
        | Tag::MetadataBlock(_) => Open::Verbatim(String::new()),
    }
}

const fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The first word behind the fence.
fn language(kind: &CodeBlockKind<'_>) -> Option<String> {
    match kind {
        CodeBlockKind::Indented => None,
        CodeBlockKind::Fenced(info) => info.split_whitespace().next().map(ToOwned::to_owned),
    }
}

fn alignment(alignment: pulldown_cmark::Alignment) -> Alignment {
    match alignment {
        pulldown_cmark::Alignment::None | pulldown_cmark::Alignment::Left => Alignment::Start,
        pulldown_cmark::Alignment::Center => Alignment::Center,
        pulldown_cmark::Alignment::Right => Alignment::End,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn tree(text: &str) -> Value {
        serde_json::to_value(read(text).unwrap().content).unwrap()
    }

    fn text(text: &str) -> Value {
        json!({ "kind": "text", "text": text })
    }

    fn paragraph(content: &[Value]) -> Value {
        json!({ "kind": "paragraph", "content": content })
    }

    #[test]
    fn what_markdown_says_is_in_the_tree() {
        let written = "# Title\n\nOne *two* **three** ~~four~~ `five`\\\nsix [seven](/people) ![lake](lake.png)\n\n\
            2. a\n3. b\n   - c\n\n> quoted\n\n```rust x\nfn\n```\n\n---\n\n| a | b |\n|---|--:|\n| 1 |\n";
        let document = read(written).unwrap();
        assert_eq!(document.title.as_deref(), Some("Title"));
        assert_eq!(document.pictures, BTreeSet::from(["lake.png".parse().unwrap()]));
        assert_eq!(document.left_out, [""; 0]);
        let expected = json!([
            paragraph(&[
                text("One "),
                json!({ "kind": "emphasis", "content": [text("two")] }),
                text(" "),
                json!({ "kind": "strong", "content": [text("three")] }),
                text(" "),
                json!({ "kind": "strikethrough", "content": [text("four")] }),
                text(" "),
                json!({ "kind": "code", "text": "five" }),
                json!({ "kind": "break" }),
                text("six "),
                json!({ "kind": "link", "to": "/people", "content": [text("seven")] }),
                text(" "),
                json!({ "kind": "image", "name": "lake.png", "alt": "lake" }),
            ]),
            { "kind": "list", "start": 2, "items": [
                [paragraph(&[text("a")])],
                [paragraph(&[text("b")]), { "kind": "list", "items": [[paragraph(&[text("c")])]] }],
            ] },
            { "kind": "quote", "content": [paragraph(&[text("quoted")])] },
            { "kind": "code", "language": "rust", "text": "fn\n" },
            { "kind": "rule" },
            { "kind": "table", "columns": ["start", "end"], "head": [[text("a")], [text("b")]],
              "rows": [[[text("1")], []]] },
        ]);
        assert_eq!(serde_json::to_value(document.content).unwrap(), expected);
    }

    #[test]
    fn html_is_text() {
        let html = "<script>alert(1)</script>";
        assert_eq!(tree(html), json!([paragraph(&[text(html)])]));
        assert_eq!(
            tree("a <b onclick=x>c</b> &lt;"),
            json!([paragraph(&[text("a <b onclick=x>c</b> <")])])
        );
    }

    #[test]
    fn a_link_or_a_picture_that_leads_elsewhere_is_its_words() {
        let document =
            read("[a](javascript:alert(1)) ![b](https://evil.example/b.png) ![c](../c.png)").unwrap();
        assert_eq!(
            serde_json::to_value(&document.content).unwrap(),
            json!([paragraph(&[text("a b c")])])
        );
        assert_eq!(document.left_out.len(), 3);
        let mail = tree("<ada@example.org>");
        assert_eq!(mail[0]["content"][0]["to"], "mailto:ada@example.org");
    }

    #[test]
    fn what_stands_too_deep_or_is_too_much_is_refused() {
        let quotes = |depth: usize| format!("{}a", "> ".repeat(depth));
        // With the paragraph.
        assert!(read(&quotes(limits::SITE_TEXT_DEPTH - 1)).is_ok());
        assert_eq!(read(&quotes(limits::SITE_TEXT_DEPTH)), Err(Refused::TooDeep));
        assert_eq!(read(&quotes(100_000)), Err(Refused::TooDeep));
        assert_eq!(read(&"a\n\n".repeat(PARTS)), Err(Refused::TooMuch));
    }
}
