//! What an application asks of wake-ups.

use super::{WakeUpAddress, WakeUpRecord};
use crate::client::Client;
use crate::error::ClientError;
use crate::platform::Platform;
use crate::record_key;
use crate::sync::{Command, WakeUpCommand};

/// The bytes of an uncompressed point of P-256.
const KEY_BYTES: usize = 65;

impl<P: Platform> Client<P> {
    /// What a browser binds its subscription to (`applicationServerKey`, RFC 8292): an uncompressed point of P-256, the server's, which
    /// never changes.
    pub async fn wake_up_key(&self) -> Result<[u8; KEY_BYTES], ClientError> {
        let answer = self.api().notification_key().await?;
        let key = answer.key.as_slice().try_into();
        key.map_err(|_| ClientError::Untrusted("a key for push services that is none"))
    }

    /// From now on this device is woken there when something comes while it is not connected, but for what comes in silent chats. The
    /// address is kept, and the server told again after each login.
    ///
    /// Say so at each start: if nothing has changed, the server is asked nothing. Where its push service refuses the address, or knows it
    /// no more, this fails with the problem `endpoint-refused`, and the browser has to subscribe anew. If the server cannot be reached,
    /// this fails too, and the address is kept and told on the next connection.
    pub async fn set_wake_up_address(&self, address: WakeUpAddress) -> Result<(), ClientError> {
        self.ask_wake_up(|reply| WakeUpCommand::Set { address, reply })
            .await
    }

    /// This device is woken no more. If the server cannot be reached, this fails, and it is told on the next connection.
    pub async fn remove_wake_up_address(&self) -> Result<(), ClientError> {
        self.ask_wake_up(|reply| WakeUpCommand::Remove { reply }).await
    }

    /// Where this device is woken: what was given to [`Client::set_wake_up_address`] last, unless it is of no use any more. Local.
    pub async fn wake_up_endpoint(&self) -> Result<Option<String>, ClientError> {
        let record: Option<WakeUpRecord> = self.records().get(&record_key::wake_up()).await?;
        let endpoint = |record: &WakeUpRecord| Some(record.address()?.endpoint.clone());
        Ok(record.as_ref().and_then(endpoint))
    }

    /// Connects, unless there is a connection, and waits until everything that the server had for this device when it was made is
    /// processed and stored: each chat's entries, chats that it was let into, what the account's other devices have decided.
    ///
    /// Fails with [`ClientError::Offline`] if there is no connection within half a minute.
    pub async fn catch_up(&self) -> Result<(), ClientError> {
        self.ask_wake_up(|reply| WakeUpCommand::CatchUp { reply }).await
    }

    async fn ask_wake_up<T>(
        &self,
        command: impl FnOnce(crate::sync::Reply<T>) -> WakeUpCommand,
    ) -> Result<T, ClientError> {
        self.ask(|reply| Command::WakeUp(command(reply))).await
    }
}
