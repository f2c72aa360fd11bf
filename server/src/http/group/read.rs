//! `GET /v1/group/{id}`

use crate::app::{App, Backend};
use crate::auth::AccountCaller;
use crate::delivery::ReadGroup;
use crate::http::{Answer, AnswerVersion, HttpProblem, Path, Revalidated};
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use sotto_protocol::rest::group::Group;
use sotto_protocol::{ChatId, ProblemCode};

/// What anyone who knows the id may know of a group.
pub(crate) async fn read<B: Backend>(
    State(app): State<App<B>>,
    _: AccountCaller,
    Path(group): Path<ChatId>,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let version = app.delivery.group_version(group).await?;
    let (asked, kept_as) = (Answer::Group(group), AnswerVersion::Group(version.clone()));
    if let Some(kept) = app.answers.get(asked, &kept_as) {
        return Ok(kept.answer(&headers));
    }
    let read = described(&app, group).await?;
    let told = Revalidated::json(&read)?.private();
    if version.is_of(read.members, read.profile.as_ref()) {
        app.answers.keep(asked, kept_as, &told);
    }
    Ok(told.answer(&headers))
}

/// The group as it is now.
pub(super) async fn described<B: Backend>(app: &App<B>, group: ChatId) -> Result<Group, HttpProblem> {
    let ReadGroup {
        header,
        stored,
        profile,
    } = app.delivery.group(group).await?;
    let rules = header.rules.as_group().ok_or(ProblemCode::GroupNotFound)?;
    Ok(Group {
        group,
        created_at: stored.created_at,
        suite: header.suite,
        epoch: header.epoch,
        group_key: rules.group_key,
        external_key: header.external_key.into(),
        join_policy: rules.join_policy,
        is_listed: rules.is_listed,
        community: rules.community,
        profile,
        members: stored.members,
    })
}
