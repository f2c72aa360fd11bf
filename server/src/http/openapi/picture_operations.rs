//! The operations on pictures of profiles.

use super::operations::Operation;
use super::schemas::Schemas;
use ProblemCode as P;
use sotto_protocol::rest::user;
use sotto_protocol::{AccountName, PictureId, ProblemCode};

pub(super) fn picture_operations() -> Vec<Operation> {
    let own = |operation: Operation| {
        operation
            .by_device()
            .parameter("path", "name", "One's own name.", Schemas::of::<AccountName>)
    };
    let set = |path, id, summary| {
        own(Operation::new("put", path, id, summary))
            .takes_bytes("image/*")
            .answers::<user::User>(200, "The new profile.")
            .fails(&[
                P::InvalidName,
                P::UserNotFound,
                P::InvalidPicture,
                P::TooManyPixels,
            ])
    };
    let remove = |path, id, summary| {
        own(Operation::new("delete", path, id, summary))
            .answers::<user::User>(200, "The new profile.")
            .fails(&[P::InvalidName, P::UserNotFound])
    };
    let (picture, cover) = ("/v1/user/{name}/picture", "/v1/user/{name}/cover");
    vec![
        set(
            picture,
            "setPicture",
            "Gives one's own profile a picture: a PNG, JPEG, WebP or GIF of at most 8 MiB and 25 million pixels",
        ),
        remove(
            picture,
            "removePicture",
            "Takes the picture of one's own profile away",
        ),
        set(
            cover,
            "setCover",
            "Gives one's own profile a cover: a PNG, JPEG, WebP or GIF of at most 8 MiB and 25 million pixels",
        ),
        remove(cover, "removeCover", "Takes the cover of one's own profile away"),
        Operation::new("get", "/v1/picture/{id}", "readPicture", "A picture of a profile")
            .parameter(
                "path",
                "id",
                "The picture, as a profile names it.",
                Schemas::of::<PictureId>,
            )
            .answers_bytes(200, "The picture. It never changes.", "image/jpeg")
            .answers_conditionally()
            .fails(&[P::PictureNotFound]),
    ]
}
