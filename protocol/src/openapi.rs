//! How the types that JSON sees as text and numbers are described in OpenAPI. The derive macro sees to all others.

use crate::rest::site::{FileName, NewsSlug, SiteLink};
use crate::{AccountName, Binary, CoarseLocation, Epoch, Permission, ProblemCode, RoleName, Seq, Timestamp};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// Exactly `length` bytes as unpadded base64url.
pub(crate) fn base64url(length: usize) -> RefOr<Schema> {
    let characters = (length * 4).div_ceil(3);
    // What the last character encodes beyond the last byte is 0.
    let last = match length % 3 {
        0 => "[A-Za-z0-9_-]",
        1 => "[AQgw]",
        _ => "[AEIMQUYcgkosw048]",
    };
    text()
        .pattern(Some(format!("^[A-Za-z0-9_-]{{{}}}{last}$", characters - 1)))
        .description(Some(format!("{length} bytes as unpadded base64url")))
        .examples([crate::binary::encode(&example_bytes(length))])
        .into()
}

/// 1, 2, 3, …
fn example_bytes(length: usize) -> Vec<u8> {
    (1..=u8::MAX).cycle().take(length).collect()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn count(description: &str, example: u64) -> RefOr<Schema> {
    ObjectBuilder::new()
        .examples([example])
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
        .description(Some(description))
        .into()
}

fn degrees(most: i64, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Number)
        .minimum(Some(-most))
        .maximum(Some(most))
        .description(Some(description))
        .into()
}

macro_rules! described {
    ($($name:ident => $schema:expr;)+) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $name {}
    )+};
}

described! {
    AccountName => text()
        .pattern(Some("^[a-z][a-z0-9._-]{0,30}[a-z0-9_-]$"))
        .description(Some("A unique name of 2 to 32 characters"))
        .examples(["ada"])
        .into();
    RoleName => text()
        .pattern(Some("^[a-z][a-z0-9-]{0,31}$"))
        .description(Some("The name of a role: 1 to 32 small letters, digits and hyphens"))
        .examples(["moderator"])
        .into();
    Permission => text()
        .enum_values(Some(Self::ALL.iter().map(|permission| permission.as_str())))
        .description(Some("Something that an account may be allowed on a server"))
        .into();
    Binary => text()
        .pattern(Some("^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$"))
        .description(Some("Bytes as unpadded base64url"))
        .examples([crate::binary::encode(&example_bytes(8))])
        .into();
    FileName => text()
        .pattern(Some("^[A-Za-z0-9_-][A-Za-z0-9._-]*$"))
        .max_length(Some(FileName::MAX))
        .description(Some("The name of a picture beside an operator's pages"))
        .examples(["lake.png"])
        .into();
    SiteLink => text()
        .max_length(Some(SiteLink::MAX))
        .description(Some("An https, http or mailto address, or a path of this server"))
        .examples(["/news"])
        .into();
    NewsSlug => text()
        .pattern(Some("^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z0-9]+)+$"))
        .max_length(Some(NewsSlug::MAX))
        .description(Some("The name of an item of news, which begins with its day"))
        .examples(["2026-11-20-we-have-moved"])
        .into();
    CoarseLocation => ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("latitude", degrees(90, "Degrees north"))
        .required("latitude")
        .property("longitude", degrees(180, "Degrees east"))
        .required("longitude")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .examples([serde_json::json!({ "latitude": 48.1, "longitude": 11.6 })])
        .description(Some("A place, rounded to a grid of 0.1° (about 11 km)"))
        .into();
    Timestamp => count("Milliseconds since the Unix epoch", 1_795_000_000_000);
    Seq => count("An entry's number in its chat: 1, 2, 3, …", 42);
    Epoch => count("An MLS epoch", 7);
    ProblemCode => text()
        .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
        .description(Some("What went wrong. The list only grows."))
        .into();
}
