//! `PUT /v1/user/{name}`

use crate::app::{App, Backend};
use crate::auth::{OpaqueServer, hash_of_invite, is_login_key};
use crate::http::auth::bot;
use crate::http::auth::captcha::shown;
use crate::http::device::update::check_name;
use crate::http::device_list::{self, Owner};
use crate::http::{HttpProblem, Json, Path, oidc, sessions};
use crate::limit::ClientAddress;
use crate::store::{AccountStore as _, CreateAccountError, InviteHash, NewAccount};
use crate::telemetry::metrics::METRICS;
use axum::Extension;
use axum::extract::State;
use http::StatusCode;
use sotto_protocol::rest::server::RegistrationPolicy;
use sotto_protocol::rest::user::{CreateUser, GivenInvite, UserCreated};
use sotto_protocol::{AccountName, DeviceAddress, ListedDevice, ProblemCode, limits};

impl From<CreateAccountError> for HttpProblem {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::NameTaken => ProblemCode::NameTaken.into(),
            CreateAccountError::AccountTaken => ProblemCode::AccountTaken.into(),
            CreateAccountError::DeviceTaken => ProblemCode::DeviceTaken.into(),
            CreateAccountError::CaptchaSpent => ProblemCode::CaptchaInvalid.into(),
            CreateAccountError::InviteInvalid => ProblemCode::InviteInvalid.into(),
            CreateAccountError::OidcTaken => ProblemCode::OidcTaken.into(),
            CreateAccountError::BotTokenInvalid => ProblemCode::BotTokenInvalid.into(),
            CreateAccountError::Store(error) => error.into(),
        }
    }
}

/// Finishes a registration: the account, its first device and that device's session, all or nothing.
pub(crate) async fn create<B: Backend>(
    State(app): State<App<B>>,
    from: Option<Extension<ClientAddress>>,
    Path(name): Path<AccountName>,
    Json(request): Json<CreateUser>,
) -> Result<(StatusCode, Json<UserCreated>), HttpProblem> {
    let link = oidc::new_link(&app, request.oidc.as_ref()).await?;
    let bot = bot::shown(&app, &name, request.bot.as_ref()).await?;
    // Whom the provider vouches for needs nothing else, nor does a bot that somebody awaits.
    let (invite, captcha) = if bot.is_some() || link.is_some_and(|link| link.registers) {
        (None, None)
    } else {
        let invite = invite(app.config.registration.policy, request.invite.as_ref())?;
        (invite, shown(&app, request.captcha.as_ref())?)
    };
    let opaque_record = OpaqueServer::finish_registration(request.registration.as_slice())?;
    check(&name, &request)?;
    let address = DeviceAddress {
        account: request.account,
        device: request.device,
    };
    let session = sessions::begin(&app, address)?;
    app.accounts
        .create_account(NewAccount {
            account: request.account,
            name,
            opaque_record: opaque_record.into(),
            identity_key: request.identity_key,
            vault_by_password: request.vault.by_password.0,
            vault_by_recovery_code: request.vault.by_recovery_code.0,
            recovery_key: request.recovery_key,
            device: request.device,
            device_key: request.device_key,
            device_list: request.device_list,
            device_name: request.device_name.map(|name| name.0),
            session: session.record,
            invite,
            captcha,
            oidc: link,
            bot,
            at: app.now(),
        })
        .await?;
    app.abuse
        .registered(from.map(|Extension(address)| address), app.now());
    METRICS.registrations.increment();
    tracing::info!(account = ?address.account, device = ?address.device, "an account was created");
    Ok((
        StatusCode::CREATED,
        Json(UserCreated {
            session: session.tokens,
        }),
    ))
}

/// The invite that a registration needs, if it may take place at all. Where it needs none, what was given is ignored.
fn invite(
    policy: RegistrationPolicy,
    given: Option<&GivenInvite>,
) -> Result<Option<InviteHash>, ProblemCode> {
    match policy {
        RegistrationPolicy::Open => Ok(None),
        RegistrationPolicy::Closed => Err(ProblemCode::RegistrationClosed),
        RegistrationPolicy::Invited => {
            let given = given.ok_or(ProblemCode::InviteRequired)?;
            // What is no code at all is one that nobody was given.
            let code = given.code().map_err(|_| ProblemCode::InviteInvalid)?;
            Ok(Some(hash_of_invite(&code)))
        }
    }
}

fn check(name: &AccountName, request: &CreateUser) -> Result<(), HttpProblem> {
    for sealed in [&request.vault.by_password, &request.vault.by_recovery_code] {
        match sealed.as_slice().len() {
            0 => return Err(HttpProblem::invalid_request("vault: it is empty")),
            1..=limits::VAULT_BYTES => {}
            _ => return Err(ProblemCode::TooLarge.into()),
        }
    }
    if !is_login_key(request.recovery_key) {
        return Err(HttpProblem::invalid_request("recovery_key: it is no Ed25519 key"));
    }
    check_name(request.device_name.as_ref())?;
    let owner = Owner {
        account: request.account,
        name,
        identity_key: request.identity_key,
    };
    let list = device_list::claimed(&request.device_list, &owner)?;
    let first = ListedDevice {
        device: request.device,
        device_key: request.device_key,
    };
    if list.version == 1 && list.devices == [first] {
        Ok(())
    } else {
        Err(HttpProblem::invalid_request(
            "device_list: the first has version 1 and the first device alone",
        ))
    }
}
