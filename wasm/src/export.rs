//! Exports and imports of the history.

use js_sys::{Array, Date, Function, Promise, Uint8Array};
use serde::Serialize;
use sotto_client_sdk as sdk;
use sotto_client_sdk::browser::file_of;
use sotto_client_sdk::platform::{BoxFuture, FileSink, FileUnwritable};
use sotto_client_sdk::protocol::Timestamp;
use sotto_client_sdk::{ExportProgress, ImportProgress, ReadableExport, Watcher, Zone};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::error::Answer;
use crate::types::{given, number};

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exported {
    chats: f64,
    messages: f64,
    files: f64,
    missing_files: f64,
    is_complete: bool,
}

#[derive(Tsify, Serialize)]
pub struct Imported {
    chats: f64,
    messages: f64,
    known: f64,
}

impl From<sdk::Exported> for Exported {
    fn from(exported: sdk::Exported) -> Self {
        Self {
            chats: number(exported.chats),
            messages: number(exported.messages),
            files: number(exported.files),
            missing_files: number(exported.missing_files),
            is_complete: exported.is_complete,
        }
    }
}

impl From<sdk::Imported> for Imported {
    fn from(imported: sdk::Imported) -> Self {
        Self {
            chats: number(imported.chats),
            messages: number(imported.messages),
            known: number(imported.known),
        }
    }
}

/// Gives the page the bytes of a file, one part after the other.
struct Parts(Function);

impl FileSink for Parts {
    fn write(&mut self, bytes: Vec<u8>) -> BoxFuture<'_, Result<(), FileUnwritable>> {
        Box::pin(async move {
            let bytes = Uint8Array::from(bytes.as_slice());
            let taken = self.0.call1(&JsValue::NULL, &bytes).map_err(|_| refused())?;
            // The page may take its time.
            if let Some(promise) = taken.dyn_ref::<Promise>() {
                JsFuture::from(promise.clone()).await.map_err(|_| refused())?;
            }
            Ok(())
        })
    }
}

fn refused() -> FileUnwritable {
    FileUnwritable("the page has not taken it".to_owned())
}

/// Tells the page how far something is, and asks whether it is wanted still.
struct Page {
    moved: Function,
    is_cancelled: Function,
}

impl Page {
    /// What the page does with it fails nothing.
    fn tell(&self, numbers: &[u64]) {
        let arguments: Array = numbers.iter().map(|&told| JsValue::from(number(told))).collect();
        let _ = self.moved.apply(&JsValue::NULL, &arguments);
    }

    fn asks_to_end(&self) -> bool {
        let answer = self.is_cancelled.call0(&JsValue::NULL);
        answer.is_ok_and(|answer| answer.is_truthy())
    }
}

impl Watcher<ExportProgress> for Page {
    fn moved(&self, progress: ExportProgress) {
        let ExportProgress {
            messages,
            total_messages,
            files,
            total_files,
        } = progress;
        self.tell(&[messages, total_messages, files, total_files]);
    }

    fn is_cancelled(&self) -> bool {
        self.asks_to_end()
    }
}

impl Watcher<ImportProgress> for Page {
    fn moved(&self, progress: ImportProgress) {
        self.tell(&[progress.bytes, progress.total_bytes]);
    }

    fn is_cancelled(&self) -> bool {
        self.asks_to_end()
    }
}

/// Where the browser is.
struct Here;

impl Zone for Here {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "an offset is less than a day, and a cast of NaN gives 0"
    )]
    fn minutes_at(&self, at: Timestamp) -> i32 {
        // JavaScript counts to the west.
        -(Date::new(&JsValue::from(number(at.0))).get_timezone_offset() as i32)
    }
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = exportHistory)]
    pub async fn export_history(
        &self,
        passphrase: String,
        #[wasm_bindgen(unchecked_param_type = "(part: Uint8Array<ArrayBuffer>) => void | Promise<void>")]
        write: Function,
        #[wasm_bindgen(
            unchecked_param_type = "(messages: number, totalMessages: number, files: number, totalFiles: number) => void"
        )]
        moved: Function,
        #[wasm_bindgen(unchecked_param_type = "() => boolean")] is_cancelled: Function,
    ) -> Answer<Ts<Exported>> {
        let passphrase = Zeroizing::new(passphrase);
        let page = Page { moved, is_cancelled };
        let mut parts = Parts(write);
        let exported = self.sdk.export_history(&passphrase, &mut parts, &page).await?;
        given(Exported::from(exported))
    }

    #[wasm_bindgen(js_name = exportReadable)]
    pub async fn export_readable(
        &self,
        with_files: bool,
        #[wasm_bindgen(unchecked_param_type = "(part: Uint8Array<ArrayBuffer>) => void | Promise<void>")]
        write: Function,
        #[wasm_bindgen(
            unchecked_param_type = "(messages: number, totalMessages: number, files: number, totalFiles: number) => void"
        )]
        moved: Function,
        #[wasm_bindgen(unchecked_param_type = "() => boolean")] is_cancelled: Function,
    ) -> Answer<Ts<Exported>> {
        let page = Page { moved, is_cancelled };
        let wanted = ReadableExport {
            with_files,
            zone: Box::new(Here),
        };
        let mut parts = Parts(write);
        let exported = self.sdk.export_readable(&wanted, &mut parts, &page).await?;
        given(Exported::from(exported))
    }

    #[wasm_bindgen(js_name = importHistory)]
    pub async fn import_history(
        &self,
        file: Blob,
        passphrase: String,
        #[wasm_bindgen(unchecked_param_type = "(bytes: number, totalBytes: number) => void")] moved: Function,
        #[wasm_bindgen(unchecked_param_type = "() => boolean")] is_cancelled: Function,
    ) -> Answer<Ts<Imported>> {
        let passphrase = Zeroizing::new(passphrase);
        let page = Page { moved, is_cancelled };
        let file = file_of(file);
        let imported = self.sdk.import_history(&file, &passphrase, &page).await?;
        given(Imported::from(imported))
    }
}
