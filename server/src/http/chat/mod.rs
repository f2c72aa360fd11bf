//! `/v1/chat/…`. The rules of a chat are the Delivery Service's; here they become HTTP.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod group_info;
pub(super) mod object;
pub(super) mod publish;
pub(super) mod read;

use super::HttpProblem;
use crate::delivery::{CreateChatError, DeliveryError};
use sotto_protocol::{Problem, ProblemCode};

impl From<DeliveryError> for HttpProblem {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::Refused(refusal) => {
                let mut problem = Problem::new(refusal.code);
                problem.epoch = refusal.epoch;
                problem.into()
            }
            DeliveryError::Store(error) => error.into(),
        }
    }
}

impl From<CreateChatError> for HttpProblem {
    fn from(error: CreateChatError) -> Self {
        match error {
            CreateChatError::Refused(code) => code.into(),
            CreateChatError::TooMany { retry_after } => Problem::new(ProblemCode::RateLimited)
                .with_retry_after(retry_after)
                .into(),
            CreateChatError::Exists(chat) => {
                let mut problem = Problem::new(ProblemCode::DirectChatExists);
                problem.chat = Some(chat);
                problem.into()
            }
            CreateChatError::Store(error) => error.into(),
        }
    }
}
