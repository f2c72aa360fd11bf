//! `POST /v1/user/{name}`

use crate::app::{App, Backend};
use crate::auth::AccountCaller;
use crate::http::{HttpProblem, Json, Path};
use crate::store::{AccountStore as _, ProfileChange};
use axum::extract::State;
use sotto_protocol::rest::user::{UpdateUser, User};
use sotto_protocol::{AccountId, AccountName, ProblemCode, limits};

/// Changes the caller's own profile.
pub(crate) async fn update<B: Backend>(
    State(app): State<App<B>>,
    AccountCaller(account): AccountCaller,
    Path(name): Path<AccountName>,
    Json(update): Json<UpdateUser>,
) -> Result<Json<User>, HttpProblem> {
    own_profile(&app, account, &name).await?;
    let change = checked(update)?;
    let changed = app
        .accounts
        .update_profile(account, change)
        .await?
        .ok_or(ProblemCode::UserNotFound)?;
    app.delivery.account_changed(account).await;
    Ok(Json(changed))
}

fn checked(update: UpdateUser) -> Result<ProfileChange, HttpProblem> {
    let UpdateUser {
        display_name,
        about,
        place,
        location,
        listed,
    } = update;
    let one_line = |c: char| !c.is_control();
    if let Some(text) = &display_name {
        check("display_name", text, limits::DISPLAY_NAME_BYTES, one_line)?;
    }
    if let Some(text) = &about {
        check("about", text, limits::ABOUT_BYTES, |c| {
            !c.is_control() || c == '\n'
        })?;
    }
    if let Some(text) = &place {
        check("place", text, limits::PLACE_BYTES, one_line)?;
    }
    Ok(ProfileChange {
        display_name,
        about,
        place,
        location,
        listed,
    })
}

/// The profile of the account that calls, if this is its name. Nobody else's may be changed.
pub(super) async fn own_profile<B: Backend>(
    app: &App<B>,
    account: AccountId,
    name: &AccountName,
) -> Result<User, HttpProblem> {
    app.accounts
        .account(account)
        .await?
        .filter(|user| user.name == *name)
        .ok_or_else(|| ProblemCode::Forbidden.into())
}

fn check(
    member: &str,
    text: &str,
    bytes_max: usize,
    allowed: impl Fn(char) -> bool,
) -> Result<(), HttpProblem> {
    if text.len() > bytes_max {
        Err(ProblemCode::TooLarge.into())
    } else if text.chars().all(allowed) {
        Ok(())
    } else {
        Err(HttpProblem::invalid_request(format!(
            "{member}: control characters are not allowed"
        )))
    }
}
