//! `[reports]`: what members report to those who look after the server.

use super::InvalidValue;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// Ten years.
const DAYS_MAX: u32 = 3_650;
const DAY: Duration = Duration::from_hours(24);

/// What members report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reports {
    /// Days for which a report is kept once somebody has handled it, with all that it shows. 0: it is forgotten at the next sweep.
    pub kept_days: u32,
}

impl Default for Reports {
    fn default() -> Self {
        Self { kept_days: 90 }
    }
}

impl Reports {
    /// How long a report is kept once it is handled.
    #[must_use]
    pub fn kept(&self) -> Duration {
        DAY * self.kept_days
    }

    pub(super) fn validate(&self) -> Result<(), InvalidValue> {
        if self.kept_days > DAYS_MAX {
            return Err(InvalidValue::new("reports.kept_days", "at most 3650"));
        }
        Ok(())
    }
}
