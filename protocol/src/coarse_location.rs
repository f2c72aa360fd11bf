//! Where somebody roughly is: a point of a grid so wide that it names a town and no house.

use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

/// Steps of the grid in a degree.
const STEPS: i16 = 10;
/// The northernmost row of the grid.
const NORTH: i16 = 90 * STEPS;
/// The meridian where east meets west; a point on it is written as its western one.
const EAST: i16 = 180 * STEPS;
/// Points in a row.
const ROW: i32 = 2 * EAST as i32;
/// The mean radius of the Earth in kilometres.
const EARTH_KM: f64 = 6_371.0;

/// A point of a grid of 0.1° (about 11 km): there is no room in it for anything more precise. Whatever is made into one is rounded
/// first, on the device that knows the place and once more on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Degrees", into = "Degrees")]
pub struct CoarseLocation {
    /// Tenths of a degree.
    latitude: i16,
    longitude: i16,
}

/// What JSON sees of it.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Degrees {
    latitude: f64,
    longitude: f64,
}

/// No place on Earth: a latitude is from -90 to 90, a longitude from -180 to 180.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a position is a latitude from -90 to 90 and a longitude from -180 to 180, like 48.1,11.6")]
pub struct NotALocation;

impl CoarseLocation {
    /// The point of the grid that is nearest to this place, in degrees.
    pub fn near(latitude: f64, longitude: f64) -> Result<Self, NotALocation> {
        let latitude = rounded(latitude, NORTH)?;
        let longitude = rounded(longitude, EAST)?;
        Ok(Self {
            latitude,
            longitude: if longitude == EAST { -EAST } else { longitude },
        })
    }

    /// The point of this number, as [`Self::cell`] gives it.
    #[must_use]
    pub fn from_cell(cell: i32) -> Option<Self> {
        let latitude = i16::try_from(cell.div_euclid(ROW)).ok()?.checked_sub(NORTH)?;
        let longitude = i16::try_from(cell.rem_euclid(ROW)).ok()?.checked_sub(EAST)?;
        (-NORTH..=NORTH)
            .contains(&latitude)
            .then_some(Self { latitude, longitude })
    }

    /// The point's number: from south to north, and in each row from west to east.
    #[must_use]
    pub fn cell(self) -> i32 {
        i32::from(self.latitude + NORTH) * ROW + i32::from(self.longitude + EAST)
    }

    /// Degrees north of the equator.
    #[must_use]
    pub fn latitude(self) -> f64 {
        f64::from(self.latitude) / f64::from(STEPS)
    }

    /// Degrees east of Greenwich.
    #[must_use]
    pub fn longitude(self) -> f64 {
        f64::from(self.longitude) / f64::from(STEPS)
    }

    /// How far it is from one point to the other, over the ground: at least [`Self::LEAST_KM`], as two places with the same point may
    /// be so far apart.
    #[must_use]
    pub fn distance_km(self, other: Self) -> u16 {
        let [from, to] = [self, other].map(|point| point.latitude().to_radians());
        let turn = (other.longitude() - self.longitude()).to_radians();
        // The haversine formula, which keeps its precision over short distances.
        let half = ((to - from) / 2.0).sin().powi(2) + from.cos() * to.cos() * (turn / 2.0).sin().powi(2);
        let km = 2.0 * EARTH_KM * half.sqrt().min(1.0).asin();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "half the Earth's girth is 20,015 km"
        )]
        let whole = km.round() as u16;
        whole.max(Self::LEAST_KM)
    }

    /// The least that is said of a distance, in kilometres: the grid says no more.
    pub const LEAST_KM: u16 = 10;

    /// Every point within this distance, as [`Self::distance_km`] measures it, with its distance; the nearest first.
    #[must_use]
    pub fn around(self, within_km: u16) -> Vec<(u16, Self)> {
        // Of two points a row apart the distance is 11.1 km.
        let rows = i16::try_from(within_km / 11 + 1)
            .unwrap_or(i16::MAX)
            .min(2 * NORTH);
        let mut points = Vec::new();
        for latitude in
            self.latitude.saturating_sub(rows).max(-NORTH)..=self.latitude.saturating_add(rows).min(NORTH)
        {
            // From where this point's meridian cuts the row, outwards to both sides until it is too far.
            for side in [1, -1] {
                let first = i16::from(side < 0);
                for step in first..EAST + i16::from(side > 0) {
                    let longitude = (self.longitude + EAST + side * step).rem_euclid(2 * EAST) - EAST;
                    let point = Self { latitude, longitude };
                    let km = self.distance_km(point);
                    if km > within_km {
                        break;
                    }
                    points.push((km, point));
                }
            }
        }
        points.sort_unstable_by_key(|&(km, point)| (km, point.cell()));
        points
    }
}

/// In tenths of a degree.
fn rounded(degrees: f64, most: i16) -> Result<i16, NotALocation> {
    let tenths = (degrees * f64::from(STEPS)).round();
    if degrees.is_finite() && degrees.abs() <= f64::from(most / STEPS) {
        #[allow(clippy::cast_possible_truncation, reason = "it is a whole number up to 1,800")]
        Ok(tenths as i16)
    } else {
        Err(NotALocation)
    }
}

impl TryFrom<Degrees> for CoarseLocation {
    type Error = NotALocation;

    fn try_from(degrees: Degrees) -> Result<Self, NotALocation> {
        Self::near(degrees.latitude, degrees.longitude)
    }
}

impl From<CoarseLocation> for Degrees {
    fn from(location: CoarseLocation) -> Self {
        Self {
            latitude: location.latitude(),
            longitude: location.longitude(),
        }
    }
}

/// `48.1,11.6`
impl fmt::Display for CoarseLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1},{:.1}", self.latitude(), self.longitude())
    }
}

impl FromStr for CoarseLocation {
    type Err = NotALocation;

    fn from_str(text: &str) -> Result<Self, NotALocation> {
        let (latitude, longitude) = text.split_once(',').ok_or(NotALocation)?;
        let degrees = |text: &str| text.trim().parse().map_err(|_| NotALocation);
        Self::near(degrees(latitude)?, degrees(longitude)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> CoarseLocation {
        text.parse().unwrap()
    }

    #[test]
    fn a_place_is_rounded_to_the_grid_whichever_way_it_comes() {
        let munich = at("48.1372,11.5755");
        assert_eq!(munich.to_string(), "48.1,11.6");
        assert_eq!(CoarseLocation::near(48.149, 11.55).unwrap(), munich);
        let json = serde_json::json!({ "latitude": 48.1372, "longitude": 11.5755 });
        assert_eq!(serde_json::from_value::<CoarseLocation>(json).unwrap(), munich);
        assert_eq!(
            serde_json::to_string(&munich).unwrap(),
            r#"{"latitude":48.1,"longitude":11.6}"#
        );
        assert_eq!(at("-0.04,0.04").to_string(), "0.0,0.0");
        assert_eq!(at("10,180"), at("10,-180"));
        assert_eq!(at("10,179.96"), at("10,-180"));
        for wrong in [
            "",
            "48.1",
            "90.01,0",
            "0,181",
            "NaN,0",
            "inf,0",
            "1,2,3",
            "north,east",
        ] {
            assert_eq!(wrong.parse::<CoarseLocation>(), Err(NotALocation), "{wrong}");
        }
    }

    #[test]
    fn a_point_is_its_number() {
        for text in ["-90,-180", "90,179.9", "0,0", "48.1,11.6", "-33.9,151.2"] {
            assert_eq!(
                CoarseLocation::from_cell(at(text).cell()),
                Some(at(text)),
                "{text}"
            );
        }
        assert_eq!(CoarseLocation::from_cell(-1), None);
        assert_eq!(CoarseLocation::from_cell(at("90,179.9").cell() + 1), None);
    }

    #[test]
    fn distances_are_those_over_the_ground() {
        assert_eq!(at("48.1,11.6").distance_km(at("48.1,11.6")), 10);
        assert_eq!(at("48.1,11.6").distance_km(at("52.5,13.4")), 506);
        assert_eq!(at("0,179.9").distance_km(at("0,-179.9")), 22);
        assert_eq!(at("90,0").distance_km(at("-90,0")), 20_015);
    }

    #[test]
    fn what_is_around_a_point_is_all_that_is_near_enough_the_nearest_first() {
        for (center, within) in [("48.1,11.6", 50), ("0,179.95", 30), ("89.9,0", 40), ("-90,0", 25)] {
            let center = at(center);
            let around = center.around(within);
            assert!(around.is_sorted_by_key(|&(km, _)| km));
            let mut cells: Vec<_> = around.iter().map(|(_, point)| point.cell()).collect();
            cells.sort_unstable();
            let row = center.cell() / ROW;
            let near: Vec<i32> = ((row - 8) * ROW..(row + 9) * ROW)
                .filter(|&cell| {
                    CoarseLocation::from_cell(cell).is_some_and(|point| center.distance_km(point) <= within)
                })
                .collect();
            assert_eq!(cells, near, "{center}");
        }
        assert_eq!(at("48.1,11.6").around(9), []);
    }
}
