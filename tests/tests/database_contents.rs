//! What stands in the server's database after people have used groups, read table by table: who is where, as routing and the
//! rules need it, and nothing of what an unlisted group is called, who is what in it beyond its offices, or what is said.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use sotto_client_sdk::protocol::chat_rules::Role as OfficeRole;
use sotto_client_sdk::protocol::{AccountId, ChatId, ChatRules};
use sotto_client_sdk::testing::Faults;
use sotto_client_sdk::{GroupSettings, NewGroup, Role};
use sotto_tests::process::ServerProcess;
use sotto_tests::world::{BY_ADMINS, Device, PASSWORD, Vault, gardeners};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Row as _};

const UNLISTED: &str = "Nachtigallenzähler am Fluss";
const ABOUT: &str = "counted by ear, never by lamp";
const LISTED: &str = "Public owl counters";
const SAID: &str = "eleven of them behind the mill";

/// One value of the database, as bytes, with where it stands.
struct Value {
    column: String,
    bytes: Vec<u8>,
}

struct Database {
    columns: Vec<String>,
    values: Vec<Value>,
}

impl Database {
    /// Every value of every table of every database that the server has written.
    async fn read(server: &ServerProcess) -> Self {
        let mut all = Self {
            columns: Vec::new(),
            values: Vec::new(),
        };
        for (path, content) in server.files() {
            if !content.starts_with(b"SQLite format 3\0") {
                continue;
            }
            let options = SqliteConnectOptions::new().filename(&path).read_only(true);
            let mut connection = options.connect().await.unwrap();
            let tables = sqlx::query("SELECT name FROM sqlite_schema WHERE type = 'table'")
                .fetch_all(&mut connection)
                .await
                .unwrap();
            for table in tables {
                all.read_table(&mut connection, table.get(0)).await;
            }
        }
        all
    }

    async fn read_table(&mut self, connection: &mut SqliteConnection, table: &str) {
        let columns = sqlx::query("SELECT name FROM pragma_table_info(?)")
            .bind(table)
            .fetch_all(&mut *connection)
            .await
            .unwrap();
        for column in columns {
            let column: &str = column.get(0);
            let name = format!("{table}.{column}");
            let query = format!("SELECT CAST(\"{column}\" AS BLOB) FROM \"{table}\"");
            let rows = sqlx::query(sqlx::AssertSqlSafe(query))
                .fetch_all(&mut *connection)
                .await
                .unwrap();
            self.values.extend(rows.iter().map(|row| Value {
                column: name.clone(),
                bytes: row.get::<Option<Vec<u8>>, _>(0).unwrap_or_default(),
            }));
            self.columns.push(name);
        }
    }

    /// The columns in which something stands.
    fn columns_with(&self, wanted: &[u8]) -> Vec<&str> {
        let found = self
            .values
            .iter()
            .filter(|value| memchr::memmem::find(&value.bytes, wanted).is_some());
        let mut columns: Vec<&str> = found.map(|value| value.column.as_str()).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn rules(&self) -> Vec<ChatRules> {
        let rules = self.values.iter().filter(|value| value.column == "chats.rules");
        rules
            .map(|value| ChatRules::decode(&value.bytes).unwrap())
            .collect()
    }
}

async fn group(alice: &Device, others: [&Device; 2], title: &str, is_listed: bool) -> ChatId {
    let new = NewGroup {
        title: title.to_owned(),
        description: ABOUT.to_owned(),
        is_listed,
        ..gardeners(BY_ADMINS, &["bob", "carol"])
    };
    let id = alice.client.create_group(new).await.unwrap();
    let settings = GroupSettings {
        roles: vec![(others[0].account(), Role::Admin)],
        ..GroupSettings::default()
    };
    alice.client.set_group(id, settings).await.unwrap();
    for device in others {
        device.has_chat(id).await;
        device
            .sees_group(id, |seen| seen.title.as_deref() == Some(title))
            .await;
    }
    alice.sends(id, SAID).await;
    for device in others {
        device.hears(id, &[SAID]).await;
    }
    id
}

async fn person(server: &ServerProcess, name: &str) -> Device {
    let device = Device::open(&server.url(), Vault::new(), Faults::none()).await;
    device.client.register(name, PASSWORD).await.unwrap();
    device.is_online().await;
    device
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_has_who_is_where_and_offices_and_no_title_role_or_message_of_an_unlisted_group() {
    let mut server = ServerProcess::start().await;
    let alice = person(&server, "alice").await;
    let (bob, carol) = (person(&server, "bob").await, person(&server, "carol").await);
    let id = group(&alice, [&bob, &carol], UNLISTED, false).await;
    let before = {
        server.kill().await;
        let database = Database::read(&server).await;
        server.start_again().await;
        database
    };
    assert_eq!(before.columns_with(UNLISTED.as_bytes()), [""; 0]);
    assert_eq!(before.columns_with(ABOUT.as_bytes()), [""; 0]);
    assert_eq!(before.columns_with(SAID.as_bytes()), [""; 0]);
    assert!(
        !before.columns_with(id.as_bytes()).is_empty(),
        "the search finds what is there: the group's id"
    );

    // Roles: the owner and the admins are in the rules, by which the server judges Commits; nobody is a member by name.
    let held: Vec<(AccountId, OfficeRole)> = before
        .rules()
        .iter()
        .filter_map(ChatRules::as_group)
        .flat_map(|rules| &rules.offices)
        .map(|office| (office.holder.account, office.role))
        .collect();
    assert_eq!(held.len(), 2);
    assert!(held.contains(&(alice.account(), OfficeRole::Owner)));
    assert!(held.contains(&(bob.account(), OfficeRole::Admin)));
    // What accounts may do on the server is another thing, and so are communities, which are public, and what reports say of them: here
    // nobody may more than others, there is no community, and nobody has reported one.
    let of_others = |column: &str| {
        let places = [
            "roles.",
            "account_roles.",
            "communities.",
            "community_members.",
            "reports.title",
        ];
        places.iter().any(|place| column.starts_with(place))
    };
    let elsewhere = [
        "account_roles.account",
        "communities.community",
        "community_members.account",
        "reports.title",
    ];
    assert!(
        !before
            .values
            .iter()
            .any(|value| elsewhere.contains(&value.column.as_str()))
    );
    let roles: Vec<_> = before
        .columns
        .iter()
        .filter(|column| column.contains("role") || column.contains("title"))
        .filter(|column| !of_others(column))
        .collect();
    assert_eq!(
        roles,
        ["group_profiles.title_folded"],
        "no column beside the rules"
    );

    // A listed group's title is public, and its messages are not.
    alice.is_online().await;
    group(&alice, [&bob, &carol], LISTED, true).await;
    server.kill().await;
    let after = Database::read(&server).await;
    assert_eq!(
        after.columns_with(LISTED.to_lowercase().as_bytes()),
        ["group_profiles.title_folded"]
    );
    assert_eq!(after.columns_with(SAID.as_bytes()), [""; 0]);
    assert_eq!(after.columns_with(UNLISTED.as_bytes()), [""; 0]);
}
