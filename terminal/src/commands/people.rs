//! `sotto people`

use crate::arguments::People as Asked;
use crate::failure::Failure;
use crate::session::Session;
use crate::text;
use sotto_client_sdk::{FoundPerson, IdentityStatus, PeopleQuery};

/// How many people are shown before the search had better be narrower.
const ENOUGH: usize = 200;

pub(crate) async fn run(session: &mut Session, asked: Asked) -> Result<(), Failure> {
    let query = PeopleQuery {
        text: asked.text,
        near: asked.near,
        within_km: asked.within,
    };
    let client = session.resume().await?;
    let mut people = Vec::new();
    let mut after = None;
    let more = loop {
        let page = match client.search_people(query.clone(), after.as_deref()).await {
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
        session.screen.note("Nobody is found.")?;
    }
    for found in people {
        let line = line(session, &found);
        session.screen.show(&line)?;
    }
    if more {
        session
            .screen
            .note("There are more; say more of whom you look for.")?;
    }
    Ok(())
}

fn line(session: &Session, found: &FoundPerson) -> String {
    let person = &found.person;
    let mut line = session.screen.name(person.name.as_str());
    for part in [&person.display_name, &found.place] {
        if !part.is_empty() {
            line.push_str("  ");
            line.push_str(&text::line(part));
        }
    }
    if found.is_bot {
        line.push_str(&session.screen.faint("  bot"));
    }
    if let Some(km) = found.distance_km {
        line.push_str(&session.screen.faint(&format!("  {km} km")));
    }
    if person.identity == IdentityStatus::Changed {
        line.push_str("  (identity key changed)");
    }
    line
}
