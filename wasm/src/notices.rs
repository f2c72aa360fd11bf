//! Notices: what happened to the account, as JavaScript gets it.

use serde::Serialize;
use sotto_client_sdk as sdk;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::message_types::Message;
use crate::types::{Account, given, number};

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    id: String,
    at: f64,
    is_new: bool,
    about: NoticeAbout,
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NoticeAbout {
    Mention {
        message: Box<Message>,
    },
    Reply {
        message: Box<Message>,
    },
    Reaction {
        message: Box<Message>,
        by: Account,
        emoji: String,
    },
    Added {
        chat: String,
        #[tsify(optional)]
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<Account>,
    },
    Request {
        chat: String,
        by: Account,
    },
    Device {
        device: String,
    },
    Community {
        community: String,
    },
}

impl From<sdk::Notice> for Notice {
    fn from(notice: sdk::Notice) -> Self {
        Self {
            id: notice.id.to_string(),
            at: number(notice.at.0),
            is_new: notice.is_new,
            about: notice.about.into(),
        }
    }
}

impl From<sdk::NoticeAbout> for NoticeAbout {
    fn from(about: sdk::NoticeAbout) -> Self {
        let boxed = |message: Box<sdk::Message>| Box::new(Message::from(*message));
        match about {
            sdk::NoticeAbout::Mention { message } => Self::Mention {
                message: boxed(message),
            },
            sdk::NoticeAbout::Reply { message } => Self::Reply {
                message: boxed(message),
            },
            sdk::NoticeAbout::Reaction { message, by, emoji } => Self::Reaction {
                message: boxed(message),
                by: by.into(),
                emoji,
            },
            sdk::NoticeAbout::Added { chat, by } => Self::Added {
                chat: chat.to_string(),
                by: by.map(Account::from),
            },
            sdk::NoticeAbout::Request { chat, by } => Self::Request {
                chat: chat.to_string(),
                by: by.into(),
            },
            sdk::NoticeAbout::Device { device } => Self::Device {
                device: device.to_string(),
            },
            sdk::NoticeAbout::Community { community } => Self::Community {
                community: community.to_string(),
            },
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct Notices(Vec<Notice>);

impl From<Vec<sdk::Notice>> for Notices {
    fn from(notices: Vec<sdk::Notice>) -> Self {
        Self(notices.into_iter().map(Notice::from).collect())
    }
}

#[wasm_bindgen]
impl Client {
    pub async fn notices(&self, limit: u32, before: Option<String>) -> Answer<Ts<Notices>> {
        let before = before.map(|before| before.parse()).transpose();
        let before = before.map_err(|_| Rejection::invalid("before"))?;
        given(self.sdk.notices(limit as usize, before).await?)
    }

    #[wasm_bindgen(js_name = markNoticesSeen)]
    pub async fn mark_notices_seen(&self) -> Answer<()> {
        Ok(self.sdk.mark_notices_seen().await?)
    }
}
