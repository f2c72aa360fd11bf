//! The tree as HTML: for the feed, as readers of feeds know nothing else. Whatever stands in it is escaped.

use maud::{Markup, html};
use sotto_protocol::rest::site::{Alignment, Block, Inline};

/// The blocks as HTML, with addresses of this server after `base`.
pub(super) fn html(blocks: &[Block], base: &str) -> String {
    self::blocks(blocks, base).into_string()
}

fn blocks(blocks: &[Block], base: &str) -> Markup {
    html! {
        @for block in blocks {
            (self::block(block, base))
        }
    }
}

fn block(block: &Block, base: &str) -> Markup {
    match block {
        Block::Heading { level, content } => heading(*level, &inlines(content, base)),
        Block::Paragraph { content } => html! { p { (inlines(content, base)) } },
        Block::List { start, items } => {
            let items = html! { @for item in items { li { (blocks(item, base)) } } };
            if let Some(start) = start {
                html! { ol start=(start) { (items) } }
            } else {
                html! { ul { (items) } }
            }
        }
        Block::Quote { content } => html! { blockquote { (blocks(content, base)) } },
        Block::Code { text, .. } => html! { pre { code { (text) } } },
        Block::Table { columns, head, rows } => {
            let cells = |cells: &[Vec<Inline>], is_head: bool| {
                html! {
                    tr {
                        @for (cell, alignment) in cells.iter().zip(columns) {
                            @if is_head {
                                th align=[aligned(*alignment)] { (inlines(cell, base)) }
                            } @else {
                                td align=[aligned(*alignment)] { (inlines(cell, base)) }
                            }
                        }
                    }
                }
            };
            html! {
                table {
                    thead { (cells(head, true)) }
                    tbody { @for row in rows { (cells(row, false)) } }
                }
            }
        }
        Block::Rule => html! { hr; },
    }
}

fn heading(level: u8, content: &Markup) -> Markup {
    match level {
        // The title of the entry is the first.
        0..=2 => html! { h2 { (content) } },
        3 => html! { h3 { (content) } },
        4 => html! { h4 { (content) } },
        5 => html! { h5 { (content) } },
        6.. => html! { h6 { (content) } },
    }
}

const fn aligned(alignment: Alignment) -> Option<&'static str> {
    match alignment {
        Alignment::Start => None,
        Alignment::Center => Some("center"),
        Alignment::End => Some("right"),
    }
}

fn inlines(content: &[Inline], base: &str) -> Markup {
    html! {
        @for inline in content {
            (self::inline(inline, base))
        }
    }
}

fn inline(inline: &Inline, base: &str) -> Markup {
    match inline {
        Inline::Text { text } => html! { (text) },
        Inline::Emphasis { content } => html! { em { (inlines(content, base)) } },
        Inline::Strong { content } => html! { strong { (inlines(content, base)) } },
        Inline::Strikethrough { content } => html! { del { (inlines(content, base)) } },
        Inline::Code { text } => html! { code { (text) } },
        Inline::Link { to, content } => {
            html! { a href=(absolute(to.as_str(), base)) { (inlines(content, base)) } }
        }
        Inline::Image { name, alt } => {
            html! { img src=(absolute(&format!("/v1/site/file/{name}"), base)) alt=(alt); }
        }
        Inline::Break => html! { br; },
    }
}

fn absolute(to: &str, base: &str) -> String {
    if to.starts_with('/') {
        format!("{base}{to}")
    } else {
        to.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::markdown;

    #[test]
    fn what_stands_in_the_tree_is_escaped_and_leads_to_the_server() {
        let text =
            "<script>alert(1)</script>\n\n## A & *b*\n\n![\"c\"](c.png) [d](/d)\n\n| e |\n|--:|\n| f |\n";
        let content = markdown::read(text).unwrap().content;
        assert_eq!(
            html(&content, "https://chat.example.org"),
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p><h2>A &amp; <em>b</em></h2>\
             <p><img src=\"https://chat.example.org/v1/site/file/c.png\" alt=\"&quot;c&quot;\"> \
             <a href=\"https://chat.example.org/d\">d</a></p>\
             <table><thead><tr><th align=\"right\">e</th></tr></thead>\
             <tbody><tr><td align=\"right\">f</td></tr></tbody></table>"
        );
    }
}
