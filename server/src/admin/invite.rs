//! `sotto-server admin invite …`

use super::{AdminError, Lifetime, Said, Tools};
use crate::auth::{hash_of_invite, new_invite_code};
use crate::store::{Invite, InviteStore, NewInvite};
use clap::Subcommand;
use rand_core::Rng as _;
use sotto_protocol::{InviteId, Timestamp};
use std::fmt::Write as _;

/// Characters of a note.
const NOTE_CHARACTERS: usize = 200;

/// What an operator wants of invites.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum InviteCommand {
    /// Make an invite code, and show it this once: the server keeps a hash alone
    Create {
        /// How many accounts can be made with it
        #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        uses: u32,
        /// How long it is good: a number and m, h, d or w
        #[arg(long, value_name = "TIME", default_value = "7d")]
        expires_in: Lifetime,
        /// What it is for, to know it by later
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true, value_parser = note)]
        note: String,
    },
    /// Show the invites, the latest first, but not their codes
    List,
    /// End an invite: its code is good for nothing from now on
    Revoke {
        /// Its id, as `list` shows it
        #[arg(allow_hyphen_values = true)]
        id: InviteId,
    },
}

fn note(text: &str) -> Result<String, &'static str> {
    if text.chars().count() > NOTE_CHARACTERS || text.chars().any(char::is_control) {
        return Err("one line of at most 200 characters");
    }
    Ok(text.to_owned())
}

pub(super) async fn perform<A: InviteStore>(
    tools: &mut Tools<'_, A>,
    command: InviteCommand,
) -> Result<Said, AdminError> {
    match command {
        InviteCommand::Create {
            uses,
            expires_in,
            note,
        } => create(tools, uses, expires_in, note).await,
        InviteCommand::List => list(tools).await,
        InviteCommand::Revoke { id } => revoke(tools, id).await,
    }
}

async fn create<A: InviteStore>(
    tools: &mut Tools<'_, A>,
    uses: u32,
    expires_in: Lifetime,
    note: String,
) -> Result<Said, AdminError> {
    let code = new_invite_code(&mut tools.rng);
    let mut id = [0; 16];
    tools.rng.fill_bytes(&mut id);
    let made_at = tools.clock.now();
    let invite = NewInvite {
        invite: InviteId::from_bytes(id),
        hash: hash_of_invite(&code),
        uses,
        note,
        made_at,
        expires_at: made_at.plus_millis(expires_in.millis()),
        made_by: None,
    };
    let remark = format!(
        "Invite {}: good for {} until {}. The code is shown this once.\n",
        invite.invite,
        counted(uses, "account"),
        written(invite.expires_at),
    );
    tools.accounts.create_invite(invite).await?;
    Ok(Said {
        result: code.to_text() + "\n",
        remark,
    })
}

async fn list<A: InviteStore>(tools: &Tools<'_, A>) -> Result<Said, AdminError> {
    let invites = tools.accounts.invites().await?;
    if invites.is_empty() {
        return Ok(Said {
            result: String::new(),
            remark: "There are no invites.\n".to_owned(),
        });
    }
    let mut result = row("ID", "USES LEFT", "MADE", "UNTIL", "BY", "NOTE");
    for Invite {
        invite,
        uses_left,
        note,
        made_at,
        expires_at,
        made_by,
    } in invites
    {
        let until = if expires_at <= tools.clock.now() {
            "over".to_owned()
        } else {
            written(expires_at)
        };
        result += &row(
            &invite.to_string(),
            &uses_left.to_string(),
            &written(made_at),
            &until,
            &made_by.map_or("command line".to_owned(), |account| account.to_string()),
            &note,
        );
    }
    Ok(Said {
        result,
        remark: String::new(),
    })
}

async fn revoke<A: InviteStore>(tools: &Tools<'_, A>, id: InviteId) -> Result<Said, AdminError> {
    if !tools.accounts.revoke_invite(id).await? {
        return Err(AdminError::NoInvite(id));
    }
    Ok(Said {
        result: String::new(),
        remark: format!("Invite {id} is good for nothing any more. Accounts that were made with it stay.\n"),
    })
}

/// A line of the list.
fn row(id: &str, uses: &str, made: &str, until: &str, by: &str, note: &str) -> String {
    let mut line = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        line,
        "{id:<22}  {uses:>9}  {made:<20}  {until:<20}  {by:<22}  {note}"
    );
    line.truncate(line.trim_end().len());
    line + "\n"
}

fn counted(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A time in UTC, to the second (RFC 3339).
fn written(time: Timestamp) -> String {
    i64::try_from(time.0 / 1000)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(|| time.0.to_string(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc() {
        assert_eq!(written(Timestamp(1_800_000_000_999)), "2027-01-15T08:00:00Z");
    }

    #[test]
    fn a_note_is_one_line() {
        assert_eq!(note("for Zoë's class"), Ok("for Zoë's class".to_owned()));
        assert!(note("a\nb").is_err());
        assert!(note("\u{1b}[2J").is_err());
        assert!(note(&"a".repeat(201)).is_err());
    }
}
