//! Reports: what members have reported to those who look after the server.

use super::StoreError;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sotto_protocol::rest::report::{Outcome, Reason, Report, ReportState, Said, Subject};
use sotto_protocol::{AccountId, ChatId, CommunityId, MessageId, ReportId, Seq, Timestamp};

/// A report to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReport {
    /// What it is known by.
    pub report: ReportId,
    /// When it came.
    pub at: Timestamp,
    /// Who reports.
    pub by: AccountId,
    /// What is reported.
    pub subject: Subject,
    /// Why.
    pub reason: Reason,
    /// In the reporter's words.
    pub comment: String,
}

/// Where a page of reports ended: after the report with this time, by which the list is in order, and id. Its text form is what
/// clients hand back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportPosition {
    /// The time.
    pub at: Timestamp,
    /// The report.
    pub report: ReportId,
}

/// Whom a report is about, and whether it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) struct ReportStanding {
    /// `None`: it is about a group.
    pub(in crate::store) about: Option<AccountId>,
    pub(in crate::store) is_open: bool,
}

/// Reports; that one is handled is an act of those who administer ([`super::NewChange::HandleReport`]). What they show is kept as it was shown: no key of the server's beside it would hide it from who has the database.
pub trait ReportStore: Send + Sync + 'static {
    /// Keeps a report; `false` if the account has reported this before: this message, or this account, group or community in a
    /// report that is still open.
    fn create_report(&self, report: NewReport) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// A page of reports, without what messages say and without those about an account, if one is given.
    fn reports(
        &self,
        state: ReportState,
        except_about: Option<AccountId>,
        after: Option<ReportPosition>,
        limit: u16,
    ) -> impl Future<Output = Result<Vec<Report>, StoreError>> + Send;

    /// A report with all that it shows.
    fn report(&self, report: ReportId) -> impl Future<Output = Result<Option<Report>, StoreError>> + Send;

    /// Forgets reports that were handled at this time or before it.
    fn purge_reports(&self, handled_before: Timestamp)
    -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl ReportPosition {
    /// Where a page ends that ends with this report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self {
            at: report.handled.as_ref().map_or(report.at, |handled| handled.at),
            report: report.report,
        }
    }
}

/// The text is no position of a list of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position of a list of reports")]
pub struct InvalidReportPosition;

impl std::fmt::Display for ReportPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}~{}", self.at.0, self.report)
    }
}

impl std::str::FromStr for ReportPosition {
    type Err = InvalidReportPosition;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, report) = text.split_once('~').ok_or(InvalidReportPosition)?;
        Ok(Self {
            at: Timestamp(at.parse().map_err(|_| InvalidReportPosition)?),
            report: report.parse().map_err(|_| InvalidReportPosition)?,
        })
    }
}

/// What is reported, as its columns.
pub(super) struct SubjectColumns {
    pub(super) kind: i16,
    pub(super) chat: Option<ChatId>,
    pub(super) account: Option<AccountId>,
    pub(super) community: Option<CommunityId>,
    pub(super) title: Option<String>,
    pub(super) is_proven: bool,
    pub(super) said: Option<Vec<u8>>,
    /// What an account reports once.
    pub(super) once: Vec<u8>,
}

const MESSAGE: i16 = 0;
const ACCOUNT: i16 = 1;
const GROUP: i16 = 2;
const COMMUNITY: i16 = 3;

impl SubjectColumns {
    pub(super) fn of(subject: &Subject) -> Self {
        let once = |kind: i16, ids: &[&[u8]]| [&kind.to_be_bytes()[..], &ids.concat()].concat();
        match subject {
            Subject::Message {
                chat,
                from,
                is_proven,
                said,
            } => {
                let message = said.first().map(|said| said.message);
                let message = message.as_ref().map_or(&[][..], |message| message.as_bytes());
                Self {
                    chat: Some(*chat),
                    account: Some(*from),
                    is_proven: *is_proven,
                    said: Some(encode_said(said)),
                    // Two accounts may have given their messages one id.
                    ..Self::new(
                        MESSAGE,
                        once(MESSAGE, &[chat.as_bytes(), from.as_bytes(), message]),
                    )
                }
            }
            Subject::Account { account } => Self {
                account: Some(*account),
                ..Self::new(ACCOUNT, once(ACCOUNT, &[account.as_bytes()]))
            },
            Subject::Group { group } => Self {
                chat: Some(*group),
                ..Self::new(GROUP, once(GROUP, &[group.as_bytes()]))
            },
            Subject::Community {
                community,
                title,
                founder,
            } => Self {
                account: Some(*founder),
                community: Some(*community),
                title: Some(title.clone()),
                ..Self::new(COMMUNITY, once(COMMUNITY, &[community.as_bytes()]))
            },
        }
    }

    /// Of this kind, without anything else.
    const fn new(kind: i16, once: Vec<u8>) -> Self {
        Self {
            kind,
            chat: None,
            account: None,
            community: None,
            title: None,
            is_proven: false,
            said: None,
            once,
        }
    }

    /// The subject; without what it says if that was not read.
    pub(super) fn into_subject(self) -> Result<Subject, StoreError> {
        const UNREADABLE: StoreError = StoreError::Unreadable {
            what: "subject of a report",
        };
        match (self.kind, self.chat, self.account, self.community) {
            (MESSAGE, Some(chat), Some(from), None) => Ok(Subject::Message {
                chat,
                from,
                is_proven: self.is_proven,
                said: self.said.as_deref().map_or(Ok(Vec::new()), decode_said)?,
            }),
            (ACCOUNT, None, Some(account), None) => Ok(Subject::Account { account }),
            (GROUP, Some(group), None, None) => Ok(Subject::Group { group }),
            (COMMUNITY, None, Some(founder), Some(community)) => Ok(Subject::Community {
                community,
                title: self.title.ok_or(UNREADABLE)?,
                founder,
            }),
            _ => Err(UNREADABLE),
        }
    }
}

/// Whether an account can report this again once it is handled: all but a message, which says the same for good.
pub(super) const OF_MESSAGES: i16 = MESSAGE;

/// [`Said`], as it is stored. Append-only.
#[derive(Serialize, Deserialize)]
struct StoredSaid {
    message: MessageId,
    seq: Option<Seq>,
    at: Option<Timestamp>,
    content: Bytes,
}

#[allow(
    clippy::expect_used,
    reason = "serialising plain data into memory has no error to return"
)]
fn encode_said(said: &[Said]) -> Vec<u8> {
    let stored: Vec<StoredSaid> = said
        .iter()
        .map(|said| StoredSaid {
            message: said.message,
            seq: said.seq,
            at: said.at,
            content: said.content.0.clone(),
        })
        .collect();
    postcard::to_stdvec(&stored).expect("plain data always encodes")
}

fn decode_said(bytes: &[u8]) -> Result<Vec<Said>, StoreError> {
    let stored: Vec<StoredSaid> = postcard::from_bytes(bytes).map_err(|_| StoreError::Unreadable {
        what: "message of a report",
    })?;
    let said = stored.into_iter().map(|said| Said {
        message: said.message,
        seq: said.seq,
        at: said.at,
        content: said.content.into(),
    });
    Ok(said.collect())
}

/// Reasons and outcomes by the numbers that are stored. Append-only.
const REASONS: [Reason; 10] = [
    Reason::Spam,
    Reason::Fraud,
    Reason::Harassment,
    Reason::Hate,
    Reason::Violence,
    Reason::Sexual,
    Reason::ChildAbuse,
    Reason::SelfHarm,
    Reason::Illegal,
    Reason::Other,
];
const OUTCOMES: [Outcome; 2] = [Outcome::Dismissed, Outcome::Acted];

pub(super) fn number_of_reason(reason: Reason) -> i16 {
    match reason {
        Reason::Spam => 0,
        Reason::Fraud => 1,
        Reason::Harassment => 2,
        Reason::Hate => 3,
        Reason::Violence => 4,
        Reason::Sexual => 5,
        Reason::ChildAbuse => 6,
        Reason::SelfHarm => 7,
        Reason::Illegal => 8,
        Reason::Other => 9,
    }
}

pub(super) fn number_of_outcome(outcome: Outcome) -> i16 {
    match outcome {
        Outcome::Dismissed => 0,
        Outcome::Acted => 1,
    }
}

pub(super) fn reason(number: i64) -> Result<Reason, StoreError> {
    numbered(&REASONS, number).ok_or(StoreError::Unreadable { what: "reason" })
}

pub(super) fn outcome(number: i64) -> Result<Outcome, StoreError> {
    numbered(&OUTCOMES, number).ok_or(StoreError::Unreadable { what: "outcome" })
}

fn numbered<T: Copy>(all: &[T], number: i64) -> Option<T> {
    usize::try_from(number)
        .ok()
        .and_then(|number| all.get(number))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_as_a_number_is_read_as_what_it_was() {
        for (number, known) in (0_i16..).zip(REASONS) {
            assert_eq!(number_of_reason(known), number);
            assert_eq!(reason(number.into()).unwrap(), known);
        }
        for (number, known) in (0_i16..).zip(OUTCOMES) {
            assert_eq!(number_of_outcome(known), number);
            assert_eq!(outcome(number.into()).unwrap(), known);
        }
        assert!(reason(10).is_err() && reason(-1).is_err() && outcome(2).is_err());
    }

    #[test]
    fn a_position_is_read_as_it_was_written_and_no_other_text() {
        let position = ReportPosition {
            at: Timestamp(1_000),
            report: ReportId::from_bytes([0xfb; 16]),
        };
        assert_eq!(position.to_string().parse(), Ok(position));
        for text in ["", "~", "1000", "1000~", "-1~-_v7-_v7-_v7-_v7-_v7-w", "1000~abc"] {
            assert_eq!(
                text.parse::<ReportPosition>(),
                Err(InvalidReportPosition),
                "{text}"
            );
        }
    }
}
