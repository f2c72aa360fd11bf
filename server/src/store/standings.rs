//! A page of standings, from rows that each have a chat and at most one marker.

use super::Standing;
use bytes::Bytes;
use sotto_protocol::{DeviceAddress, limits};

/// A page in the making.
#[derive(Debug, Default)]
pub(super) struct StandingsPage {
    standings: Vec<Standing>,
    marker_bytes: usize,
}

impl StandingsPage {
    /// Adds a row: those of a chat come one after the other. `false` if the page is full, and it belongs to the next.
    pub(super) fn add(&mut self, standing: Standing, marker: Option<(DeviceAddress, Bytes)>) -> bool {
        let is_new = self
            .standings
            .last()
            .is_none_or(|last| last.position != standing.position);
        if is_new && self.marker_bytes >= limits::PAGE_BYTES {
            return false;
        }
        if is_new {
            self.standings.push(standing);
        }
        if let (Some(standing), Some(marker)) = (self.standings.last_mut(), marker) {
            self.marker_bytes += marker.1.len();
            standing.markers.push(marker);
        }
        true
    }

    pub(super) fn into_standings(self) -> Vec<Standing> {
        self.standings
    }
}
