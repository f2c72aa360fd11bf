//! The client, as JavaScript sees it. The npm package's `api.ts` describes what the methods do.

use js_sys::Function;
use sotto_client_sdk::browser::{Browser, BrowserClock, FetchTransport, IndexedDbStore};
use sotto_client_sdk::platform::system_rng;
use sotto_client_sdk::{self as sdk, ClientConfig};
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use zeroize::Zeroizing;

use crate::error::{Answer, Rejection};
use crate::event::forward;
use crate::group_types::{Retention, taken_retention};
use crate::presence_types::{Presence, Privacy, Receipts};
use crate::types::{BlockedAccounts, ChatSummaries, ConnectionState, LoggedIn, Person, given, position};

/// The IndexedDB database of this origin's client.
const DATABASE: &str = "sotto";

/// One account's client. At most one may be open in a browser profile: the caller holds a lock for it.
#[wasm_bindgen]
pub struct Client {
    pub(crate) sdk: sdk::Client<Browser>,
    /// The server's origin, for codes that name it.
    pub(crate) server: String,
}

#[wasm_bindgen]
impl Client {
    pub async fn open(
        server: String,
        device_name: String,
        #[wasm_bindgen(unchecked_param_type = "(event: SottoEvent) => void")] listener: Function,
    ) -> Answer<Client> {
        let transport = FetchTransport::new(&server).map_err(|_| Rejection::invalid("server"))?;
        let mut rng = system_rng();
        let store = IndexedDbStore::open(DATABASE).await?;
        let store_key = store.unlock(&mut rng).await?;
        let config = ClientConfig {
            transport,
            store,
            store_key,
            clock: BrowserClock,
            rng: Box::new(rng),
            device_name,
        };
        let sdk = sdk::Client::open(config).await?;
        spawn_local(forward(sdk.events(), listener));
        Ok(Self { sdk, server })
    }

    pub async fn account(&self) -> Answer<Ts<LoggedIn>> {
        given(self.sdk.account())
    }

    pub async fn connection(&self) -> Answer<Ts<ConnectionState>> {
        given(self.sdk.connection())
    }

    #[wasm_bindgen(js_name = logIn)]
    pub async fn log_in(&self, name: String, password: String) -> Answer<()> {
        let password = Zeroizing::new(password);
        Ok(self.sdk.log_in(&name, &password).await?)
    }

    #[wasm_bindgen(js_name = logOut)]
    pub async fn log_out(&self) -> Answer<()> {
        Ok(self.sdk.log_out().await?)
    }

    #[wasm_bindgen(js_name = logOutEverywhere)]
    pub async fn log_out_everywhere(&self) -> Answer<()> {
        Ok(self.sdk.log_out_everywhere().await?)
    }

    pub async fn erase(&self) -> Answer<()> {
        Ok(self.sdk.erase().await?)
    }

    pub async fn close(&self) -> Answer<()> {
        Ok(self.sdk.close().await?)
    }

    #[wasm_bindgen(js_name = networkIsBack)]
    pub async fn network_is_back(&self) -> Answer<()> {
        Ok(self.sdk.connect().await?)
    }

    pub async fn person(&self, name: String) -> Answer<Ts<Person>> {
        given(self.sdk.person(&name).await?)
    }

    pub async fn chats(&self) -> Answer<Ts<ChatSummaries>> {
        given(self.sdk.chats().await?)
    }

    #[wasm_bindgen(js_name = startChat)]
    pub async fn start_chat(&self, name: String) -> Answer<String> {
        Ok(self.sdk.start_chat(&name).await?.to_string())
    }

    #[wasm_bindgen(js_name = setRetention)]
    pub async fn set_retention(&self, chat: String, retention: Ts<Retention>) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        Ok(self.sdk.set_retention(chat, taken_retention(&retention)?).await?)
    }

    #[wasm_bindgen(js_name = markRead)]
    pub async fn mark_read(&self, chat: String, up_to: f64) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        Ok(self.sdk.mark_read(chat, position(up_to)).await?)
    }

    pub async fn receipts(&self, chat: String) -> Answer<Ts<Receipts>> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        given(self.sdk.receipts(chat).await?)
    }

    #[wasm_bindgen(js_name = setTyping)]
    pub async fn set_typing(&self, chat: String, is_typing: bool) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        Ok(self.sdk.set_typing(chat, is_typing).await?)
    }

    pub async fn presence(&self, account: String) -> Answer<Ts<Presence>> {
        let account = account.parse().map_err(|_| Rejection::invalid("account"))?;
        given(self.sdk.presence(account).await?)
    }

    #[wasm_bindgen(js_name = setActive)]
    pub async fn set_active(&self, is_active: bool) -> Answer<()> {
        Ok(self.sdk.set_active(is_active).await?)
    }

    pub async fn privacy(&self) -> Answer<Ts<Privacy>> {
        given(self.sdk.privacy().await?)
    }

    #[wasm_bindgen(js_name = setPrivacy)]
    pub async fn set_privacy(&self, privacy: Ts<Privacy>) -> Answer<()> {
        let privacy = privacy.to_rust().map_err(|_| Rejection::invalid("privacy"))?;
        Ok(self.sdk.set_privacy(privacy.into()).await?)
    }

    #[wasm_bindgen(js_name = acceptIdentity)]
    pub async fn accept_identity(&self, account: String) -> Answer<()> {
        let account = account.parse().map_err(|_| Rejection::invalid("account"))?;
        Ok(self.sdk.accept_identity(account).await?)
    }

    #[wasm_bindgen(js_name = acceptRequest)]
    pub async fn accept_request(&self, chat: String) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        Ok(self.sdk.accept_request(chat).await?)
    }

    #[wasm_bindgen(js_name = declineRequest)]
    pub async fn decline_request(&self, chat: String) -> Answer<()> {
        let chat = chat.parse().map_err(|_| Rejection::invalid("chat"))?;
        Ok(self.sdk.decline_request(chat).await?)
    }

    pub async fn block(&self, account: String) -> Answer<()> {
        let account = account.parse().map_err(|_| Rejection::invalid("account"))?;
        Ok(self.sdk.block(account).await?)
    }

    pub async fn unblock(&self, account: String) -> Answer<()> {
        let account = account.parse().map_err(|_| Rejection::invalid("account"))?;
        Ok(self.sdk.unblock(account).await?)
    }

    pub async fn blocked(&self) -> Answer<Ts<BlockedAccounts>> {
        given(self.sdk.blocked())
    }

    #[wasm_bindgen(js_name = safetyNumber)]
    pub async fn safety_number(&self, account: String) -> Answer<String> {
        let account = account.parse().map_err(|_| Rejection::invalid("account"))?;
        let number = self
            .sdk
            .safety_number(account)
            .ok_or(sdk::ClientError::UserNotFound)?;
        Ok(number.to_string())
    }
}
