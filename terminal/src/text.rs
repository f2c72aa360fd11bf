//! Other people's text on a terminal.
//!
//! A terminal obeys what it is shown: an escape sequence in a message could rename the window, hide lines, or forge other
//! people's messages. Nothing that is not text gets through.

/// The text with everything that a terminal would obey replaced, line by line.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().map(line)
}

/// The text on one line.
pub(crate) fn line(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' => ' ',
            // C0, DEL and C1 controls.
            control if control.is_control() => '\u{fffd}',
            // What turns the direction of the text after it, and lines that are not ours.
            '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'
            | '\u{2029}' => '\u{fffd}',
            character => character,
        })
        .collect()
}

/// The first words of the text, on one line.
pub(crate) fn beginning(text: &str, characters: usize) -> String {
    let whole = line(text.trim().lines().next().unwrap_or_default());
    let more = text.trim().lines().nth(1).is_some() || whole.chars().count() > characters;
    let mut short: String = whole.chars().take(characters).collect();
    if more {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert_eq!(
            line("\x1b]0;root\x07hi\x1b[2J\u{9b}31m"),
            "\u{fffd}]0;root\u{fffd}hi\u{fffd}[2J\u{fffd}31m"
        );
        assert_eq!(line("a\rb\tc\u{202e}d"), "a\u{fffd}b c\u{fffd}d");
    }

    #[test]
    fn scripts_and_emoji_stay_as_they_are() {
        for text in ["Grüße", "こんにちは", "مرحبا", "🏳️‍🌈 ok", "हिन्दी"] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn a_beginning_is_cut_between_characters_and_says_so() {
        assert_eq!(beginning("  short  ", 10), "short");
        assert_eq!(beginning("🙂🙂🙂", 2), "🙂🙂…");
        assert_eq!(beginning("one\ntwo", 10), "one…");
        assert_eq!(beginning("", 10), "");
    }
}
