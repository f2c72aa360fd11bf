//! A TCP proxy that misbehaves when told to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Bytes that are forwarded at once.
const CHUNK_BYTES: usize = 16 * 1024;

/// How a network behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// As it should.
    Fair,
    /// Connections break, and new ones break at once.
    Cut,
    /// Nothing gets through; it does later.
    Stalled,
    /// What is sent disappears. Neither side hears that the other is gone, then or later: a connection that has lost
    /// something stays silent for good.
    HalfOpen,
    /// So few bytes get through in a second, in each direction of each connection.
    Slow(usize),
}

/// A proxy before one address. Dropped, it ends with all its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    weather: Arc<watch::Sender<Weather>>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Listens on a free port of this machine, and forwards to `target`.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let weather = Arc::new(watch::Sender::new(Weather::Fair));
        let accepting = tokio::spawn(accept(listener, target, weather.subscribe()));
        Self {
            address,
            weather,
            accepting,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather, for connections that are there and those to come.
    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: SocketAddr, weather: watch::Receiver<Weather>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((near, _)) = accepted else { continue };
                connections.spawn(forward(near, target, weather.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn forward(near: TcpStream, target: SocketAddr, mut weather: watch::Receiver<Weather>) {
    let connect = async {
        // In a network where nothing gets through, connecting takes as long as that.
        let open = |weather: &Weather| !matches!(weather, Weather::Stalled | Weather::HalfOpen);
        let now = *weather.wait_for(open).await.ok()?;
        if now == Weather::Cut {
            return None;
        }
        TcpStream::connect(target).await.ok()
    };
    let Some(far) = connect.await else {
        reset(&near);
        return;
    };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    let there = Direction::new(near_read, far_write, weather.clone());
    let back = Direction::new(far_read, near_write, weather.clone());
    let broken = async {
        let _ = weather.wait_for(|weather| *weather == Weather::Cut).await;
    };
    let both = async {
        // A side that has no more to say may still listen; one that is gone ends both.
        tokio::join!(there.run(), back.run())
    };
    tokio::select! {
        _ = both => {}
        () = broken => {}
    }
}

/// Makes a connection end, when it is dropped, as a network does that breaks: by a reset.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}

struct Direction {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
}

impl Direction {
    fn new(from: OwnedReadHalf, to: OwnedWriteHalf, weather: watch::Receiver<Weather>) -> Self {
        Self { from, to, weather }
    }

    async fn run(mut self) {
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let read = self.from.read(&mut buffer).await;
            if self
                .weather
                .wait_for(|weather| *weather != Weather::Stalled)
                .await
                .is_err()
            {
                return;
            }
            let now = *self.weather.borrow();
            if now == Weather::HalfOpen {
                return self.lose_everything(&mut buffer).await;
            }
            let length = match read {
                Ok(0) | Err(_) => {
                    let _ = self.to.shutdown().await;
                    return;
                }
                Ok(length) => length,
            };
            let mut rest = buffer.get(..length).unwrap_or_default();
            while !rest.is_empty() {
                let at_once = match *self.weather.borrow() {
                    Weather::Slow(per_second) => (per_second / 20).max(1),
                    _ => rest.len(),
                };
                let (now, later) = rest.split_at(at_once.min(rest.len()));
                if self.to.write_all(now).await.is_err() {
                    return;
                }
                rest = later;
                if !rest.is_empty() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    /// Something was lost: a connection can never go on behind a hole.
    async fn lose_everything(&mut self, buffer: &mut [u8]) {
        while !matches!(self.from.read(buffer).await, Ok(0) | Err(_)) {}
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(10);
    const A_WHILE: Duration = Duration::from_millis(100);

    /// Both ends of a connection through a proxy.
    async fn connection() -> (Proxy, TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy::start(listener.local_addr().unwrap()).await;
        let near = TcpStream::connect(proxy.address()).await.unwrap();
        let (far, _) = listener.accept().await.unwrap();
        (proxy, near, far)
    }

    async fn hears(stream: &mut TcpStream, expected: &[u8]) {
        let mut heard = vec![0; expected.len()];
        timeout(SOON, stream.read_exact(&mut heard))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(heard, expected);
    }

    async fn hears_nothing(stream: &mut TcpStream) {
        assert!(timeout(A_WHILE, stream.read_u8()).await.is_err());
    }

    async fn hears_the_end(stream: &mut TcpStream) {
        let heard = timeout(SOON, stream.read_u8()).await.unwrap();
        assert!(heard.is_err());
    }

    #[tokio::test]
    async fn in_fair_weather_everything_arrives_both_ways() {
        let (_proxy, mut near, mut far) = connection().await;
        near.write_all(b"there").await.unwrap();
        hears(&mut far, b"there").await;
        far.write_all(b"and back").await.unwrap();
        hears(&mut near, b"and back").await;
        drop(near);
        hears_the_end(&mut far).await;
    }

    #[tokio::test]
    async fn a_cut_ends_both_sides_and_new_connections() {
        let (proxy, mut near, mut far) = connection().await;
        near.write_all(b"x").await.unwrap();
        hears(&mut far, b"x").await;
        proxy.set(Weather::Cut);
        hears_the_end(&mut near).await;
        hears_the_end(&mut far).await;
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        hears_the_end(&mut new).await;
    }

    #[tokio::test]
    async fn what_was_stalled_arrives_later_and_whole() {
        let (proxy, mut near, mut far) = connection().await;
        proxy.set(Weather::Stalled);
        near.write_all(b"late").await.unwrap();
        hears_nothing(&mut far).await;
        proxy.set(Weather::Fair);
        hears(&mut far, b"late").await;
    }

    #[tokio::test]
    async fn a_connection_that_lost_something_is_silent_for_good() {
        let (proxy, mut near, mut far) = connection().await;
        proxy.set(Weather::HalfOpen);
        near.write_all(b"lost").await.unwrap();
        hears_nothing(&mut far).await;
        proxy.set(Weather::Fair);
        near.write_all(b"more").await.unwrap();
        hears_nothing(&mut far).await;
        drop(near);
        hears_nothing(&mut far).await;
    }

    #[tokio::test]
    async fn a_slow_network_lets_everything_through_in_time() {
        let (proxy, mut near, mut far) = connection().await;
        proxy.set(Weather::Slow(20_000));
        near.write_all(&[7; 2_000]).await.unwrap();
        let mut first = [0; 2_000];
        let at_once = timeout(Duration::from_millis(20), far.read_exact(&mut first)).await;
        assert!(at_once.is_err());
        proxy.set(Weather::Fair);
        near.write_all(b"end").await.unwrap();
        let mut rest = Vec::new();
        while !rest.ends_with(b"end") {
            rest.push(timeout(SOON, far.read_u8()).await.unwrap().unwrap());
        }
    }
}
