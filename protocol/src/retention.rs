//! What becomes of a message.

use crate::{Timestamp, limits};
use serde::{Deserialize, Serialize};

/// How long the server and every client keep a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Retention {
    /// In the log until deleted.
    #[default]
    Keep,
    /// Deleted everywhere this long after the server accepted it.
    For {
        /// Seconds, at least 1 and at most [`crate::limits::RETENTION_SECONDS_MAX`].
        seconds: u32,
    },
    /// Fleeting: relayed to the devices that are connected now, written nowhere.
    Never,
}

impl Retention {
    /// Whether it can be asked for: a time that is one, and not too long.
    #[must_use]
    pub fn is_in_bounds(self) -> bool {
        match self {
            Self::Keep | Self::Never => true,
            Self::For { seconds } => (1..=limits::RETENTION_SECONDS_MAX).contains(&seconds),
        }
    }

    /// The one of the two that keeps less.
    #[must_use]
    pub fn shorter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Never, _) | (_, Self::Never) => Self::Never,
            (Self::Keep, retention) | (retention, Self::Keep) => retention,
            (Self::For { seconds }, Self::For { seconds: others }) => Self::For {
                seconds: seconds.min(others),
            },
        }
    }

    /// When the time of an entry is over that the server accepted at `accepted_at`; `None` if it has none.
    #[must_use]
    pub const fn expires_at(self, accepted_at: Timestamp) -> Option<Timestamp> {
        match self {
            Self::For { seconds } => Some(accepted_at.plus_seconds(seconds)),
            Self::Keep | Self::Never => None,
        }
    }
}
