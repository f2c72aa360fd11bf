//! What text is compared as: letters without case and accents, in one form of each, words with one space between them.
//!
//! Each character is folded by itself, whatever stands beside it. So every part of a text folds to a part of the folded text, and what
//! was found there can be shown in the text itself.

/// The most bytes that a byte of text folds to: U+FDFA, of 3 bytes, is four words in Arabic.
pub(super) const MOST_GROWTH: usize = 12;

/// A part of a folded text, and what of the text it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it begins in the folded text.
    pub(super) folded: usize,
    /// Where in the text that begins of which it was made.
    pub(super) start: usize,
    /// Where that ends, with the accents that follow it.
    pub(super) end: usize,
}

/// Appends the folded text to `folded`, which is empty, and says of every piece what it was made of.
///
/// `folded` does not grow in memory if it has [`MOST_GROWTH`] times the room of the text.
pub(super) fn fold(text: &str, folded: &mut String, mut made: impl FnMut(Piece)) {
    let mut last: Option<Piece> = None;
    let mut space: Option<Piece> = None;
    for (start, character) in text.char_indices() {
        let end = start + character.len_utf8();
        if character.is_whitespace() {
            // Of several there is one, and none at the ends.
            space.get_or_insert(Piece {
                folded: folded.len(),
                start,
                end,
            });
            continue;
        }
        let before = folded.len();
        fold_character(character, |folded_character| {
            if let Some(space) = space.take().filter(|_| before > 0) {
                folded.push(' ');
                if let Some(last) = last.replace(Piece { end: start, ..space }) {
                    made(last);
                }
            }
            folded.push(folded_character);
        });
        if folded.len() > before {
            let folded_at = last
                .filter(|last| last.folded == before)
                .map_or(before, |_| before + 1);
            let piece = Piece {
                folded: folded_at,
                start,
                end,
            };
            if let Some(last) = last.replace(piece) {
                made(last);
            }
        } else if let (Some(last), None) = (&mut last, &space) {
            last.end = end;
        }
    }
    if let Some(last) = last {
        made(last);
    }
}

/// Gives what a character is compared as: none, one or some characters.
fn fold_character(character: char, mut give: impl FnMut(char)) {
    if character.is_ascii() {
        return give(character.to_ascii_lowercase());
    }
    if is_alone(character) {
        return give(character);
    }
    decomposed(character, |part| {
        if part.is_whitespace() {
            // Some characters are written as a mark on a space: they do not end a word.
            return;
        }
        for lower in part.to_lowercase().filter(|&lower| !is_passed_over(lower)) {
            match also_written(lower) {
                Some(otherwise) => otherwise.chars().for_each(&mut give),
                None => give(lower),
            }
        }
    });
}

/// Whether it is one of the ideographs that have neither case nor another form: most of what is written in Chinese and Japanese.
const fn is_alone(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{2F7FF}')
}

/// Gives the parts of a character in Unicode's normalization form KD (UAX #15).
#[cfg(not(target_family = "wasm"))]
fn decomposed(character: char, give: impl FnMut(char)) {
    unicode_normalization::char::decompose_compatible(character, give);
}

/// Gives the parts of a character in Unicode's normalization form KD (UAX #15).
#[cfg(target_family = "wasm")]
fn decomposed(character: char, give: impl FnMut(char)) {
    use core::cell::RefCell;
    use std::collections::HashMap;
    thread_local! {
        // The browser has Unicode's tables; it is asked about each character once.
        static KNOWN: RefCell<HashMap<char, Box<str>>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        let parts = known.entry(character).or_insert_with(|| {
            let alone = js_sys::JsString::from(character.to_string());
            let parts: String = alone.normalize("NFKD").into();
            parts.into()
        });
        parts.chars().for_each(give);
    });
}

/// Whether a text reads the same without it: accents and points, which most people do not type when they search, and what only
/// steers how a text is shown. The marks of scripts in which they are vowels are no such marks.
const fn is_passed_over(character: char) -> bool {
    matches!(
        character,
        // Of Latin, Greek and Cyrillic.
        '\u{0300}'..='\u{036F}' | '\u{0483}'..='\u{0489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
        // Hebrew points.
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}' | '\u{05C2}' | '\u{05C4}' | '\u{05C5}' | '\u{05C7}'
        // Arabic vowels and marks, and the line that stretches a word.
        | '\u{0610}'..='\u{061A}' | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06DC}'
        | '\u{06DF}'..='\u{06E4}' | '\u{06E7}' | '\u{06E8}' | '\u{06EA}'..='\u{06ED}' | '\u{08CA}'..='\u{08E1}'
        | '\u{08E3}'..='\u{08FF}'
        // Soft hyphens, joiners, directions, variants.
        | '\u{00AD}' | '\u{061C}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0100}'..='\u{E01EF}'
    )
}

/// How else a lower-case letter or sign is written, by other keyboards, in capitals, or by those who do not have it.
const fn also_written(lower: char) -> Option<&'static str> {
    Some(match lower {
        'ß' => "ss",
        'ς' => "σ",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ł' => "l",
        'ŧ' => "t",
        'þ' => "th",
        'ى' | 'ی' => "ي",
        'ک' => "ك",
        'ة' => "ه",
        '\u{2018}' | '\u{2019}' | '\u{02BC}' => "'",
        '\u{201C}'..='\u{201F}' => "\"",
        '\u{2010}' | '\u{2012}'..='\u{2015}' | '\u{2212}' => "-",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    fn folded(text: &str) -> String {
        let mut folded = String::new();
        fold(text, &mut folded, |_| {});
        folded
    }

    /// Beyond are planes for private use, and such as nothing is in.
    fn every_character() -> impl Iterator<Item = char> {
        ('\0'..='\u{3FFFF}').chain('\u{E0000}'..='\u{E0FFF}')
    }

    #[test]
    fn case_accents_and_width_make_no_difference() {
        for (one, other) in [
            ("STRASSE", "straße"),
            ("Café", "cafe\u{301}"),
            ("ÅNGSTRÖM", "angstrom"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("ΆΓΓΕΛΟΣ", "αγγελος"),
            ("Ёлка", "елка"),
            ("İSTANBUL", "ıstanbul"),
            ("Łódź", "lodz"),
            ("Smørrebrød", "SMORREBROD"),
            ("ＡＢＣ１２３", "abc123"),
            ("ﾃｽﾄ ｶﾞ", "テスト ガ"),
            ("ﬁnal", "final"),
            ("don’t", "don't"),
            ("مُحَمَّد", "محمد"),
            ("أحمد إلى آل", "احمد الي ال"),
            ("کتابی", "كتابي"),
            ("مـــرحبا", "مرحبا"),
            ("שָׁלוֹם", "שלום"),
            ("Việt Nam", "viet nam"),
            ("co\u{ad}operate", "cooperate"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
    }

    #[test]
    fn marks_that_make_another_word_stay() {
        for (one, other) in [("ที่", "ที"), ("かき", "がき"), ("हिन्दी", "हन्दी"), ("কি", "কী")]
        {
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }

    #[test]
    fn a_syllable_of_hangul_begins_as_it_is_typed() {
        assert!(folded("각").starts_with(&folded("가")));
        assert!(folded("한국어").contains(&folded("국")));
    }

    #[test]
    fn words_have_one_space_between_them_and_none_around() {
        assert_eq!(folded(" \n one\t\u{3000} two\r\n"), "one two");
        assert_eq!(folded(" \u{301} "), "");
    }

    #[test]
    fn every_character_is_found_in_capitals_and_by_what_it_folds_to() {
        for character in every_character().filter(|character| !character.is_whitespace()) {
            let text = character.to_string();
            let once = folded(&text);
            assert_eq!(folded(&once), once, "{character:?}");
            assert_eq!(folded(&text.to_lowercase()), once, "{character:?}");
            assert!(once.len() <= MOST_GROWTH * text.len(), "{character:?}");
            // The iota below a letter is a letter of its own in capitals; some Cyrillic letters of old prints are plain ones.
            let is_another =
                text.nfkd().any(|part| part == '\u{345}') || ('\u{1C80}'..='\u{1C8A}').contains(&character);
            if !is_another {
                assert_eq!(folded(&text.to_uppercase()), once, "{character:?}");
            }
        }
    }

    #[test]
    fn every_character_is_found_in_each_of_its_normal_forms() {
        for character in every_character() {
            let once = folded(&character.to_string());
            let forms: [String; 4] = [
                core::iter::once(character).nfc().collect(),
                core::iter::once(character).nfd().collect(),
                core::iter::once(character).nfkc().collect(),
                core::iter::once(character).nfkd().collect(),
            ];
            // A mark that stands alone has a space to stand on in its compatible forms.
            for form in forms.iter().filter(|form| !form.contains(' ')) {
                assert_eq!(folded(form), once, "{character:?} {form:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn pieces_cover_the_folded_text_and_stand_in_order_in_the_text(text in "(\\PC|[ \t\u{301}\u{200d}éß각ﷺ]){0,40}") {
            let mut folded = String::new();
            let mut pieces = Vec::new();
            fold(&text, &mut folded, |piece| pieces.push(piece));
            prop_assert_eq!(pieces.is_empty(), folded.is_empty());
            prop_assert_eq!(pieces.first().map_or(0, |piece| piece.folded), 0);
            for pair in pieces.windows(2) {
                prop_assert!(pair[0].folded < pair[1].folded);
                prop_assert!(pair[0].end <= pair[1].start);
            }
            for piece in &pieces {
                prop_assert!(folded.is_char_boundary(piece.folded));
                prop_assert!(piece.start < piece.end);
                prop_assert!(text.get(piece.start..piece.end).is_some());
            }
        }
    }
}
