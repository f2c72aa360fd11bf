//! The calls about devices, about logins without the password, and about safety codes. The npm package's `api.ts` describes what
//! they do.

use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::{AccountId, DeviceId};
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use crate::client::Client;
use crate::device_types::{DeviceLink, DeviceLinkOffer, OwnDevices, Safety, SafetyComparison};
use crate::error::{Answer, Rejection};
use crate::types::given;

/// A device that JavaScript names.
fn device_id(device: &str) -> Answer<DeviceId> {
    device.parse().map_err(|_| Rejection::invalid("device"))
}

/// An account that JavaScript names.
fn account_id(account: &str) -> Answer<AccountId> {
    account.parse().map_err(|_| Rejection::invalid("account"))
}

fn link_code(code: &str) -> Answer<sdk::DeviceLinkCode> {
    Ok(code.parse().map_err(sdk::ClientError::from)?)
}

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = logInByRecoveryCode)]
    pub async fn log_in_by_recovery_code(&self, name: String, words: String) -> Answer<()> {
        let words = Zeroizing::new(words);
        Ok(self.sdk.log_in_by_recovery_code(&name, &words).await?)
    }

    #[wasm_bindgen(js_name = logInByDeviceLink)]
    pub async fn log_in_by_device_link(&self, code: String) -> Answer<()> {
        let code = Zeroizing::new(code);
        Ok(self.sdk.log_in_by_device_link(&code).await?)
    }

    #[wasm_bindgen(js_name = readDeviceLink)]
    pub async fn read_device_link(&self, code: String) -> Answer<Ts<DeviceLink>> {
        let code = Zeroizing::new(code);
        given(link_code(&code)?)
    }

    #[wasm_bindgen(js_name = changePassword)]
    pub async fn change_password(&self, current: String, new: String) -> Answer<()> {
        let (current, new) = (Zeroizing::new(current), Zeroizing::new(new));
        Ok(self.sdk.change_password(&current, &new).await?)
    }

    #[wasm_bindgen(js_name = setPasswordByRecoveryCode)]
    pub async fn set_password_by_recovery_code(&self, words: String, new: String) -> Answer<()> {
        let (words, new) = (Zeroizing::new(words), Zeroizing::new(new));
        Ok(self.sdk.set_password_by_recovery_code(&words, &new).await?)
    }

    #[wasm_bindgen(js_name = deleteAccount)]
    pub async fn delete_account(&self, password: String) -> Answer<()> {
        let password = Zeroizing::new(password);
        Ok(self.sdk.delete_account(&password).await?)
    }

    pub async fn devices(&self) -> Answer<Ts<OwnDevices>> {
        given(self.sdk.devices().await?)
    }

    #[wasm_bindgen(js_name = hasNewDevices)]
    pub async fn has_new_devices(&self) -> Answer<bool> {
        Ok(self.sdk.has_new_devices().await?)
    }

    #[wasm_bindgen(js_name = renameDevice)]
    pub async fn rename_device(&self, device: String, name: String) -> Answer<()> {
        Ok(self.sdk.rename_device(device_id(&device)?, &name).await?)
    }

    #[wasm_bindgen(js_name = confirmDevice)]
    pub async fn confirm_device(&self, device: String) -> Answer<()> {
        Ok(self.sdk.confirm_device(device_id(&device)?).await?)
    }

    #[wasm_bindgen(js_name = acknowledgeDevices)]
    pub async fn acknowledge_devices(&self) -> Answer<()> {
        Ok(self.sdk.acknowledge_devices().await?)
    }

    #[wasm_bindgen(js_name = removeDevice)]
    pub async fn remove_device(&self, device: String) -> Answer<()> {
        Ok(self.sdk.remove_device(device_id(&device)?).await?)
    }

    #[wasm_bindgen(js_name = offerDeviceLink)]
    pub async fn offer_device_link(&self) -> Answer<Ts<DeviceLinkOffer>> {
        given(self.sdk.offer_device_link(&self.server).await?)
    }

    #[wasm_bindgen(js_name = withdrawDeviceLink)]
    pub async fn withdraw_device_link(&self, code: String) -> Answer<()> {
        let code = Zeroizing::new(code);
        Ok(self.sdk.withdraw_device_link(&link_code(&code)?).await?)
    }

    pub async fn safety(&self, account: String) -> Answer<Ts<Safety>> {
        let account = account_id(&account)?;
        let unknown = || sdk::ClientError::UserNotFound;
        let number = self.sdk.safety_number(account).ok_or_else(unknown)?;
        let code = self.sdk.safety_code(account).ok_or_else(unknown)?;
        let contact = self.sdk.contact(account).ok_or_else(unknown)?;
        given(Safety::new(number, code, contact.is_verified))
    }

    #[wasm_bindgen(js_name = compareSafetyCode)]
    pub async fn compare_safety_code(&self, account: String, code: String) -> Answer<Ts<SafetyComparison>> {
        let account = account_id(&account)?;
        given(self.sdk.compare_safety_code(account, &code).await?)
    }

    #[wasm_bindgen(js_name = confirmSafetyNumber)]
    pub async fn confirm_safety_number(&self, account: String) -> Answer<()> {
        Ok(self.sdk.confirm_safety_number(account_id(&account)?).await?)
    }
}
