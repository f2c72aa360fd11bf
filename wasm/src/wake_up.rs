//! Wake-ups: where the browser's push service wakes this device, and what it fetches then.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize as _;

use crate::client::Client;
use crate::error::{Answer, Rejection};

/// Wiped when it is dropped, as what it is made into is.
#[derive(Tsify, Serialize, Deserialize)]
pub struct WakeUpAddress {
    endpoint: String,
    #[tsify(type = "Uint8Array")]
    p256dh: Vec<u8>,
    #[tsify(type = "Uint8Array")]
    auth: Vec<u8>,
}

impl Drop for WakeUpAddress {
    fn drop(&mut self) {
        self.endpoint.zeroize();
        self.p256dh.zeroize();
        self.auth.zeroize();
    }
}

impl From<WakeUpAddress> for sdk::WakeUpAddress {
    fn from(mut address: WakeUpAddress) -> Self {
        Self {
            endpoint: core::mem::take(&mut address.endpoint),
            p256dh: core::mem::take(&mut address.p256dh),
            auth: core::mem::take(&mut address.auth),
        }
    }
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = wakeUpKey)]
    pub async fn wake_up_key(&self) -> Answer<Vec<u8>> {
        Ok(self.sdk.wake_up_key().await?.to_vec())
    }

    #[wasm_bindgen(js_name = setWakeUpAddress)]
    pub async fn set_wake_up_address(&self, address: Ts<WakeUpAddress>) -> Answer<()> {
        let address = address.to_rust().map_err(|_| Rejection::invalid("address"))?;
        Ok(self.sdk.set_wake_up_address(address.into()).await?)
    }

    #[wasm_bindgen(js_name = removeWakeUpAddress)]
    pub async fn remove_wake_up_address(&self) -> Answer<()> {
        Ok(self.sdk.remove_wake_up_address().await?)
    }

    #[wasm_bindgen(js_name = wakeUpEndpoint)]
    pub async fn wake_up_endpoint(&self) -> Answer<Option<String>> {
        Ok(self.sdk.wake_up_endpoint().await?)
    }

    #[wasm_bindgen(js_name = catchUp)]
    pub async fn catch_up(&self) -> Answer<()> {
        Ok(self.sdk.catch_up().await?)
    }
}
