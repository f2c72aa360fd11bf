//! Pictures, cleaned before they leave the device: where, when and by what a picture was taken is nobody's business.
//!
//! What a browser draws a picture from stays, whatever else is in the file goes: also what stands behind its end, where phones
//! put a video. Nothing is decoded, so a picture is as good after it as before.

use bytes::Bytes;
use img_parts::ImageEXIF as _;
use img_parts::jpeg::{Jpeg, JpegSegment, markers};
use img_parts::png::Png;
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::{self, WebP};

/// The kinds of picture that every browser draws and that are cleaned here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImageType {
    Jpeg,
    Png,
    WebP,
}

/// A picture cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Neither JPEG, PNG nor WebP.
    #[error("a picture is a JPEG, PNG or WebP file")]
    UnknownType,
    /// The file is cut or broken.
    #[error("the picture's file is damaged")]
    Damaged,
    /// More bytes than it may have.
    #[error("the picture is larger than {} KiB: make it smaller", .0 / 1024)]
    TooLarge(u64),
}

impl ImageType {
    /// What the bytes begin as.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }
}

impl ImageType {
    /// The type for a browser.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }
}

/// The same picture, without anything in it that is not drawn.
pub(crate) fn without_metadata(bytes: Bytes) -> Result<Bytes, ImageError> {
    match ImageType::of(&bytes).ok_or(ImageError::UnknownType)? {
        ImageType::Jpeg => clean_jpeg(bytes),
        ImageType::Png => clean_png(bytes),
        ImageType::WebP => clean_webp(bytes),
    }
}

impl From<img_parts::Error> for ImageError {
    fn from(_: img_parts::Error) -> Self {
        Self::Damaged
    }
}

fn clean_jpeg(bytes: Bytes) -> Result<Bytes, ImageError> {
    let mut image = Jpeg::from_bytes(bytes)?;
    let turned = image.exif().and_then(|exif| orientation(&exif));
    let mut segments = Vec::with_capacity(image.segments().len());
    for segment in core::mem::take(image.segments_mut()) {
        if segment.has_entropy() {
            let (marker, contents, begin) = (segment.marker(), segment.contents().clone(), segment.len());
            let entropy = segment.encoder().bytes().split_off(begin);
            let scans = scans(&entropy).ok_or(ImageError::Damaged)?;
            segments.push(JpegSegment::new_with_entropy(marker, contents, scans));
        } else if is_drawn(&segment) {
            segments.push(segment);
        }
    }
    if !segments.iter().any(JpegSegment::has_entropy) {
        return Err(ImageError::Damaged);
    }
    *image.segments_mut() = segments;
    image.set_exif(turned.map(exif_of_orientation));
    Ok(image.encoder().bytes())
}

/// Whether a segment before the first scan is needed to draw the picture: its tables, and what its colours mean.
fn is_drawn(segment: &JpegSegment) -> bool {
    let contents = segment.contents();
    match segment.marker() {
        markers::APP0 => contents.starts_with(b"JFIF\0"),
        markers::APP2 => contents.starts_with(b"ICC_PROFILE\0"),
        markers::APP14 => contents.starts_with(b"Adobe"),
        marker => is_table(marker) || is_frame(marker),
    }
}

const fn is_table(marker: u8) -> bool {
    matches!(
        marker,
        markers::DHT
            | markers::DAC
            | markers::DQT
            | markers::DNL
            | markers::DRI
            | markers::DHP
            | markers::EXP
    )
}

const fn is_frame(marker: u8) -> bool {
    matches!(
        marker,
        markers::SOF0..=markers::SOF3
            | markers::SOF5..=markers::SOF7
            | markers::SOF9..=markers::SOF11
            | markers::SOF13..=markers::SOF15
    )
}

/// The scans of a JPEG up to its end, with the tables between them (ITU-T T.81, annex B).
fn scans(entropy: &[u8]) -> Option<Bytes> {
    let mut kept = Vec::with_capacity(entropy.len());
    let mut rest = entropy;
    loop {
        let mark = rest.iter().position(|&byte| byte == markers::P)?;
        let (coded, from_mark) = rest.split_at_checked(mark)?;
        kept.extend_from_slice(coded);
        let &marker = from_mark.get(1)?;
        let length = match marker {
            // A byte of the picture that looks like a mark, or where decoding can start again.
            markers::Z | markers::RST0..=markers::RST7 => 2,
            // Filled up: the mark comes after it.
            markers::P => 1,
            markers::EOI => {
                kept.extend_from_slice(&[markers::P, markers::EOI]);
                return Some(kept.into());
            }
            _ => 2 + usize::from(u16::from_be_bytes([*from_mark.get(2)?, *from_mark.get(3)?])),
        };
        let (segment, after) = from_mark.split_at_checked(length)?;
        let stays =
            matches!(marker, markers::Z | markers::RST0..=markers::RST7 | markers::SOS) || is_table(marker);
        if stays {
            kept.extend_from_slice(segment);
        }
        rest = after;
    }
}

/// How the picture is to be turned, if it is (Exif, tag 0x0112): without it, it would lie on its side.
fn orientation(exif: &Bytes) -> Option<u16> {
    let exif = exif::Reader::new().read_raw(exif.to_vec()).ok()?;
    let field = exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?;
    let value = u16::try_from(field.value.get_uint(0)?).ok()?;
    (2..=8).contains(&value).then_some(value)
}

/// Exif that says nothing else.
fn exif_of_orientation(value: u16) -> Bytes {
    let mut exif = Vec::with_capacity(26);
    // Big-endian; the directory follows; it has one entry.
    exif.extend_from_slice(b"MM\0\x2A\0\0\0\x08\0\x01");
    // The tag, its type (a short), how many.
    exif.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01");
    exif.extend_from_slice(&value.to_be_bytes());
    // Filled up; no further directory.
    exif.extend_from_slice(&[0; 6]);
    exif.into()
}

fn clean_png(bytes: Bytes) -> Result<Bytes, ImageError> {
    let mut image = Png::from_bytes(bytes)?;
    let chunks = image.chunks_mut();
    let end = chunks
        .iter()
        .position(|chunk| chunk.kind() == *b"IEND")
        .ok_or(ImageError::Damaged)?;
    chunks.truncate(end + 1);
    chunks.retain(|chunk| {
        matches!(
            &chunk.kind(),
            b"IHDR"
                | b"PLTE"
                | b"IDAT"
                | b"IEND"
                | b"tRNS"
                | b"cHRM"
                | b"gAMA"
                | b"iCCP"
                | b"sBIT"
                | b"sRGB"
                | b"cICP"
                | b"bKGD"
                | b"acTL"
                | b"fcTL"
                | b"fdAT"
        )
    });
    Ok(image.encoder().bytes())
}

fn clean_webp(bytes: Bytes) -> Result<Bytes, ImageError> {
    let mut image = WebP::from_bytes(bytes)?;
    let chunks = image.chunks_mut();
    chunks.retain(|chunk| {
        matches!(
            chunk.id(),
            webp::CHUNK_VP8
                | webp::CHUNK_VP8L
                | webp::CHUNK_VP8X
                | webp::CHUNK_ALPH
                | webp::CHUNK_ANIM
                | webp::CHUNK_ANMF
                | webp::CHUNK_ICCP
        )
    });
    for chunk in chunks.iter_mut().filter(|chunk| chunk.id() == webp::CHUNK_VP8X) {
        no_metadata_announced(chunk);
    }
    Ok(image.encoder().bytes())
}

/// The header says which metadata follow: none do.
fn no_metadata_announced(header: &mut RiffChunk) {
    const EXIF_AND_XMP: u8 = 0b0000_1100;
    if let RiffContent::Data(data) = header.content_mut() {
        let mut bytes = data.to_vec();
        if let Some(flags) = bytes.first_mut() {
            *flags &= !EXIF_AND_XMP;
        }
        *data = bytes.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &[u8] = b"48.8584 N 2.2945 E";

    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let length = u16::try_from(contents.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], length.as_slice(), contents].concat()
    }

    /// Exif with an orientation and a secret behind it.
    fn exif(turned: u16) -> Vec<u8> {
        [b"Exif\0\0", exif_of_orientation(turned).as_ref(), SECRET].concat()
    }

    /// The shape of a JPEG with two scans; nobody could draw it.
    fn jpeg() -> Vec<u8> {
        let secret_in = |marker, begin: &[u8]| segment(marker, &[begin, SECRET].concat());
        [
            vec![0xFF, 0xD8],
            segment(0xE0, b"JFIF\0 and more"),
            segment(0xE1, &exif(6)),
            secret_in(0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
            segment(0xE2, b"ICC_PROFILE\0colours"),
            secret_in(0xE2, b"MPF\0"),
            secret_in(0xED, b"Photoshop"),
            secret_in(0xFE, b""),
            segment(0xDB, b"quantization"),
            segment(0xC0, b"frame"),
            segment(0xDA, b"scan one"),
            b"coded\xFF\x00coded\xFF\xD0coded".to_vec(),
            secret_in(0xFE, b""),
            // A table in which two bytes look like the end.
            segment(0xC4, b"a table \xFF\xD9 of codes"),
            segment(0xDA, b"scan two"),
            b"more\xFF\xD9".to_vec(),
            b"a video ".to_vec(),
            SECRET.to_vec(),
        ]
        .concat()
    }

    fn has(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[test]
    fn a_jpeg_keeps_what_is_drawn_and_how_it_lies_and_nothing_else() {
        let cleaned = without_metadata(jpeg().into()).unwrap();
        for part in [
            &b"JFIF\0 and more"[..],
            b"ICC_PROFILE\0colours",
            b"quantization",
            b"frame",
            b"scan one",
            b"coded\xFF\x00coded\xFF\xD0coded",
            b"a table \xFF\xD9 of codes",
            b"scan two",
        ] {
            assert!(has(&cleaned, part), "{part:?}");
        }
        assert!(!has(&cleaned, SECRET));
        assert!(!has(&cleaned, b"a video"));
        assert!(cleaned.ends_with(b"more\xFF\xD9"));
        let again = Jpeg::from_bytes(cleaned).unwrap();
        assert_eq!(orientation(&again.exif().unwrap()), Some(6));
    }

    #[test]
    fn a_jpeg_that_lies_as_it_is_says_nothing_of_it() {
        let upright = [
            vec![0xFF, 0xD8],
            segment(0xE1, &exif(1)),
            segment(0xDA, b"scan"),
            b"coded\xFF\xD9".to_vec(),
        ]
        .concat();
        let cleaned = without_metadata(upright.into()).unwrap();
        assert!(!has(&cleaned, b"Exif"));
    }

    #[test]
    fn a_png_keeps_what_is_drawn_and_nothing_else() {
        use img_parts::png::PngChunk;
        let chunk =
            |kind: &[u8; 4], contents: &'static [u8]| PngChunk::new(*kind, Bytes::from_static(contents));
        let mut image = b"\x89PNG\r\n\x1a\n".to_vec();
        for chunk in [
            chunk(b"IHDR", b"header"),
            chunk(b"eXIf", SECRET),
            chunk(b"iTXt", SECRET),
            chunk(b"tIME", SECRET),
            chunk(b"gAMA", b"gamma"),
            chunk(b"IDAT", b"data"),
            chunk(b"IEND", b""),
        ] {
            image.extend_from_slice(&chunk.encoder().bytes());
        }
        let cleaned = without_metadata(image.into()).unwrap();
        for part in [&b"IHDRheader"[..], b"gAMAgamma", b"IDATdata", b"IEND"] {
            assert!(has(&cleaned, part), "{part:?}");
        }
        assert!(!has(&cleaned, SECRET));
    }

    #[test]
    fn a_webp_keeps_what_is_drawn_and_nothing_else() {
        let chunk = |id: &[u8; 4], data: &'static [u8]| {
            RiffChunk::new(*id, RiffContent::Data(Bytes::from_static(data)))
        };
        let image = RiffChunk::new(
            *b"RIFF",
            RiffContent::List {
                kind: Some(*b"WEBP"),
                subchunks: vec![
                    chunk(b"VP8X", &[0b0011_1100, 0, 0, 0, 9, 0, 0, 9, 0, 0]),
                    chunk(b"ICCP", b"colours!"),
                    chunk(b"VP8L", b"picture!"),
                    chunk(b"EXIF", SECRET),
                    chunk(b"XMP ", SECRET),
                    chunk(b"what", SECRET),
                ],
            },
        );
        let cleaned = without_metadata(image.encoder().bytes()).unwrap();
        assert!(has(&cleaned, b"colours!") && has(&cleaned, b"picture!"));
        assert!(!has(&cleaned, SECRET));
        let WebPHeader(flags) = WebPHeader::of(cleaned);
        assert_eq!(flags, 0b0011_0000);
    }

    /// The flags of the extended header.
    struct WebPHeader(u8);

    impl WebPHeader {
        fn of(bytes: Bytes) -> Self {
            let image = WebP::from_bytes(bytes).unwrap();
            let header = image.chunk_by_id(webp::CHUNK_VP8X).unwrap();
            Self(header.content().data().unwrap()[0])
        }
    }

    #[test]
    fn what_is_no_picture_or_is_cut_is_refused() {
        let refused = |bytes: &[u8]| without_metadata(Bytes::copy_from_slice(bytes)).unwrap_err();
        assert_eq!(refused(b"<svg onload=alert(1)>"), ImageError::UnknownType);
        assert_eq!(refused(b"GIF89a"), ImageError::UnknownType);
        assert_eq!(refused(b""), ImageError::UnknownType);
        let whole = jpeg();
        let end = whole.len() - SECRET.len() - b"a video ".len();
        for length in 3..end {
            assert_eq!(refused(&whole[..length]), ImageError::Damaged, "{length}");
        }
    }

    proptest! {
        #[test]
        fn random_bytes_behind_any_beginning_do_not_panic(
            begin in 0_usize..3,
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let begins: [&[u8]; 3] = [b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP"];
            let _ = without_metadata([begins[begin], &bytes].concat().into());
        }
    }
}
