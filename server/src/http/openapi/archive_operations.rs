//! The operations on an account's archives.

use super::operations::Operation;
use super::schemas::Schemas;
use ProblemCode as P;
use serde_json::json;
use sotto_protocol::rest::archive;
use sotto_protocol::{ChatId, ProblemCode};

pub(super) fn archive_operations() -> Vec<Operation> {
    let of_chat = |method, path, id, summary| {
        Operation::new(method, path, id, summary).by_device().parameter(
            "path",
            "id",
            "The chat.",
            Schemas::of::<ChatId>,
        )
    };
    let path = "/v1/archive/{id}";
    vec![
        Operation::new(
            "get",
            "/v1/archive",
            "listArchives",
            "One's own account's archives, those first that were written last",
        )
        .by_device()
        .parameter("query", "limit", "At most so many, and at most 100.", |_| {
            Ok(json!({ "type": "integer", "minimum": 1, "maximum": 65535 }))
        })
        .parameter("query", "after", "`next` of the page before.", |_| {
            Ok(json!({ "type": "string" }))
        })
        .answers::<archive::Archives>(200, "A page of them."),
        Operation::new(
            "get",
            "/v1/archive/usage",
            "archiveUsage",
            "How much one's own account has archived, and how much it may",
        )
        .by_device()
        .answers::<archive::ArchiveUsage>(200, "How much."),
        of_chat("get", path, "readArchive", "The archive of a chat")
            .answers::<archive::Archive>(200, "The archive.")
            .fails(&[P::ArchiveNotFound]),
        of_chat(
            "post",
            path,
            "writeArchive",
            "Replaces the index of an archive, adds segments and removes others",
        )
        .takes::<archive::WriteArchive>()
        .answers::<archive::ArchiveWritten>(200, "It is written; or was, by this very request.")
        .fails(&[
            P::StaleArchive,
            P::SegmentTaken,
            P::ArchiveFull,
            P::TooManySegments,
            P::TooManyArchives,
            P::InvalidRetention,
            P::UserNotFound,
        ]),
        of_chat("delete", path, "deleteArchive", "Deletes an archive")
            .answers_nothing(204, "It is gone.")
            .fails(&[P::ArchiveNotFound]),
        of_chat(
            "get",
            "/v1/archive/{id}/segment",
            "readSegments",
            "Some segments of an archive",
        )
        .parameter(
            "query",
            "ids",
            "Which: up to 32, with commas between them.",
            |_| {
                let id = "[A-Za-z0-9_-]{21}[AQgw]";
                Ok(json!({ "type": "string", "pattern": format!("^{id}(,{id}){{0,31}}$") }))
            },
        )
        .answers::<archive::Segments>(200, "Those that are there, as far as there is room.")
        .fails(&[P::TooLarge]),
        of_chat(
            "post",
            "/v1/archive/{id}/claim",
            "claimArchive",
            "Says that this device is about to write an archive",
        )
        .takes::<archive::ClaimArchive>()
        .answers::<archive::ArchiveClaim>(200, "Who has claimed it.")
        .fails(&[P::UserNotFound]),
    ]
}
