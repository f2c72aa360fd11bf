//! What a query's text asks for.

use super::fold::{self, Piece, fold};
use core::ops::Range;
use memchr::memmem::Finder;
use zeroize::Zeroizing;

/// What begins or ends a phrase, on whatever keyboard.
const QUOTES: [char; 8] = [
    '"', '\u{201C}', '\u{201D}', '\u{201E}', '\u{201F}', '«', '»', '\u{FF02}',
];

/// The words and phrases of a query, folded. A text matches if all are in it, each anywhere, also within a word: most of the world's
/// scripts do not say where one begins, and a beginning is the most that anybody types.
pub(super) struct Terms(Vec<Finder<'static>>);

impl Terms {
    /// Words are apart by spaces; what stands between quotation marks is one phrase. A mark that is not closed holds to the end.
    pub(super) fn of(text: &str) -> Self {
        let mut terms = Vec::new();
        for (number, part) in text.split(QUOTES).enumerate() {
            if number % 2 == 1 {
                terms.push(folded(part));
            } else {
                terms.extend(part.split_whitespace().map(folded));
            }
        }
        terms.retain(|term| !term.is_empty());
        // The longest is the rarest, as a rule: what does not have it is passed over soonest.
        terms.sort_by(|one, other| {
            other
                .len()
                .cmp(&one.len())
                .then_with(|| one.as_str().cmp(other.as_str()))
        });
        terms.dedup();
        let finders = terms.iter().map(|term| Finder::new(term.as_bytes()).into_owned());
        Self(finders.collect())
    }

    /// Whether nothing is asked for.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all are in a folded text.
    pub(super) fn are_in(&self, folded: &[u8]) -> bool {
        self.0.iter().all(|term| term.find(folded).is_some())
    }

    /// Where in a text they are: ranges of its bytes that do not touch, in their order. `None` if it does not have them all.
    pub(super) fn marks(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let mut folded = folding_room(text);
        let mut pieces = Vec::new();
        fold(text, &mut folded, |piece| pieces.push(piece));
        if !self.are_in(folded.as_bytes()) {
            return None;
        }
        let places = self.0.iter().flat_map(|term| {
            let length = term.needle().len();
            let starts = term.find_iter(folded.as_bytes());
            starts.map(move |start| start..start + length)
        });
        let mut marks: Vec<Range<usize>> = places.filter_map(|place| unfolded(&pieces, &place)).collect();
        marks.sort_by_key(|mark| (mark.start, mark.end));
        marks.dedup_by(|next, mark| {
            let touches = next.start <= mark.end;
            if touches {
                mark.end = mark.end.max(next.end);
            }
            touches
        });
        Some(marks)
    }
}

fn folded(text: &str) -> Zeroizing<String> {
    let mut folded = folding_room(text);
    fold(text, &mut folded, |_| {});
    folded
}

/// Room for the folded text at once: a string that grows leaves copies behind that nobody wipes.
pub(super) fn folding_room(text: &str) -> Zeroizing<String> {
    let growth = if text.is_ascii() { 1 } else { fold::MOST_GROWTH };
    Zeroizing::new(String::with_capacity(text.len() * growth))
}

/// What of a text a part of the folded text was made of.
fn unfolded(pieces: &[Piece], place: &Range<usize>) -> Option<Range<usize>> {
    let first = pieces.partition_point(|piece| piece.folded <= place.start);
    let beyond = pieces.partition_point(|piece| piece.folded < place.end);
    let start = pieces.get(first.checked_sub(1)?)?.start;
    let end = pieces.get(beyond.checked_sub(1)?)?.end;
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization as _;

    /// What a query marks in a text.
    fn marked<'a>(query: &str, text: &'a str) -> Option<Vec<&'a str>> {
        let marks = Terms::of(query).marks(text)?;
        Some(marks.into_iter().map(|mark| &text[mark]).collect())
    }

    #[test]
    fn all_words_have_to_be_there_in_whatever_order() {
        let text = "The garden is full of roses";
        assert_eq!(marked("rose GARDEN", text), Some(vec!["garden", "rose"]));
        assert_eq!(marked("rose tulip", text), None);
        assert_eq!(marked("ard", text), Some(vec!["ard"]));
    }

    #[test]
    fn a_phrase_stands_together_across_lines_too() {
        assert_eq!(
            marked("\"full of roses\"", "full\n of  roses"),
            Some(vec!["full\n of  roses"])
        );
        assert_eq!(marked("\"roses full\"", "full of roses, roses"), None);
        for quoted in [
            "“full of”",
            "„full of“",
            "«full of»",
            "\"full of",
            "is \"full of\"",
        ] {
            assert!(marked(quoted, "it is full of roses").is_some(), "{quoted}");
            assert!(marked(quoted, "of it is full").is_none(), "{quoted}");
        }
    }

    #[test]
    fn what_is_marked_is_what_the_text_has() {
        assert_eq!(
            marked("cafe", "Cafe\u{301} Café"),
            Some(vec!["Cafe\u{301}", "Café"])
        );
        assert_eq!(marked("strasse", "Straße!"), Some(vec!["Straße"]));
        assert_eq!(marked("fi", "ﬁne"), Some(vec!["ﬁ"]));
        assert_eq!(marked("東京", "私は東京に住む"), Some(vec!["東京"]));
        assert_eq!(marked("ﾃｽﾄ", "これはテストです"), Some(vec!["テスト"]));
        assert_eq!(marked("가", "각자"), Some(vec!["각"]));
        assert_eq!(marked("محمد", "قال مُحَمَّد"), Some(vec!["مُحَمَّد"]));
        assert_eq!(marked("กรุงเทพ", "ผมอยู่กรุงเทพฯ"), Some(vec!["กรุงเทพ"]));
        assert_eq!(marked("👍", "ok 👍🏽"), Some(vec!["👍"]));
    }

    #[test]
    fn marks_that_touch_are_one() {
        assert_eq!(marked("ab bc cd", "xabcdx"), Some(vec!["abcd"]));
        assert_eq!(marked("a", "aa b a"), Some(vec!["aa", "a"]));
    }

    #[test]
    fn spaces_quotes_and_lone_accents_ask_for_nothing() {
        for nothing in ["", "  ", "\"", "\" \"", "\u{301}", "“”"] {
            assert!(Terms::of(nothing).is_empty(), "{nothing:?}");
        }
    }

    /// Text of many scripts, with spaces, and without quotation marks.
    fn text() -> impl Strategy<Value = String> {
        "([a-zA-Z]|[àÉîßøŁſ]|[а-яЁй]|[α-ωΆς]|[\u{5d0}-\u{5ea}\u{5b0}-\u{5bc}]|[\u{621}-\u{652}ﷺ]|[ก-์]|[\u{905}-\u{94d}]|[あ-んァ-ヶｱ-ﾟ]|[一-龥]|[가-힣]|[Ａ-ｚ]|[😀-😎]|[ \n\u{301}\u{200d}\u{ad}]){1,24}"
    }

    proptest! {
        #[test]
        fn every_part_of_a_text_is_found_in_it((text, start, end) in text().prop_flat_map(|text| {
            let length = text.chars().count();
            (Just(text), 0..length, 1..=length)
        })) {
            let part: String = text.chars().skip(start).take(end).collect();
            let terms = Terms::of(&format!("\"{part}\""));
            let marks = terms.marks(&text);
            prop_assert!(marks.is_some(), "{part:?} in {text:?}");
            prop_assert_eq!(terms.is_empty(), marks.unwrap().is_empty());
        }

        #[test]
        fn what_a_plain_reading_finds_is_found_and_nothing_else(text in "[abc ]{0,12}", query in "[abc ]{0,6}") {
            let found = Terms::of(&query).marks(&text).is_some();
            prop_assert_eq!(found, query.split_whitespace().all(|word| text.contains(word)));
        }

        #[test]
        fn a_text_and_a_query_are_found_in_whatever_form_they_are_typed(text in text(), other in text()) {
            let composed: String = text.nfc().collect();
            let whole = Terms::of(&format!("\"{composed}\""));
            let apart: String = text.nfd().collect();
            prop_assert_eq!(whole.marks(&text).is_some(), whole.marks(&apart).is_some());
            let query = Terms::of(&other);
            prop_assert_eq!(query.marks(&text).is_some(), query.are_in(folded(&text).as_bytes()));
        }

        #[test]
        fn marks_are_apart_and_in_order(text in text(), query in "[a-zé가一]{1,2}( [a-zé]{1,2})?") {
            let marks = Terms::of(&query).marks(&text).unwrap_or_default();
            for pair in marks.windows(2) {
                prop_assert!(pair[0].end < pair[1].start);
            }
            for mark in marks {
                prop_assert!(text.get(mark).is_some_and(|marked| !marked.is_empty()));
            }
        }
    }
}
