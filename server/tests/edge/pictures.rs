use crate::support::{Answer, Person, TestServer};
use http::StatusCode;
use image::{DynamicImage, ImageBuffer, ImageFormat, Rgb};
use sotto_protocol::frame::{Change, ServerFrame};
use sotto_protocol::rest::user::{User, UsersFound};
use sotto_protocol::{PictureId, ProblemCode};
use std::io::Cursor;

fn png(width: u32, height: u32) -> Vec<u8> {
    let pixels = ImageBuffer::from_fn(width, height, |x, y| {
        Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 7])
    });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(pixels)
        .write_to(&mut file, ImageFormat::Png)
        .unwrap();
    file.into_inner()
}

async fn sends(server: &TestServer, person: &Person, path: &str, file: Vec<u8>) -> Answer {
    let token = &person.tokens.access_token;
    server
        .put(path)
        .token(token)
        .body("application/octet-stream", file)
        .send()
        .await
}

async fn read(server: &TestServer, id: PictureId) -> Answer {
    server.get(&format!("/v1/picture/{id}")).send().await
}

fn size(answer: &Answer) -> (u32, u32) {
    assert_eq!(answer.status, StatusCode::OK);
    let picture = image::load_from_memory_with_format(&answer.body, ImageFormat::Jpeg).unwrap();
    (picture.width(), picture.height())
}

#[tokio::test]
async fn a_picture_and_a_cover_are_made_anew_and_served_to_anyone() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let bob = Person::register(&server, "bob").await;
    alice.start_chat(&server, &bob).await;
    let mut socket = bob.connect(&server).await;
    let user: User = sends(&server, &alice, "/v1/user/alice/picture", png(600, 300))
        .await
        .ok();
    let told = ServerFrame::Changed(Change::User(alice.account));
    socket.until(|frame| *frame == told).await;
    let picture = user.picture.unwrap();
    let large = read(&server, picture.large).await;
    assert_eq!(size(&large), (512, 512));
    assert_eq!(size(&read(&server, picture.small).await), (96, 96));
    for (header, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "public, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'; sandbox",
        ),
    ] {
        assert_eq!(large.header(header), value);
    }
    let path = format!("/v1/picture/{}", picture.large);
    let again = server
        .get(&path)
        .header("if-none-match", large.header("etag"))
        .send()
        .await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let token = &bob.tokens.access_token;
    let found: UsersFound = server.get("/v1/user?q=alice").token(token).send().await.ok();
    assert_eq!(found.users[0].picture, Some(picture.small));
    let user: User = sends(&server, &alice, "/v1/user/alice/cover", png(30, 60))
        .await
        .ok();
    assert_eq!(size(&read(&server, user.cover.unwrap()).await), (1500, 500));

    let removed: User = server
        .delete("/v1/user/alice/picture")
        .token(&alice.tokens.access_token)
        .send()
        .await
        .ok();
    assert_eq!((removed.picture, removed.cover), (None, user.cover));
    read(&server, picture.small)
        .await
        .is(ProblemCode::PictureNotFound);
    alice.deletes_account(&server).await;
    read(&server, user.cover.unwrap())
        .await
        .is(ProblemCode::PictureNotFound);
}

#[tokio::test]
async fn what_is_no_picture_or_too_large_a_one_or_anothers_is_refused() {
    let server = TestServer::start().await;
    let alice = Person::register(&server, "alice").await;
    let (own, bobs) = ("/v1/user/alice/picture", "/v1/user/bob/picture");
    for (path, file, code) in [
        (own, b"<svg/>".to_vec(), ProblemCode::InvalidPicture),
        (own, Vec::new(), ProblemCode::InvalidPicture),
        (
            "/v1/user/alice/cover",
            png(8, 8)[..60].to_vec(),
            ProblemCode::InvalidPicture,
        ),
        (own, png(25_001, 1), ProblemCode::TooManyPixels),
        (own, vec![0; 8 * 1024 * 1024 + 1], ProblemCode::TooLarge),
        (bobs, png(8, 8), ProblemCode::Forbidden),
    ] {
        sends(&server, &alice, path, file).await.is(code);
    }
    server
        .put(own)
        .body("image/png", png(8, 8))
        .send()
        .await
        .is(ProblemCode::Unauthenticated);
    let alice: User = server.get("/v1/user/alice").send().await.ok();
    assert_eq!((alice.picture, alice.cover), (None, None));
}
