//! Other people's text on a terminal.
//!
//! A terminal obeys what it is shown: an escape sequence in a message could rename the window, hide lines, or forge other
//! people's messages. Nothing that is not text gets through.

use crate::moment::day;
use crate::retention::kept;

use sotto_client_sdk::protocol::Timestamp;
use sotto_client_sdk::{Approvers, GrantedHistory, GroupChange, Inviters, JoinPolicy, Role, Whom};

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

/// What a member has changed in a group, as words that follow its name.
pub(crate) fn group_changes(changes: &[GroupChange]) -> Vec<String> {
    let name = |whom: &Whom| {
        whom.name
            .as_ref()
            .map_or_else(|| "somebody".to_owned(), ToString::to_string)
    };
    changes
        .iter()
        .map(|change| match change {
            GroupChange::Added(whom) => format!("has added {}", name(whom)),
            GroupChange::Joined(_) => "has joined".to_owned(),
            GroupChange::Removed(whom) => format!("has removed {}", name(whom)),
            GroupChange::Left(whom) => format!("says goodbye to {}, who has left", name(whom)),
            GroupChange::Role { account, role } => {
                format!("has made {} {}", name(account), self::role(*role))
            }
            GroupChange::JoinPolicy(policy) => format!("lets newcomers in otherwise: {}", joining(*policy)),
            GroupChange::Listed(true) => "has made the group public: anyone can find it".to_owned(),
            GroupChange::Listed(false) => "has made the group private: nobody can find it".to_owned(),
            GroupChange::Retention(retention) => format!("has set that messages are {}", kept(*retention)),
            GroupChange::Banned(whom) => format!("has banned {}", name(whom)),
            GroupChange::Unbanned(whom) => format!("has lifted the ban on {}", name(whom)),
            GroupChange::Title(title) => format!("has renamed the group: {}", line(title)),
            GroupChange::Picture => "has changed the group's picture".to_owned(),
            GroupChange::Refused => {
                "had made a change that others could not accept: it was taken back".to_owned()
            }
            GroupChange::Rejoined => "has joined anew on a device that could not follow the chat".to_owned(),
            GroupChange::LinkMade => "has made an invite link".to_owned(),
            GroupChange::LinkRevoked => "has revoked an invite link".to_owned(),
            GroupChange::History(history) => format!("has set that newcomers see {}", granted(*history)),
        })
        .collect()
}

/// What newcomers to a group are given of what was said before.
pub(crate) fn granted(history: GrantedHistory) -> String {
    match history {
        GrantedHistory::None => "nothing that was said before they came".to_owned(),
        GrantedHistory::Since(Timestamp(0)) => "everything that was said".to_owned(),
        GrantedHistory::Since(at) => format!("what was said since {}", day(at)),
    }
}

pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::Owner => "the owner",
        Role::Admin => "an admin",
        Role::Member => "a member",
    }
}

/// How newcomers get in.
pub(crate) fn joining(policy: JoinPolicy) -> String {
    match policy {
        JoinPolicy::Invite { by: Inviters::Admins } => "admins add people".to_owned(),
        JoinPolicy::Invite {
            by: Inviters::Members,
        } => "every member can add people".to_owned(),
        JoinPolicy::Approval {
            by: Approvers::AnyAdmin,
        } => "people ask, and an admin approves".to_owned(),
        JoinPolicy::Approval {
            by: Approvers::AnyMember,
        } => "people ask, and a member approves".to_owned(),
        JoinPolicy::Approval {
            by: Approvers::Members(number),
        } => format!("people ask, and {number} members approve"),
        JoinPolicy::Open => "anyone can join".to_owned(),
    }
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
