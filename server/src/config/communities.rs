//! `[communities]`: what communities can be about.

use super::InvalidValue;
use serde::{Deserialize, Serialize};
use sotto_protocol::limits;

/// What communities can be about, unless the operator says otherwise.
const TOPICS: [&str; 24] = [
    "animals",
    "art",
    "books",
    "business",
    "culture",
    "education",
    "environment",
    "family",
    "film",
    "food",
    "games",
    "health",
    "history",
    "home and garden",
    "languages",
    "music",
    "neighbourhood",
    "photography",
    "politics",
    "religion",
    "science",
    "sport",
    "technology",
    "travel",
];

/// Communities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Communities {
    /// What communities can be about: 1 to 100 topics, as people read them. Communities that are about one that is taken out of the
    /// list stay so until they say something else.
    pub topics: Vec<String>,
}

impl Default for Communities {
    fn default() -> Self {
        Self {
            topics: TOPICS.map(str::to_owned).into(),
        }
    }
}

impl Communities {
    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        let invalid = |reason: String| Err(InvalidValue::new("communities.topics", reason));
        if !(1..=limits::TOPICS).contains(&self.topics.len()) {
            return invalid(format!("1 to {} topics", limits::TOPICS));
        }
        for (number, topic) in self.topics.iter().enumerate() {
            let fits = (1..=limits::TOPIC_BYTES).contains(&topic.len());
            if !fits || topic.trim() != topic || topic.chars().any(char::is_control) {
                return invalid(format!(
                    "each of 1 to {} bytes, in one line, without spaces around it",
                    limits::TOPIC_BYTES
                ));
            }
            if self.topics.iter().take(number).any(|other| other == topic) {
                return invalid(format!("{topic:?} is there twice"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_lines_each_once() {
        let with = |topics: &[&str]| Communities {
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
        };
        assert_eq!(Communities::default().validate(), Ok(()));
        assert_eq!(with(&["スポーツ"]).validate(), Ok(()));
        for wrong in [
            with(&[]),
            with(&["a", "a"]),
            with(&[" a"]),
            with(&["a\nb"]),
            with(&[""]),
            with(&[&"a".repeat(65)]),
        ] {
            assert_eq!(wrong.validate().unwrap_err().key, "communities.topics");
        }
    }
}
