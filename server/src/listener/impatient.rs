//! A stream that gives up on whoever does not take what is written.

use crate::ws::time_to_take;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// Fails when the other side has not taken what was written after so long a time, and a second more for each 16 KiB that
/// it took.
#[derive(Debug)]
pub(crate) struct Impatient<S> {
    stream: S,
    patience: Duration,
    /// While something waits to be taken.
    due: Option<Pin<Box<Sleep>>>,
}

impl<S> Impatient<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            due: None,
        }
    }

    /// The stream, with all the patience in the world.
    pub(crate) fn into_inner(self) -> S {
        self.stream
    }

    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                if let Some(due) = &mut self.due {
                    let earned = time_to_take(bytes);
                    let later = due.deadline() + earned;
                    due.as_mut().reset(later);
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.wait(cx),
        }
    }

    /// Waits for no longer than the patience lasts.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let due = self.due.get_or_insert_with(|| Box::pin(sleep(self.patience)));
        due.as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Impatient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Impatient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Nothing waits any more when this is done: whoever writes flushes when all is written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if flushed.is_pending() {
            return self.wait(cx);
        }
        self.due = None;
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut_down = Pin::new(&mut self.stream).poll_shutdown(cx);
        if shut_down.is_pending() {
            return self.wait(cx);
        }
        shut_down
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::time::Instant;

    const PATIENCE: Duration = Duration::from_secs(15);

    /// A stream of which 1 KiB waits in between, and its other end.
    fn stream() -> (Impatient<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(1024);
        (Impatient::new(near, PATIENCE), far)
    }

    /// Reads so many bytes each second, for ever.
    async fn read_slowly(mut far: DuplexStream, bytes: usize) {
        let mut buffer = vec![0; bytes];
        loop {
            far.read_exact(&mut buffer).await.unwrap();
            sleep(Duration::from_secs(1)).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_nothing_is_given_up_when_the_patience_ends() {
        let (mut near, _far) = stream();
        let begun = Instant::now();
        let error = near.write_all(&[0; 2048]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), PATIENCE.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_buys_no_time() {
        let (mut near, far) = stream();
        let begun = Instant::now();
        tokio::spawn(read_slowly(far, 1));
        let error = near.write_all(&[0; 2048]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() < PATIENCE + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_takes_enough_gets_an_answer_of_any_length() {
        let (mut near, far) = stream();
        tokio::spawn(read_slowly(far, 17 * 1024));
        near.write_all(&vec![0; 4 * 1024 * 1024]).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_waits_may_rest() {
        let (mut near, mut far) = stream();
        for _ in 0..3 {
            let reading = tokio::spawn(async move {
                sleep(PATIENCE / 2).await;
                far.read_exact(&mut [0; 2048]).await.unwrap();
                far
            });
            near.write_all(&[0; 2048]).await.unwrap();
            near.flush().await.unwrap();
            far = reading.await.unwrap();
            sleep(2 * PATIENCE).await;
        }
    }
}
