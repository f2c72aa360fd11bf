//! What can be asked of communities.

use super::ReportedFor;
use crate::moment::{self, Moment};
use clap::{Args, Subcommand, ValueEnum};
use sotto_client_sdk::CommunityRole;
use sotto_client_sdk::protocol::CoarseLocation;
use std::path::PathBuf;

/// What can be done with communities. One is named by its id, or by its title if you are in it.
#[derive(Debug, Subcommand)]
pub(crate) enum Community {
    /// Find communities by a text, by what they are about, or near a place
    ///
    ///     sotto community find choir --near 48.1,11.6 --within 20
    ///     sotto community find --topic music
    ///
    /// Without more, shows all. A place goes to the server to a tenth of a degree (about 11 km), and is kept nowhere.
    #[command(verbatim_doc_comment)]
    Find(FindCommunities),

    /// Show which communities near a place are new, the latest first
    ///
    ///     sotto community new --near 48.1,11.6 --since 7d
    ///
    /// The server does not keep who asks, nor where.
    #[command(verbatim_doc_comment)]
    New {
        /// Near this place, in degrees
        #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
        near: CoarseLocation,
        /// How near, in kilometres
        #[arg(long, value_name = "KM", value_parser = clap::value_parser!(u16).range(10..=500))]
        within: Option<u16>,
        /// Founded since: a day like 2026-11-02, or how long ago, like 7d or 12h; 30 days at most
        #[arg(long, value_name = "TIME", value_parser = moment::parse, default_value = "30d")]
        since: Moment,
    },

    /// Show what communities here can be about
    Topics,

    /// Show the communities that you are in
    List,

    /// Show what a community says about itself
    Show {
        /// The community
        community: String,
    },

    /// Found a community, which anyone can find and join
    ///
    ///     sotto community found Choir --topic music --place Munich --location 48.1,11.6
    ///
    /// It is public: the server reads what it says, and knows who is in it.
    #[command(verbatim_doc_comment)]
    Found {
        /// What it is called
        title: String,
        /// What it is about; may be given up to five times. `sotto community topics` shows what there is
        #[arg(long = "topic", value_name = "TOPIC", required = true)]
        topics: Vec<String>,
        /// What else there is to say
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
        /// Where it is, in your own words
        #[arg(long, value_name = "TEXT", default_value = "")]
        place: String,
        /// Where that is, in degrees, so that people near it find it. Only a tenth of a degree (about 11 km) leaves this device
        #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
        location: Option<CoarseLocation>,
    },

    /// Change what a community says, as its founder or a moderator
    ///
    /// What is not named stays as it is.
    Set {
        /// The community
        community: String,
        #[command(flatten)]
        new: NewCommunityProfile,
    },

    /// Join a community
    ///
    /// Its other members see that you are in it, and so does the server.
    Join {
        /// Its id, as `sotto community find` shows it
        community: String,
    },

    /// Leave a community. Its founder hands it over first
    Leave {
        /// The community
        community: String,
    },

    /// Show the groups of a community that anyone can find
    ///
    /// `sotto group create Altos --community Choir --listed` makes one. Only who is in the community comes in.
    Groups {
        /// The community
        community: String,
    },

    /// Show who is in a community that you are in
    Members {
        /// The community
        community: String,
    },

    /// Make a member a moderator, take that back, or hand the community over, as its founder
    ///
    /// Moderators change what the community says, remove members, and ban people from it.
    Role {
        /// The community
        community: String,
        /// Whose role
        name: String,
        /// The role
        #[arg(value_enum)]
        role: RoleInCommunity,
    },

    /// Remove somebody from a community, as its founder or a moderator
    Remove {
        /// The community
        community: String,
        /// Their name
        name: String,
        /// Do not let them in again
        #[arg(long)]
        ban: bool,
    },

    /// Let somebody into a community again
    Unban {
        /// The community
        community: String,
        /// Their name
        name: String,
    },

    /// Show who is banned from a community
    Banned {
        /// The community
        community: String,
    },

    /// Report a community to those who look after the server
    ///
    /// They see that it is you who reports it. Its founder and its members are not told.
    Report {
        /// The community
        community: String,
        /// Why
        #[arg(long, value_enum, default_value_t = ReportedFor::Other)]
        reason: ReportedFor,
        /// What they should know beside it
        #[arg(long, value_name = "TEXT")]
        comment: Option<String>,
    },

    /// Delete a community, as its founder
    Delete {
        /// The community
        community: String,
        /// You mean it: it cannot be taken back
        #[arg(long, required = true)]
        yes: bool,
    },
}

/// Which communities are looked for.
#[derive(Debug, Args)]
pub(crate) struct FindCommunities {
    /// Part of a title, or of what communities say of themselves and of where they are
    #[arg(value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// About this topic; `sotto community topics` shows what there is
    #[arg(long, value_name = "TOPIC")]
    pub(crate) topic: Option<String>,
    /// Near this place, in degrees; the nearest come first
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) near: Option<CoarseLocation>,
    /// How near, in kilometres
    #[arg(long, value_name = "KM", requires = "near", value_parser = clap::value_parser!(u16).range(10..=500))]
    pub(crate) within: Option<u16>,
}

/// What changes of what a community says.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct NewCommunityProfile {
    /// What it is called
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// What it is about, in place of what it was; may be given up to five times
    #[arg(long = "topic", value_name = "TOPIC")]
    pub(crate) topics: Vec<String>,
    /// What else there is to say
    #[arg(long, value_name = "TEXT")]
    pub(crate) about: Option<String>,
    /// Where it is, in your own words
    #[arg(long, value_name = "TEXT")]
    pub(crate) place: Option<String>,
    /// Where that is, in degrees. Only a tenth of a degree (about 11 km) leaves this device
    #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
    pub(crate) location: Option<CoarseLocation>,
    /// Do not say any more where that is
    #[arg(long, conflicts_with = "location")]
    pub(crate) no_location: bool,
    /// A JPEG, PNG, WebP or GIF file of at most 8 MiB; where and when it was taken is removed from it
    #[arg(long, value_name = "FILE")]
    pub(crate) picture: Option<PathBuf>,
    /// Take the picture away
    #[arg(long, conflicts_with = "picture")]
    pub(crate) no_picture: bool,
    /// A wide picture for the head of its page, as with --picture
    #[arg(long, value_name = "FILE")]
    pub(crate) cover: Option<PathBuf>,
    /// Take the cover away
    #[arg(long, conflicts_with = "cover")]
    pub(crate) no_cover: bool,
}

/// A role in a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleInCommunity {
    /// Like everyone else
    Member,
    /// Changes what it says, removes members and bans people
    Moderator,
    /// Makes moderators, and can delete it; you are a moderator from then on
    Founder,
}

impl From<RoleInCommunity> for CommunityRole {
    fn from(role: RoleInCommunity) -> Self {
        match role {
            RoleInCommunity::Member => Self::Member,
            RoleInCommunity::Moderator => Self::Moderator,
            RoleInCommunity::Founder => Self::Founder,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::arguments::Arguments;
    use clap::Parser as _;

    #[test]
    fn a_community_is_founded_about_something_and_changed_in_parts() {
        let reads = |line: &str| {
            Arguments::try_parse_from(["sotto", "community"].into_iter().chain(line.split(' '))).is_ok()
        };
        for good in [
            "find",
            "find choir --topic music --near -33.9,151.2 --within 20",
            "new --near 48.1,11.6 --since 7d",
            "found Choir --topic music --topic art --location -33.9,151.2",
            "set Choir --title Band",
            "set Choir --topic art --no-location",
            "role Choir grace moderator",
            "delete Choir --yes",
        ] {
            assert!(reads(good), "{good}");
        }
        for bad in [
            "find --within 20",
            "new",
            "found Choir",
            "set Choir",
            "set Choir --location 48,11 --no-location",
            "role Choir grace owner",
            "delete Choir",
        ] {
            assert!(!reads(bad), "{bad}");
        }
    }
}
