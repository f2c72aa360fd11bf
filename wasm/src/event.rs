//! Events, as JavaScript gets them.

use futures_util::StreamExt as _;
use js_sys::Function;
use serde::Serialize;
use sotto_client_sdk as sdk;
use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::admin_types::Ban;
use crate::files::Transfer;
use crate::message_types::Message;
use crate::types::{Account, ConnectionState, given};

#[derive(Tsify, Serialize)]
#[tsify(missing_as_null)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum SottoEvent {
    Connection {
        state: ConnectionState,
    },
    Account {
        account: Option<Account>,
    },
    Chat {
        chat: String,
    },
    Message {
        message: Box<Message>,
    },
    MessageRemoved {
        chat: String,
        message: String,
    },
    IdentityChanged {
        account: String,
    },
    Devices,
    #[serde(rename_all = "camelCase")]
    DeviceAdded {
        device: String,
        is_expected: bool,
    },
    JoinRequests {
        chat: String,
    },
    IntentFailed {
        chat: String,
        error: Problem,
    },
    Receipts {
        chat: String,
    },
    #[serde(rename_all = "camelCase")]
    Typing {
        chat: String,
        who: Account,
        is_typing: bool,
    },
    Presence {
        account: String,
    },
    Privacy,
    Draft {
        chat: String,
    },
    Starred,
    Transfer {
        transfer: Transfer,
    },
    History {
        chat: String,
    },
    Archive,
    StoreFailed,
    Reset,
    Blocked,
    Notices,
    Banned {
        ban: Ban,
    },
    Role,
}

/// An error that no call waits for.
#[derive(Tsify, Serialize)]
pub struct Problem {
    code: &'static str,
    message: String,
}

impl From<sdk::ClientError> for Problem {
    fn from(error: sdk::ClientError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}

impl From<sdk::Event> for SottoEvent {
    fn from(event: sdk::Event) -> Self {
        match event {
            sdk::Event::Connection(state) => Self::Connection { state: state.into() },
            sdk::Event::LoggedIn(account) => Self::Account {
                account: Some(account.into()),
            },
            sdk::Event::LoggedOut { reason: _ } => Self::Account { account: None },
            sdk::Event::ChatAdded { chat }
            | sdk::Event::ChatChanged { chat }
            | sdk::Event::ChatHalted { chat }
            | sdk::Event::ContactRequested { chat }
            | sdk::Event::Undecryptable { chat, seq: _ } => Self::Chat {
                chat: chat.to_string(),
            },
            sdk::Event::MessageAdded(message) | sdk::Event::MessageChanged(message) => Self::Message {
                message: Box::new(message.into()),
            },
            sdk::Event::MessageRemoved { chat, message, .. } => Self::MessageRemoved {
                chat: chat.to_string(),
                message: message.to_string(),
            },
            sdk::Event::IdentityChanged { account } => Self::IdentityChanged {
                account: account.to_string(),
            },
            sdk::Event::DevicesChanged => Self::Devices,
            sdk::Event::DeviceAdded { device, is_expected } => Self::DeviceAdded {
                device: device.to_string(),
                is_expected,
            },
            sdk::Event::JoinRequestsChanged { chat } => Self::JoinRequests {
                chat: chat.to_string(),
            },
            sdk::Event::IntentFailed { chat, error } => Self::IntentFailed {
                chat: chat.to_string(),
                error: error.into(),
            },
            sdk::Event::ReceiptsChanged { chat } => Self::Receipts {
                chat: chat.to_string(),
            },
            sdk::Event::Typing { chat, who, is_typing } => Self::Typing {
                chat: chat.to_string(),
                who: who.into(),
                is_typing,
            },
            sdk::Event::PresenceChanged { account } => Self::Presence {
                account: account.to_string(),
            },
            sdk::Event::PrivacyChanged => Self::Privacy,
            sdk::Event::DraftChanged { chat } => Self::Draft {
                chat: chat.to_string(),
            },
            sdk::Event::StarsChanged => Self::Starred,
            sdk::Event::Transfer(transfer) => Self::Transfer {
                transfer: transfer.into(),
            },
            sdk::Event::HistoryRestored { chat } => Self::History {
                chat: chat.to_string(),
            },
            sdk::Event::ArchiveChanged => Self::Archive,
            sdk::Event::StoreFailed => Self::StoreFailed,
            sdk::Event::Lagged => Self::Reset,
            sdk::Event::BlockedChanged => Self::Blocked,
            sdk::Event::NoticesChanged => Self::Notices,
            sdk::Event::Banned(ban) => Self::Banned { ban: ban.into() },
            sdk::Event::RoleChanged => Self::Role,
        }
    }
}

/// Calls `listener` with every event until the client is closed.
pub(crate) async fn forward(mut events: sdk::Events, listener: Function) {
    while let Some(event) = events.next().await {
        if let Ok(event) = given::<SottoEvent>(event) {
            // A listener that throws misses its event; the next ones still come.
            let _ = listener.call1(&JsValue::NULL, &event.into());
        }
    }
}
