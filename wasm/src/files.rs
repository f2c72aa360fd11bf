//! Files: sending and reading them.

use serde::{Deserialize, Serialize, Serializer};
use sotto_client_sdk as sdk;
use sotto_client_sdk::browser::file_of;
use sotto_client_sdk::files::Direction;
use sotto_client_sdk::{NewFile, TransferState};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Blob;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::message_types::SendOptions;
use crate::messages::place;
use crate::types::{given, number, position};

/// What is said of a file that is to be sent, beside its content.
#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutFile {
    name: String,
    media_type: String,
    #[tsify(optional)]
    #[serde(default)]
    width: Option<f64>,
    #[tsify(optional)]
    #[serde(default)]
    height: Option<f64>,
    #[tsify(optional)]
    #[serde(default)]
    duration: Option<f64>,
    #[tsify(optional)]
    #[serde(default)]
    is_voice: bool,
    #[tsify(optional, type = "Uint8Array")]
    #[serde(default)]
    waveform: Option<Vec<u8>>,
    #[tsify(optional, type = "Uint8Array")]
    #[serde(default)]
    thumbnail: Option<Vec<u8>>,
    #[tsify(optional)]
    #[serde(default)]
    caption: Option<String>,
}

impl AboutFile {
    fn new_file(self, content: Blob) -> NewFile {
        let mut file = NewFile::new(self.name, self.media_type, file_of(content));
        if let (Some(width), Some(height)) = (self.width.and_then(pixels), self.height.and_then(pixels)) {
            file = file.with_dimensions(width, height);
        }
        if let Some(duration) = self.duration {
            file = file.with_duration(u32::try_from(position(duration)).unwrap_or(u32::MAX));
        }
        if self.is_voice {
            file = file.as_voice_note(self.waveform.unwrap_or_default());
        }
        if let Some(thumbnail) = self.thumbnail {
            file = file.with_thumbnail(thumbnail);
        }
        file.with_caption(self.caption.unwrap_or_default())
    }
}

/// A width or height that a picture can have.
fn pixels(value: f64) -> Option<u16> {
    u16::try_from(position(value)).ok().filter(|&pixels| pixels > 0)
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileInfo {
    name: String,
    media_type: String,
    size: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    width: Option<u16>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    height: Option<u16>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u32>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    is_voice: bool,
    #[tsify(optional, type = "Uint8Array")]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "bytes")]
    waveform: Vec<u8>,
    #[tsify(optional, type = "Uint8Array")]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "bytes")]
    thumbnail: Vec<u8>,
}

/// As bytes, and not as a list of numbers.
fn bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

impl From<sdk::FileInfo> for FileInfo {
    fn from(info: sdk::FileInfo) -> Self {
        Self {
            name: info.name,
            media_type: info.media_type,
            size: number(info.length),
            width: info.dimensions.map(|(width, _)| width),
            height: info.dimensions.map(|(_, height)| height),
            duration: info.duration,
            is_voice: info.waveform.is_some(),
            waveform: info.waveform.unwrap_or_default(),
            thumbnail: info.thumbnail,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "as the package calls them")]
pub struct FileLimits {
    file_bytes: f64,
    quota_bytes: f64,
    used_bytes: f64,
}

#[derive(Tsify, Serialize)]
pub struct Transfer {
    chat: String,
    message: String,
    direction: TransferDirection,
    done: f64,
    total: f64,
    state: State,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransferDirection {
    Up,
    Down,
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Active,
    Waiting,
    NeedsFile,
    Done,
    Failed,
}

impl From<sdk::Transfer> for Transfer {
    fn from(transfer: sdk::Transfer) -> Self {
        let (state, problem) = match transfer.state {
            TransferState::Active => (State::Active, None),
            TransferState::Waiting => (State::Waiting, None),
            TransferState::NeedsFile => (State::NeedsFile, None),
            TransferState::Done => (State::Done, None),
            TransferState::Failed { code } => (State::Failed, Some(code)),
        };
        Self {
            chat: transfer.chat.to_string(),
            message: transfer.message.to_string(),
            direction: match transfer.direction {
                Direction::Up => TransferDirection::Up,
                Direction::Down => TransferDirection::Down,
            },
            done: number(transfer.done),
            total: number(transfer.total),
            state,
            problem,
        }
    }
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = sendFile)]
    pub async fn send_file(
        &self,
        chat: String,
        id: String,
        content: Blob,
        about: Ts<AboutFile>,
        options: Option<Ts<SendOptions>>,
    ) -> Answer<()> {
        let (chat, id) = place(&chat, &id)?;
        let about = about.to_rust().map_err(|_| Rejection::invalid("file"))?;
        let options = SendOptions::given(options)?;
        let file = options.file(about.new_file(content))?.with_id(id);
        self.sdk.send_file(chat, file).await?;
        Ok(())
    }

    #[wasm_bindgen(js_name = fileLimits)]
    pub async fn file_limits(&self) -> Answer<Ts<FileLimits>> {
        let usage = self.sdk.file_usage().await?;
        given(FileLimits {
            file_bytes: number(usage.blob_bytes_max),
            quota_bytes: number(usage.bytes_max),
            used_bytes: number(usage.bytes),
        })
    }

    pub fn transfer(&self, message: &str) -> Answer<Option<Ts<Transfer>>> {
        let message = message.parse().map_err(|_| Rejection::invalid("message"))?;
        self.sdk.transfer(message).map(given).transpose()
    }

    #[wasm_bindgen(js_name = cancelTransfer)]
    pub async fn cancel_transfer(&self, chat: String, message: String) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.cancel_transfer(chat, message).await?)
    }

    #[wasm_bindgen(js_name = resumeFile)]
    pub async fn resume_file(&self, chat: String, message: String, content: Blob) -> Answer<()> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.resume_file(chat, message, file_of(content)).await?)
    }

    #[wasm_bindgen(js_name = readFile)]
    pub async fn read_file(&self, chat: String, message: String) -> Answer<Vec<u8>> {
        let (chat, message) = place(&chat, &message)?;
        Ok(self.sdk.read_file(chat, message).await?)
    }

    #[wasm_bindgen(js_name = readFilePart)]
    pub async fn read_file_part(
        &self,
        chat: String,
        message: String,
        start: f64,
        end: f64,
    ) -> Answer<Vec<u8>> {
        let (chat, message) = place(&chat, &message)?;
        let range = position(start)..position(end);
        Ok(self.sdk.read_file_part(chat, message, range).await?)
    }
}
