//! The archive of the account's history.

use serde::Serialize;
use sotto_client_sdk as sdk;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::Answer;
use crate::types::{given, number};

#[derive(Tsify, Serialize)]
pub struct ArchiveStatus {
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    restoration: Option<Restoration>,
    waiting: f64,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<&'static str>,
    faulty: Vec<FaultyArchive>,
}

#[derive(Tsify, Serialize)]
pub struct Restoration {
    done: f64,
    of: f64,
}

#[derive(Tsify, Serialize)]
pub struct FaultyArchive {
    chat: String,
    fault: ArchiveFault,
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArchiveFault {
    RolledBack,
    Forked,
    Cut,
    Foreign,
}

impl From<sdk::ArchiveStatus> for ArchiveStatus {
    fn from(status: sdk::ArchiveStatus) -> Self {
        let restoration = status.restoration.map(|restoration| Restoration {
            done: number(restoration.done),
            of: number(restoration.of),
        });
        Self {
            restoration,
            waiting: number(status.waiting as u64),
            refused: status.refused.map(sdk::protocol::ProblemCode::as_str),
            faulty: status.faulty.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<sdk::FaultyArchive> for FaultyArchive {
    fn from(faulty: sdk::FaultyArchive) -> Self {
        Self {
            chat: faulty.chat.to_string(),
            fault: match faulty.fault {
                sdk::ArchiveFault::RolledBack => ArchiveFault::RolledBack,
                sdk::ArchiveFault::Forked => ArchiveFault::Forked,
                sdk::ArchiveFault::Cut => ArchiveFault::Cut,
                sdk::ArchiveFault::Foreign => ArchiveFault::Foreign,
            },
        }
    }
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = archiveNow)]
    pub async fn archive_now(&self) -> Answer<()> {
        Ok(self.sdk.archive_now().await?)
    }

    #[wasm_bindgen(js_name = archiveStatus)]
    pub async fn archive_status(&self) -> Answer<Ts<ArchiveStatus>> {
        given(self.sdk.archive_status().await?)
    }

    #[wasm_bindgen(js_name = acknowledgeArchiveFaults)]
    pub async fn acknowledge_archive_faults(&self) -> Answer<()> {
        Ok(self.sdk.acknowledge_archive_faults().await?)
    }
}
