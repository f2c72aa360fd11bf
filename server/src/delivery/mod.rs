//! The Delivery Service (RFC 9750, section 5): takes messages and Commits in, gives each a position, makes it durable,
//! and hands it to the devices that are connected. It knows neither HTTP nor SQL.
//!
//! ```text
//! Connection::receive / Delivery::publish → checks on the MLS header → the shard's queue (bounded: full makes callers wait)
//!     → writer: all that waits → LogStore::write, one transaction → answers into the senders' outboxes or futures
//!     → one encoded frame, shared, into the outboxes of the other members
//! ```
//!
//! The interface (`I: DirectChatIndex`, `L: LogStore`; `Delivery` is a cheap clone):
//!
//! ```text
//! Delivery::start(index: I, logs: Vec<L>, clock: Arc<dyn Clock>, settings: DeliverySettings) -> Delivery<I, L>   // in a tokio runtime
//! fn       connect(&self, DeviceAddress) -> Result<Connection<I, L>, Stopping>   // the older connection of the device ends: Replaced
//! async fn publish(&self, from: DeviceAddress, chat: ChatId, rest::chat::Publish) -> Result<Published, DeliveryError>
//! async fn create_direct_chat(&self, from: DeviceAddress, chat: ChatId, rest::chat::CreateDirectChat) -> Result<ChatCreated, CreateChatError>
//! async fn page(&self, from: DeviceAddress, chat: ChatId, PageRange) -> Result<Page, DeliveryError>
//! async fn group_info(&self, from: DeviceAddress, chat: ChatId) -> Result<GroupInfo, DeliveryError>
//! fn       disconnect(&self, DeviceAddress, Goodbye)               // session ended, and the like
//! async fn remove_devices(&self, &[DeviceAddress]) -> Result<(), DeliveryError>   // after DeviceStore::remove_device / delete_account; then forget_departed
//! async fn account_changed(&self, AccountId)                       // Changed(User) to its own and its peers' devices
//! fn       key_packages_low(&self, DeviceAddress)                  // Changed(KeyPackages)
//! async fn shutdown(&self)                                         // drains, flushes cursors, says Goodbye(Restarting)
//!
//! Connection: one task owns it and selects over the socket and `next`; dropping it unregisters.
//! async fn next(&mut self) -> Option<VecDeque<Bytes>>              // cancel-safe. All frames that wait, encoded; after a Goodbye: None
//! async fn receive(&self, ClientFrame)                             // every frame of a client; answers come out of `next`
//! fn       close(&self, Goodbye)                                   // e.g. Malformed
//! fn       goodbye(&self) -> Option<Goodbye>                       // why it ended, for the close code
//! ```
