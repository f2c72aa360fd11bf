//! `sotto-server admin report …`

use super::table::{Table, in_a_line, written};
use super::{ActError, AdminError, Said, Tools};
use crate::app::AccountsDatabase;
use crate::report::{self, ReportError};
use crate::store::{Actor, NewChange, PerformError};
use clap::{Subcommand, ValueEnum};
use sotto_protocol::rest::admin::NamedAccount;
use sotto_protocol::rest::report::{
    Handled, ListReports, Outcome, Reason, Report, ReportState, ShownReport, Subject,
};
use sotto_protocol::{AccountId, ProblemCode, ReportId, limits};
use std::fmt::Write as _;

/// What an operator wants of reports.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum ReportCommand {
    /// List the reports that wait, the oldest first
    List {
        /// Those that were handled instead, the latest first
        #[arg(long)]
        handled: bool,
    },
    /// Show a report. What messages say is read in the web app, which has what decodes it
    Show {
        /// Its id, as `list` shows it
        #[arg(allow_hyphen_values = true)]
        id: ReportId,
    },
    /// Say what became of a report
    Handle {
        /// Its id, as `list` shows it
        #[arg(allow_hyphen_values = true)]
        id: ReportId,
        /// Whether something was done about it
        outcome: GivenOutcome,
        /// In your own words, also for the audit log
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        note: String,
    },
}

/// [`Outcome`], as an operator writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GivenOutcome {
    /// There was nothing to do
    Dismissed,
    /// Something was done about it
    Acted,
}

impl From<GivenOutcome> for Outcome {
    fn from(given: GivenOutcome) -> Self {
        match given {
            GivenOutcome::Dismissed => Self::Dismissed,
            GivenOutcome::Acted => Self::Acted,
        }
    }
}

pub(super) async fn perform<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    command: ReportCommand,
) -> Result<Said, AdminError> {
    match command {
        ReportCommand::List { handled } => list(tools, handled).await,
        ReportCommand::Show { id } => show(tools, id).await,
        ReportCommand::Handle { id, outcome, note } => handle(tools, id, outcome.into(), note).await,
    }
}

async fn list<A: AccountsDatabase>(tools: &Tools<'_, A>, handled: bool) -> Result<Said, AdminError> {
    let state = if handled {
        ReportState::Handled
    } else {
        ReportState::Open
    };
    let mut table = Table::new(["ID", "WHEN", "BY", "WHAT", "WHY", "COMMENT"]);
    let mut after = None;
    let mut is_empty = true;
    loop {
        let page = ListReports {
            state,
            limit: Some(limits::REPORTS_READ),
            after,
        };
        let page = report::list(tools.accounts, Actor::CommandLine, page).await?;
        for report in &page.reports {
            is_empty = false;
            table.row([
                report.report.to_string(),
                written(report.at),
                named(&page.accounts, report.by),
                what(&page.accounts, report),
                why(report.reason).to_owned(),
                in_a_line(&report.comment),
            ]);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if is_empty {
        return Ok(Said::remark(if handled {
            "No report was handled lately."
        } else {
            "No report waits."
        }));
    }
    Ok(Said::result(table.finish()))
}

async fn show<A: AccountsDatabase>(tools: &Tools<'_, A>, id: ReportId) -> Result<Said, AdminError> {
    let ShownReport { report, accounts } = report::read(tools.accounts, Actor::CommandLine, id)
        .await
        .map_err(|error| match error {
            ReportError::Refused(ProblemCode::ReportNotFound) => AdminError::NoReport(id),
            error => error.into(),
        })?;
    let mut lines = vec![
        ("When", written(report.at)),
        ("By", named(&accounts, report.by)),
        ("What", what(&accounts, &report)),
        ("Why", why(report.reason).to_owned()),
        ("Comment", in_a_line(&report.comment)),
    ];
    if let Subject::Message { said, .. } = &report.subject {
        for said in said {
            let at = said.at.map_or("at a time that is not proven".to_owned(), written);
            lines.push(("Message", format!("{}, {at}", said.message)));
        }
    }
    if let Some(Handled {
        by,
        at,
        outcome,
        note,
    }) = &report.handled
    {
        let by = by.map_or("command line".to_owned(), |by| named(&accounts, by));
        lines.push((
            "Handled",
            format!("{} by {by}, {}", written(*at), what_came(*outcome)),
        ));
        lines.push(("Note", in_a_line(note)));
    }
    let mut text = String::new();
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name:<8}  {value}");
    }
    Ok(Said::result(text))
}

async fn handle<A: AccountsDatabase>(
    tools: &Tools<'_, A>,
    id: ReportId,
    outcome: Outcome,
    note: String,
) -> Result<Said, AdminError> {
    let done = tools.act(NewChange::HandleReport { report: id, outcome }, note);
    let done = done.await.map_err(|error| match error {
        ActError::Perform(PerformError::ReportNotFound) => AdminError::NoReport(id),
        error => error.into(),
    })?;
    Ok(Said::remark(match done {
        Some(_) => format!("Report {id} is handled: {}.", what_came(outcome)),
        None => format!("Report {id} was handled before, and stays as it is: `show` says how."),
    }))
}

/// By name if it is still there.
fn named(accounts: &[NamedAccount], account: AccountId) -> String {
    let found = accounts.iter().find(|named| named.account == account);
    found.map_or_else(|| account.to_string(), |named| named.name.to_string())
}

fn what(accounts: &[NamedAccount], report: &Report) -> String {
    match &report.subject {
        Subject::Message { from, is_proven, .. } => format!(
            "a message of {}{}",
            named(accounts, *from),
            if *is_proven { "" } else { ", not proven" }
        ),
        Subject::Account { account } => named(accounts, *account),
        Subject::Group { group } => format!("the group {group}"),
        Subject::Community {
            community,
            title,
            founder,
        } => format!(
            "{}'s community {community}: {}",
            named(accounts, *founder),
            in_a_line(title)
        ),
    }
}

/// What came of a report, in words.
pub(super) const fn what_came(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Dismissed => "nothing was to be done",
        Outcome::Acted => "something was done",
    }
}

const fn why(reason: Reason) -> &'static str {
    match reason {
        Reason::Spam => "spam",
        Reason::Fraud => "fraud",
        Reason::Harassment => "harassment",
        Reason::Hate => "hate",
        Reason::Violence => "violence",
        Reason::Sexual => "sexual",
        Reason::ChildAbuse => "child abuse",
        Reason::SelfHarm => "self-harm",
        Reason::Illegal => "illegal",
        Reason::Other => "other",
    }
}
