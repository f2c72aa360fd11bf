//! Formatted text as a tree: what a server makes of an operator's Markdown, so that no markup ever reaches a client.

use super::{FileName, SiteLink};
use serde::{Deserialize, Serialize};

/// A block of formatted text. At most [`crate::limits::SITE_TEXT_DEPTH`] blocks and inlines stand in each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Block {
    /// A heading.
    Heading {
        /// From 1, the highest, to 6.
        level: u8,
        /// Its words.
        content: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph {
        /// Its words.
        content: Vec<Inline>,
    },
    /// A list.
    List {
        /// The number of the first item, of a numbered list.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start: Option<u32>,
        /// The items.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        items: Vec<Vec<Block>>,
    },
    /// What somebody else says.
    Quote {
        /// What they say.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        content: Vec<Block>,
    },
    /// Lines that stand as they were written.
    Code {
        /// The language that they are in, if it was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// The lines.
        text: String,
    },
    /// A table.
    Table {
        /// How each column is aligned: one for each.
        columns: Vec<Alignment>,
        /// The cells of its head: one for each column.
        head: Vec<Vec<Inline>>,
        /// The cells of each row: one for each column.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A line between what stands before and what comes after.
    Rule,
}

/// Words, and what stands among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Inline {
    /// Words.
    Text {
        /// The words. Angle brackets among them are angle brackets.
        text: String,
    },
    /// Words with stress.
    Emphasis {
        /// The words.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        content: Vec<Inline>,
    },
    /// Words that matter.
    Strong {
        /// The words.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        content: Vec<Inline>,
    },
    /// Words that do not hold any more.
    Strikethrough {
        /// The words.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        content: Vec<Inline>,
    },
    /// Something that is written as it stands.
    Code {
        /// What is written.
        text: String,
    },
    /// A link.
    Link {
        /// Where it leads.
        to: SiteLink,
        /// The words that lead there. No link is in them.
        #[cfg_attr(feature = "openapi", schema(no_recursion))]
        content: Vec<Inline>,
    },
    /// A picture of `GET /v1/site/file/{name}`.
    Image {
        /// The file's name.
        name: FileName,
        /// What it shows, for who does not see it.
        alt: String,
    },
    /// The end of a line.
    Break,
}

/// How a column of a table is aligned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Alignment {
    /// As the language has it.
    #[default]
    Start,
    /// In the middle.
    Center,
    /// At the other side.
    End,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tree_is_json_with_the_kind_of_each_part() {
        let text = |text: &str| Inline::Text {
            text: text.to_owned(),
        };
        let blocks = vec![
            Block::Paragraph {
                content: vec![
                    text("See "),
                    Inline::Link {
                        to: "/news".parse().unwrap(),
                        content: vec![text("news")],
                    },
                    Inline::Break,
                ],
            },
            Block::List {
                start: None,
                items: vec![vec![Block::Rule]],
            },
        ];
        let written = json!([
            { "kind": "paragraph", "content": [
                { "kind": "text", "text": "See " },
                { "kind": "link", "to": "/news", "content": [{ "kind": "text", "text": "news" }] },
                { "kind": "break" },
            ] },
            { "kind": "list", "items": [[{ "kind": "rule" }]] },
        ]);
        assert_eq!(serde_json::to_value(&blocks).unwrap(), written);
        assert_eq!(serde_json::from_value::<Vec<Block>>(written).unwrap(), blocks);
    }

    #[test]
    fn a_tree_that_leads_elsewhere_is_none() {
        for part in [
            json!({ "kind": "link", "to": "javascript:alert(1)", "content": [] }),
            json!({ "kind": "image", "name": "../a.png", "alt": "" }),
            json!({ "kind": "html", "text": "<b>" }),
        ] {
            assert!(serde_json::from_value::<Inline>(part.clone()).is_err(), "{part}");
        }
    }
}
