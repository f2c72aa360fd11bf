//! Every route.

use super::{
    HttpProblem, admin, archive, auth, blob, block, broadcast, chat, community, device, group, health,
    key_package, layers, news, notification, oidc, openapi, passkey, record, report, role, server, site,
    user,
};
use crate::app::{App, Backend};
use crate::telemetry::observe_request;
use crate::{web, ws};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, patch, post, put};
use http::HeaderValue;
use http::header::ALLOW;
use sotto_protocol::{ProblemCode, limits};
use tower_http::catch_panic::CatchPanicLayer;

/// Bytes of a body that carries no MLS message.
const SMALL_BODY_BYTES: usize = 64 * 1024;

/// Bytes of a body full of KeyPackages, in base64url.
const KEY_PACKAGES_BODY_BYTES: usize =
    (limits::KEY_PACKAGES_PER_REQUEST + 2) * (limits::KEY_PACKAGE_BYTES / 3 * 4 + 8);

/// Bytes of a body with a private record, in base64url.
const RECORD_BODY_BYTES: usize = limits::ACCOUNT_RECORD_BYTES / 3 * 4 + 1024;

/// Bytes of a body with a report, in base64url.
const REPORT_BODY_BYTES: usize =
    limits::REPORTED_MESSAGES * (limits::PAYLOAD_BYTES / 3 * 4 + 256) + 16 * 1024;

/// The routes, with all that requests go through.
pub(crate) fn router<B: Backend>(app: App<B>) -> Router {
    let most = app.config.sizes.body_bytes;
    let up_to = |bytes| DefaultBodyLimit::max(most.min(bytes));
    let v1 = auth_routes()
        .merge(oidc_routes())
        .merge(passkey_routes())
        .merge(archive_and_notification_routes(up_to(limits::BODY_BYTES)))
        .merge(site_routes())
        .merge(admin_routes())
        .route("/server", get(server::info::<B>))
        .route(
            "/server/broadcast",
            get(broadcast::server::read::<B>)
                .put(broadcast::server::set::<B>)
                .delete(broadcast::server::unset::<B>),
        )
        .route("/role", get(role::read::read::<B>))
        .merge(user_routes())
        .merge(picture_routes())
        .route("/device", get(device::list::list::<B>))
        .route(
            "/device/{id}",
            put(device::enrol::enrol::<B>)
                .post(device::update::update::<B>)
                .delete(device::remove::remove::<B>),
        )
        .route(
            "/key-package",
            get(key_package::stock::stock::<B>)
                .post(key_package::publish::publish::<B>.layer(up_to(KEY_PACKAGES_BODY_BYTES))),
        )
        .route("/key-package/claim", post(key_package::claim::claim::<B>))
        .route("/chat", any(no_method))
        .route(
            "/chat/{id}",
            get(chat::read::read::<B>)
                .put(chat::create::create::<B>)
                .post(chat::publish::publish::<B>)
                .layer(up_to(limits::BODY_BYTES)),
        )
        .route("/chat/{id}/group-info", get(chat::group_info::group_info::<B>))
        .route("/chat/{id}/deletion", post(chat::delete::delete::<B>))
        .route("/chat/{id}/objection", post(chat::object::object::<B>))
        .merge(group_routes(up_to(limits::BODY_BYTES)))
        .merge(community_routes())
        .route(
            "/record/{id}",
            get(record::read::read::<B>).put(record::write::write::<B>.layer(up_to(RECORD_BODY_BYTES))),
        )
        .route(
            "/report",
            post(report::create::create::<B>.layer(up_to(REPORT_BODY_BYTES))),
        )
        .route("/block", get(block::list::list::<B>))
        .route(
            "/block/{account}",
            put(block::create::create::<B>).delete(block::delete::delete::<B>),
        )
        .route(
            "/blob",
            get(blob::usage::usage::<B>).post(blob::create::create::<B>),
        )
        .route(
            "/blob/{id}",
            get(blob::read::read::<B>).delete(blob::delete::delete::<B>),
        )
        .route("/blob/{id}/upload", get(blob::status::status::<B>))
        .route("/ws", get(ws::upgrade::<B>))
        .route("/openapi.json", get(openapi::openapi))
        .route("/docs", get(web::api_docs::<B>))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(up_to(SMALL_BODY_BYTES));
    Router::new()
        .nest("/v1", v1)
        .route("/health", get(health::ready::<B>))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready::<B>))
        .fallback(web::serve::<B>)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(app.clone(), layers::timeout::<B>))
        // May take as long as it moves: it is cut when it stalls.
        .route("/v1/blob/{id}/upload", patch(blob::append::append::<B>))
        .layer(from_fn_with_state(app.clone(), layers::limit::<B>))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(layers::security_headers))
        .layer(from_fn(observe_request))
        // Around what is measured: it is no work of ours.
        .layer(from_fn(layers::delay_refusals))
        .with_state(app)
}

fn user_routes<B: Backend>() -> Router<App<B>> {
    Router::new()
        .route("/user", get(user::search::search::<B>))
        .route("/user/by-id/{account}", get(user::read::by_id::<B>))
        .route(
            "/user/{name}",
            get(user::read::by_name::<B>)
                .put(user::create::create::<B>)
                .post(user::update::update::<B>)
                .delete(user::delete::delete::<B>),
        )
}

fn group_routes<B: Backend>(most: DefaultBodyLimit) -> Router<App<B>> {
    Router::new()
        .route("/group", get(group::search::search::<B>))
        .route(
            "/group/{id}",
            get(group::read::read::<B>)
                .put(group::create::create::<B>.layer(most))
                .post(group::update::update::<B>)
                .delete(group::delete::delete::<B>),
        )
        .route("/group/{id}/leave", post(group::leave::leave::<B>))
        .route(
            "/group/{id}/request",
            get(group::requests::requests::<B>).put(group::ask::ask::<B>),
        )
        .route(
            "/group/{id}/request/{account}",
            delete(group::decline::decline::<B>),
        )
}

/// The routes of communities. What is under `/community` and no id is none: ids are longer.
fn community_routes<B: Backend>() -> Router<App<B>> {
    Router::new()
        .route("/community", get(community::search::search::<B>))
        .route("/community/joined", get(community::joined::joined::<B>))
        .route("/community/new", get(community::latest::latest::<B>))
        .route(
            "/community/{id}",
            get(community::read::read::<B>)
                .put(community::found::found::<B>)
                .post(community::update::update::<B>)
                .delete(community::delete::delete::<B>),
        )
        .route("/community/{id}/join", post(community::join::join::<B>))
        .route("/community/{id}/leave", post(community::join::leave::<B>))
        .route("/community/{id}/group", get(community::groups::list::<B>))
        .route(
            "/community/{id}/broadcast",
            get(broadcast::community::read::<B>)
                .put(broadcast::community::set::<B>)
                .delete(broadcast::community::unset::<B>),
        )
        .route("/community/{id}/member", get(community::members::list::<B>))
        .route(
            "/community/{id}/member/{account}",
            delete(community::members::remove::<B>),
        )
        .route(
            "/community/{id}/member/{account}/role",
            put(community::members::set_role::<B>),
        )
        .route("/community/{id}/ban", get(community::bans::list::<B>))
        .route(
            "/community/{id}/ban/{account}",
            put(community::bans::ban::<B>).delete(community::bans::unban::<B>),
        )
}

fn auth_routes<B: Backend>() -> Router<App<B>> {
    Router::new()
        .route(
            "/auth/registration",
            post(auth::start_registration::start_registration::<B>),
        )
        .route("/auth/captcha", get(auth::captcha::captcha::<B>))
        .route("/auth/login", post(auth::start_login::start_login::<B>))
        .route("/auth/login/finish", post(auth::finish_login::finish_login::<B>))
        .route("/auth/recovery", post(auth::start_recovery::start_recovery::<B>))
        .route(
            "/auth/recovery/finish",
            post(auth::finish_recovery::finish_recovery::<B>),
        )
        .route(
            "/auth/device-link",
            post(auth::start_device_link::start_device_link::<B>),
        )
        .route(
            "/auth/device-link/finish",
            post(auth::finish_device_link::finish_device_link::<B>),
        )
        .route(
            "/auth/device-link/{id}",
            put(auth::offer_device_link::offer_device_link::<B>)
                .delete(auth::offer_device_link::withdraw_device_link::<B>),
        )
        .route(
            "/auth/password",
            post(auth::password::start_password::<B>).put(auth::password::set_password::<B>),
        )
        .route("/auth/refresh", post(auth::refresh::refresh::<B>))
        .route("/auth/logout", post(auth::logout::logout::<B>))
        .route(
            "/auth/logout-everywhere",
            post(auth::logout_everywhere::logout_everywhere::<B>),
        )
}

/// The routes of those who administer.
fn admin_routes<B: Backend>() -> Router<App<B>> {
    Router::new()
        .route("/admin/account", get(admin::accounts::list::<B>))
        .route("/admin/account/{account}", get(admin::accounts::read::<B>))
        .route("/admin/account/{account}/role", put(admin::role::set::<B>))
        .route(
            "/admin/account/{account}/ban",
            put(admin::ban::ban::<B>).delete(admin::ban::unban::<B>),
        )
        .route(
            "/admin/invite",
            get(admin::invite::list::<B>).post(admin::invite::create::<B>),
        )
        .route("/admin/invite/{id}", delete(admin::invite::revoke::<B>))
        .route("/admin/bot", get(admin::bot::list::<B>))
        .route(
            "/admin/bot/{name}",
            put(admin::bot::create::<B>).delete(admin::bot::revoke::<B>),
        )
        .route("/admin/role", get(admin::roles::list::<B>))
        .route(
            "/admin/role/{role}",
            put(admin::roles::put::<B>).delete(admin::roles::delete::<B>),
        )
        .route("/admin/report", get(admin::report::list::<B>))
        .route(
            "/admin/report/{report}",
            get(admin::report::read::<B>).post(admin::report::handle::<B>),
        )
        .route("/admin/community/{id}", delete(admin::community::delete::<B>))
        .route("/admin/storage", get(admin::storage::totals::<B>))
        .route("/admin/audit", get(admin::audit::read::<B>))
}

/// The routes of passkeys, and of logins by them.
fn passkey_routes<B: Backend>() -> Router<App<B>> {
    Router::new()
        .route(
            "/passkey/registration",
            post(passkey::start_registration::start_registration::<B>),
        )
        .route(
            "/passkey",
            get(passkey::list::list::<B>).post(passkey::add::add::<B>),
        )
        .route(
            "/passkey/{id}",
            post(passkey::update::update::<B>).delete(passkey::remove::remove::<B>),
        )
        .route("/auth/passkey", post(auth::start_passkey::start_passkey::<B>))
        .route(
            "/auth/passkey/finish",
            post(auth::finish_passkey::finish_passkey::<B>),
        )
}

/// The routes of logins at an OpenID provider.
fn oidc_routes<B: Backend>() -> Router<App<B>> {
    Router::new()
        .route("/auth/oidc", post(oidc::start::start::<B>))
        .route("/auth/oidc/finish", post(oidc::finish::finish::<B>))
        .route(
            "/auth/oidc/link",
            get(oidc::read::read::<B>)
                .put(oidc::link::link::<B>)
                .delete(oidc::unlink::unlink::<B>),
        )
}

/// The routes of archives, with the bound on what is written to one, and of notifications.
fn archive_and_notification_routes<B: Backend>(write_limit: DefaultBodyLimit) -> Router<App<B>> {
    Router::new()
        .route("/archive", get(archive::list::list::<B>))
        .route("/archive/usage", get(archive::usage::usage::<B>))
        .route(
            "/archive/{id}",
            get(archive::read::read::<B>)
                .post(archive::write::write::<B>.layer(write_limit))
                .delete(archive::delete::delete::<B>),
        )
        .route("/archive/{id}/segment", get(archive::segments::segments::<B>))
        .route("/archive/{id}/claim", post(archive::claim::claim::<B>))
        .route("/notification/key", get(notification::key::key::<B>))
        .route(
            "/notification/subscription",
            get(notification::read::read::<B>)
                .put(notification::subscribe::subscribe::<B>)
                .delete(notification::forget::forget::<B>),
        )
}

/// The routes of what the operator says.
fn site_routes<B: Backend>() -> Router<App<B>> {
    Router::new()
        .route("/site/about", get(site::page::about::<B>))
        .route("/site/landing", get(site::page::landing::<B>))
        .route("/site/logo", get(site::logo::logo::<B>))
        .route("/site/style.css", get(site::style::style::<B>))
        .route("/site/file/{name}", get(site::file::file::<B>))
        .route("/news", get(news::list::list::<B>))
        .route("/news/feed", get(news::feed::feed::<B>))
        .route("/news/{slug}", get(news::read::read::<B>))
}

/// The routes of pictures, which may be as large as a telephone makes them.
fn picture_routes<B: Backend>() -> Router<App<B>> {
    let picture = || DefaultBodyLimit::max(limits::PROFILE_IMAGE_BYTES);
    Router::new()
        .route(
            "/user/{name}/picture",
            put(user::picture::set_picture::<B>.layer(picture())).delete(user::picture::remove_picture::<B>),
        )
        .route(
            "/user/{name}/cover",
            put(user::picture::set_cover::<B>.layer(picture())).delete(user::picture::remove_cover::<B>),
        )
        .route(
            "/community/{id}/picture",
            put(community::picture::set_picture::<B>.layer(picture()))
                .delete(community::picture::remove_picture::<B>),
        )
        .route(
            "/community/{id}/cover",
            put(community::picture::set_cover::<B>.layer(picture()))
                .delete(community::picture::remove_cover::<B>),
        )
        .route("/picture/{id}", get(user::picture::read::<B>))
}

async fn not_found() -> HttpProblem {
    ProblemCode::NotFound.into()
}

/// The `Allow` header is the router's to add: it knows what the path takes.
async fn method_not_allowed() -> HttpProblem {
    ProblemCode::MethodNotAllowed.into()
}

/// A path that takes no method at all, and says so with an empty `Allow` (RFC 9110, section 10.2.1).
async fn no_method() -> Response {
    let mut response = HttpProblem::from(ProblemCode::MethodNotAllowed).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(""));
    response
}
