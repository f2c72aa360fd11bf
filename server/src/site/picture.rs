//! Pictures, told by their content: a name promises nothing.

/// What a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureKind {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
    /// GIF.
    Gif,
    /// AVIF.
    Avif,
    /// Scalable Vector Graphics: a document, which can hold scripts.
    Svg,
}

impl PictureKind {
    /// The media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
            Self::Svg => "image/svg+xml",
        }
    }

    /// What the bytes are, of those that are made of pixels (WHATWG MIME Sniffing, section 6.1).
    pub(super) fn of_pixels(bytes: &[u8]) -> Option<Self> {
        let at = |start: usize, expected: &[u8]| bytes.get(start..start + expected.len()) == Some(expected);
        if at(0, b"\x89PNG\r\n\x1a\n") {
            Some(Self::Png)
        } else if at(0, b"\xff\xd8\xff") {
            Some(Self::Jpeg)
        } else if at(0, b"RIFF") && at(8, b"WEBP") {
            Some(Self::WebP)
        } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
            Some(Self::Gif)
        } else if at(4, b"ftyp") && (at(8, b"avif") || at(8, b"avis")) {
            Some(Self::Avif)
        } else {
            None
        }
    }

    /// What the bytes are, of what a logo may be.
    pub(super) fn of_logo(bytes: &[u8]) -> Option<Self> {
        match Self::of_pixels(bytes) {
            Some(Self::Png) => Some(Self::Png),
            Some(_) => None,
            None => is_svg(bytes).then_some(Self::Svg),
        }
    }
}

/// How large the picture is, as a web app's manifest has it: `512x512`, or `any`.
pub(super) fn sizes(kind: PictureKind, bytes: &[u8]) -> String {
    // The first chunk of a PNG is IHDR, which begins with width and height (PNG, section 11.2.1).
    let number = |at: usize| Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
    match (kind, number(16), number(20)) {
        (PictureKind::Png, Some(width), Some(height)) => format!("{width}x{height}"),
        _ => "any".to_owned(),
    }
}

/// Whether the bytes are text with an element `svg` behind nothing but what may stand before it.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else {
        return false;
    };
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<?xml") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!DOCTYPE svg") {
            ">"
        } else {
            break;
        };
        match rest.split_once(end) {
            Some((_, after)) => rest = after.trim_start(),
            None => return false,
        }
    }
    rest.strip_prefix("<svg")
        .is_some_and(|rest| rest.starts_with(|next: char| next.is_whitespace() || matches!(next, '>' | '/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_what_its_bytes_are() {
        for (bytes, kind) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], Some(PictureKind::Png)),
            (b"\xff\xd8\xff\xe0", Some(PictureKind::Jpeg)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(PictureKind::WebP)),
            (b"GIF89a", Some(PictureKind::Gif)),
            (b"\0\0\0\x1cftypavif", Some(PictureKind::Avif)),
            (b"\0\0\0\x1cftypmp42", None),
            (b"<svg>", None),
            (b"<!doctype html>", None),
            (b"\x89PN", None),
            (b"", None),
        ] {
            assert_eq!(PictureKind::of_pixels(bytes), kind);
        }
    }

    #[test]
    fn a_png_says_how_large_it_is() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x01\0";
        assert_eq!(sizes(PictureKind::Png, png), "512x256");
        assert_eq!(sizes(PictureKind::Png, b"\x89PNG\r\n\x1a\n"), "any");
        assert_eq!(sizes(PictureKind::Svg, png), "any");
    }

    #[test]
    fn a_logo_is_svg_or_png() {
        for svg in [
            "<svg/>",
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\u{feff}<?xml version='1.0'?>\n<!-- by Ada -->\n<svg>",
        ] {
            assert_eq!(
                PictureKind::of_logo(svg.as_bytes()),
                Some(PictureKind::Svg),
                "{svg}"
            );
        }
        assert_eq!(PictureKind::of_logo(b"\x89PNG\r\n\x1a\n"), Some(PictureKind::Png));
        for other in ["GIF89a", "<html><svg></html>", "<svgx>", "<!-- <svg>", ""] {
            assert_eq!(PictureKind::of_logo(other.as_bytes()), None, "{other}");
        }
    }
}
