//! The variable parts of a path.

use super::HttpProblem;
use axum::extract::{self, FromRequestParts};
use http::request::Parts;
use sotto_protocol::{
    AccountId, AccountName, BlobId, ChatId, CommunityId, DeviceId, DeviceLinkId, InviteId, PasskeyId,
    PictureId, Problem, ProblemCode, RecordId, ReportId, RoleName,
};
use std::fmt::Display;
use std::str::FromStr;

/// The one variable part of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path<T>(pub(crate) T);

/// What can be the variable part of a path.
pub(crate) trait PathPart: FromStr<Err: Display> {
    /// The problem that a text is which is none.
    const PROBLEM: ProblemCode;
}

impl PathPart for AccountName {
    const PROBLEM: ProblemCode = ProblemCode::InvalidName;
}

impl PathPart for AccountId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for DeviceId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for DeviceLinkId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for PasskeyId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for BlobId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for PictureId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for CommunityId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for RecordId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for ReportId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for InviteId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for RoleName {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl PathPart for ChatId {
    const PROBLEM: ProblemCode = ProblemCode::InvalidRequest;
}

impl<T: PathPart, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let extract::Path(text) = extract::Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| HttpProblem::invalid_request("The path is not UTF-8."))?;
        parse(&text).map(Self)
    }
}

/// The two variable parts of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathPair<T, U>(pub(crate) T, pub(crate) U);

impl<T: PathPart, U: PathPart, S: Send + Sync> FromRequestParts<S> for PathPair<T, U> {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        let extract::Path((first, second)) =
            extract::Path::<(String, String)>::from_request_parts(parts, state)
                .await
                .map_err(|_| HttpProblem::invalid_request("The path is not UTF-8."))?;
        Ok(Self(parse(&first)?, parse(&second)?))
    }
}

fn parse<T: PathPart>(text: &str) -> Result<T, HttpProblem> {
    text.parse()
        .map_err(|error: T::Err| Problem::new(T::PROBLEM).with_detail(error.to_string()).into())
}
