//! What a community is found by.

use super::{CommunityPosition, CommunityProfile, FoundCommunities};
use crate::store::people::grams::{Field, grams_of};
use crate::store::people::search::Page;
use crate::store::people::{Entry, folded};
use sotto_protocol::rest::community::ListedCommunity;
use sotto_protocol::{CoarseLocation, CommunityId};
use std::collections::BTreeSet;

/// Around and between topics where they are one text: no topic has it.
const BETWEEN: char = '\u{1F}';

/// What a community is found by, folded. To a search it is somebody whose display name is the title, and whose name is where the
/// title stands among the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct CommunityEntry {
    pub(in crate::store) entry: Entry,
    pub(in crate::store) topics: String,
}

impl CommunityEntry {
    pub(in crate::store) fn of(community: CommunityId, profile: &CommunityProfile) -> Self {
        let CommunityProfile {
            title,
            topics,
            place,
            location,
            description,
        } = profile;
        let title = folded(title);
        Self {
            entry: Entry {
                name: key(&title, community),
                display_name: title,
                words: folded(&format!("{description}{BETWEEN}{place}")),
                cell: location.map(CoarseLocation::cell),
            },
            topics: joined_topics(topics),
        }
    }
}

/// The grams of what a community is found by: not of its name, which says nothing beside the title.
pub(in crate::store) fn community_grams(entry: &Entry) -> BTreeSet<i32> {
    let mut grams = grams_of(Field::DisplayName, &entry.display_name);
    grams.append(&mut grams_of(Field::Words, &entry.words));
    grams
}

/// Where a title stands among the others: each community has a place of its own, also beside one of the same title. The id is
/// written in control characters, of which no title and no query has any: nobody finds a community by a piece of its id.
fn key(title: &str, community: CommunityId) -> String {
    let nibbles = community
        .as_bytes()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xF]);
    title
        .chars()
        .chain(nibbles.map(|nibble| char::from(nibble + 1)))
        .collect()
}

/// Topics as one text, in which each stands between the same characters.
pub(in crate::store) fn joined_topics(topics: &[String]) -> String {
    let mut joined = String::from(BETWEEN);
    for topic in topics {
        joined.push_str(topic);
        joined.push(BETWEEN);
    }
    joined
}

/// What a text of topics has that has this one.
pub(in crate::store) fn topic_pattern(topic: &str) -> String {
    format!("{BETWEEN}{topic}{BETWEEN}")
}

/// The topics in a text of them.
pub(in crate::store) fn split_topics(joined: &str) -> Vec<String> {
    joined
        .split(BETWEEN)
        .filter(|topic| !topic.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What a search for communities answers.
pub(in crate::store) fn found_page(page: Page<ListedCommunity>) -> FoundCommunities {
    let communities = page.found.into_iter().map(|(community, place)| ListedCommunity {
        distance_km: place.km(),
        ..community
    });
    FoundCommunities {
        communities: communities.collect(),
        next: page.next.map(CommunityPosition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn communities_of_one_title_have_places_of_their_own_that_no_query_is_part_of() {
        let of = |byte| {
            let profile = CommunityProfile {
                title: "Ab".to_owned(),
                topics: Vec::new(),
                place: String::new(),
                location: None,
                description: String::new(),
            };
            CommunityEntry::of(CommunityId::from_bytes([byte; 16]), &profile)
        };
        let (one, other) = (of(0xAB), of(0xFF));
        assert!(one.entry.name < other.entry.name);
        assert!(one.entry.name.starts_with("ab") && *one.entry.name < *"aba");
        assert!(one.entry.name.chars().skip(2).all(char::is_control));
    }

    #[test]
    fn topics_are_read_as_they_were_written() {
        let topics = ["music".to_owned(), "art and craft".to_owned()];
        let joined = joined_topics(&topics);
        assert_eq!(split_topics(&joined), topics);
        assert!(joined.contains(&topic_pattern("music")) && !joined.contains(&topic_pattern("art")));
        assert_eq!(split_topics(&joined_topics(&[])), Vec::<String>::new());
    }
}
