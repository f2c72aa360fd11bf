//! What is shown, and where: messages and answers on the output, everything about them on the error output.

use crate::commands::described;
use crate::receipts;
use crate::retention::duration;
use crate::text;
use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};
use rustyline::ExternalPrinter;
use sotto_client_sdk::protocol::{Retention, Timestamp};
use sotto_client_sdk::{Answered, Body, Message, MessageState, Reactions};
use std::io::{self, IsTerminal as _, Write as _};

/// Where a command writes.
pub(crate) struct Screen {
    /// Writes above the line that is being typed, if one is.
    above_prompt: Option<Box<dyn ExternalPrinter + Send>>,
    output: Style,
    notes: Style,
    zone: TimeZone,
    /// The day of the last message shown.
    day: Option<jiff::civil::Date>,
}

/// Whether something is written in colours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Coloured,
}

/// How a piece of text looks.
#[derive(Clone, Copy)]
enum Look {
    Faint,
    Own,
    Other,
    Loud,
}

impl Style {
    fn of(terminal: bool) -> Self {
        // https://no-color.org
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if terminal && !unwanted {
            Self::Coloured
        } else {
            Self::Plain
        }
    }

    fn paint(self, look: Look, text: &str) -> String {
        let code = match look {
            Look::Faint => "2",
            Look::Own => "1;34",
            Look::Other => "1;32",
            Look::Loud => "1;31",
        };
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured if text.is_empty() => String::new(),
            Self::Coloured => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}

impl Screen {
    pub(crate) fn new() -> Self {
        Self {
            above_prompt: None,
            output: Style::of(io::stdout().is_terminal()),
            notes: Style::of(io::stderr().is_terminal()),
            zone: TimeZone::system(),
            day: None,
        }
    }

    /// From now on a line is being typed, and this writes above it.
    pub(crate) fn write_above(&mut self, printer: Box<dyn ExternalPrinter + Send>) {
        self.above_prompt = Some(printer);
    }

    /// Shows a line of the answer.
    pub(crate) fn show(&mut self, line: &str) -> io::Result<()> {
        match &mut self.above_prompt {
            Some(printer) => printer.print(format!("{line}\n")).map_err(io::Error::other),
            None => writeln!(io::stdout(), "{line}"),
        }
    }

    /// Says something about what is going on.
    pub(crate) fn note(&mut self, line: &str) -> io::Result<()> {
        match &mut self.above_prompt {
            Some(printer) => {
                let line = self.output.paint(Look::Faint, line);
                printer.print(format!("{line}\n")).map_err(io::Error::other)
            }
            None => writeln!(io::stderr(), "{}", self.notes.paint(Look::Faint, line)),
        }
    }

    /// Says something that must not be missed.
    pub(crate) fn warn(&mut self, line: &str) -> io::Result<()> {
        match &mut self.above_prompt {
            Some(printer) => {
                let line = self.output.paint(Look::Loud, line);
                printer.print(format!("{line}\n")).map_err(io::Error::other)
            }
            None => writeln!(io::stderr(), "{}", self.notes.paint(Look::Loud, line)),
        }
    }

    /// Shows a message, and before it the day if that is another than of the one before.
    pub(crate) fn message(&mut self, message: &Message) -> io::Result<()> {
        let at = self.local(message.at);
        if self.day.replace(at.date()) != Some(at.date()) {
            let day = self
                .output
                .paint(Look::Faint, &at.strftime("%A, %-d %B %Y").to_string());
            self.show(&day)?;
        }
        for line in message_lines(message, &at.strftime("%H:%M").to_string(), self.output) {
            self.show(&line)?;
        }
        Ok(())
    }

    /// When something was, as briefly as can be.
    pub(crate) fn when(&self, at: Timestamp, now: Timestamp) -> String {
        let (at, now) = (self.local(at), self.local(now));
        let format = if at.date() == now.date() {
            "%H:%M"
        } else if at.year() == now.year() {
            "%-d %b"
        } else {
            "%-d %b %Y"
        };
        at.strftime(format).to_string()
    }

    pub(crate) fn faint(&self, text: &str) -> String {
        self.output.paint(Look::Faint, text)
    }

    pub(crate) fn name(&self, text: &str) -> String {
        self.output.paint(Look::Other, text)
    }

    fn local(&self, at: Timestamp) -> Zoned {
        // Further in the future than there are dates: an attempt to confuse, and shown as the epoch.
        let instant = i64::try_from(at.0)
            .ok()
            .and_then(|millis| Instant::from_millisecond(millis).ok());
        instant.unwrap_or_default().to_zoned(self.zone.clone())
    }
}

/// What a message answers, on one line.
fn answer_line(answered: &Answered) -> String {
    const CHARACTERS: usize = 40;
    let name = receipts::name(&answered.from);
    match text::beginning(&answered.text, CHARACTERS).as_str() {
        "" => format!("(in answer to {name})"),
        beginning => format!("(in answer to {name}: {beginning})"),
    }
}

fn reactions_line(reactions: &[Reactions]) -> String {
    let each = reactions.iter().map(|reactions| {
        let emoji = text::line(&reactions.emoji);
        match reactions.by.len() {
            1 => emoji,
            count => format!("{emoji} {count}"),
        }
    });
    format!("({})", each.collect::<Vec<_>>().join("  "))
}

fn message_lines(message: &Message, time: &str, style: Style) -> Vec<String> {
    let name = message
        .from
        .name
        .as_ref()
        .map_or("somebody", |name| name.as_str());
    let look = if message.own { Look::Own } else { Look::Other };
    let state = match message.state {
        MessageState::Queued => " (not sent yet)".to_owned(),
        MessageState::Failed { .. } => " (refused)".to_owned(),
        MessageState::Accepted | MessageState::Received | MessageState::Relayed { .. } => {
            match message.retention {
                Retention::Keep if !message.editions.is_empty() => " (edited)".to_owned(),
                Retention::Keep => String::new(),
                Retention::For { seconds } => format!(" (deleted after {})", duration(seconds.into())),
                Retention::Never => " (fleeting)".to_owned(),
            }
        }
    };
    let mut lines = match &message.body {
        _ if message.from_blocked => vec!["(from somebody you blocked)".to_owned()],
        Body::Text(text) => text::lines(&text.text).collect(),
        Body::File { info, caption } => [described(info)]
            .into_iter()
            .chain(text::lines(&caption.text))
            .collect(),
        Body::GroupChanges(changes) => text::group_changes(changes),
        Body::Deleted { by } => vec![format!("(deleted by {})", receipts::name(by))],
        Body::Unknown { .. } => vec!["(sent by a newer version of Sotto)".to_owned()],
    };
    if let Some(teller) = &message.told_by {
        lines.push(format!(
            "(told by {}: nobody can check it)",
            receipts::name(teller)
        ));
    }
    if let Some(answered) = &message.in_reply_to {
        lines.insert(0, answer_line(answered));
    }
    if !message.reactions.is_empty() {
        lines.push(reactions_line(&message.reactions));
    }
    let first = if lines.is_empty() {
        String::new()
    } else {
        lines.remove(0)
    };
    let indent = " ".repeat(time.chars().count() + name.chars().count() + 3);
    let head = format!(
        "{} {} {first}{}",
        style.paint(Look::Faint, time),
        style.paint(look, &format!("{name}:")),
        style.paint(Look::Faint, &state),
    );
    let rest = lines.into_iter().map(|line| format!("{indent}{line}"));
    [head].into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sotto_client_sdk::protocol::{AccountId, ChatId, DeviceId, MessageId, ProblemCode};
    use sotto_client_sdk::{Sender, Text};

    fn message(text: &str, state: MessageState) -> Message {
        Message {
            id: MessageId::from_bytes([1; 16]),
            chat: ChatId::from_bytes([2; 16]),
            position: 1,
            from: Sender {
                account: AccountId::from_bytes([3; 16]),
                name: Some("grace".parse().unwrap()),
                device: DeviceId::from_bytes([4; 16]),
            },
            own: false,
            from_blocked: false,
            body: Body::Text(Text::from(text)),
            at: Timestamp(0),
            state,
            retention: Retention::Keep,
            expires_at: None,
            in_reply_to: None,
            editions: Vec::new(),
            reactions: Vec::new(),
            mentions_own: false,
            is_starred: false,
            told_by: None,
        }
    }

    #[test]
    fn the_lines_of_a_message_stand_under_each_other() {
        let message = message("one\ntwo", MessageState::Received);
        assert_eq!(
            message_lines(&message, "09:05", Style::Plain),
            ["09:05 grace: one", "             two"]
        );
    }

    #[test]
    fn a_line_of_a_message_cannot_look_like_another_message() {
        let forged = message("hi\r09:06 ada: yes\n09:06 ada: yes", MessageState::Received);
        let lines = message_lines(&forged, "09:05", Style::Plain);
        assert_eq!(lines[0], "09:05 grace: hi\u{fffd}09:06 ada: yes");
        assert!(lines[1].starts_with("             09:06"));
    }

    #[test]
    fn a_message_says_if_it_was_not_sent() {
        let failed = MessageState::Failed {
            code: ProblemCode::TooLarge,
        };
        assert!(message_lines(&message("a", failed), "09:05", Style::Plain)[0].ends_with("(refused)"));
        let lines = message_lines(&message("a", MessageState::Queued), "09:05", Style::Plain);
        assert!(lines[0].ends_with("(not sent yet)"));
    }

    #[test]
    fn what_somebody_blocked_says_is_not_shown() {
        let mut message = message("nonsense", MessageState::Received);
        message.from_blocked = true;
        assert_eq!(
            message_lines(&message, "09:05", Style::Plain),
            ["09:05 grace: (from somebody you blocked)"]
        );
    }

    #[test]
    fn a_time_out_of_all_bounds_is_shown_as_some_time() {
        let screen = Screen::new();
        screen.when(Timestamp(u64::MAX), Timestamp(0));
    }
}
