//! The contract of searches for communities.

use super::Backend;
use super::communities::{founds, profile};
use super::fixture::*;
use crate::store::{
    AccountStore as _, CommunityChange, CommunityPosition, CommunityProfile, CommunityStore as _,
    FindNewCommunities, Near, SearchCommunities,
};
use sotto_protocol::Timestamp;

/// What communities say, each founded by somebody of its own: title, description, place, topics, location.
type Says<'a> = (&'a str, &'a str, &'a str, &'a [&'a str], Option<&'a str>);

async fn found_all<B: Backend>(backend: &B, all: &[Says<'_>]) {
    for (number, &(title, description, place, topics, location)) in (1..).zip(all) {
        Person(number).registers(backend).await;
        let said = CommunityProfile {
            topics: topics.iter().map(|&topic| topic.to_owned()).collect(),
            place: place.to_owned(),
            location: location.map(|location| location.parse().unwrap()),
            description: description.to_owned(),
            ..profile(title)
        };
        founds(backend, number, Person(number), said).await.unwrap();
    }
}

/// Some of everything.
async fn some<B: Backend>(backend: &B) {
    let all: [Says; 6] = [
        ("Anna's Choir", "We sing", "Munich", &["music"], Some("48.1,11.6")),
        (
            "Choir of Cannes",
            "",
            "Cannes",
            &["music", "art"],
            Some("48.2,11.6"),
        ),
        ("Zebra club", "Not a choir", "", &["animals"], Some("48.1,11.6")),
        ("東京合唱団", "歌う", "東京", &["music"], None),
        ("Old Choir", "", "", &["history"], Some("60,10")),
        ("choir", "50% off", "", &["art"], None),
    ];
    found_all(backend, &all).await;
}

fn all() -> SearchCommunities {
    SearchCommunities {
        limit: 20,
        ..SearchCommunities::default()
    }
}

fn text(text: &str) -> SearchCommunities {
    SearchCommunities {
        text: Some(text.to_owned()),
        ..all()
    }
}

fn near(location: &str, within_km: u16) -> Near {
    Near {
        location: location.parse().unwrap(),
        within_km,
    }
}

/// The titles of a search, however small its pages are.
async fn titles<B: Backend>(backend: &B, search: SearchCommunities) -> String {
    let mut seen: Option<Vec<String>> = None;
    for limit in [1, 2, 20] {
        let mut titles = Vec::new();
        let mut after: Option<CommunityPosition> = None;
        loop {
            let page = SearchCommunities {
                limit,
                after,
                ..search.clone()
            };
            let found = backend.accounts().search_communities(page).await.unwrap();
            assert!(found.communities.len() <= usize::from(limit));
            titles.extend(found.communities.into_iter().map(|community| community.title));
            let Some(next) = found.next else { break };
            after = Some(next.to_string().parse().unwrap());
        }
        assert_eq!(*seen.get_or_insert_with(|| titles.clone()), titles);
    }
    seen.unwrap().join(", ")
}

pub(crate) async fn communities_that_fit_a_text_best_come_first<B: Backend>(backend: B) {
    some(&backend).await;
    for (query, expected) in [
        (
            "choir",
            "choir, Choir of Cannes, Anna's Choir, Old Choir, Zebra club",
        ),
        ("CHOIR OF", "Choir of Cannes"),
        ("ann", "Anna's Choir, Choir of Cannes"),
        ("合唱", "東京合唱団"),
        ("歌", "東京合唱団"),
        ("50%", "choir"),
        ("%", "choir"),
        ("munich", "Anna's Choir"),
        ("nothing of that", ""),
        ("\0", ""),
        ("\u{2}", ""),
    ] {
        assert_eq!(titles(&backend, text(query)).await, expected, "{query:?}");
    }
    assert_eq!(
        titles(&backend, all()).await,
        "Anna's Choir, choir, Choir of Cannes, Old Choir, Zebra club, 東京合唱団"
    );
}

pub(crate) async fn communities_are_found_by_topic_with_a_text_and_a_place_or_without<B: Backend>(
    backend: B,
) {
    some(&backend).await;
    let about = |topic: &str, search: SearchCommunities| SearchCommunities {
        topic: Some(topic.to_owned()),
        ..search
    };
    let around = |search: SearchCommunities| SearchCommunities {
        near: Some(near("48.1,11.6", 100)),
        ..search
    };
    for (search, expected) in [
        (about("music", all()), "Anna's Choir, Choir of Cannes, 東京合唱団"),
        (about("art", all()), "choir, Choir of Cannes"),
        (about("ar", all()), ""),
        (about("art", text("choir")), "choir, Choir of Cannes"),
        (about("animals", text("choir")), "Zebra club"),
        (about("music", text("ann")), "Anna's Choir, Choir of Cannes"),
        (around(all()), "Anna's Choir, Zebra club, Choir of Cannes"),
        (about("music", around(all())), "Anna's Choir, Choir of Cannes"),
        (around(text("choir")), "Anna's Choir, Zebra club, Choir of Cannes"),
        (about("art", around(text("choir"))), "Choir of Cannes"),
        (around(text("old")), ""),
    ] {
        let asked = format!("{search:?}");
        assert_eq!(titles(&backend, search).await, expected, "{asked}");
    }
    let found = backend
        .accounts()
        .search_communities(around(all()))
        .await
        .unwrap()
        .communities;
    let distances: Vec<_> = found.iter().map(|community| community.distance_km).collect();
    assert_eq!(distances, [Some(10), Some(10), Some(11)]);
    assert_eq!(found[0].topics, ["music"]);
}

pub(crate) async fn what_a_community_says_no_more_is_not_found<B: Backend>(backend: B) {
    some(&backend).await;
    let accounts = backend.accounts();
    let change = CommunityChange::Profile {
        title: Some("Anna's Band".to_owned()),
        topics: Some(vec!["art".to_owned()]),
        place: None,
        location: Some(None),
        description: None,
    };
    let choir = super::communities::community(1);
    accounts
        .change_community(choir, Person(1).account(), change)
        .await
        .unwrap();
    accounts
        .delete_community(super::communities::community(3), Person(3).account())
        .await
        .unwrap();
    accounts.delete_account(Person(6).account(), NOW).await.unwrap();
    let backend = backend.reopen().await;
    for (query, expected) in [
        ("choir", "Choir of Cannes, Old Choir"),
        ("band", "Anna's Band"),
        ("sing", "Anna's Band"),
        ("zebra", ""),
    ] {
        assert_eq!(titles(&backend, text(query)).await, expected, "{query}");
    }
    let art = SearchCommunities {
        topic: Some("art".to_owned()),
        ..all()
    };
    assert_eq!(titles(&backend, art).await, "Anna's Band, Choir of Cannes");
    let around = SearchCommunities {
        near: Some(near("48.1,11.6", 100)),
        ..all()
    };
    assert_eq!(titles(&backend, around).await, "Choir of Cannes");
}

/// Whether few or many have it, the same is found: what is looked up in the index, and what is met by going through titles.
pub(crate) async fn a_text_of_communities_is_found_whether_many_have_it_or_few<B: Backend>(backend: B) {
    let titles_of: Vec<String> = (1..=30).map(|number| format!("p{number:02}")).collect();
    let says: Vec<Says> = titles_of
        .iter()
        .map(|title| {
            let rare = if title == "p29" { "zebra" } else { "horse" };
            (title.as_str(), rare, "", &["animals"][..], None)
        })
        .collect();
    found_all(&backend, &says).await;
    assert_eq!(titles(&backend, text("zeb")).await, "p29");
    assert_eq!(titles(&backend, text("horse")).await.split(", ").count(), 29);
    assert_eq!(titles(&backend, text("0")).await.split(", ").count(), 12);
}

pub(crate) async fn new_communities_near_a_place_come_the_latest_first<B: Backend>(backend: B) {
    some(&backend).await;
    let find = async |since: u64, limit: u16| {
        let find = FindNewCommunities {
            near: near("48.1,11.6", 100),
            since: Timestamp(NOW.0 + since),
            limit,
        };
        let found = backend.accounts().new_communities(find).await.unwrap();
        let titles: Vec<_> = found.into_iter().map(|community| community.title).collect();
        titles.join(", ")
    };
    assert_eq!(find(0, 20).await, "Zebra club, Choir of Cannes, Anna's Choir");
    assert_eq!(find(0, 1).await, "Zebra club");
    assert_eq!(find(2, 20).await, "Zebra club");
    assert_eq!(find(3, 20).await, "");
}
