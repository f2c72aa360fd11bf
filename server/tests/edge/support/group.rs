use super::{Answer, Person, Socket, TestServer, mls, random};
use ed25519_dalek::{Signer as _, SigningKey};
use sotto_protocol::chat_rules::JoinPolicy;
use sotto_protocol::frame::{ClientFrame, Outcome};
use sotto_protocol::rest::chat::ChatCreated;
use sotto_protocol::rest::group::{CreateGroup, Group};
use sotto_protocol::{
    ChatId, ChatRules, DeviceAddress, Evidence, GroupKey, GroupProfile, GroupRules, MessageId, Seq,
    Signature, SignedGroupProfile, Suite,
};

/// A group as the one knows it who made it: its rules, its key, its epoch.
#[derive(Clone, Debug)]
pub(crate) struct TestGroup {
    pub(crate) id: ChatId,
    /// The device that creates it.
    pub(crate) owner: DeviceAddress,
    pub(crate) rules: GroupRules,
    pub(crate) key: SigningKey,
    pub(crate) epoch: u64,
}

impl TestGroup {
    /// A group that is not on the server yet.
    pub(crate) fn new(owner: &Person, join_policy: JoinPolicy) -> Self {
        let key = SigningKey::from_bytes(&random());
        let group_key = GroupKey::from_bytes(key.verifying_key().to_bytes());
        Self {
            id: ChatId::from_bytes(random()),
            owner: owner.address(),
            rules: GroupRules::new(group_key, owner.party(), join_policy),
            key,
            epoch: 1,
        }
    }

    pub(crate) fn listed(mut self) -> Self {
        self.rules.is_listed = true;
        self
    }

    /// The request that creates it with these members.
    pub(crate) fn creation(&self, members: &[&Person]) -> CreateGroup {
        let suite = Suite::XWing;
        CreateGroup {
            suite,
            added: members.iter().map(|member| member.address()).collect(),
            welcome: (!members.is_empty()).then(|| mls::welcome(suite).into()),
            group_info: mls::group_info(self.owner, self.id, 1, suite, &self.rules()).into(),
            profile: self.rules.is_listed.then(|| self.profile(1, "Gardeners")),
        }
    }

    fn rules(&self) -> ChatRules {
        ChatRules::Group(self.rules.clone())
    }

    /// A profile that the group's key has signed.
    pub(crate) fn profile(&self, revision: u64, title: &str) -> SignedGroupProfile {
        let profile = GroupProfile {
            group: self.id,
            revision,
            title: title.to_owned(),
            description: "Seeds and slugs.".to_owned(),
            picture: None,
        };
        let bytes = profile.encode();
        let signed = [b"sotto.v1 group profile\0".as_slice(), &bytes].concat();
        SignedGroupProfile {
            profile: bytes.into(),
            signature: Signature::from_bytes(self.key.sign(&signed).to_bytes()),
        }
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/v1/group/{}{rest}", self.id)
    }

    pub(crate) async fn create(self, server: &TestServer, owner: &Person, members: &[&Person]) -> Self {
        let answer = owner.puts(server, &self.path(""), &self.creation(members)).await;
        let _: ChatCreated = answer.ok();
        self
    }

    /// What anyone may know of it.
    pub(crate) async fn read(&self, server: &TestServer, reader: &Person) -> Group {
        reader.gets(server, &self.path("")).await.ok()
    }

    /// Commits that these devices come and go, and that the rules are what they are here.
    pub(crate) async fn commits(
        &mut self,
        socket: &mut Socket,
        added: Vec<DeviceAddress>,
        removed: Vec<DeviceAddress>,
    ) -> Outcome {
        let welcome = (!added.is_empty()).then(|| mls::welcome(Suite::XWing).into());
        let commit = mls::commit(self.id, self.epoch);
        self.submits(socket, commit, added, removed, welcome).await
    }

    /// Lets a device join by an external Commit.
    pub(crate) async fn lets_in(&mut self, socket: &mut Socket, joiner: &Person) -> Outcome {
        self.lets_in_by(socket, joiner, &Evidence::default()).await
    }

    /// As [`Self::lets_in`], showing this.
    pub(crate) async fn lets_in_by(
        &mut self,
        socket: &mut Socket,
        joiner: &Person,
        evidence: &Evidence,
    ) -> Outcome {
        let commit = mls::external_commit_showing(self.id, self.epoch, evidence);
        self.submits(socket, commit, vec![joiner.address()], vec![], None)
            .await
    }

    async fn submits(
        &mut self,
        socket: &mut Socket,
        commit: Vec<u8>,
        added: Vec<DeviceAddress>,
        removed: Vec<DeviceAddress>,
        welcome: Option<bytes::Bytes>,
    ) -> Outcome {
        let by = socket.device();
        let as_newcomer = added == [by];
        let group_info = mls::group_info(by, self.id, self.epoch + 1, Suite::XWing, &self.rules());
        let outcome = socket
            .ask(|request| ClientFrame::Commit {
                request,
                chat: self.id,
                message: MessageId::from_bytes(random()),
                after: Seq::ZERO,
                commit: commit.into(),
                group_info: group_info.into(),
                added,
                removed,
                as_newcomer,
                welcome,
            })
            .await;
        self.epoch += u64::from(matches!(outcome, Outcome::Accepted { .. }));
        outcome
    }
}

impl Person {
    pub(crate) async fn gets(&self, server: &TestServer, path: &str) -> Answer {
        server.get(path).token(&self.tokens.access_token).send().await
    }

    pub(crate) async fn puts(&self, server: &TestServer, path: &str, body: &impl serde::Serialize) -> Answer {
        server.put(path).token(&self.tokens.access_token).json(body).await
    }

    pub(crate) async fn posts(
        &self,
        server: &TestServer,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Answer {
        server
            .post(path)
            .token(&self.tokens.access_token)
            .json(body)
            .await
    }

    pub(crate) async fn deletes(&self, server: &TestServer, path: &str) -> Answer {
        server.delete(path).token(&self.tokens.access_token).send().await
    }
}
