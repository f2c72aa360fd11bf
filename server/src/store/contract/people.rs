//! The contract of searches for people.

use super::Backend;
use super::fixture::*;
use crate::store::{AccountStore, Near, NewAccount, ProfileChange, SearchAccounts, SearchPosition};
use sotto_protocol::rest::user::FoundUser;

/// What somebody says of themselves: name, display name, about, place.
type Says<'a> = [&'a str; 4];

async fn registers<B: Backend>(backend: &B, number: u8, [name, display_name, about, place]: Says<'_>) {
    let account = NewAccount {
        name: name.parse().unwrap(),
        ..Person(number).registration()
    };
    backend.accounts().create_account(account).await.unwrap();
    let change = ProfileChange {
        display_name: Some(display_name.to_owned()),
        about: Some(about.to_owned()),
        place: Some(place.to_owned()),
        ..ProfileChange::default()
    };
    changes(backend, number, change).await;
}

async fn changes<B: Backend>(backend: &B, number: u8, change: ProfileChange) {
    let account = Person(number).account();
    let changed = backend.accounts().update_profile(account, change).await.unwrap();
    assert!(changed.is_some());
}

/// Registers somebody at a place.
async fn lives<B: Backend>(backend: &B, number: u8, name: &str, location: &str) {
    registers(backend, number, [name, "", "", ""]).await;
    let change = ProfileChange {
        location: Some(Some(location.parse().unwrap())),
        ..ProfileChange::default()
    };
    changes(backend, number, change).await;
}

fn text(text: &str) -> SearchAccounts {
    SearchAccounts {
        text: Some(text.to_owned()),
        near: None,
        limit: 20,
        after: None,
    }
}

fn near(location: &str, within_km: u16) -> SearchAccounts {
    SearchAccounts {
        text: None,
        near: Some(Near {
            location: location.parse().unwrap(),
            within_km,
        }),
        limit: 20,
        after: None,
    }
}

/// Whether a search by the text finds the account of this name.
pub(crate) async fn is_found_by<A: AccountStore>(accounts: &A, name: &str, query: &str) -> bool {
    let found = accounts.search_accounts(text(query)).await.unwrap();
    found.accounts.iter().any(|user| user.name.as_str() == name)
}

async fn found<B: Backend>(backend: &B, search: SearchAccounts) -> Vec<FoundUser> {
    let found = backend.accounts().search_accounts(search).await.unwrap();
    assert_eq!(found.next, None);
    found.accounts
}

async fn names<B: Backend>(backend: &B, search: SearchAccounts) -> String {
    let found = found(backend, search).await;
    let names: Vec<_> = found.into_iter().map(|user| user.name.to_string()).collect();
    names.join(" ")
}

pub(crate) async fn those_who_fit_a_text_best_come_first<B: Backend>(backend: B) {
    let all = [
        ["anna", "Anna", "anna", "anna"],
        ["anton", "Somebody", "", ""],
        ["marianne", "", "", ""],
        ["zoe", "Zoë ANNE Müller", "Anna's sister", ""],
        ["yves", "Ann", "", ""],
        ["bob", "Bob", "husband of Hannah", ""],
        ["carol", "", "", "Cannes"],
        ["dave", "Dave", "nobody", "Nowhere"],
    ];
    for (number, says) in (1..).zip(all) {
        registers(&backend, number, says).await;
    }
    assert_eq!(
        names(&backend, text("an")).await,
        "anna anton yves zoe marianne bob carol"
    );
    assert_eq!(
        names(&backend, text("ann")).await,
        "anna yves zoe marianne bob carol"
    );
    assert_eq!(names(&backend, text("anna")).await, "anna bob zoe");
    assert_eq!(names(&backend, text("marianne")).await, "marianne");
    assert_eq!(names(&backend, text("nothing of that")).await, "");
    let carol = &found(&backend, text("cannes")).await[0];
    assert_eq!((carol.place.as_str(), carol.distance_km), ("Cannes", None));
}

pub(crate) async fn texts_of_all_scripts_and_lengths_are_found_without_regard_to_case<B: Backend>(
    backend: B,
) {
    let all = [
        ["a1", "田中 太郎", "東京タワーの近く", "東京"],
        ["a2", "ΟΔΥΣΣΕΥΣ", "Ιθάκη", ""],
        ["a3", "Zoë Müller", "STRASSE & Straße", "KÖLN"],
        ["a4", "Анна Каренина", "", "Москва"],
        ["a5", "🦀", "Rust", "किला"],
    ];
    for (number, says) in (1..).zip(all) {
        registers(&backend, number, says).await;
    }
    for (query, name) in [
        ("田", "a1"),
        ("田中", "a1"),
        ("太郎", "a1"),
        ("東京タ", "a1"),
        ("の", "a1"),
        ("οδυς", "a2"),
        ("Οδυσσεύς", ""),
        ("δυσσευσ", "a2"),
        ("ΙΘΆΚΗ", "a2"),
        ("müLLER", "a3"),
        ("köln", "a3"),
        ("straße", "a3"),
        ("каренина", "a4"),
        ("МОС", "a4"),
        ("🦀", "a5"),
        ("ला", "a5"),
        ("京東", ""),
        ("\0", ""),
    ] {
        assert_eq!(names(&backend, text(query)).await, name, "{query}");
    }
}

pub(crate) async fn a_search_takes_no_character_for_a_wildcard<B: Backend>(backend: B) {
    registers(
        &backend,
        1,
        ["a_c", "50% off", "\"quoted\" (a OR b) AND *", "it's"],
    )
    .await;
    registers(&backend, 2, ["abc", "500 off", "quoted a b", "its"]).await;
    for (query, name) in [
        ("a_c", "a_c"),
        ("50%", "a_c"),
        ("abc", "abc"),
        ("\"quoted\"", "a_c"),
        ("a OR b", "a_c"),
        ("*", "a_c"),
        ("it's", "a_c"),
        ("\\", ""),
    ] {
        assert_eq!(names(&backend, text(query)).await, name, "{query}");
    }
}

pub(crate) async fn what_a_profile_says_no_more_is_not_found<B: Backend>(backend: B) {
    registers(&backend, 1, ["anna", "Gardener", "roses", "Berlin"]).await;
    registers(&backend, 2, ["bob", "", "", ""]).await;
    let change = ProfileChange {
        display_name: Some("Sailor".to_owned()),
        about: Some("the sea".to_owned()),
        ..ProfileChange::default()
    };
    changes(&backend, 1, change).await;
    for (query, name) in [
        ("gardener", ""),
        ("roses", ""),
        ("sailor", "anna"),
        ("the sea", "anna"),
        ("berlin", "anna"),
    ] {
        assert_eq!(names(&backend, text(query)).await, name, "{query}");
    }
    let backend = backend.reopen().await;
    assert_eq!(names(&backend, text("sailor")).await, "anna");
}

pub(crate) async fn who_is_not_listed_or_deleted_is_not_found<B: Backend>(backend: B) {
    for (number, name) in [(1, "anna"), (2, "annb"), (3, "annc")] {
        lives(&backend, number, name, "50,10").await;
    }
    let listed = |listed| ProfileChange {
        listed: Some(listed),
        ..ProfileChange::default()
    };
    changes(&backend, 1, listed(false)).await;
    backend
        .accounts()
        .delete_account(Person(3).account(), NOW)
        .await
        .unwrap();
    assert_eq!(names(&backend, text("ann")).await, "annb");
    assert_eq!(names(&backend, near("50,10", 50)).await, "annb");
    let anna = backend
        .accounts()
        .account_by_name(&"anna".parse().unwrap())
        .await
        .unwrap();
    assert!(anna.is_some_and(|anna| !anna.listed));
    changes(&backend, 1, listed(true)).await;
    assert_eq!(names(&backend, text("ann")).await, "anna annb");
}

pub(crate) async fn people_near_a_place_come_by_distance_and_then_by_name<B: Backend>(backend: B) {
    for (number, (name, location)) in (1..).zip([
        ("zed", "50.0,10.0"),
        ("amy", "50.0,10.0"),
        ("kim", "50.0,10.1"),
        ("far", "50.3,10.0"),
        ("beyond", "52.0,10.0"),
        ("east", "0,179.9"),
        ("west", "0,-179.9"),
    ]) {
        lives(&backend, number, name, location).await;
    }
    registers(&backend, 20, ["nowhere", "", "", ""]).await;
    let people = found(&backend, near("50.04,9.96", 100)).await;
    let seen: Vec<_> = people
        .iter()
        .map(|user| (user.name.as_str(), user.distance_km.unwrap()))
        .collect();
    assert_eq!(seen, [("amy", 10), ("kim", 10), ("zed", 10), ("far", 33)]);
    assert_eq!(names(&backend, near("50,10", 32)).await, "amy kim zed");
    assert_eq!(
        names(&backend, near("50,10", 500)).await,
        "amy kim zed far beyond"
    );
    assert_eq!(names(&backend, near("0,180", 50)).await, "east west");
    assert_eq!(names(&backend, near("-50,10", 50)).await, "");
    let nowhere = ProfileChange {
        location: Some(None),
        ..ProfileChange::default()
    };
    changes(&backend, 2, nowhere).await;
    assert_eq!(names(&backend, near("50,10", 32)).await, "kim zed");
}

pub(crate) async fn a_text_and_a_place_are_looked_for_together<B: Backend>(backend: B) {
    for (number, (name, location)) in (1..).zip([
        ("anna", "50,10"),
        ("ben", "50,10"),
        ("cid", "50.3,10"),
        ("dora", "60,10"),
        ("eve", "89.9,10"),
    ]) {
        lives(&backend, number, name, location).await;
        let about = if name == "ben" { "" } else { "Plays chess" };
        let change = ProfileChange {
            about: Some(about.to_owned()),
            ..ProfileChange::default()
        };
        changes(&backend, number, change).await;
    }
    let both = |query: &str| SearchAccounts {
        text: Some(query.to_owned()),
        ..near("50,10", 100)
    };
    assert_eq!(names(&backend, both("CHESS")).await, "anna cid");
    assert_eq!(names(&backend, both("ben")).await, "ben");
    assert_eq!(names(&backend, both("dora")).await, "");
    // At the pole all longitudes are near.
    let polar = SearchAccounts {
        text: Some("chess".to_owned()),
        ..near("89.9,-170", 500)
    };
    assert_eq!(names(&backend, polar).await, "eve");
}

/// Every page of a search, one after the other.
async fn pages<B: Backend>(backend: &B, search: &SearchAccounts, limit: u16) -> Vec<String> {
    let mut all = Vec::new();
    let mut after: Option<SearchPosition> = None;
    loop {
        let page = SearchAccounts {
            limit,
            after,
            ..search.clone()
        };
        let found = backend.accounts().search_accounts(page).await.unwrap();
        assert!(found.accounts.len() <= usize::from(limit));
        all.extend(found.accounts.into_iter().map(|user| user.name.to_string()));
        let Some(next) = found.next else { return all };
        after = Some(next.to_string().parse().unwrap());
    }
}

pub(crate) async fn the_pages_of_a_search_have_everyone_once<B: Backend>(backend: B) {
    let names = ["anna", "ann.b", "ann-c", "joanna", "susann", "zoe", "yves", "bob"];
    for (number, name) in (1..).zip(names) {
        let place = if number % 2 == 0 { "50,10" } else { "50.3,10" };
        lives(&backend, number, name, place).await;
        let says = |who: &str| Some(if who == name { "Ann" } else { "" }.to_owned());
        let change = ProfileChange {
            display_name: says("zoe"),
            about: says("bob"),
            ..ProfileChange::default()
        };
        changes(&backend, number, change).await;
    }
    let ann = text("ann");
    let around = near("50,10", 50);
    let both = SearchAccounts {
        text: ann.text.clone(),
        ..around.clone()
    };
    for limit in 1..=9 {
        assert_eq!(
            pages(&backend, &ann, limit).await,
            ["ann-c", "ann.b", "anna", "zoe", "joanna", "susann", "bob"],
            "{limit}"
        );
        for (search, here, further) in [
            (&around, "ann.b bob joanna zoe", "ann-c anna susann yves"),
            (&both, "ann.b bob joanna zoe", "ann-c anna susann"),
        ] {
            let mut met = pages(&backend, search, limit).await;
            let (near, far) = met.split_at_mut(4);
            near.sort_unstable();
            far.sort_unstable();
            assert_eq!(
                (near.join(" "), far.join(" ")),
                (here.into(), further.into()),
                "{limit}"
            );
        }
    }
    // Who came first is on an earlier page, and each page is by name.
    let [singly, together] = [1, 9].map(|limit| pages(&backend, &around, limit));
    assert_eq!(
        singly.await.join(" "),
        "ann.b joanna zoe bob anna ann-c susann yves"
    );
    assert_eq!(
        together.await.join(" "),
        "ann.b bob joanna zoe ann-c anna susann yves"
    );
    for wrong in ["x~anna", "anna", "", "b~", "-1~anna", "70000~anna"] {
        assert!(wrong.parse::<SearchPosition>().is_err(), "{wrong}");
    }
}

/// Whether few or many have it, the same is found: what is looked up in the index, and what is met by going through people.
pub(crate) async fn a_text_is_found_whether_many_have_it_or_few<B: Backend>(backend: B) {
    for number in 1..=30 {
        let rare = if number == 29 { "Zebra" } else { "Horse" };
        let name = format!("p{number:02}");
        registers(&backend, number, [&name, rare, "keeps horses and a zebra", ""]).await;
    }
    assert_eq!(pages(&backend, &text("zeb"), 5).await.len(), 30);
    assert_eq!(pages(&backend, &text("zeb"), 5).await[0], "p29");
    assert_eq!(pages(&backend, &text("horse"), 7).await.len(), 30);
    assert_eq!(pages(&backend, &text("0"), 3).await.len(), 12);
}
