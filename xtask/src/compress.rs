//! What a file weighs on the network.

use std::io::Write;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Sizes of bytes as they are, by gzip and by brotli, in a line.
pub(crate) fn sizes(bytes: &[u8]) -> Result<String> {
    let kib = |size: usize| {
        format!(
            "{:.1} KiB",
            f64::from(u32::try_from(size).unwrap_or(u32::MAX)) / 1024.0
        )
    };
    let (gzip, brotli) = (gzip(bytes)?.len(), brotli(bytes)?.len());
    Ok(format!(
        "{} raw, {} gzip, {} brotli",
        kib(bytes.len()),
        kib(gzip),
        kib(brotli)
    ))
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

fn brotli(mut bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut compressed, &parameters)?;
    Ok(compressed)
}
