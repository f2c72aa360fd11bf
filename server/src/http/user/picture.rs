//! `PUT` and `DELETE` of `/v1/user/{name}/picture` and `/v1/user/{name}/cover`; `GET /v1/picture/{id}`

use super::update::own_profile;
use crate::app::{App, Backend};
use crate::auth::Caller;
use crate::http::json::rejected;
use crate::http::{HttpProblem, Json, Path, is_known};
use crate::limit::Share;
use crate::picture::PictureError;
use crate::store::PictureStore as _;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use rand_core::Rng as _;
use sotto_protocol::rest::user::User;
use sotto_protocol::{AccountId, AccountName, PictureId, Problem, ProblemCode};

/// Seconds after which the account's other picture may be made.
const TURN_SECONDS: u32 = 2;

/// Whoever opens a picture by itself shall get nothing else out of it.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

impl From<PictureError> for HttpProblem {
    fn from(error: PictureError) -> Self {
        match error {
            PictureError::Unreadable => ProblemCode::InvalidPicture.into(),
            PictureError::TooManyPixels => ProblemCode::TooManyPixels.into(),
            PictureError::TooMany => Problem::new(ProblemCode::RateLimited)
                .with_retry_after(TURN_SECONDS)
                .into(),
            PictureError::Overloaded => ProblemCode::Unavailable.into(),
            PictureError::Failed => Self::internal(&error),
        }
    }
}

/// Gives the caller's profile a picture.
pub(crate) async fn set_picture<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(name): Path<AccountName>,
    request: Request,
) -> Result<Json<User>, HttpProblem> {
    let account = caller.address.account;
    let (file, _turn) = received(&app, account, &name, request).await?;
    let ids = [new_id(&app), new_id(&app)];
    let picture = app.pictures.profile_picture(file, ids).await?;
    let user = app.accounts.set_picture(account, Some(picture)).await?;
    changed(&app, account, user).await
}

/// Takes the picture of the caller's profile away.
pub(crate) async fn remove_picture<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(name): Path<AccountName>,
) -> Result<Json<User>, HttpProblem> {
    let account = caller.address.account;
    own_profile(&app, account, &name).await?;
    let user = app.accounts.set_picture(account, None).await?;
    changed(&app, account, user).await
}

/// Gives the caller's profile a cover.
pub(crate) async fn set_cover<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(name): Path<AccountName>,
    request: Request,
) -> Result<Json<User>, HttpProblem> {
    let account = caller.address.account;
    let (file, _turn) = received(&app, account, &name, request).await?;
    let cover = app.pictures.cover(file, new_id(&app)).await?;
    let user = app.accounts.set_cover(account, Some(cover)).await?;
    changed(&app, account, user).await
}

/// Takes the cover of the caller's profile away.
pub(crate) async fn remove_cover<B: Backend>(
    State(app): State<App<B>>,
    caller: Caller,
    Path(name): Path<AccountName>,
) -> Result<Json<User>, HttpProblem> {
    let account = caller.address.account;
    own_profile(&app, account, &name).await?;
    let user = app.accounts.set_cover(account, None).await?;
    changed(&app, account, user).await
}

/// A picture of a profile. Anyone may have it who can name it: the profile that does so is public, and what shows pictures on a
/// page sends no token.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    Path(id): Path<PictureId>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let jpeg = app
        .accounts
        .picture(id)
        .await?
        .ok_or(ProblemCode::PictureNotFound)?;
    // Another picture has another id, so this one never changes.
    let etag = format!("\"{id}\"");
    let mut response = if is_known(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, "image/jpeg")], jpeg).into_response()
    };
    let set = response.headers_mut();
    set.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    set.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // Base64url: always a header's value.
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        set.insert(ETAG, etag);
    }
    Ok(response)
}

/// The file that was sent for the caller's own profile, and the account's turn.
async fn received<B: Backend>(
    app: &App<B>,
    account: AccountId,
    name: &AccountName,
    request: Request,
) -> Result<(Bytes, Share<AccountId>), HttpProblem> {
    own_profile(app, account, name).await?;
    app.limits.of_picture(account)?;
    let turn = app.pictures.turn_of(account)?;
    let file = Bytes::from_request(request, &())
        .await
        .map_err(|rejection| rejected(&rejection))?;
    Ok((file, turn))
}

/// An id for a picture.
pub(crate) fn new_id<B: Backend>(app: &App<B>) -> PictureId {
    let mut bytes = [0; 16];
    app.rng().fill_bytes(&mut bytes);
    PictureId::from_bytes(bytes)
}

/// Tells whom it concerns that the profile is another.
async fn changed<B: Backend>(
    app: &App<B>,
    account: AccountId,
    user: Option<User>,
) -> Result<Json<User>, HttpProblem> {
    let user = user.ok_or(ProblemCode::UserNotFound)?;
    app.delivery.account_changed(account).await;
    Ok(Json(user))
}
