//! Communities through a real server: founded by one, found and joined by another, and looked after.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here is a test"
)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sotto_client_sdk::protocol::{CoarseLocation, ProblemCode, Timestamp};
use sotto_client_sdk::{
    CommunityQuery, CommunityRole, FoundCommunity, JoinPolicy, NewGroup, NoticeAbout, ProfileUpdate,
    UpdateCommunity,
};
use sotto_tests::world::{Device, World, gardeners};

/// One pixel.
const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

fn choir() -> FoundCommunity {
    FoundCommunity {
        title: "Choir".to_owned(),
        topics: vec!["music".to_owned()],
        place: "München".to_owned(),
        location: Some(CoarseLocation::near(48.1372, 11.5755).unwrap()),
        description: "We sing on Mondays.".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_community_is_founded_by_one_and_found_and_joined_by_another() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let (of_alice, of_bob) = (alice.client.communities(), bob.client.communities());
    let topics = bob.client.server_info().await.unwrap().topics;
    assert!(topics.contains(&"music".to_owned()));
    let founded = of_alice.found(&choir()).await.unwrap();
    assert_eq!(founded.own_role, Some(CommunityRole::Founder));
    let other = of_alice.found(&choir()).await.unwrap();
    assert_ne!(other.community, founded.community);
    of_alice.delete(other.community).await.unwrap();

    let near = CoarseLocation::near(48.3, 11.6).unwrap();
    for query in [
        CommunityQuery::default(),
        CommunityQuery {
            text: Some("MONDAY".to_owned()),
            topic: Some("music".to_owned()),
            near: Some(near),
            within_km: Some(50),
        },
    ] {
        let found = of_bob.search(&query, None).await.unwrap();
        assert_eq!((found.communities.len(), found.next), (1, None));
        assert_eq!(found.communities[0].community, founded.community);
        assert_eq!(found.communities[0].distance_km, query.near.map(|_| 22));
    }
    // Whoever wants to know of new ones asks from the last answer on.
    let new = of_bob.new_near(near, None, Timestamp(0)).await.unwrap();
    assert_eq!(new[0].title, "Choir");
    let newer = of_bob.new_near(near, None, new[0].created_at).await.unwrap();
    assert_eq!(newer, []);

    let id = founded.community;
    let stranger = of_bob.members(id, None).await.unwrap_err();
    assert_eq!(stranger.code(), ProblemCode::NotInCommunity.as_str());
    assert_eq!(of_bob.join(id).await.unwrap().members, 2);
    let members = of_bob.members(id, None).await.unwrap().members;
    let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
    assert_eq!(of_bob.joined().await.unwrap()[0].role, CommunityRole::Member);
    of_bob.leave(id).await.unwrap();
    assert_eq!(of_bob.read(id).await.unwrap().own_role, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_look_after_a_community_do_what_is_theirs_and_no_more() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let (of_alice, of_bob) = (alice.client.communities(), bob.client.communities());
    let id = of_alice.found(&choir()).await.unwrap().community;
    of_bob.join(id).await.unwrap();
    let bobs = bob.client.account().unwrap().account;
    let alices = alice.client.account().unwrap().account;
    let renamed = UpdateCommunity {
        title: Some("Big Choir".to_owned()),
        ..UpdateCommunity::default()
    };
    let forbidden = ProblemCode::Forbidden.as_str();
    assert_eq!(of_bob.update(id, &renamed).await.unwrap_err().code(), forbidden);
    assert_eq!(of_bob.ban(id, alices).await.unwrap_err().code(), forbidden);
    of_alice
        .set_role(id, bobs, CommunityRole::Moderator)
        .await
        .unwrap();
    let changed = of_bob.update(id, &renamed).await.unwrap();
    assert_eq!((&*changed.title, &*changed.place), ("Big Choir", "München"));
    let file = STANDARD.decode(PNG).unwrap();
    let shown = of_bob.set_picture(id, Some(file)).await.unwrap().picture.unwrap();
    let picture = alice.client.profile_picture(shown.small).await.unwrap();
    assert_eq!(picture.content_type, "image/jpeg");

    let stays = of_alice.leave(id).await.unwrap_err();
    assert_eq!(stays.code(), ProblemCode::FounderStays.as_str());
    of_alice.set_role(id, bobs, CommunityRole::Founder).await.unwrap();
    of_bob.ban(id, alices).await.unwrap();
    let banned = of_alice.join(id).await.unwrap_err();
    assert_eq!(banned.code(), ProblemCode::CommunityBanned.as_str());
    assert_eq!(of_bob.bans(id).await.unwrap()[0].name.as_str(), "alice");
    of_bob.unban(id, alices).await.unwrap();
    of_alice.join(id).await.unwrap();
    of_bob.delete(id).await.unwrap();
    let gone = of_alice.read(id).await.unwrap_err();
    assert_eq!(gone.code(), ProblemCode::CommunityNotFound.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn those_alone_come_into_a_communitys_group_who_are_in_the_community() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let (of_alice, of_bob) = (alice.client.communities(), bob.client.communities());
    let id = of_alice.found(&choir()).await.unwrap().community;
    let altos = NewGroup {
        title: "Altos".to_owned(),
        is_listed: true,
        community: Some(id),
        ..gardeners(JoinPolicy::Open, &[])
    };
    let group = alice.client.create_group(altos).await.unwrap();
    assert_eq!(alice.client.group(group).await.unwrap().community, Some(id));
    let found = of_bob.groups(id, None).await.unwrap().groups;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].group, found[0].title.as_deref()),
        (group, Some("Altos"))
    );
    let outside = bob.client.join_group(group).await.unwrap_err();
    assert_eq!(outside.code(), ProblemCode::NotInCommunity.as_str());
    of_bob.join(id).await.unwrap();
    bob.client.join_group(group).await.unwrap();
    bob.has_chat(group).await;
    alice.sends(group, "Welcome").await;
    bob.reads(group, &["Welcome"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_where_they_are_is_told_of_a_community_that_is_founded_near() {
    let world = World::start().await;
    let (alice, bob) = (world.person("alice").await, world.person("bob").await);
    let (of_alice, of_bob) = (alice.client.communities(), bob.client.communities());
    let told = async |device: &Device| {
        let notices = device.client.notices(10, None).await.unwrap();
        let about = notices.into_iter().map(|notice| notice.about);
        about.collect::<Vec<_>>()
    };
    of_alice.found(&choir()).await.unwrap();
    of_bob.look_for_new().await.unwrap();
    assert_eq!(told(&bob).await, []);

    let update = ProfileUpdate {
        location: Some(Some(CoarseLocation::near(48.3, 11.6).unwrap())),
        ..ProfileUpdate::default()
    };
    for person in [&alice, &bob] {
        person.client.update_profile(update.clone()).await.unwrap();
    }
    let far = FoundCommunity {
        location: Some(CoarseLocation::near(40.7, -74.0).unwrap()),
        ..choir()
    };
    of_alice.found(&far).await.unwrap();
    let near = of_alice.found(&choir()).await.unwrap().community;
    for _ in 0..2 {
        of_alice.look_for_new().await.unwrap();
        of_bob.look_for_new().await.unwrap();
        assert_eq!(told(&alice).await, []);
        assert_eq!(told(&bob).await, [NoticeAbout::Community { community: near }]);
    }
}
