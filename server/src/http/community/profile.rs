//! What a community may say about itself.

use crate::http::HttpProblem;
use sotto_protocol::{ProblemCode, limits};

/// Whether this can be a community's title.
pub(super) fn check_title(title: &str) -> Result<(), HttpProblem> {
    check("title", title, limits::COMMUNITY_TITLE_BYTES, is_shown)?;
    if title.trim().is_empty() || title.trim() != title {
        return Err(HttpProblem::invalid_request(
            "title: some text without spaces around it",
        ));
    }
    Ok(())
}

/// Whether this can be where a community is, in its own words.
pub(super) fn check_place(place: &str) -> Result<(), HttpProblem> {
    check("place", place, limits::PLACE_BYTES, is_shown)
}

/// Whether this can be what a community says about itself.
pub(super) fn check_description(description: &str) -> Result<(), HttpProblem> {
    check(
        "description",
        description,
        limits::COMMUNITY_DESCRIPTION_BYTES,
        |c| is_shown(c) || c == '\n',
    )
}

/// Whether a community can be about this, on a server that offers these topics.
pub(super) fn check_topics(topics: &[String], offered: &[String]) -> Result<(), HttpProblem> {
    if !(1..=limits::COMMUNITY_TOPICS).contains(&topics.len()) {
        return Err(HttpProblem::invalid_request(format!(
            "topics: 1 to {}",
            limits::COMMUNITY_TOPICS
        )));
    }
    for (number, topic) in topics.iter().enumerate() {
        if !offered.contains(topic) {
            return Err(HttpProblem::invalid_request(
                "topics: only those that the server offers",
            ));
        }
        if topics.iter().take(number).any(|other| other == topic) {
            return Err(HttpProblem::invalid_request("topics: each once"));
        }
    }
    Ok(())
}

/// Searches go by texts: none has the character that stands behind all others there.
fn is_shown(c: char) -> bool {
    !c.is_control() && c != char::MAX
}

fn check(
    member: &str,
    text: &str,
    bytes_max: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<(), HttpProblem> {
    if text.len() > bytes_max {
        Err(ProblemCode::TooLarge.into())
    } else if text.chars().all(allowed) {
        Ok(())
    } else {
        Err(HttpProblem::invalid_request(format!(
            "{member}: control characters are not allowed"
        )))
    }
}
