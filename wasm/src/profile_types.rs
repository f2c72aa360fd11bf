//! Profiles and what people are found by, as JavaScript gets and gives them. The npm package's `api.ts` describes the fields.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::CoarseLocation;
use tsify::Tsify;

use crate::error::{Answer, Rejection};
use crate::types::{IdentityStatus, number};

#[derive(Tsify, Serialize, Deserialize)]
pub struct Location {
    latitude: f64,
    longitude: f64,
}

impl From<CoarseLocation> for Location {
    fn from(location: CoarseLocation) -> Self {
        Self {
            latitude: location.latitude(),
            longitude: location.longitude(),
        }
    }
}

impl TryFrom<Location> for CoarseLocation {
    type Error = Rejection;

    fn try_from(location: Location) -> Answer<Self> {
        Self::near(location.latitude, location.longitude).map_err(|_| Rejection::invalid("location"))
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundPerson {
    account: String,
    name: String,
    display_name: String,
    identity: IdentityStatus,
    is_bot: bool,
    about: String,
    place: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_km: Option<u16>,
}

impl From<sdk::FoundPerson> for FoundPerson {
    fn from(found: sdk::FoundPerson) -> Self {
        Self {
            account: found.person.account.to_string(),
            name: found.person.name.to_string(),
            display_name: found.person.display_name,
            identity: found.person.identity.into(),
            is_bot: found.is_bot,
            about: found.about,
            place: found.place,
            picture: found.picture.map(|picture| picture.to_string()),
            distance_km: found.distance_km,
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct PeoplePage {
    people: Vec<FoundPerson>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<sdk::PeoplePage> for PeoplePage {
    fn from(page: sdk::PeoplePage) -> Self {
        Self {
            people: page.people.into_iter().map(FoundPerson::from).collect(),
            next: page.next,
        }
    }
}

#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PeopleQuery {
    #[tsify(optional)]
    text: Option<String>,
    #[tsify(optional)]
    near: Option<Location>,
    #[tsify(optional)]
    within_km: Option<u16>,
}

impl TryFrom<PeopleQuery> for sdk::PeopleQuery {
    type Error = Rejection;

    fn try_from(query: PeopleQuery) -> Answer<Self> {
        Ok(Self {
            text: query.text,
            near: query.near.map(CoarseLocation::try_from).transpose()?,
            within_km: query.within_km,
        })
    }
}

#[derive(Tsify, Serialize)]
pub struct ProfilePicture {
    large: String,
    small: String,
}

impl From<sdk::ProfilePicture> for ProfilePicture {
    fn from(picture: sdk::ProfilePicture) -> Self {
        Self {
            large: picture.large.to_string(),
            small: picture.small.to_string(),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    account: String,
    name: String,
    display_name: String,
    about: String,
    place: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    is_listed: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<ProfilePicture>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<String>,
    identity: IdentityStatus,
    is_bot: bool,
    created_at: f64,
}

impl From<sdk::Profile> for Profile {
    fn from(profile: sdk::Profile) -> Self {
        Self {
            account: profile.account.to_string(),
            name: profile.name.to_string(),
            display_name: profile.display_name,
            about: profile.about,
            place: profile.place,
            location: profile.location.map(Location::from),
            is_listed: profile.is_listed,
            picture: profile.picture.map(ProfilePicture::from),
            cover: profile.cover.map(|cover| cover.to_string()),
            identity: profile.identity.into(),
            is_bot: profile.is_bot,
            created_at: number(profile.created_at.0),
        }
    }
}

/// JavaScript's `null` and `undefined` are one to what reads this: so whether a place is taken away is said apart.
#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileUpdate {
    #[tsify(optional)]
    display_name: Option<String>,
    #[tsify(optional)]
    about: Option<String>,
    #[tsify(optional)]
    place: Option<String>,
    #[tsify(optional)]
    location: Option<Location>,
    removes_location: bool,
    #[tsify(optional)]
    is_listed: Option<bool>,
}

impl TryFrom<ProfileUpdate> for sdk::ProfileUpdate {
    type Error = Rejection;

    fn try_from(update: ProfileUpdate) -> Answer<Self> {
        let location = update.location.map(CoarseLocation::try_from).transpose()?;
        Ok(Self {
            display_name: update.display_name,
            about: update.about,
            place: update.place,
            location: (update.removes_location || location.is_some()).then_some(location),
            listed: update.is_listed,
        })
    }
}
