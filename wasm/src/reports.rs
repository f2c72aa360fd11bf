//! Reports to those who look after the server.

use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::binary;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::group_types::account_id;
use crate::messages::place;
use crate::report_types::{ReportReason, Reported, ReportedContent};
use crate::types::given;

#[wasm_bindgen]
impl Client {
    #[wasm_bindgen(js_name = reportMessage)]
    pub async fn report_message(
        &self,
        chat: String,
        message: String,
        reason: Ts<ReportReason>,
        comment: String,
    ) -> Answer<Ts<Reported>> {
        let (chat, message) = place(&chat, &message)?;
        let reason = taken_reason(&reason)?;
        given(self.sdk.report_message(chat, message, reason, &comment).await?)
    }

    #[wasm_bindgen(js_name = reportUnproven)]
    pub async fn report_unproven(
        &self,
        chat: String,
        message: String,
        from: String,
        text: String,
        reason: Ts<ReportReason>,
        comment: String,
    ) -> Answer<Ts<Reported>> {
        let (chat, message) = place(&chat, &message)?;
        let (from, reason) = (account_id(&from)?, taken_reason(&reason)?);
        let reported = self
            .sdk
            .report_unproven(chat, from, message, text, reason, &comment);
        given(reported.await?)
    }

    #[wasm_bindgen(js_name = reportPerson)]
    pub async fn report_person(
        &self,
        account: String,
        reason: Ts<ReportReason>,
        comment: String,
    ) -> Answer<Ts<Reported>> {
        let (account, reason) = (account_id(&account)?, taken_reason(&reason)?);
        given(self.sdk.report_person(account, reason, &comment).await?)
    }

    #[wasm_bindgen(js_name = reportGroup)]
    pub async fn report_group(
        &self,
        group: String,
        reason: Ts<ReportReason>,
        comment: String,
    ) -> Answer<Ts<Reported>> {
        let group = group.parse().map_err(|_| Rejection::invalid("group"))?;
        let reason = taken_reason(&reason)?;
        given(self.sdk.report_group(group, reason, &comment).await?)
    }

    /// What a report shows; `undefined` if that cannot be read.
    #[wasm_bindgen(js_name = readReported)]
    pub async fn read_reported(&self, content: String) -> Answer<Option<Ts<ReportedContent>>> {
        let content = binary::decode(&content).ok_or_else(|| Rejection::invalid("content"))?;
        sdk::ReportedContent::read(&content).map(given).transpose()
    }
}

fn taken_reason(reason: &Ts<ReportReason>) -> Answer<sdk::ReportReason> {
    let reason: ReportReason = reason.to_rust().map_err(|_| Rejection::invalid("reason"))?;
    Ok(reason.into())
}
