//! A folder as an operator edits it.

use super::{Site, day};
use crate::config;
use sotto_protocol::Timestamp;
use sotto_protocol::rest::site::PageName;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The 20th of November 2026, at noon.
const NOW: Timestamp = Timestamp(1_795_176_000_000);

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("news")).unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

fn site_of(folder: &Path) -> config::Site {
    config::Site {
        pages: Some(folder.to_owned()),
        ..config::Site::default()
    }
}

async fn titles(site: &Site, now: Timestamp) -> Vec<String> {
    let content = site.content(now).await;
    let today = day(now);
    content
        .news(&today)
        .map(|article| article.item.title.clone())
        .collect()
}

#[tokio::test]
async fn a_file_that_changes_is_read_again_and_a_draft_or_a_later_day_is_not_shown() {
    let folder = folder(&[
        ("news/2026-11-19-first.md", b"# First\n\nOne."),
        ("news/2026-11-20-second.md", b"---\ntitle: Second\n---\nTwo."),
        ("news/2026-11-20-third.md", b"---\ndraft: true\n---\n# Third"),
        ("news/2026-11-21-fourth.md", b"# Fourth"),
    ]);
    let site = Site::open(site_of(folder.path()), NOW).unwrap();
    assert_eq!(titles(&site, NOW).await, ["Second", "First"]);

    fs::write(folder.path().join("news/2026-11-20-third.md"), "# Third, and out").unwrap();
    fs::write(folder.path().join("about.md"), "# Who we are").unwrap();
    fs::remove_file(folder.path().join("news/2026-11-19-first.md")).unwrap();
    // What was looked at is good for a moment.
    assert_eq!(titles(&site, NOW).await, ["Second", "First"]);
    let later = NOW.plus_seconds(1);
    assert_eq!(titles(&site, later).await, ["Third, and out", "Second"]);
    let about = site.page(PageName::About, later).await.unwrap();
    assert_eq!(about.title, "Who we are");

    let tomorrow = NOW.plus_seconds(12 * 60 * 60);
    assert_eq!(
        titles(&site, tomorrow).await,
        ["Fourth", "Third, and out", "Second"]
    );
}

#[tokio::test]
async fn where_nothing_is_written_we_say_what_a_server_is() {
    let site = Site::open(config::Site::default(), NOW).unwrap();
    let about = site.page(PageName::About, NOW).await.unwrap();
    assert_eq!(about.title, "About Sotto");
    assert!(about.content.len() > 5);
    assert_eq!(site.page(PageName::Landing, NOW).await, None);
    assert_eq!(titles(&site, NOW).await, [""; 0]);
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_name() {
    let large = vec![b'a'; 256 * 1024 + 1];
    let folder = folder(&[
        ("about.md", b"[a](javascript:b) ![c](c.png) ![d](d.png)"),
        ("landing.md", b"---\ndrafft: true\n---\nText"),
        ("d.png", b""),
        ("news/2026-11-20-a.md", &large),
        ("news/2026-02-30-b.md", b"b"),
        ("news/Some Title.md", b"c"),
        ("news/2026-11-20-d.md", b"\xff"),
    ]);
    let findings = super::findings(&site_of(folder.path())).join("\n");
    for expected in [
        "about.md: the link \"javascript:b\" is left out",
        "about.md: there is no picture c.png",
        "landing.md: before the text stands \"drafft: true\"",
        "2026-11-20-a.md: has more than 256 KiB",
        "2026-02-30-b.md: its name begins with a day that the calendar does not have",
        "Some Title.md: its name is none of an item of news",
        "2026-11-20-d.md: is not UTF-8",
    ] {
        assert!(findings.contains(expected), "{expected}: {findings}");
    }
    assert_eq!(findings.lines().count(), 7, "{findings}");
}

#[test]
fn a_server_does_not_start_with_a_logo_or_a_folder_that_it_cannot_use() {
    let folder = folder(&[("logo.svg", b"<html></html>")]);
    let logo = config::Site {
        logo: Some(folder.path().join("logo.svg")),
        ..config::Site::default()
    };
    let error = Site::open(logo, NOW).unwrap_err().to_string();
    assert!(
        error.starts_with("site.logo: ") && error.ends_with("is neither SVG nor PNG"),
        "{error}"
    );
    let error = Site::open(site_of(Path::new("/does/not/exist")), NOW).unwrap_err();
    assert_eq!(error.key, "site.pages");
}
