//! Every operation: what it takes, what it answers, what can go wrong.

use super::account_operations::account_operations;
use super::admin_operations::admin_operations;
use super::archive_operations::archive_operations;
use super::community_operations::community_operations;
use super::group_operations::group_operations;
use super::login_operations::login_operations;
use super::oidc_operations::oidc_operations;
use super::passkey_operations::passkey_operations;
use super::picture_operations::picture_operations;
use super::report_operations::report_operations;
use super::schemas::Schemas;
use super::site_operations::site_operations;
use ProblemCode as P;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sotto_protocol::rest::blob::{PARTIAL_UPLOAD, UPLOAD_OFFSET};
use sotto_protocol::rest::{auth, blob, captcha, chat, device, key_package, user};
use sotto_protocol::{
    AccountId, AccountName, BlobId, ChatId, DeviceId, DeviceKey, InvitationKey, ProblemCode, Signature,
};
use utoipa::ToSchema;

/// Makes a schema, or a reference to one.
pub(super) type SchemaOf = fn(&mut Schemas) -> Result<Value, serde_json::Error>;

/// Reads an example, as who gets it would.
pub(super) type Reads = fn(Value) -> Result<(), serde_json::Error>;

/// What a body is.
pub(super) enum Payload {
    /// JSON with this schema, and how it is read.
    Json(SchemaOf, Reads),
    /// Bytes of this media type.
    Bytes(&'static str),
}

impl Payload {
    fn json<T: ToSchema + DeserializeOwned>() -> Self {
        Self::Json(Schemas::of::<T>, |example| T::deserialize(example).map(drop))
    }
}

/// When a client has the version already that it names in `If-None-Match`.
const NOT_MODIFIED: &str = "It is the version that the client has.";

/// What a client has, as it says in a request's head.
const IF_NONE_MATCH: &str = "if-none-match";

/// Who may call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    Anyone,
    Device,
    Account,
    Enrolment,
}

impl Security {
    /// One of these.
    pub(super) const fn schemes(self) -> &'static [&'static str] {
        match self {
            Self::Anyone => &[],
            Self::Device => &["access"],
            Self::Account => &["access", "oidc"],
            Self::Enrolment => &["enrolment"],
        }
    }
}

/// A part of the path, the query or the head.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) place: &'static str,
    pub(super) required: bool,
    pub(super) description: &'static str,
    pub(super) schema: SchemaOf,
}

/// What an operation answers if it succeeds.
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) description: &'static str,
    pub(super) payload: Option<Payload>,
}

/// A method of a path.
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) security: Security,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Payload>,
    pub(super) answers: Vec<Success>,
    /// Whether its successes have an entity tag.
    pub(super) conditional: bool,
    codes: &'static [ProblemCode],
}

impl Operation {
    pub(super) fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
    ) -> Self {
        Self {
            method,
            path,
            id,
            summary,
            security: Security::Anyone,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            conditional: false,
            codes: &[],
        }
    }

    pub(super) fn by_device(mut self) -> Self {
        self.security = Security::Device;
        self
    }

    pub(super) fn by_account(mut self) -> Self {
        self.security = Security::Account;
        self
    }

    pub(super) fn parameter(
        mut self,
        place: &'static str,
        name: &'static str,
        description: &'static str,
        schema: SchemaOf,
    ) -> Self {
        self.parameters.push(Parameter {
            name,
            place,
            required: place == "path" || ["q", "ids", UPLOAD_OFFSET].contains(&name),
            description,
            schema,
        });
        self
    }

    /// The last parameter may be left out.
    fn optional(mut self) -> Self {
        if let Some(last) = self.parameters.last_mut() {
            last.required = false;
        }
        self
    }

    pub(super) fn takes<T: ToSchema + DeserializeOwned>(mut self) -> Self {
        self.body = Some(Payload::json::<T>());
        self
    }

    pub(super) fn takes_bytes(mut self, media_type: &'static str) -> Self {
        self.body = Some(Payload::Bytes(media_type));
        self
    }

    pub(super) fn answers<T: ToSchema + DeserializeOwned>(
        mut self,
        status: u16,
        description: &'static str,
    ) -> Self {
        self.answers.push(Success {
            status,
            description,
            payload: Some(Payload::json::<T>()),
        });
        self
    }

    pub(super) fn answers_bytes(
        mut self,
        status: u16,
        description: &'static str,
        media_type: &'static str,
    ) -> Self {
        self.answers.push(Success {
            status,
            description,
            payload: Some(Payload::Bytes(media_type)),
        });
        self
    }

    pub(super) fn answers_nothing(mut self, status: u16, description: &'static str) -> Self {
        self.answers.push(Success {
            status,
            description,
            payload: None,
        });
        self
    }

    /// It is answered with an entity tag, and with nothing else to whoever names that.
    pub(super) fn answers_conditionally(mut self) -> Self {
        self.conditional = true;
        self.parameter(
            "header",
            IF_NONE_MATCH,
            "The `ETag` of what the client has.",
            text,
        )
        .answers_nothing(304, NOT_MODIFIED)
    }

    pub(super) fn fails(mut self, codes: &'static [ProblemCode]) -> Self {
        self.codes = codes;
        self
    }

    /// The noun.
    pub(super) fn tag(&self) -> &'static str {
        let path = self.path.trim_start_matches("/v1");
        path.split('/').nth(1).unwrap_or_default()
    }

    /// All that can go wrong: of its own, and what goes with whom it lets in and what it takes.
    pub(super) fn problems(&self) -> impl Iterator<Item = ProblemCode> {
        let everywhere: &[_] = &[
            P::InvalidRequest,
            P::RateLimited,
            P::Timeout,
            P::Internal,
            P::Unavailable,
        ];
        let security: &[_] = match self.security {
            Security::Anyone => &[],
            Security::Device | Security::Account | Security::Enrolment => &[
                P::Unauthenticated,
                P::TokenExpired,
                P::SessionEnded,
                P::Forbidden,
                P::Banned,
            ],
        };
        let body: &[_] = match self.body {
            Some(_) => &[P::UnsupportedMediaType, P::TooLarge],
            None => &[],
        };
        [self.codes, everywhere, security, body]
            .into_iter()
            .flatten()
            .copied()
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as a schema that is referred to")]
fn count(_: &mut Schemas) -> Result<Value, serde_json::Error> {
    Ok(json!({ "type": "integer", "format": "int64", "minimum": 0 }))
}

#[allow(clippy::unnecessary_wraps, reason = "as a schema that is referred to")]
pub(super) fn limit(_: &mut Schemas) -> Result<Value, serde_json::Error> {
    Ok(json!({ "type": "integer", "minimum": 1, "maximum": u16::MAX }))
}

#[allow(clippy::unnecessary_wraps, reason = "as a schema that is referred to")]
pub(super) fn text(_: &mut Schemas) -> Result<Value, serde_json::Error> {
    Ok(json!({ "type": "string" }))
}

/// The interface.
pub(super) fn operations() -> Vec<Operation> {
    let mut all = site_operations();
    all.extend(auth_operations());
    all.extend(login_operations());
    all.extend(passkey_operations());
    all.extend(oidc_operations());
    all.extend(user_operations());
    all.extend(picture_operations());
    all.extend(device_operations());
    all.extend(chat_operations());
    all.extend(group_operations());
    all.extend(community_operations());
    all.extend(account_operations());
    all.extend(report_operations());
    all.extend(archive_operations());
    all.extend(admin_operations());
    all.extend(blob_operations());
    all.push(
        Operation::new(
            "get",
            "/v1/ws",
            "connect",
            "Opens a WebSocket of the subprotocol sotto.v1",
        )
        .by_device()
        .answers_nothing(101, "The connection is a WebSocket now.")
        .fails(&[P::TooManyConnections]),
    );
    all.push(
        Operation::new("get", "/v1/openapi.json", "openapi", "This description").answers_bytes(
            200,
            "The description.",
            "application/json",
        ),
    );
    all
}

fn auth_operations() -> Vec<Operation> {
    let post = |path, id, summary| Operation::new("post", path, id, summary);
    vec![
        post(
            "/v1/auth/registration",
            "startRegistration",
            "The first of two steps of a registration (OPAQUE)",
        )
        .takes::<auth::StartRegistration>()
        .answers::<auth::RegistrationStarted>(200, "The second step is PUT /v1/user/{name}.")
        .fails(&[P::NameTaken, P::RegistrationClosed, P::BotTokenInvalid]),
        post(
            "/v1/auth/login",
            "startLogin",
            "The first of two steps of a login (OPAQUE)",
        )
        .takes::<auth::StartLogin>()
        .answers::<auth::LoginStarted>(200, "The same for a name that nobody has.")
        .fails(&[P::CaptchaRequired, P::CaptchaInvalid]),
        Operation::new(
            "get",
            "/v1/auth/captcha",
            "captcha",
            "A challenge for a proof of work (ALTCHA)",
        )
        .answers::<captcha::CaptchaChallenge>(
            200,
            "The challenge. Its solution is good once, for ten minutes.",
        )
        .answers_nothing(204, "This server asks for none."),
        post(
            "/v1/auth/login/finish",
            "finishLogin",
            "The second step of a login",
        )
        .takes::<auth::FinishLogin>()
        .answers::<auth::LoggedIn>(200, "What a device needs to open the vault and to enrol.")
        .fails(&[P::WrongCredentials, P::LoginExpired, P::Banned]),
        post(
            "/v1/auth/refresh",
            "refresh",
            "Exchanges a refresh token for a new pair of tokens",
        )
        .takes::<auth::Refresh>()
        .answers::<auth::SessionTokens>(200, "The new pair.")
        .fails(&[P::SessionEnded, P::Banned]),
        post("/v1/auth/logout", "logout", "Ends the session")
            .by_device()
            .answers_nothing(204, "The tokens are good for nothing any more."),
        post(
            "/v1/auth/logout-everywhere",
            "logoutEverywhere",
            "Ends all sessions of the account",
        )
        .by_device()
        .answers_nothing(
            204,
            "No token of the account is good for anything any more. Devices stay listed.",
        ),
    ]
}

fn user_operations() -> Vec<Operation> {
    let name = |operation: Operation| {
        operation.parameter("path", "name", "The account's name.", Schemas::of::<AccountName>)
    };
    let path = "/v1/user/{name}";
    let mut delete = name(Operation::new(
        "delete",
        path,
        "deleteUser",
        "Deletes one's own account after a login by password or recovery code",
    ))
    .answers_nothing(204, "It is gone with all that belongs to it.")
    .fails(&[P::InvalidName, P::UserNotFound, P::LastAdministrator]);
    delete.security = Security::Enrolment;
    vec![
        Operation::new(
            "get",
            "/v1/user",
            "searchUsers",
            "Listed accounts that a text fits, or that are near a place, or both",
        )
        .by_account()
        .parameter(
            "query",
            "q",
            "The text, 1 to 128 bytes: part of a name, of a display name, or of what people say of themselves.",
            text,
        )
        .optional()
        .parameter(
            "query",
            "near",
            "The place, as LATITUDE,LONGITUDE in degrees, like 48.1,11.6. It is rounded to 0.1° and kept nowhere.",
            text,
        )
        .parameter(
            "query",
            "within_km",
            "How near, 10 to 500; 50 if it is not said.",
            limit,
        )
        .parameter("query", "limit", "At most so many.", limit)
        .parameter("query", "after", "`next` of the page before.", text)
        .answers::<user::UsersFound>(200, "A page of them."),
        Operation::new("get", "/v1/user/by-id/{account}", "userById", "A public profile")
            .parameter("path", "account", "The account.", Schemas::of::<AccountId>)
            .answers::<user::User>(200, "The profile.")
            .answers_conditionally()
            .fails(&[P::UserNotFound]),
        name(Operation::new("get", path, "userByName", "A public profile"))
            .answers::<user::User>(200, "The profile.")
            .answers_conditionally()
            .fails(&[P::InvalidName, P::UserNotFound]),
        name(Operation::new(
            "put",
            path,
            "createUser",
            "Finishes a registration",
        ))
        .takes::<user::CreateUser>()
        .answers::<user::UserCreated>(201, "The account and its first device are created.")
        .fails(&[
            P::InvalidName,
            P::NameTaken,
            P::AccountTaken,
            P::DeviceTaken,
            P::RegistrationClosed,
            P::InviteRequired,
            P::InviteInvalid,
            P::CaptchaRequired,
            P::CaptchaInvalid,
            P::OidcOff,
            P::OidcExpired,
            P::OidcTaken,
            P::BotTokenInvalid,
        ]),
        name(Operation::new(
            "post",
            path,
            "updateUser",
            "Changes one's own profile",
        ))
        .by_account()
        .takes::<user::UpdateUser>()
        .answers::<user::User>(200, "The new profile.")
        .fails(&[P::InvalidName, P::UserNotFound]),
        delete,
    ]
}

fn device_operations() -> Vec<Operation> {
    let id = |operation: Operation| operation.parameter("path", "id", "The device.", Schemas::of::<DeviceId>);
    let mut enrol = id(Operation::new(
        "put",
        "/v1/device/{id}",
        "enrolDevice",
        "Enrols a device after a login",
    ))
    .takes::<device::EnrolDevice>()
    .answers::<auth::SessionTokens>(200, "The device's session.")
    .fails(&[
        P::UserNotFound,
        P::DeviceNotFound,
        P::DeviceTaken,
        P::TooManyDevices,
        P::StaleDeviceList,
        P::OidcOff,
        P::OidcExpired,
        P::OidcRequired,
    ]);
    enrol.security = Security::Enrolment;
    vec![
        Operation::new("get", "/v1/device", "devices", "The devices of one's own account")
            .by_device()
            .answers::<device::Devices>(200, "The devices.")
            .answers_conditionally(),
        enrol,
        id(Operation::new(
            "post",
            "/v1/device/{id}",
            "updateDevice",
            "Gives a device of one's own account another name",
        ))
        .by_device()
        .takes::<device::UpdateDevice>()
        .answers_nothing(204, "It has the name.")
        .fails(&[P::DeviceNotFound]),
        id(Operation::new(
            "delete",
            "/v1/device/{id}",
            "removeDevice",
            "Removes a device of one's own account",
        ))
        .by_device()
        .takes::<device::RemoveDevice>()
        .answers_nothing(204, "Its tokens and its connection have ended.")
        .fails(&[P::UserNotFound, P::DeviceNotFound, P::StaleDeviceList]),
        Operation::new(
            "get",
            "/v1/key-package",
            "keyPackageStock",
            "What the server holds of the calling device",
        )
        .by_device()
        .answers::<key_package::KeyPackageStock>(200, "The stock."),
        Operation::new(
            "post",
            "/v1/key-package",
            "publishKeyPackages",
            "Adds to the stock of the calling device",
        )
        .by_device()
        .takes::<key_package::PublishKeyPackages>()
        .answers::<key_package::KeyPackageStock>(200, "The stock then.")
        .fails(&[P::MalformedMessage, P::TooManyKeyPackages, P::DeviceNotFound]),
        Operation::new(
            "post",
            "/v1/key-package/claim",
            "claimKeyPackages",
            "Takes a KeyPackage of each device of an account",
        )
        .by_device()
        .takes::<key_package::ClaimKeyPackages>()
        .answers::<key_package::KeyPackagesClaimed>(200, "The KeyPackages.")
        .fails(&[P::UserNotFound, P::NoKeyPackage]),
    ]
}

fn chat_operations() -> Vec<Operation> {
    let id = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "id", "The chat.", Schemas::of::<ChatId>)
    };
    let path = "/v1/chat/{id}";
    vec![
        id(Operation::new(
            "get",
            path,
            "readChat",
            "Entries of a chat's log, as ciphertext",
        ))
        .parameter("query", "after", "Entries after this one, oldest first.", count)
        .parameter("query", "before", "Entries before this one.", count)
        .parameter("query", "limit", "At most so many.", limit)
        .answers::<chat::ChatPage>(200, "A page of them.")
        .fails(&[P::ChatNotFound]),
        id(Operation::new(
            "put",
            path,
            "createChat",
            "Creates a direct chat, or notes to oneself",
        ))
        .takes::<chat::CreateDirectChat>()
        .answers::<chat::ChatCreated>(201, "It is created.")
        .fails(&[
            P::UserNotFound,
            P::ChatNotFound,
            P::ChatTaken,
            P::DirectChatExists,
            P::MalformedMessage,
            P::MembershipRefused,
            P::GroupInfoRefused,
            P::StaleEpoch,
            P::Undeliverable,
        ]),
        id(Operation::new(
            "post",
            path,
            "publish",
            "Sends a message without a WebSocket",
        ))
        .takes::<chat::Publish>()
        .answers::<chat::Published>(200, "It is durable.")
        .fails(&[
            P::ChatNotFound,
            P::MalformedMessage,
            P::StaleEpoch,
            P::Behind,
            P::Undeliverable,
            P::InvalidRetention,
            P::MembershipRefused,
        ]),
        id(Operation::new(
            "get",
            "/v1/chat/{id}/group-info",
            "groupInfo",
            "What a device needs to join by external Commit",
        ))
        .parameter(
            "query",
            "invitation",
            "The key of an invite link to the group, for who is not in it. With it go the two others.",
            Schemas::of::<InvitationKey>,
        )
        .parameter(
            "query",
            "device_key",
            "The calling device's key.",
            Schemas::of::<DeviceKey>,
        )
        .parameter(
            "query",
            "signature",
            "What the invitation's key has signed for this device.",
            Schemas::of::<Signature>,
        )
        .answers::<chat::GroupInfo>(200, "The GroupInfo.")
        .fails(&[P::ChatNotFound, P::InvitationRefused]),
        id(Operation::new(
            "post",
            "/v1/chat/{id}/objection",
            "object",
            "Objects to a Commit that the device cannot accept",
        ))
        .takes::<chat::Object>()
        .answers::<chat::Objected>(200, "What became of the Commit.")
        .fails(&[P::ChatNotFound]),
        id(Operation::new(
            "post",
            "/v1/chat/{id}/deletion",
            "deleteEntries",
            "Erases messages of one's own, or anybody's as owner or admin of a group",
        ))
        .takes::<chat::DeleteEntries>()
        .answers_nothing(204, "None of them is on the server any more.")
        .fails(&[P::ChatNotFound, P::Forbidden]),
    ]
}

fn blob_operations() -> Vec<Operation> {
    let id = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "id", "The blob.", Schemas::of::<BlobId>)
    };
    let (path, upload) = ("/v1/blob/{id}", "/v1/blob/{id}/upload");
    let mut append = id(Operation::new(
        "patch",
        upload,
        "appendToBlob",
        "Adds bytes to an upload",
    ))
    .parameter(
        "header",
        UPLOAD_OFFSET,
        "Where the bytes begin: how many the server has.",
        count,
    )
    .answers::<blob::Upload>(200, "How far it has come.")
    .fails(&[P::BlobNotFound, P::WrongOffset, P::UploadBusy, P::UploadTooLong]);
    append.body = Some(Payload::Bytes(PARTIAL_UPLOAD));
    vec![
        Operation::new(
            "get",
            "/v1/blob",
            "blobUsage",
            "What one has on the server, and how much one may have",
        )
        .by_device()
        .answers::<blob::BlobUsage>(200, "The figures."),
        Operation::new("post", "/v1/blob", "createBlob", "Begins an upload")
            .by_device()
            .takes::<blob::CreateBlob>()
            .answers::<blob::Upload>(201, "It is begun, or was by the same request before.")
            .fails(&[
                P::InvalidRetention,
                P::UploadTaken,
                P::BlobTooLarge,
                P::QuotaExceeded,
                P::TooManyBlobs,
                P::TooManyUploads,
                P::UserNotFound,
            ]),
        id(Operation::new(
            "get",
            path,
            "readBlob",
            "The bytes of a blob, or a range of them",
        ))
        .parameter("header", "range", "One range of bytes.", text)
        .answers_bytes(200, "All of it.", "application/octet-stream")
        .answers_bytes(206, "The range.", "application/octet-stream")
        .answers_conditionally()
        .fails(&[P::BlobNotFound, P::BlobUnfinished, P::RangeNotSatisfiable]),
        id(Operation::new(
            "delete",
            path,
            "deleteBlob",
            "Deletes one of one's own blobs",
        ))
        .answers_nothing(204, "It is gone.")
        .fails(&[P::BlobNotFound]),
        id(Operation::new(
            "get",
            upload,
            "uploadStatus",
            "How far an upload has come",
        ))
        .answers::<blob::Upload>(200, "How far it has come.")
        .fails(&[P::BlobNotFound]),
        append,
    ]
}
