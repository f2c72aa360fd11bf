//! `sotto privacy`

use crate::arguments::Privacy as Asked;
use crate::failure::Failure;
use crate::session::Session;

pub(crate) async fn run(session: &mut Session, asked: Asked) -> Result<(), Failure> {
    let client = session.resume_online().await?;
    let mut privacy = client.privacy().await?;
    let before = privacy;
    for (tells, asked) in [
        (&mut privacy.delivery_receipts, asked.delivery),
        (&mut privacy.read_receipts, asked.read),
        (&mut privacy.typing, asked.typing),
        (&mut privacy.presence, asked.presence),
    ] {
        *tells = asked.unwrap_or(*tells);
    }
    if privacy != before {
        client.set_privacy(privacy).await?;
    }
    client.close().await?;
    let screen = &mut session.screen;
    for (what, option, tells) in [
        (
            "that a message has arrived",
            "--delivery",
            privacy.delivery_receipts,
        ),
        ("that you have read it", "--read", privacy.read_receipts),
        ("that you are writing", "--typing", privacy.typing),
        ("that you are there, or were", "--presence", privacy.presence),
    ] {
        let told = if tells { "told" } else { "not told" };
        screen.show(&format!("{option:<11} {told:<9} {what}"))?;
    }
    Ok(screen.note("What you do not tell others, you are not told of them either.")?)
}
