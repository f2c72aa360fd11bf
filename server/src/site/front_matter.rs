//! What stands before a text, between two lines of hyphens:
//!
//! ```text
//! ---
//! title: We have moved
//! draft: true
//! ---
//! ```

/// What stands before a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FrontMatter {
    /// The title, in place of the first heading.
    pub(super) title: Option<String>,
    /// Whether the text is not to be shown yet.
    pub(super) is_draft: bool,
}

/// It cannot be read. The text is not shown: a misspelt `draft` must not publish one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("the lines between --- and --- have no end")]
    NoEnd,
    #[error("before the text stands {0:?}, where only title: … and draft: true or false may stand")]
    Line(String),
}

const FENCE: &str = "---";

/// Parts a file into what stands before the text and the text.
pub(super) fn split(file: &str) -> Result<(FrontMatter, &str), Malformed> {
    let file = file.strip_prefix('\u{feff}').unwrap_or(file);
    let mut front = FrontMatter::default();
    let mut lines = file.split_inclusive('\n');
    let first = lines.next().unwrap_or_default();
    if first.trim_end() != FENCE {
        return Ok((front, file));
    }
    let mut length = first.len();
    for line in lines {
        length += line.len();
        let line = line.trim();
        if line == FENCE {
            return Ok((front, file.get(length..).unwrap_or_default()));
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let refused = || Malformed::Line(line.chars().take(60).collect());
        let (key, value) = line.split_once(':').ok_or_else(refused)?;
        match (key.trim_end(), unquoted(value.trim())) {
            ("title", title) if !title.is_empty() => front.title = Some(title.to_owned()),
            ("draft", "true") => front.is_draft = true,
            ("draft", "false") => front.is_draft = false,
            _ => return Err(refused()),
        }
    }
    Err(Malformed::NoEnd)
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_text_is_told_from_it() {
        let (front, text) =
            split("---\r\ntitle: \"We: moved\"\r\n# why\r\ndraft: true\r\n---\r\nText").unwrap();
        let expected = FrontMatter {
            title: Some("We: moved".to_owned()),
            is_draft: true,
        };
        assert_eq!((front, text), (expected, "Text"));
        for text in ["Text", "", "--- a\n---\n", "\n---\ndraft: true\n---\n"] {
            assert_eq!(split(text), Ok((FrontMatter::default(), text)));
        }
    }

    #[test]
    fn a_misspelt_line_publishes_nothing() {
        for line in [
            "drafft: true",
            "draft: yes",
            "draft",
            "title:",
            "date: 2026-11-20",
        ] {
            let file = format!("---\n{line}\n---\nText");
            assert_eq!(split(&file), Err(Malformed::Line(line.to_owned())));
        }
        assert_eq!(
            split("---\ndraft: true\nText"),
            Err(Malformed::Line("Text".to_owned()))
        );
        assert_eq!(split("---\ndraft: true\n"), Err(Malformed::NoEnd));
    }
}
