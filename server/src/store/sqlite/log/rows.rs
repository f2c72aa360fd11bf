//! Many rows in few statements.

use crate::store::StoreError;
use sqlx::AssertSqlSafe;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use std::sync::Arc;

/// Rows of one statement, the most first: few statements for any number of rows, and each is prepared once.
const ROWS: [usize; 4] = [256, 32, 4, 1];

/// The texts of an `INSERT` of several rows.
#[derive(Debug)]
pub(super) struct RowStatements([(usize, Arc<str>); ROWS.len()]);

impl RowStatements {
    /// `before` ends with `VALUES`, `row` is one row's placeholders in parentheses.
    pub(super) fn new(before: &str, row: &str, after: &str) -> Self {
        Self(ROWS.map(|rows| {
            let values = vec![row; rows].join(", ");
            (rows, format!("{before} {values} {after}").into())
        }))
    }

    /// Inserts the rows; `bind` adds one's arguments.
    pub(super) async fn execute<T>(
        &self,
        connection: &mut SqliteConnection,
        mut rows: &[T],
        bind: impl Fn(&mut SqliteArguments, &T) -> Result<(), BoxDynError>,
    ) -> Result<(), StoreError> {
        for (count, sql) in &self.0 {
            while let Some((now, later)) = rows.split_at_checked(*count) {
                let mut arguments = SqliteArguments::default();
                for row in now {
                    bind(&mut arguments, row)
                        .map_err(|error| StoreError::Failed(error.to_string().into()))?;
                }
                sqlx::query_with(AssertSqlSafe(Arc::clone(sql)), arguments)
                    .execute(&mut *connection)
                    .await?;
                rows = later;
            }
        }
        Ok(())
    }
}
