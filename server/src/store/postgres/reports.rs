//! [`ReportStore`] on PostgreSQL.

use super::PostgresAccounts;
use super::column::{id, integer, number, optional_id, time};
use crate::store::report::{
    OF_MESSAGES, ReportStanding, SubjectColumns, number_of_outcome, number_of_reason, outcome, reason,
};
use crate::store::{NewReport, ReportPosition, ReportStore, StoreError};
use sotto_protocol::rest::report::{Handled, Report, ReportState};
use sotto_protocol::{AccountId, ReportId, Timestamp};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

/// A page of the reports that wait.
const OPEN: &str =
    "SELECT report, at, reporter, kind, chat, account, community, title, is_proven, reason, comment, NULL::bytea AS said,
         handled_at, handled_by, outcome, note FROM reports
     WHERE handled_at IS NULL AND (at, report) > ($1, $2)
         AND ($3::bytea IS NULL OR account IS DISTINCT FROM $3) ORDER BY at, report LIMIT $4";
/// A page of those that do not.
const HANDLED: &str = "SELECT report, at, reporter, kind, chat, account, community, title, is_proven, reason, comment, NULL::bytea AS said,
         handled_at, handled_by, outcome, note FROM reports
     WHERE handled_at IS NOT NULL AND (handled_at, report) < ($1, $2)
         AND ($3::bytea IS NULL OR account IS DISTINCT FROM $3) ORDER BY handled_at DESC, report DESC LIMIT $4";

impl ReportStore for PostgresAccounts {
    async fn create_report(&self, report: NewReport) -> Result<bool, StoreError> {
        let subject = SubjectColumns::of(&report.subject);
        let created = sqlx::query(
            "INSERT INTO reports (report, at, reporter, kind, chat, account, community, title, is_proven, reason, comment, said, once)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (reporter, once) DO NOTHING",
        )
        .bind(report.report.as_bytes().as_slice())
        .bind(integer(report.at.0))
        .bind(report.by.as_bytes().as_slice())
        .bind(i64::from(subject.kind))
        .bind(subject.chat.as_ref().map(|chat| chat.as_bytes().as_slice()))
        .bind(subject.account.as_ref().map(|account| account.as_bytes().as_slice()))
        .bind(
            subject
                .community
                .as_ref()
                .map(|community| community.as_bytes().as_slice()),
        )
        .bind(subject.title)
        .bind(subject.is_proven)
        .bind(i64::from(number_of_reason(report.reason)))
        .bind(report.comment)
        .bind(subject.said)
        .bind(subject.once)
        .execute(self.database.writers());
        let created = self
            .database
            .patiently(async { Ok::<_, StoreError>(created.await?) })
            .await?;
        Ok(created.rows_affected() == 1)
    }

    async fn reports(
        &self,
        state: ReportState,
        except_about: Option<AccountId>,
        after: Option<ReportPosition>,
        limit: u16,
    ) -> Result<Vec<Report>, StoreError> {
        let (sql, first) = match state {
            ReportState::Open => (OPEN, (i64::MIN, ReportId::from_bytes([0; 16]))),
            ReportState::Handled => (HANDLED, (i64::MAX, ReportId::from_bytes([0xff; 16]))),
        };
        let (at, report) = after.map_or(first, |after| (integer(after.at.0), after.report));
        let found = sqlx::query(sql)
            .bind(at)
            .bind(report.as_bytes().as_slice())
            .bind(except_about.as_ref().map(|account| account.as_bytes().as_slice()))
            .bind(i64::from(limit))
            .fetch_all(self.database.readers());
        let rows = self
            .database
            .patiently(async { Ok::<_, StoreError>(found.await?) })
            .await?;
        rows.iter().map(read_report).collect()
    }

    async fn report(&self, report: ReportId) -> Result<Option<Report>, StoreError> {
        let found = sqlx::query("SELECT * FROM reports WHERE report = $1")
            .bind(report.as_bytes().as_slice())
            .fetch_optional(self.database.readers());
        let row = self
            .database
            .patiently(async { Ok::<_, StoreError>(found.await?) })
            .await?;
        row.as_ref().map(read_report).transpose()
    }

    async fn purge_reports(&self, handled_before: Timestamp) -> Result<(), StoreError> {
        let purge = sqlx::query("DELETE FROM reports WHERE handled_at <= $1")
            .bind(integer(handled_before.0))
            .execute(self.database.writers());
        self.database
            .patiently(async { Ok::<_, StoreError>(purge.await?) })
            .await?;
        Ok(())
    }
}

/// Whom a report is about, and whether it waits.
pub(super) async fn report_standing(
    connection: &mut PgConnection,
    report: ReportId,
) -> Result<Option<ReportStanding>, StoreError> {
    sqlx::query("SELECT account, handled_at IS NULL AS is_open FROM reports WHERE report = $1")
        .bind(report.as_bytes().as_slice())
        .fetch_optional(connection)
        .await?
        .map(|row| {
            Ok(ReportStanding {
                about: optional_id(&row, "account")?,
                is_open: row.try_get("is_open")?,
            })
        })
        .transpose()
}

/// Notes how a report was handled.
pub(super) async fn write_handled(
    connection: &mut PgConnection,
    report: ReportId,
    handled: &Handled,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE reports SET handled_at = $1, handled_by = $2, outcome = $3, note = $4,
             once = CASE kind WHEN $5 THEN once END
         WHERE report = $6",
    )
    .bind(integer(handled.at.0))
    .bind(handled.by.as_ref().map(|by| by.as_bytes().as_slice()))
    .bind(i64::from(number_of_outcome(handled.outcome)))
    .bind(handled.note.as_str())
    .bind(i64::from(OF_MESSAGES))
    .bind(report.as_bytes().as_slice())
    .execute(connection)
    .await?;
    Ok(())
}

fn read_report(row: &PgRow) -> Result<Report, StoreError> {
    let subject = SubjectColumns {
        kind: number(row, "kind")?,
        chat: optional_id(row, "chat")?,
        account: optional_id(row, "account")?,
        community: optional_id(row, "community")?,
        title: row.try_get("title")?,
        is_proven: row.try_get("is_proven")?,
        said: row.try_get("said")?,
        once: Vec::new(),
    };
    let handled = match row.try_get::<Option<i64>, _>("handled_at")? {
        Some(_) => Some(Handled {
            by: optional_id(row, "handled_by")?,
            at: time(row, "handled_at")?,
            outcome: outcome(row.try_get("outcome")?)?,
            note: row.try_get("note")?,
        }),
        None => None,
    };
    Ok(Report {
        report: id(row, "report")?,
        at: time(row, "at")?,
        by: id(row, "reporter")?,
        subject: subject.into_subject()?,
        reason: reason(row.try_get("reason")?)?,
        comment: row.try_get("comment")?,
        handled,
    })
}
