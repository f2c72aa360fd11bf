//! `GET /v1/auth/captcha`, and what has to be shown of it elsewhere.

use crate::app::{App, Backend};
use crate::captcha::{Difficulty, InvalidSolution};
use crate::http::{HttpProblem, Json};
use crate::limit::ClientAddress;
use crate::store::{CaptchaStore as _, SpentCaptcha};
use crate::telemetry::metrics::{LoginOutcome, METRICS};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use sotto_protocol::rest::captcha::CaptchaSolution;
use sotto_protocol::{AccountName, ProblemCode};

impl From<InvalidSolution> for HttpProblem {
    fn from(InvalidSolution: InvalidSolution) -> Self {
        ProblemCode::CaptchaInvalid.into()
    }
}

/// Gives a challenge, as hard as the times are; nothing if none is asked for here.
pub(crate) async fn captcha<B: Backend>(
    State(app): State<App<B>>,
    from: Option<Extension<ClientAddress>>,
) -> Response {
    let captcha = &app.config.captcha;
    if !captcha.enabled {
        return StatusCode::NO_CONTENT.into_response();
    }
    let now = app.now();
    let from = from.map(|Extension(address)| address);
    let difficulty = Difficulty {
        least: captcha.least,
        most: captcha.most,
    };
    let number = difficulty.after(app.abuse.of_address(from, now), app.abuse.in_all(now));
    Json(app.auth.captcha.challenge(&mut app.rng(), number, now)).into_response()
}

/// What a request spends that has to show a solution; `None` where none is asked for.
pub(in crate::http) fn shown<B: Backend>(
    app: &App<B>,
    solution: Option<&CaptchaSolution>,
) -> Result<Option<SpentCaptcha>, HttpProblem> {
    if !app.config.captcha.enabled {
        return Ok(None);
    }
    let solution = solution.ok_or(ProblemCode::CaptchaRequired)?;
    Ok(Some(app.auth.captcha.check(solution, app.now())?))
}

/// Counts a login to this name as begun, by whatever it is to be proven. Where so many were begun before that somebody guesses, it takes a
/// solution. Call it before anything is looked up: a name that nobody has is treated as any other.
pub(super) async fn begin_login<B: Backend>(
    app: &App<B>,
    name: &AccountName,
    from: Option<ClientAddress>,
    solution: Option<&CaptchaSolution>,
) -> Result<(), HttpProblem> {
    let shown = if app.abuse.is_guessing(name, from, app.now()) {
        shown(app, solution)?
    } else {
        None
    };
    // Whoever does no work uses up none of the logins that the name has.
    app.limits.of_login(name).inspect_err(|_| {
        METRICS.logins.of(LoginOutcome::RateLimited).increment();
    })?;
    if let Some(captcha) = shown {
        spend(app, captcha).await?;
    }
    app.abuse.login_begun(name, from, app.now());
    Ok(())
}

/// Spends a solution that a request has shown.
async fn spend<B: Backend>(app: &App<B>, captcha: SpentCaptcha) -> Result<(), HttpProblem> {
    if app.accounts.spend_captcha(captcha).await? {
        Ok(())
    } else {
        Err(ProblemCode::CaptchaInvalid.into())
    }
}
