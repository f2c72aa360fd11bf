//! Logins at the server's OpenID provider, in a browser.

use crate::arguments::AtProvider;
use crate::failure::Failure;
use crate::input;
use crate::session::Session;
use sotto_client_sdk::native::{LoopbackRedirect, Native};
use sotto_client_sdk::protocol::AccountName;
use sotto_client_sdk::{Client, OidcLogin};
use zeroize::Zeroizing;

/// Where a browser on another machine is sent: nobody listens there, and the address is what is wanted.
const NOWHERE: &str = "http://127.0.0.1:9/login/oidc";

/// Lets somebody log in at the provider, if that is wanted. Returns the account that is linked, if one is.
pub(super) async fn visit(
    session: &mut Session,
    client: &Client<Native>,
    at: AtProvider,
) -> Result<Option<AccountName>, Failure> {
    if !at.oidc {
        return Ok(None);
    }
    let (login, address) = if at.paste {
        let login = client.oidc_login(NOWHERE).await?;
        show(session, &login)?;
        session
            .screen
            .note("Then paste the address at which the browser ends, where it finds nothing:")?;
        (login, input::line()?.ok_or(Failure::NoAddress)?)
    } else {
        let redirect = LoopbackRedirect::bind().await?;
        let login = client.oidc_login(&redirect.redirect_uri()).await?;
        show(session, &login)?;
        let address = redirect
            .returned("You can close this page, and go back to the terminal.")
            .await?;
        (login, address)
    };
    let address = Zeroizing::new(address);
    let identity = client.finish_oidc_login(&login.pending, address.trim()).await?;
    Ok(identity.account)
}

fn show(session: &mut Session, login: &OidcLogin) -> Result<(), Failure> {
    session
        .screen
        .note("Open this address in a browser, and log in:")?;
    // Not through the screen's wrapping: it has to be one line to be copied.
    Ok(session.screen.show(&login.authorization_url)?)
}
