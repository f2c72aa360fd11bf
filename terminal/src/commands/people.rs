//! `sotto people`

use crate::failure::Failure;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::IdentityStatus;

/// How many people are shown before the search had better be narrower.
const ENOUGH: usize = 200;

pub(crate) async fn run(session: &mut Session, query: &str) -> Result<(), Failure> {
    let client = session.resume().await?;
    let mut people = Vec::new();
    let mut after = None;
    let more = loop {
        let page = match client.search_people(query, after.as_deref()).await {
            Ok(page) => page,
            Err(error) => {
                client.close().await?;
                return Err(error.into());
            }
        };
        people.extend(page.people);
        after = page.next;
        if after.is_none() || people.len() >= ENOUGH {
            break after.is_some();
        }
    };
    client.close().await?;
    if people.is_empty() {
        session.screen.note("Nobody of that name.")?;
    }
    for person in people {
        let mut line = session.screen.name(person.name.as_str());
        if !person.display_name.is_empty() {
            line.push_str("  ");
            line.push_str(&text::line(&person.display_name));
        }
        if person.identity == IdentityStatus::Changed {
            line.push_str("  (identity key changed)");
        }
        session.screen.show(&line)?;
    }
    if more {
        session.screen.note("There are more; give more of the name.")?;
    }
    Ok(())
}
