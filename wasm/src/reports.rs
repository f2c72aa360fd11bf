//! Reports to those who look after the server, and how these handle them.

use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::ReportId;
use sotto_client_sdk::protocol::rest::report::ListReports;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::client::Client;
use crate::error::{Answer, Rejection};
use crate::group_types::account_id;
use crate::messages::place;
use crate::report_types::{ReportOutcome, ReportReason, ReportState, Reported, Reports, ShownReport};
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

    #[wasm_bindgen(js_name = reportCommunity)]
    pub async fn report_community(
        &self,
        community: String,
        reason: Ts<ReportReason>,
        comment: String,
    ) -> Answer<Ts<Reported>> {
        let community = community.parse().map_err(|_| Rejection::invalid("community"))?;
        let reason = taken_reason(&reason)?;
        given(self.sdk.report_community(community, reason, &comment).await?)
    }

    #[wasm_bindgen(js_name = listReports)]
    pub async fn list_reports(
        &self,
        state: Ts<ReportState>,
        limit: Option<u16>,
        after: Option<String>,
    ) -> Answer<Ts<Reports>> {
        let state: ReportState = state.to_rust().map_err(|_| Rejection::invalid("state"))?;
        let list = ListReports {
            state: state.into(),
            limit,
            after,
        };
        given(self.sdk.admin().reports(&list).await?)
    }

    #[wasm_bindgen(js_name = readReport)]
    pub async fn read_report(&self, report: String) -> Answer<Ts<ShownReport>> {
        given(self.sdk.admin().report(report_id(&report)?).await?)
    }

    #[wasm_bindgen(js_name = handleReport)]
    pub async fn handle_report(
        &self,
        report: String,
        outcome: Ts<ReportOutcome>,
        note: String,
    ) -> Answer<Ts<ShownReport>> {
        let outcome: ReportOutcome = outcome.to_rust().map_err(|_| Rejection::invalid("outcome"))?;
        let report = report_id(&report)?;
        given(
            self.sdk
                .admin()
                .handle_report(report, outcome.into(), &note)
                .await?,
        )
    }
}

fn report_id(text: &str) -> Answer<ReportId> {
    text.parse().map_err(|_| Rejection::invalid("report"))
}

fn taken_reason(reason: &Ts<ReportReason>) -> Answer<sdk::ReportReason> {
    let reason: ReportReason = reason.to_rust().map_err(|_| Rejection::invalid("reason"))?;
    Ok(reason.into())
}
