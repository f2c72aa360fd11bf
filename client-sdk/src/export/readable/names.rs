//! Names of files in the ZIP, and text that others have chosen.

/// Bytes of what is kept of a name.
const NAME_BYTES: usize = 100;
/// Characters of what is kept of a chat's title.
const SLUG_CHARACTERS: usize = 40;
/// What a browser that opens it from the disk would run.
const ACTIVE: &[&str] = &[
    "htm", "html", "shtml", "xht", "xhtml", "svg", "svgz", "xml", "xsl", "xslt", "mht", "mhtml", "js", "mjs",
    "hta", "url", "webloc", "desktop", "lnk",
];

/// What a file is called in the ZIP. The number makes it unique, and no name of a device on any system; what could lead elsewhere or
/// is not shown as it stands is replaced.
pub(super) fn file(number: u64, name: &str) -> String {
    let mut safe = String::new();
    for character in name.chars() {
        let character = match character {
            letter if letter.is_alphanumeric() => letter,
            '-' | '_' | '.' | ' ' => character,
            _ => '_',
        };
        if safe.len() + character.len_utf8() > NAME_BYTES {
            break;
        }
        safe.push(character);
    }
    // The end of a long name says what it is.
    if name.len() > NAME_BYTES
        && let Some((_, extension)) = name.rsplit_once('.')
        && (1..=8).contains(&extension.len())
        && extension
            .chars()
            .all(|character| character.is_ascii_alphanumeric())
    {
        safe.push('.');
        safe.push_str(extension);
    }
    let safe = safe.trim_matches([' ', '.']);
    let extension = safe
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase());
    let is_active = extension.is_some_and(|extension| ACTIVE.contains(&extension.as_str()));
    let end = if is_active { ".txt" } else { "" };
    let name = if safe.is_empty() { "file" } else { safe };
    format!("{number:05}-{name}{end}")
}

/// A title as a part of a file's name.
pub(super) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars().flat_map(char::to_lowercase) {
        if character.is_ascii_alphanumeric() {
            slug.push(character);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG_CHARACTERS {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "chat" } else { slug }.to_owned()
}

/// A name or title on one line, without what turns the direction of what stands beside it or cannot be seen.
pub(super) fn line(text: &str) -> String {
    text.chars().map(|character| shown(character, ' ')).collect()
}

/// Several lines, likewise.
pub(super) fn lines(text: &str) -> String {
    text.chars().map(|character| shown(character, '\n')).collect()
}

const fn shown(character: char, line_break: char) -> char {
    match character {
        '\t' => ' ',
        '\n' => line_break,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'
        | '\u{2029}' => '\u{fffd}',
        character => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder_or_hides_what_it_is() {
        for (name, expected) in [
            ("report.pdf", "00007-report.pdf"),
            ("../../etc/passwd", "00007-_.._etc_passwd"),
            ("..\\..\\boot.ini", "00007-_.._boot.ini"),
            ("/root", "00007-_root"),
            ("..", "00007-file"),
            ("CON", "00007-CON"),
            ("a\u{202e}fdp.exe", "00007-a_fdp.exe"),
            ("line\nbreak: \"<b>\".txt", "00007-line_break_ __b__.txt"),
            ("trailing. . ", "00007-trailing"),
            ("page.HTML", "00007-page.HTML.txt"),
            ("drawing.svg", "00007-drawing.svg.txt"),
            ("日本語 Grüße.txt", "00007-日本語 Grüße.txt"),
            ("", "00007-file"),
        ] {
            assert_eq!(file(7, name), expected);
        }
        let long = file(7, &format!("{}.tar", "ü".repeat(200)));
        assert!(long.len() < 120 && long.ends_with("ü.tar"), "{long}");
    }

    #[test]
    fn a_slug_is_plain_ascii() {
        assert_eq!(slug("  Gardeners & Friends! "), "gardeners-friends");
        assert_eq!(slug("../../x"), "x");
        assert_eq!(slug("日本語"), "chat");
        assert_eq!(slug(&"a".repeat(100)).len(), SLUG_CHARACTERS);
    }

    #[test]
    fn what_cannot_be_seen_is_replaced() {
        assert_eq!(line("a\u{202e}b\0c\nd"), "a\u{fffd}b\u{fffd}c d");
        assert_eq!(lines("a\nb\u{2066}"), "a\nb\u{fffd}");
    }
}
