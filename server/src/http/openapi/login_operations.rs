//! The operations of logins without the password, and of a new password.

use super::operations::{Operation, Security};
use super::schemas::Schemas;
use ProblemCode as P;
use sotto_protocol::rest::auth;
use sotto_protocol::{DeviceLinkId, ProblemCode};

pub(super) fn login_operations() -> Vec<Operation> {
    let link_path = "/v1/auth/device-link/{id}";
    let link =
        |operation: Operation| operation.parameter("path", "id", "The link.", Schemas::of::<DeviceLinkId>);
    let mut all = vec![
        Operation::new(
            "post",
            "/v1/auth/recovery",
            "startRecovery",
            "The first of two steps of a login by recovery code",
        )
        .takes::<auth::StartRecovery>()
        .answers::<auth::LoginChallenged>(200, "The same for a name that nobody has.")
        .fails(&[P::CaptchaRequired, P::CaptchaInvalid]),
        Operation::new(
            "post",
            "/v1/auth/recovery/finish",
            "finishRecovery",
            "The second step of a login by recovery code",
        )
        .takes::<auth::AnswerChallenge>()
        .answers::<auth::LoggedIn>(200, "What a device needs to open the vault and to enrol.")
        .fails(&[P::WrongCredentials, P::LoginExpired, P::Banned]),
        Operation::new(
            "post",
            "/v1/auth/device-link",
            "startDeviceLink",
            "The first of two steps of a login by the code that an old device shows",
        )
        .takes::<auth::StartDeviceLink>()
        .answers::<auth::LoginChallenged>(200, "The same for a link that there is not."),
        Operation::new(
            "post",
            "/v1/auth/device-link/finish",
            "finishDeviceLink",
            "The second step of a login by the code that an old device shows",
        )
        .takes::<auth::AnswerChallenge>()
        .answers::<auth::LoggedIn>(200, "What a device needs to open the vault and to enrol: once.")
        .fails(&[P::DeviceLinkRefused, P::LoginExpired, P::Banned]),
        link(Operation::new(
            "put",
            link_path,
            "offerDeviceLink",
            "Offers to let a new device into one's own account, for five minutes",
        ))
        .by_device()
        .takes::<auth::OfferDeviceLink>()
        .answers::<auth::DeviceLinkOffered>(200, "The offer stands, in place of an earlier one."),
        link(Operation::new(
            "delete",
            link_path,
            "withdrawDeviceLink",
            "Takes an offer back",
        ))
        .by_device()
        .answers_nothing(204, "There is no such offer any more."),
    ];
    let mut start = Operation::new(
        "post",
        "/v1/auth/password",
        "startPassword",
        "The first of two steps to a new password (OPAQUE)",
    )
    .takes::<auth::StartPassword>()
    .answers::<auth::RegistrationStarted>(200, "The second step is PUT.")
    .fails(&[P::UserNotFound]);
    start.security = Security::Enrolment;
    let mut set = Operation::new(
        "put",
        "/v1/auth/password",
        "setPassword",
        "Sets a new password after a login by the old one, the recovery code or a passkey",
    )
    .takes::<auth::SetPassword>()
    .answers_nothing(204, "It is set. Devices and sessions stay.")
    .fails(&[P::UserNotFound]);
    set.security = Security::Enrolment;
    all.extend([start, set]);
    all
}
