//! The operations on passkeys.

use super::operations::{Operation, Security};
use super::schemas::Schemas;
use ProblemCode as P;
use sotto_protocol::rest::{auth, passkey};
use sotto_protocol::{PasskeyId, ProblemCode};

pub(super) fn passkey_operations() -> Vec<Operation> {
    let path = "/v1/passkey/{id}";
    let of_passkey = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "id", "The passkey.", Schemas::of::<PasskeyId>)
    };
    let mut start = Operation::new(
        "post",
        "/v1/passkey/registration",
        "startPasskeyRegistration",
        "The first of two steps to another passkey, after a login",
    )
    .answers::<passkey::PasskeyRegistrationStarted>(
        200,
        "What the browser is to be asked for. The client adds its input for the extension `prf`.",
    )
    .fails(&[P::PasskeysOff, P::UserNotFound, P::TooManyPasskeys]);
    start.security = Security::Enrolment;
    let mut add = Operation::new(
        "post",
        "/v1/passkey",
        "addPasskey",
        "The second step: adds the passkey, with the copy of the account's root that it seals",
    )
    .takes::<passkey::AddPasskey>()
    .answers::<passkey::Passkey>(201, "It can be used.")
    .fails(&[
        P::PasskeysOff,
        P::UserNotFound,
        P::PasskeyExpired,
        P::PasskeyUnusable,
        P::PasskeyTaken,
        P::TooManyPasskeys,
    ]);
    add.security = Security::Enrolment;
    vec![
        start,
        add,
        Operation::new(
            "get",
            "/v1/passkey",
            "passkeys",
            "The passkeys of one's own account",
        )
        .by_device()
        .answers::<passkey::Passkeys>(200, "The passkeys, oldest first."),
        of_passkey(Operation::new(
            "post",
            path,
            "renamePasskey",
            "Gives a passkey another name",
        ))
        .takes::<passkey::UpdatePasskey>()
        .answers_nothing(204, "It has that name.")
        .fails(&[P::PasskeyNotFound]),
        of_passkey(Operation::new(
            "delete",
            path,
            "removePasskey",
            "Removes a passkey",
        ))
        .answers_nothing(204, "Nobody logs in by it any more. Devices that have, stay.")
        .fails(&[P::PasskeyNotFound]),
        Operation::new(
            "post",
            "/v1/auth/passkey",
            "startPasskeyLogin",
            "The first of two steps of a login by passkey",
        )
        .answers::<passkey::PasskeyLoginStarted>(200, "The same for everybody.")
        .fails(&[P::PasskeysOff]),
        Operation::new(
            "post",
            "/v1/auth/passkey/finish",
            "finishPasskeyLogin",
            "The second step of a login by passkey",
        )
        .takes::<passkey::FinishPasskeyLogin>()
        .answers::<auth::LoggedIn>(200, "What a device needs to open the vault and to enrol.")
        .fails(&[P::PasskeysOff, P::PasskeyRefused, P::LoginExpired, P::Banned]),
    ]
}
