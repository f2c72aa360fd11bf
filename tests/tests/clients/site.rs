//! What an operator says, as clients read it.

#![allow(clippy::unwrap_used, reason = "all of this is a test")]

use sotto_client_sdk::site::{Block, Inline, NewsPage, NewsSlug, PageName};
use sotto_tests::world::World;
use std::fs;

#[tokio::test]
async fn what_the_operator_says_is_read_without_an_account() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("news")).unwrap();
    fs::write(folder.path().join("about.md"), "# Who we are\n\nA [club](/news).").unwrap();
    fs::write(
        folder.path().join("news/2020-11-20-moved.md"),
        "# Moved\n\nTo the lake.",
    )
    .unwrap();
    let pages = folder.path().to_owned();
    let world = World::start_with(|config| {
        config.site.name = "The Club".to_owned();
        config.site.pages = Some(pages);
    })
    .await;
    let client = world.device().await.client;

    let info = client.server_info().await.unwrap();
    assert_eq!(
        (info.name.as_str(), info.about, info.landing, info.news),
        ("The Club", true, false, true)
    );
    let about = client.site_page(PageName::About).await.unwrap().unwrap();
    assert_eq!(about.title, "Who we are");
    let link = Inline::Link {
        to: "/news".parse().unwrap(),
        content: vec![Inline::Text {
            text: "club".to_owned(),
        }],
    };
    assert!(matches!(&about.content[..], [Block::Paragraph { content }] if content.contains(&link)));
    assert_eq!(client.site_page(PageName::Landing).await.unwrap(), None);

    let news = client.news(None).await.unwrap();
    let slug = news.items.first().unwrap().slug.clone();
    assert_eq!(client.news(Some(&slug)).await.unwrap(), NewsPage::default());
    assert_eq!(client.news_item(&slug).await.unwrap().unwrap().title, "Moved");
    let other: NewsSlug = "2020-11-20-other".parse().unwrap();
    assert_eq!(client.news_item(&other).await.unwrap(), None);
}
