//! The SDK's types of groups, as JavaScript gets them and gives them. The npm package's `api.ts` describes the fields.

use serde::{Deserialize, Serialize};
use sotto_client_sdk as sdk;
use sotto_client_sdk::protocol::{self, AccountId, AccountName, Timestamp};
use tsify::{Ts, Tsify};

use crate::error::{Answer, Rejection};
use crate::types::{Account, Person, number, position};

/// An object that JavaScript passes as a value of the SDK.
pub(crate) fn taken<T, S>(object: &Ts<T>, argument: &str) -> Answer<S>
where
    T: Tsify<JsType: Clone> + for<'de> Deserialize<'de>,
    S: TryFrom<T, Error = Rejection>,
{
    object
        .to_rust()
        .map_err(|_| Rejection::invalid(argument))
        .and_then(S::try_from)
}

/// How long to keep something, as JavaScript says it.
pub(crate) fn taken_retention(retention: &Ts<Retention>) -> Answer<protocol::Retention> {
    let taken = retention.to_rust().map_err(|_| Rejection::invalid("retention"))?;
    Ok(taken.into())
}

/// An account id that JavaScript passes.
pub(crate) fn account_id(account: &str) -> Answer<AccountId> {
    account.parse().map_err(|_| Rejection::invalid("account"))
}

/// Account ids that JavaScript passes.
pub(crate) fn account_ids(accounts: &[String]) -> Answer<Vec<AccountId>> {
    accounts.iter().map(|account| account_id(account)).collect()
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Owner,
    Admin,
    Member,
}

impl From<sdk::Role> for Role {
    fn from(role: sdk::Role) -> Self {
        match role {
            sdk::Role::Owner => Self::Owner,
            sdk::Role::Admin => Self::Admin,
            sdk::Role::Member => Self::Member,
        }
    }
}

impl From<Role> for sdk::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Member => Self::Member,
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inviters {
    Admins,
    Members,
}

impl From<sdk::Inviters> for Inviters {
    fn from(inviters: sdk::Inviters) -> Self {
        match inviters {
            sdk::Inviters::Admins => Self::Admins,
            sdk::Inviters::Members => Self::Members,
        }
    }
}

impl From<Inviters> for sdk::Inviters {
    fn from(inviters: Inviters) -> Self {
        match inviters {
            Inviters::Admins => Self::Admins,
            Inviters::Members => Self::Members,
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Approvers {
    AnyAdmin,
    AnyMember,
    Members { count: u8 },
}

impl From<sdk::Approvers> for Approvers {
    fn from(approvers: sdk::Approvers) -> Self {
        match approvers {
            sdk::Approvers::AnyAdmin => Self::AnyAdmin,
            sdk::Approvers::AnyMember => Self::AnyMember,
            sdk::Approvers::Members(count) => Self::Members { count },
        }
    }
}

impl From<Approvers> for sdk::Approvers {
    fn from(approvers: Approvers) -> Self {
        match approvers {
            Approvers::AnyAdmin => Self::AnyAdmin,
            Approvers::AnyMember => Self::AnyMember,
            Approvers::Members { count } => Self::Members(count),
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum JoinPolicy {
    Invite { by: Inviters },
    Approval { by: Approvers },
    Open,
}

impl From<sdk::JoinPolicy> for JoinPolicy {
    fn from(policy: sdk::JoinPolicy) -> Self {
        match policy {
            sdk::JoinPolicy::Invite { by } => Self::Invite { by: by.into() },
            sdk::JoinPolicy::Approval { by } => Self::Approval { by: by.into() },
            sdk::JoinPolicy::Open => Self::Open,
        }
    }
}

impl From<JoinPolicy> for sdk::JoinPolicy {
    fn from(policy: JoinPolicy) -> Self {
        match policy {
            JoinPolicy::Invite { by } => Self::Invite { by: by.into() },
            JoinPolicy::Approval { by } => Self::Approval { by: by.into() },
            JoinPolicy::Open => Self::Open,
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Retention {
    Keep,
    For { seconds: u32 },
    Never,
}

impl From<protocol::Retention> for Retention {
    fn from(retention: protocol::Retention) -> Self {
        match retention {
            protocol::Retention::Keep => Self::Keep,
            protocol::Retention::For { seconds } => Self::For { seconds },
            protocol::Retention::Never => Self::Never,
        }
    }
}

impl From<Retention> for protocol::Retention {
    fn from(retention: Retention) -> Self {
        match retention {
            Retention::Keep => Self::Keep,
            Retention::For { seconds } => Self::For { seconds },
            Retention::Never => Self::Never,
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantedHistory {
    None,
    Since { at: f64 },
}

impl From<sdk::GrantedHistory> for GrantedHistory {
    fn from(history: sdk::GrantedHistory) -> Self {
        match history {
            sdk::GrantedHistory::None => Self::None,
            sdk::GrantedHistory::Since(at) => Self::Since { at: number(at.0) },
        }
    }
}

impl From<GrantedHistory> for sdk::GrantedHistory {
    fn from(history: GrantedHistory) -> Self {
        match history {
            GrantedHistory::None => Self::None,
            GrantedHistory::Since { at } => Self::Since(Timestamp(position(at))),
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum GroupChange {
    Added { who: Account },
    Joined { who: Account },
    Removed { who: Account },
    Left { who: Account },
    Role { who: Account, role: Role },
    JoinPolicy { join_policy: JoinPolicy },
    Listed { is_listed: bool },
    Retention { retention: Retention },
    Banned { who: Account },
    Unbanned { who: Account },
    Title { title: String },
    Picture,
    Refused,
    Rejoined,
    LinkMade,
    LinkRevoked,
    History { history: GrantedHistory },
}

impl From<sdk::GroupChange> for GroupChange {
    fn from(change: sdk::GroupChange) -> Self {
        match change {
            sdk::GroupChange::Added(who) => Self::Added { who: who.into() },
            sdk::GroupChange::Joined(who) => Self::Joined { who: who.into() },
            sdk::GroupChange::Removed(who) => Self::Removed { who: who.into() },
            sdk::GroupChange::Left(who) => Self::Left { who: who.into() },
            sdk::GroupChange::Role { account, role } => Self::Role {
                who: account.into(),
                role: role.into(),
            },
            sdk::GroupChange::JoinPolicy(policy) => Self::JoinPolicy {
                join_policy: policy.into(),
            },
            sdk::GroupChange::Listed(is_listed) => Self::Listed { is_listed },
            sdk::GroupChange::Retention(retention) => Self::Retention {
                retention: retention.into(),
            },
            sdk::GroupChange::Banned(who) => Self::Banned { who: who.into() },
            sdk::GroupChange::Unbanned(who) => Self::Unbanned { who: who.into() },
            sdk::GroupChange::Title(title) => Self::Title { title },
            sdk::GroupChange::Picture => Self::Picture,
            sdk::GroupChange::Refused => Self::Refused,
            sdk::GroupChange::Rejoined => Self::Rejoined,
            sdk::GroupChange::LinkMade => Self::LinkMade,
            sdk::GroupChange::LinkRevoked => Self::LinkRevoked,
            sdk::GroupChange::History(history) => Self::History {
                history: history.into(),
            },
        }
    }
}

#[derive(Tsify, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupSize {
    Normal,
    Large,
}

impl From<sdk::GroupSize> for GroupSize {
    fn from(size: sdk::GroupSize) -> Self {
        match size {
            sdk::GroupSize::Normal => Self::Normal,
            sdk::GroupSize::Large => Self::Large,
        }
    }
}

impl From<GroupSize> for sdk::GroupSize {
    fn from(size: GroupSize) -> Self {
        match size {
            GroupSize::Normal => Self::Normal,
            GroupSize::Large => Self::Large,
        }
    }
}

#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewGroup {
    title: String,
    description: String,
    size: GroupSize,
    join_policy: JoinPolicy,
    is_listed: bool,
    retention: Retention,
    members: Vec<String>,
    #[tsify(optional)]
    community: Option<String>,
}

impl TryFrom<NewGroup> for sdk::NewGroup {
    type Error = Rejection;

    fn try_from(new: NewGroup) -> Answer<Self> {
        let members: Result<Vec<AccountName>, _> = new.members.iter().map(|name| name.parse()).collect();
        Ok(Self {
            title: new.title,
            description: new.description,
            size: new.size.into(),
            join_policy: new.join_policy.into(),
            is_listed: new.is_listed,
            retention: new.retention.into(),
            members: members.map_err(sdk::ClientError::from)?,
            community: new
                .community
                .map(|id| id.parse())
                .transpose()
                .map_err(|_| Rejection::invalid("community"))?,
            // Those are begun by `startBroadcast`.
            is_broadcast: false,
        })
    }
}

#[derive(Tsify, Deserialize)]
pub struct NewRole {
    account: String,
    role: Role,
}

#[derive(Tsify, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupSettings {
    #[tsify(optional)]
    join_policy: Option<JoinPolicy>,
    #[tsify(optional)]
    is_listed: Option<bool>,
    #[tsify(optional)]
    retention: Option<Retention>,
    #[tsify(optional)]
    history: Option<GrantedHistory>,
    #[tsify(optional)]
    roles: Option<Vec<NewRole>>,
    #[tsify(optional)]
    unbanned: Option<Vec<String>>,
}

impl TryFrom<GroupSettings> for sdk::GroupSettings {
    type Error = Rejection;

    fn try_from(settings: GroupSettings) -> Answer<Self> {
        let mut roles = Vec::new();
        for NewRole { account, role } in settings.roles.unwrap_or_default() {
            roles.push((account_id(&account)?, role.into()));
        }
        Ok(Self {
            join_policy: settings.join_policy.map(sdk::JoinPolicy::from),
            is_listed: settings.is_listed,
            retention: settings.retention.map(protocol::Retention::from),
            history: settings.history.map(sdk::GrantedHistory::from),
            roles,
            unbanned: account_ids(&settings.unbanned.unwrap_or_default())?,
        })
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    #[serde(rename = "group")]
    id: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    size: GroupSize,
    join_policy: JoinPolicy,
    is_listed: bool,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    community: Option<String>,
    is_broadcast: bool,
    retention: Retention,
    history: GrantedHistory,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    own_role: Option<Role>,
    members: usize,
    adding: usize,
    banned: Vec<String>,
    doubted: Vec<Account>,
    has_key: bool,
}

impl From<sdk::Group> for Group {
    fn from(group: sdk::Group) -> Self {
        Self {
            id: group.group.to_string(),
            title: group.title,
            description: group.description,
            picture: group.picture.map(|picture| picture.to_string()),
            size: group.size.into(),
            join_policy: group.join_policy.into(),
            is_listed: group.is_listed,
            community: group.community.map(|community| community.to_string()),
            is_broadcast: group.is_broadcast,
            retention: group.retention.into(),
            history: group.history.into(),
            own_role: group.own_role.map(Role::from),
            members: group.members,
            adding: group.adding,
            banned: group.banned.iter().map(ToString::to_string).collect(),
            doubted: group.doubted.into_iter().map(Account::from).collect(),
            has_key: group.has_key,
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct GroupMember {
    account: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Person>,
    role: Role,
    devices: usize,
}

impl From<sdk::GroupMember> for GroupMember {
    fn from(member: sdk::GroupMember) -> Self {
        Self {
            account: member.account.to_string(),
            person: member.person.map(Person::from),
            role: member.role.into(),
            devices: member.devices,
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct MembersPage {
    members: Vec<GroupMember>,
    total: usize,
}

impl From<sdk::MembersPage> for MembersPage {
    fn from(page: sdk::MembersPage) -> Self {
        Self {
            members: page.members.into_iter().map(GroupMember::from).collect(),
            total: page.total,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JoinRequest {
    account: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Person>,
    at: f64,
    approvals: usize,
    is_approved_here: bool,
}

impl From<sdk::JoinRequest> for JoinRequest {
    fn from(request: sdk::JoinRequest) -> Self {
        Self {
            account: request.account.to_string(),
            person: request.person.map(Person::from),
            at: number(request.at.0),
            approvals: request.approvals,
            is_approved_here: request.is_approved_here,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct JoinRequests(Vec<JoinRequest>);

impl From<Vec<sdk::JoinRequest>> for JoinRequests {
    fn from(requests: Vec<sdk::JoinRequest>) -> Self {
        Self(requests.into_iter().map(JoinRequest::from).collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicGroup {
    group: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
    join_policy: JoinPolicy,
    members: u32,
}

impl From<sdk::PublicGroup> for PublicGroup {
    fn from(group: sdk::PublicGroup) -> Self {
        Self {
            group: group.group.to_string(),
            title: group.title,
            description: group.description,
            picture: group.picture.map(|picture| picture.to_string()),
            join_policy: group.join_policy.into(),
            members: group.members,
        }
    }
}

/// What the audience of a broadcast finds.
#[derive(Tsify, Serialize)]
pub struct FoundBroadcast {
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<PublicGroup>,
}

impl From<Option<sdk::PublicGroup>> for FoundBroadcast {
    fn from(group: Option<sdk::PublicGroup>) -> Self {
        Self {
            group: group.map(PublicGroup::from),
        }
    }
}

#[derive(Tsify, Serialize)]
pub struct GroupsPage {
    groups: Vec<PublicGroup>,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl From<sdk::GroupsPage> for GroupsPage {
    fn from(page: sdk::GroupsPage) -> Self {
        Self {
            groups: page.groups.into_iter().map(PublicGroup::from).collect(),
            next: page.next,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteLink {
    key: String,
    expires_at: f64,
    uses: u32,
}

impl From<sdk::ActiveInviteLink> for InviteLink {
    fn from(link: sdk::ActiveInviteLink) -> Self {
        Self {
            key: link.key.to_string(),
            expires_at: number(link.expires_at.0),
            uses: link.uses,
        }
    }
}

#[derive(Tsify, Serialize)]
#[serde(transparent)]
pub struct InviteLinks(Vec<InviteLink>);

impl From<Vec<sdk::ActiveInviteLink>> for InviteLinks {
    fn from(links: Vec<sdk::ActiveInviteLink>) -> Self {
        Self(links.into_iter().map(InviteLink::from).collect())
    }
}

#[derive(Tsify, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadInviteLink {
    group: String,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    expires_at: f64,
    uses: u32,
    #[tsify(optional)]
    #[serde(skip_serializing_if = "Option::is_none")]
    members: Option<u32>,
    is_member: bool,
}

impl From<sdk::ReadInviteLink> for ReadInviteLink {
    fn from(link: sdk::ReadInviteLink) -> Self {
        Self {
            group: link.group.to_string(),
            title: link.title,
            expires_at: number(link.expires_at.0),
            uses: link.uses,
            members: link.members,
            is_member: link.is_member,
        }
    }
}
