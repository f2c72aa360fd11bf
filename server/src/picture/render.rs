//! From the file that somebody sent to the files that are kept.

use super::PictureError;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage, RgbaImage,
};
use sotto_protocol::limits::PROFILE_IMAGE_PIXELS;
use std::io::Cursor;

/// Pixels on a side, whatever the other has.
const SIDE_PIXELS: u32 = 20_000;
/// Bytes that a decoder may take: four for each pixel, and as much again beside that.
const DECODER_BYTES: u64 = PROFILE_IMAGE_PIXELS * 8;
/// Of 100: what is kept is small, and seen small.
const QUALITY: u8 = 85;
/// What is behind a picture that is not opaque.
const BACKGROUND: u8 = 255;

/// A JPEG of ours.
pub(super) struct Rendered(pub(super) Vec<u8>);

/// The picture in each of these sizes, by width and height, cut around its middle.
pub(super) fn render(file: &[u8], sizes: &[(u32, u32)]) -> Result<Vec<Rendered>, PictureError> {
    let mut picture = decode(file)?;
    let mut rendered = Vec::with_capacity(sizes.len());
    // Each from the one before, which is larger and of the same shape.
    for &(width, height) in sizes {
        picture = scaled(&picture, width, height);
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
            .encode_image(&opaque(&picture.to_rgba8()))
            .map_err(|_| PictureError::Failed)?;
        rendered.push(Rendered(jpeg));
    }
    Ok(rendered)
}

/// The first picture in the file, as upright as its file says that it is.
fn decode(file: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = image::guess_format(file).map_err(|_| PictureError::Unreadable)?;
    match format {
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif => {}
        _ => return Err(PictureError::Unreadable),
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_PIXELS);
    limits.max_image_height = Some(SIDE_PIXELS);
    limits.max_alloc = Some(DECODER_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    let too_many = u64::from(width) * u64::from(height) > PROFILE_IMAGE_PIXELS;
    if too_many || decoder.total_bytes() > DECODER_BYTES {
        return Err(PictureError::TooManyPixels);
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Unreadable);
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refused)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

#[allow(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn refused(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooManyPixels,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::Unsupported(_)
        | ImageError::IoError(_) => PictureError::Unreadable,
    }
}

/// The largest part around the middle that has this shape, in this size.
fn scaled(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    let (has_width, has_height) = (u64::from(picture.width()), u64::from(picture.height()));
    let (wide, high) = (u64::from(width), u64::from(height));
    let (cut_width, cut_height) = if has_width * high > has_height * wide {
        (has_height * wide / high, has_height)
    } else {
        (has_width, has_width * high / wide)
    };
    let (cut_width, cut_height) = (side(cut_width), side(cut_height));
    let cut = picture.crop_imm(
        (picture.width() - cut_width) / 2,
        (picture.height() - cut_height) / 2,
        cut_width,
        cut_height,
    );
    // What is far too large is first made smaller by means of its pixels, which is many times quicker.
    let cut = if cut_width > width * 4 {
        cut.thumbnail_exact(width * 2, height * 2)
    } else {
        cut
    };
    cut.resize_exact(width, height, FilterType::CatmullRom)
}

/// At least one pixel. A part of a picture never has more of them than it.
fn side(pixels: u64) -> u32 {
    u32::try_from(pixels).unwrap_or(u32::MAX).max(1)
}

/// On a white ground.
fn opaque(picture: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |colour: u8| {
            let (colour, alpha) = (u16::from(colour), u16::from(alpha));
            let mixed = (colour * alpha + u16::from(BACKGROUND) * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(BACKGROUND)
        };
        Rgb([over(red), over(green), over(blue)])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Rgba};

    const RED: Rgba<u8> = Rgba([200, 20, 20, 255]);
    const BLUE: Rgba<u8> = Rgba([20, 20, 200, 255]);

    /// Red on the left, blue on the right.
    fn halves(width: u32, height: u32) -> DynamicImage {
        let pixels = ImageBuffer::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE });
        DynamicImage::ImageRgba8(pixels)
    }

    fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn decoded(rendered: &Rendered) -> RgbImage {
        assert_eq!(image::guess_format(&rendered.0).unwrap(), ImageFormat::Jpeg);
        image::load_from_memory(&rendered.0).unwrap().to_rgb8()
    }

    fn is_red(pixel: Rgb<u8>) -> bool {
        pixel.0[0] > 150 && pixel.0[2] < 80
    }

    #[test]
    fn every_kind_of_picture_becomes_a_jpeg_of_each_size_around_its_middle() {
        let picture = halves(300, 100);
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let rendered = render(&file(&picture, format), &[(64, 64), (16, 16)]).unwrap();
            for (rendered, size) in rendered.iter().zip([64, 16]) {
                let image = decoded(rendered);
                assert_eq!(image.dimensions(), (size, size));
                assert!(is_red(*image.get_pixel(size / 4, 1)), "{format:?}");
                assert!(!is_red(*image.get_pixel(size - size / 4, 1)), "{format:?}");
            }
        }
        let jpeg = file(&DynamicImage::ImageRgb8(picture.to_rgb8()), ImageFormat::Jpeg);
        assert_eq!(
            decoded(&render(&jpeg, &[(90, 30)]).unwrap()[0]).dimensions(),
            (90, 30)
        );
        let tiny = file(&halves(1, 3), ImageFormat::Png);
        assert_eq!(
            decoded(&render(&tiny, &[(60, 20)]).unwrap()[0]).dimensions(),
            (60, 20)
        );
    }

    /// A JPEG that says that it is to be turned by 90° (Exif, tag 0x0112), and where it was taken.
    fn lying_jpeg() -> Vec<u8> {
        let jpeg = file(
            &DynamicImage::ImageRgb8(halves(80, 80).to_rgb8()),
            ImageFormat::Jpeg,
        );
        let mut exif = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend(b"48.13720 N, 11.57550 E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
    }

    #[test]
    fn a_picture_is_turned_as_its_file_says_and_nothing_else_of_the_file_is_kept() {
        let rendered = &render(&lying_jpeg(), &[(40, 40)]).unwrap()[0];
        let image = decoded(rendered);
        assert!(is_red(*image.get_pixel(35, 5)), "what was on the left is above");
        assert!(!is_red(*image.get_pixel(5, 35)));
        let holds = |what: &[u8]| rendered.0.windows(what.len()).any(|part| part == what);
        assert!(!holds(b"Exif") && !holds(b"48.137"));
    }

    #[test]
    fn what_is_transparent_is_white() {
        let clear = DynamicImage::ImageRgba8(ImageBuffer::from_pixel(20, 20, Rgba([0, 0, 0, 0])));
        let image = decoded(&render(&file(&clear, ImageFormat::Png), &[(20, 20)]).unwrap()[0]);
        assert!(image.pixels().all(|pixel| pixel.0.iter().all(|&part| part > 250)));
    }

    #[test]
    fn what_is_no_picture_is_refused_and_so_is_a_damaged_one() {
        let png = file(&halves(50, 50), ImageFormat::Png);
        let mut damaged = png.clone();
        let middle = png.len() / 2;
        damaged[middle..middle + 8].fill(0);
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".as_slice();
        let bmp = b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0".as_slice();
        for bytes in [b"".as_slice(), b"hello", svg, bmp, &png[..40], &damaged] {
            let refused = render(bytes, &[(8, 8)]).err();
            assert_eq!(refused, Some(PictureError::Unreadable), "{:?}", bytes.get(..8));
        }
    }

    #[test]
    fn a_picture_that_unpacks_to_too_much_is_refused_before_it_is() {
        // The head of a PNG of 100,000 by 100,000, and of one of 6,000 by 6,000.
        for side in [100_000_u32, 6_000] {
            let mut head = b"IHDR".to_vec();
            head.extend(side.to_be_bytes());
            head.extend(side.to_be_bytes());
            head.extend([8, 6, 0, 0, 0]);
            let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0D".to_vec();
            png.extend(&head);
            png.extend(crc32(&head).to_be_bytes());
            png.extend(b"\0\0\0\0IDAT");
            png.extend(crc32(b"IDAT").to_be_bytes());
            assert_eq!(
                render(&png, &[(8, 8)]).err(),
                Some(PictureError::TooManyPixels),
                "{side}"
            );
        }
    }

    /// As PNG has it.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }
}
