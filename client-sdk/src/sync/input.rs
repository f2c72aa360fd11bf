//! All that the engine hears, in one queue: what the application wants, what the link brings, what tasks have found.

use super::archiving::{ArchiveCommand, ArchiveOutcome};
use super::exporting::ExportCommand;
use super::group::{FetchedHistory, Found, GroupCommand, NewcomersFor, StoredHistory};
use super::link::LinkEvent;
use super::message_changes::MessageChange;
use super::new_communities::NewCommunity;
use super::oidc::OidcCommand;
use super::other_logins::LoginCommand;
use super::own_devices::DeviceCommand;
use super::own_marks::MarkCommand;
use super::passkeys::PasskeyCommand;
use super::restoring::ShownPage;
use super::shared_records::SharedRecords;
use super::start::{Claimed, Starting};
use super::wake_up::{Errand, Finding, WakeUpCommand};
use crate::account::Registering;
use crate::api::ApiError;
use crate::archive::{ReadError, ReadSegments, ShownArchive};
use crate::contacts::Verdict;
use crate::error::ClientError;
use crate::files::{FileContent, NewFile, UploadFailure};
use crate::groups::JoinRequest;
use crate::messages::NewMessage;
use crate::presence::Presence;
use crate::privacy::Privacy;
use crate::receipts::Receipt;
use async_channel::Sender;
use bytes::Bytes;
use sotto_crypto_core::{FileKey, RecoveryCode};
use sotto_protocol::rest::captcha::CaptchaSolution;
use sotto_protocol::rest::chat::{ChatCreated, GroupInfo, Objected};
use sotto_protocol::rest::group::{Group, JoinRequests};
use sotto_protocol::rest::key_package::KeyPackageStock;
use sotto_protocol::rest::user::User;
use sotto_protocol::{
    AccountId, AccountName, Ban, BlobId, ChatId, DeviceAddress, DeviceId, IdentityKey, MessageId, Retention,
    SegmentId, Seq, Suite, Timestamp, UploadId,
};
use zeroize::Zeroizing;

/// Something for the engine.
pub(crate) enum Input {
    /// The application wants something.
    Command(Command),
    /// A link reports.
    Link {
        /// Which one: what an older one says no longer counts.
        attempt: u64,
        /// What it reports.
        event: LinkEvent,
    },
    /// A task has finished.
    Done(Box<Done>),
    /// The server has ended the session, or has banned the account.
    SessionEnded(Option<Ban>),
    /// Time to see whether something is due.
    Tick,
    /// A chat's pause is over.
    Resume(ChatId),
    /// A gap in a chat's log had its time to close by itself.
    GapOverdue(ChatId),
    /// The time to wait for another device's Welcome into this chat is over.
    WelcomeOverdue(ChatId),
    /// It is this device's turn to take those who leave out of this group, unless that is done.
    DeparturesDue(ChatId),
    /// It is this device's turn to tell newcomers the profile of this group, unless that is done.
    IntroductionDue(ChatId),
    /// It is this device's turn to let those in whom enough have approved, unless that is done.
    AdmissionsDue(ChatId),
    /// It is time to object again to what halted this chat.
    ObjectionDue(ChatId),
    /// It is this device's turn to bring a GroupInfo after a Commit was taken back, unless that is done.
    RestorationDue(ChatId),
    /// It is this device's turn to answer who asks for this group's key, unless that is done.
    KeySharesDue(ChatId),
    /// It is this device's turn to tell newcomers of this group what was said before, unless that is done.
    HistorySharesDue(ChatId),
    /// It is this device's turn to take those out of the chats that are not on this version of the own account's list any more,
    /// unless that is done.
    DevicesDue(u64),
    /// It is time to hold the chats that this device has come into against the own account's list.
    NewChatsDue,
    /// The own account's list of devices could not be read, and is to be tried again.
    OwnProfileDue,
    /// The time of a message may be over.
    ExpiryDue,
    /// Another marker may be sent in this chat.
    MarkerDue(ChatId),
    /// Nothing more may have been heard of somebody who wrote.
    TypingOverdue { chat: ChatId, account: AccountId },
    /// What was begun to be written is to be shared with the account's other devices.
    DraftsDue,
    /// It is time to say again that somebody is at this device.
    PresenceDue,
    /// Nothing more may have been heard of a device at which somebody was.
    PresenceOverdue(DeviceAddress),
    /// What is new is to be archived.
    ArchivesDue,
    /// Another device that archives this chat has had its time.
    ArchiveUnclaimed(ChatId),
    /// The account's other devices are to hear how far it is archived.
    ArchiveHeadsDue,
    /// A silent chat may be silent no more.
    SilenceOver,
    /// This time without a connection has lasted too long for those who wait for everything that was missed.
    CatchUpOverdue(u64),
}

/// What the application wants.
pub(crate) enum Command {
    Register {
        account: Registering,
        reply: Reply<RecoveryCode>,
    },
    LogIn {
        name: AccountName,
        password: Zeroizing<String>,
        captcha: Option<CaptchaSolution>,
        reply: Reply<()>,
    },
    LogOutEverywhere {
        reply: Reply<()>,
    },
    LogOut {
        reply: Reply<()>,
    },
    Erase {
        reply: Reply<()>,
    },
    StartChat {
        name: AccountName,
        reply: Reply<ChatId>,
    },
    Send {
        chat: ChatId,
        message: NewMessage,
        reply: Reply<MessageId>,
    },
    /// A file, and what of it is to be kept in the store until it is sent.
    SendFile {
        chat: ChatId,
        file: Box<NewFile>,
        staged: Option<Bytes>,
        reply: Reply<MessageId>,
    },
    /// Goes on with a file that was not at hand.
    ResumeFile {
        chat: ChatId,
        message: MessageId,
        content: FileContent,
        reply: Reply<()>,
    },
    ChangeMessage {
        chat: ChatId,
        change: MessageChange,
        reply: Reply<()>,
    },
    /// On this device alone.
    DeleteHere {
        chat: ChatId,
        message: MessageId,
        reply: Reply<()>,
    },
    SetRetention {
        chat: ChatId,
        retention: Retention,
        reply: Reply<()>,
    },
    Receipts {
        chat: ChatId,
        reply: Reply<Vec<Receipt>>,
    },
    SetTyping {
        chat: ChatId,
        is_typing: bool,
        reply: Reply<()>,
    },
    Presence {
        account: AccountId,
        reply: Reply<Presence>,
    },
    SetActive {
        is_active: bool,
    },
    Privacy {
        reply: Reply<Privacy>,
    },
    SetPrivacy {
        privacy: Privacy,
        reply: Reply<()>,
    },
    MarkRead {
        chat: ChatId,
        up_to: u64,
        reply: Reply<()>,
    },
    /// About what the account marks for itself.
    Mark(MarkCommand),
    /// About the archive of what was said.
    History(ArchiveCommand),
    /// About exports of what was said.
    Export(ExportCommand),
    AcceptIdentity {
        account: AccountId,
        reply: Reply<()>,
    },
    /// The user has found this to be the account's identity key.
    Verified {
        account: AccountId,
        identity_key: IdentityKey,
        reply: Reply<()>,
    },
    /// Takes a chat that waits as a request, or declines it.
    AnswerRequest {
        chat: ChatId,
        verdict: Verdict,
        reply: Reply<()>,
    },
    /// Blocks an account, or accepts it.
    JudgeAccount {
        account: AccountId,
        verdict: Verdict,
        reply: Reply<()>,
    },
    RemoveDevice {
        device: DeviceId,
        reply: Reply<()>,
    },
    /// Randomness for a file that is to be uploaded.
    NewBlob {
        reply: Reply<NewBlob>,
    },
    /// About groups.
    Group(GroupCommand),
    /// About the account's devices.
    Device(DeviceCommand),
    /// Another way in than name and password.
    Login(LoginCommand),
    /// About passkeys.
    Passkey(PasskeyCommand),
    /// About the OpenID provider.
    Oidc(OidcCommand),
    /// Are there new communities?
    LookForCommunities {
        reply: Reply<()>,
    },
    /// All notices were looked at.
    MarkNoticesSeen {
        reply: Reply<()>,
    },
    /// About wake-ups.
    WakeUp(WakeUpCommand),
    Connect,
    Disconnect,
    Close {
        reply: Reply<()>,
    },
}

/// What a file that is to be uploaded needs: both are random.
pub(crate) struct NewBlob {
    pub(crate) upload: UploadId,
    pub(crate) key: FileKey,
}

/// What a task has found.
pub(crate) enum Done {
    /// Somebody's profile.
    Profile {
        account: AccountId,
        result: Result<User, ApiError>,
    },
    /// The profile of somebody to start a chat with.
    Person {
        starting: Starting,
        result: Result<User, ApiError>,
    },
    /// KeyPackages for a new chat.
    Claimed {
        starting: Starting,
        result: Result<Claimed, ApiError>,
    },
    /// A chat was created, or not.
    Created {
        chat: ChatId,
        result: Result<ChatCreated, ApiError>,
    },
    /// What is needed to join a chat alone.
    GroupInfo {
        chat: ChatId,
        result: Result<GroupInfo, ApiError>,
    },
    /// What the server says to an objection.
    Objected {
        chat: ChatId,
        result: Result<Objected, ApiError>,
    },
    /// The stock of KeyPackages.
    Stock {
        result: Result<KeyPackageStock, ApiError>,
    },
    /// KeyPackages were published, or not.
    Published,
    /// Communities that were founded since.
    CommunitiesFound {
        since: Timestamp,
        result: Result<Option<Vec<NewCommunity>>, ApiError>,
        reply: Option<Reply<()>>,
    },
    /// What all devices have decided together.
    SharedRecords {
        result: Result<Box<SharedRecords>, ApiError>,
    },
    /// Who is to come into a group, with KeyPackages.
    Newcomers {
        purpose: NewcomersFor,
        suite: Suite,
        found: Found,
    },
    /// The server knows that this account leaves a group, or not.
    Left {
        chat: ChatId,
        result: Result<(), ApiError>,
    },
    /// A group was deleted, or not.
    Deleted {
        chat: ChatId,
        reply: Reply<()>,
        result: Result<(), ApiError>,
    },
    /// What anyone may know of a group that this device is to join.
    PublicGroup {
        reply: Reply<ChatId>,
        result: Result<Group, ApiError>,
    },
    /// What is needed to ask for being let into a group.
    GroupToAsk {
        reply: Reply<()>,
        result: Result<Group, ApiError>,
    },
    /// Who asks to be let into a group.
    JoinRequests {
        chat: ChatId,
        reply: Reply<Vec<JoinRequest>>,
        result: Result<(JoinRequests, Vec<User>), ApiError>,
    },
    /// The own account's profile.
    OwnProfile { result: Result<User, ApiError> },
    /// The server has done what was asked, or not.
    Answered {
        reply: Reply<()>,
        result: Result<(), ApiError>,
    },
    /// The server has erased entries, or will not.
    Erased {
        chat: ChatId,
        entries: Vec<(Seq, MessageId)>,
        result: Result<(), ApiError>,
    },
    /// A blob was deleted, or will not be.
    BlobErased {
        blob: BlobId,
        result: Result<(), ApiError>,
    },
    /// A file is on the server, or will not be.
    Uploaded {
        message: MessageId,
        result: Result<BlobId, UploadFailure>,
    },
    /// A write of a chat's archive is over.
    Archived {
        chat: ChatId,
        outcome: Box<ArchiveOutcome>,
    },
    /// What newcomers who have asked up to this position are told is on the server, or not.
    HistoryStored {
        chat: ChatId,
        before: u64,
        stored: Box<StoredHistory>,
    },
    /// What this device was told of what was said before, or not.
    HistoryFetched {
        chat: ChatId,
        fetched: Box<FetchedHistory>,
    },
    /// A page of the list of archives.
    ArchivesListed {
        result: Result<Box<ShownPage>, ApiError>,
    },
    /// A chat's archive; `None`: there is none.
    ArchiveShown {
        chat: ChatId,
        result: Result<Option<Box<ShownArchive>>, ApiError>,
    },
    /// The same, as it had named segments at this revision that are not there.
    ArchiveShownAgain {
        chat: ChatId,
        revision: u64,
        absent: Vec<SegmentId>,
        result: Result<Option<Box<ShownArchive>>, ApiError>,
    },
    /// Segments of a chat's archive, as the index of this revision names them.
    SegmentsRead {
        chat: ChatId,
        revision: u64,
        result: Result<Box<ReadSegments>, ReadError>,
    },
    /// What is public of a listed group in which this device is.
    ListedProfile {
        chat: ChatId,
        result: Result<Group, ApiError>,
    },
    /// The server was told where this device is woken, or asked, or not.
    WakeUp {
        errand: Errand,
        result: Result<Finding, ApiError>,
    },
    /// A group's profile was published, or not.
    ProfilePublished {
        chat: ChatId,
        /// The number of the intent that this is for.
        intent: u64,
        result: Result<(), ApiError>,
    },
}

/// Where the answer to a command goes. Whoever asked may be gone.
pub(crate) struct Reply<T>(Sender<Result<T, ClientError>>);

impl<T> Reply<T> {
    /// A reply and where to wait for it.
    pub(crate) fn new() -> (Self, async_channel::Receiver<Result<T, ClientError>>) {
        let (sender, receiver) = async_channel::bounded(1);
        (Self(sender), receiver)
    }

    /// Answers.
    pub(crate) fn send(self, result: Result<T, ClientError>) {
        let _ = self.0.try_send(result);
    }
}
