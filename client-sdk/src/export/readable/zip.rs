//! A ZIP that is written from its beginning to its end.

use crate::error::ClientError;
use crate::platform::{FileSink, FileUnwritable};
use ::zip::result::ZipError;
use ::zip::write::{SimpleFileOptions, StreamWriter};
use ::zip::{CompressionMethod, ZipWriter};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that wait at most until they are written.
const WAITING_BYTES: usize = 64 * 1024;
/// Longer content needs the larger fields of ZIP64. With room to spare, as content is not known to the byte.
const LARGE_BYTES: u64 = 4_000_000_000;
/// A text ends soon after this, and another one goes on: how long a text becomes is not known when it begins, and there are programs
/// that cannot unpack what might need ZIP64 and does not.
const TEXT_BYTES: u64 = 1_000_000_000;

/// A ZIP on its way into a file.
pub(super) struct Zip<'a> {
    writer: ZipWriter<StreamWriter<Waiting>>,
    waiting: Waiting,
    sink: &'a mut dyn FileSink,
    /// How much the file that was begun last has.
    begun_bytes: u64,
}

/// Bytes of the ZIP that are not written yet.
#[derive(Clone, Default)]
struct Waiting(Arc<Mutex<Vec<u8>>>);

impl Waiting {
    fn with<T>(&self, use_it: impl FnOnce(&mut Vec<u8>) -> T) -> T {
        // Nothing that holds the lock can panic half-way through a change.
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Waiting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|waiting| waiting.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Zip<'a> {
    pub(super) fn new(sink: &'a mut dyn FileSink) -> Self {
        let waiting = Waiting::default();
        Self {
            writer: ZipWriter::new_stream(waiting.clone()),
            waiting,
            sink,
            begun_bytes: 0,
        }
    }

    /// Begins a file with text in it.
    pub(super) fn begin_text(&mut self, name: &str) -> Result<(), ClientError> {
        self.begun_bytes = 0;
        self.writer
            .start_file(name, options().compression_method(CompressionMethod::Deflated))
            .map_err(|error| failed(&error))
    }

    /// Whether the text that was begun last is to end.
    pub(super) const fn is_long(&self) -> bool {
        self.begun_bytes >= TEXT_BYTES
    }

    /// Begins a file of so many bytes as they are: what people send each other is compressed already.
    pub(super) fn begin_stored(&mut self, name: &str, length: u64) -> Result<(), ClientError> {
        let options = options().compression_method(CompressionMethod::Stored);
        let options = options.large_file(length >= LARGE_BYTES);
        self.writer
            .start_file(name, options)
            .map_err(|error| failed(&error))
    }

    /// Appends to the file that was begun last.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.begun_bytes += bytes.len() as u64;
        self.writer
            .write_all(bytes)
            .map_err(|error| FileUnwritable(error.to_string()))?;
        if self.waiting.with(|waiting| waiting.len()) >= WAITING_BYTES {
            self.drain().await?;
        }
        Ok(())
    }

    /// Writes what ends a ZIP.
    pub(super) async fn finish(self) -> Result<(), ClientError> {
        let Self {
            writer,
            waiting,
            sink,
            ..
        } = self;
        writer.finish().map_err(|error| failed(&error))?;
        let rest = waiting.with(core::mem::take);
        Ok(sink.write(rest).await?)
    }

    async fn drain(&mut self) -> Result<(), ClientError> {
        let bytes = self.waiting.with(core::mem::take);
        Ok(self.sink.write(bytes).await?)
    }
}

fn options() -> SimpleFileOptions {
    // Whoever unpacks it may read it, and nobody else.
    SimpleFileOptions::default().unix_permissions(0o600)
}

fn failed(error: &ZipError) -> ClientError {
    FileUnwritable(error.to_string()).into()
}
