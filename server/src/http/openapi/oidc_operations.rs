//! The operations of logins at an OpenID provider.

use super::operations::{Operation, Security};
use ProblemCode as P;
use sotto_protocol::ProblemCode;
use sotto_protocol::rest::oidc;

pub(super) fn oidc_operations() -> Vec<Operation> {
    let link = "/v1/auth/oidc/link";
    let mut linking = Operation::new(
        "put",
        link,
        "linkOidc",
        "Links the account that has just logged in with who has logged in at the provider",
    )
    .takes::<oidc::LinkOidc>()
    .answers_nothing(204, "It is linked.")
    .fails(&[P::OidcOff, P::OidcExpired, P::OidcTaken, P::UserNotFound]);
    linking.security = Security::Enrolment;
    vec![
        Operation::new(
            "post",
            "/v1/auth/oidc",
            "startOidc",
            "The first of two steps of a login at the server's OpenID provider",
        )
        .takes::<oidc::StartOidc>()
        .answers::<oidc::OidcStarted>(200, "Where the browser is to go. The same for everybody.")
        .fails(&[P::OidcOff, P::OidcUnavailable]),
        Operation::new(
            "post",
            "/v1/auth/oidc/finish",
            "finishOidc",
            "The second step: what the provider has sent back gives a ticket",
        )
        .takes::<oidc::FinishOidc>()
        .answers::<oidc::OidcFinished>(200, "A ticket, and which account is linked, if one is.")
        .fails(&[P::OidcOff, P::OidcExpired, P::OidcRefused, P::OidcUnavailable]),
        Operation::new(
            "get",
            link,
            "oidcLink",
            "Whether one's own account is linked with the provider",
        )
        .by_device()
        .answers::<oidc::OidcLink>(200, "Since when, if it is."),
        linking,
        Operation::new("delete", link, "unlinkOidc", "Ends the link of one's own account")
            .by_device()
            .answers_nothing(204, "It is linked no more.")
            .fails(&[P::OidcRequired]),
    ]
}
