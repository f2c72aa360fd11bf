//! Groups at a shard that several nodes share.

use super::Postgres;
use crate::store::contract::Backend as _;
use crate::store::contract::fixture::*;
use crate::store::contract::log_commit::is_refused;
use crate::store::contract::log_group::leaves;
use crate::store::postgres::PostgresLog;
use crate::store::{Appended, CursorAdvance, LogStore as _, WriteBatch};
use sotto_protocol::chat_rules::{JoinPolicy, Role};
use sotto_protocol::{ChatRules, GroupRules, ProblemCode, Seq};

async fn open(one: &Postgres) -> GroupRules {
    let rules = group_rules(ALICE);
    one.log().create_chat(new_group(1, ALICE, &[BOB])).await.unwrap();
    rules
}

fn commits_in(rules: &GroupRules, from: Person, number: u32) -> crate::store::Submission {
    commits(chat(1), from.device(1), number).under(&ChatRules::Group(rules.clone()))
}

#[tokio::test]
async fn rules_that_change_at_one_node_count_at_the_others() {
    let one = Postgres::open().await;
    let mut rules = open(&one).await;
    let other = one.another_node().await;
    let other = &other.logs[0];
    // It knows the chat as it was.
    write_one(other, says(chat(1), BOB.device(1), 1)).await;
    let mut wanted = rules.clone();
    wanted.join_policy = JoinPolicy::Open;
    assert!(is_refused(other, commits_in(&wanted, BOB, 2)).await);
    rules.appoint(BOB.party(), Role::Admin);
    assert_eq!(
        position(&write_one(one.log(), commits_in(&rules, ALICE, 3)).await),
        2
    );
    wanted.appoint(BOB.party(), Role::Admin);
    let opens = commits_in(&wanted, BOB, 4).in_epoch(2);
    assert_eq!(position(&write_one(other, opens).await), 3);
    let joins = commits_in(&wanted, EVE, 5).joining_as_newcomer().in_epoch(3);
    assert_eq!(position(&write_one(one.log(), joins).await), 4);
}

#[tokio::test]
async fn who_leaves_at_one_node_is_out_at_the_others() {
    let one = Postgres::open().await;
    open(&one).await;
    let other = one.another_node().await;
    let other = &other.logs[0];
    write_one(other, says(chat(1), BOB.device(1), 1)).await;
    assert!(leaves(one.log(), BOB).await);
    let late = write_one(other, says(chat(1), BOB.device(1), 2)).await;
    assert_eq!(refusal(&late), ProblemCode::ChatNotFound);
    let said = write_one(other, says(chat(1), ALICE.device(1), 3)).await;
    assert!(matches!(&said, Appended::Accepted { members, .. } if **members == [ALICE.device(1)]));
}

#[tokio::test]
async fn a_group_that_is_deleted_at_one_node_is_gone_at_the_others() {
    let one = Postgres::open().await;
    open(&one).await;
    one.log().create_chat(new_chat(2, ALICE, BOB)).await.unwrap();
    let other = one.another_node().await;
    let other = &other.logs[0];
    let both = |number| {
        [
            says(chat(1), ALICE.device(1), number),
            says(chat(2), ALICE.device(1), number),
        ]
    };
    for outcome in write(other, &both(1)).await {
        assert_eq!(position(&outcome), 1);
    }
    one.log().delete_group(chat(1)).await.unwrap();
    // Until it is looked for, it may be busy, and nothing waits for it.
    let mut waiting = both(2).to_vec();
    let mut number = 2;
    loop {
        let outcomes = write(other, &waiting).await;
        assert_eq!(position(&outcomes[1]), u64::from(number));
        if outcomes[0] != Appended::Busy {
            assert_eq!(refusal(&outcomes[0]), ProblemCode::ChatNotFound);
            break;
        }
        number += 1;
        assert!(number < 20, "it is busy for ever");
        waiting = both(number).to_vec();
    }
    let alone = write_one(other, says(chat(1), ALICE.device(1), 99)).await;
    assert_eq!(refusal(&alone), ProblemCode::ChatNotFound);
    while other.erase_deleted(10).await.unwrap() {}
    let mut connection = one.connect().await;
    let left: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM entries) - (SELECT sum(last_seq)::bigint FROM heads)
             + (SELECT count(*) FROM deleted_chats)",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_chat_of_an_older_server_goes_on_by_the_rules_in_its_group_info() {
    let one = Postgres::open().await;
    for number in [1, 2] {
        let mut old = new_chat(number, ALICE, BOB);
        if number == 1 {
            old.group_info = group_info(ALICE.device(1), chat(1), 1, &direct(ALICE, BOB));
        }
        one.log().create_chat(old).await.unwrap();
    }
    one.operate("UPDATE chats SET rules = NULL").await;
    let log = one.log();
    let joins = commits(chat(1), BOB.device(2), 1).joining();
    assert_eq!(position(&write_one(log, joins).await), 1);
    let outcomes = write(
        log,
        &[
            says(chat(2), ALICE.device(1), 1),
            commits(chat(2), ALICE.device(1), 2),
        ],
    )
    .await;
    assert_eq!(position(&outcomes[0]), 1);
    assert_eq!(refusal(&outcomes[1]), ProblemCode::MembershipRefused);
}

#[tokio::test]
async fn a_welcome_for_many_is_stored_once_and_goes_with_the_last_of_them() {
    let one = Postgres::open().await;
    let people: Vec<Person> = (10..30).map(Person).collect();
    one.log().create_chat(new_group(1, ALICE, &people)).await.unwrap();
    let other = one.another_node().await;
    let shared = async || -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM shared_welcomes")
            .fetch_one(&mut one.connect().await)
            .await
            .unwrap()
    };
    assert_eq!(shared().await, 1);
    // Half of them at each node, at the same time.
    let acknowledge = async |log: &PostgresLog, people: &[Person]| {
        for person in people {
            let cursor = CursorAdvance {
                device: person.device(1),
                chat: chat(1),
                acknowledged: Seq::ZERO,
            };
            let batch = WriteBatch {
                submissions: &[],
                cursors: &[cursor],
                markers: &[],
                at: NOW,
            };
            log.write(batch).await.unwrap();
        }
    };
    let (here, there) = people.split_at(10);
    tokio::join!(acknowledge(one.log(), here), acknowledge(&other.logs[0], there));
    assert_eq!(shared().await, 0);
}
