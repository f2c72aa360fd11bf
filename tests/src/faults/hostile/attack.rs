//! Attacks, by clients that have an account or none.

use crate::faults::dice::Dice;
use crate::light::{Api, LightDevice, LightSocket};
use sotto_protocol::frame::{ClientFrame, RequestId};
use sotto_protocol::rest::key_package::ClaimKeyPackages;
use sotto_protocol::{ChatId, Seq, Suite};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Connections that do nothing, slowly.
const SLOW_CONNECTIONS: usize = 400;
/// Time between two bytes of a slow client.
const SLOWLY: Duration = Duration::from_millis(500);
/// Requests that a busy client has on their way.
const BUSY: u32 = 32;
/// Bytes that a frame claims to have.
const CLAIMED_BYTES: u64 = 1 << 30;

/// An attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// Hundreds of requests whose heads never end.
    SlowHeads,
    /// Frames of devices that arrive a byte at a time.
    SlowFrames,
    /// Devices that connect and never read or answer.
    HalfOpenSockets,
    /// Frames that are far too long, again and again.
    OversizedFrames,
    /// Messages in fragments of one byte, without an end.
    FragmentedFrames,
    /// Requests about chats that do not exist, another one each time.
    DistinctChats,
    /// Claims of KeyPackages, as fast as they are answered.
    KeyPackages,
    /// Devices that connect, are greeted, and vanish, again and again.
    ReconnectStorm,
}

impl Attack {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::SlowHeads,
        Self::SlowFrames,
        Self::HalfOpenSockets,
        Self::OversizedFrames,
        Self::FragmentedFrames,
        Self::DistinctChats,
        Self::KeyPackages,
        Self::ReconnectStorm,
    ];
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::SlowHeads => "heads that never end",
            Self::SlowFrames => "frames a byte at a time",
            Self::HalfOpenSockets => "sockets that never read",
            Self::OversizedFrames => "oversized frames",
            Self::FragmentedFrames => "fragments of one byte",
            Self::DistinctChats => "ever new chat ids",
            Self::KeyPackages => "draining KeyPackages",
            Self::ReconnectStorm => "reconnect storm",
        })
    }
}

/// Those who attack. Dropped, they stop.
pub(super) struct Attackers(JoinSet<()>);

impl Attackers {
    pub(super) fn start(
        strangers: &Handle,
        attack: Attack,
        target: SocketAddr,
        api: &Api,
        devices: &[LightDevice],
    ) -> Self {
        let mut attackers = JoinSet::new();
        if attack == Attack::SlowHeads {
            for _ in 0..SLOW_CONNECTIONS {
                attackers.spawn_on(again_and_again(move || slow_head(target)), strangers);
            }
            return Self(attackers);
        }
        for (number, device) in devices.iter().enumerate() {
            let (device, api) = (device.clone(), api.clone());
            let seed = u64::try_from(number).unwrap();
            let attacks = again_and_again(move || {
                let (device, api) = (device.clone(), api.clone());
                async move {
                    match attack {
                        Attack::SlowHeads => slow_head(target).await,
                        Attack::SlowFrames => slow_frame(target, &device).await,
                        Attack::HalfOpenSockets => never_read(target, &device).await,
                        Attack::OversizedFrames => oversized(target, &device).await,
                        Attack::FragmentedFrames => fragments(target, &device).await,
                        Attack::DistinctChats => distinct_chats(target, &device, seed).await,
                        Attack::KeyPackages => drain(&api, &device).await,
                        Attack::ReconnectStorm => connect(target, &device).await.map(drop),
                    }
                }
            });
            attackers.spawn_on(attacks, strangers);
        }
        Self(attackers)
    }

    pub(super) async fn stop(mut self) {
        self.0.shutdown().await;
    }
}

/// Whoever is thrown out comes back at once.
async fn again_and_again<F: Future<Output = Option<()>> + Send>(attack: impl Fn() -> F) {
    loop {
        if attack().await.is_none() {
            // Not let in at all: no reason to spend one's own processor on it.
            sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn connect(target: SocketAddr, device: &LightDevice) -> Option<LightSocket> {
    let mut socket = LightSocket::connect(target, &device.tokens.access_token)
        .await
        .ok()?;
    let _ = socket.next().await;
    Some(socket)
}

async fn slow_head(target: SocketAddr) -> Option<()> {
    let mut stream = TcpStream::connect(target).await.ok()?;
    stream
        .write_all(b"GET /v1/ws HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        .await
        .ok()?;
    while stream.write_all(b"a").await.is_ok() {
        sleep(SLOWLY).await;
    }
    Some(())
}

/// The head of a masked binary frame of this length, the mask being zeros.
fn frame_head(is_final: bool, opcode: u8, length: u64) -> Vec<u8> {
    let mut head = vec![opcode | if is_final { 0x80 } else { 0 }];
    match u8::try_from(length) {
        Ok(short) if short < 126 => head.push(0x80 | short),
        _ => {
            head.push(0x80 | 127);
            head.extend(length.to_be_bytes());
        }
    }
    head.extend([0; 4]);
    head
}

const BINARY: u8 = 2;
const CONTINUATION: u8 = 0;

async fn slow_frame(target: SocketAddr, device: &LightDevice) -> Option<()> {
    let mut stream = connect(target, device).await?.into_tcp();
    stream.write_all(&frame_head(true, BINARY, 100_000)).await.ok()?;
    while stream.write_all(&[0]).await.is_ok() {
        sleep(SLOWLY).await;
    }
    Some(())
}

async fn never_read(target: SocketAddr, device: &LightDevice) -> Option<()> {
    let _stream = connect(target, device).await?.into_tcp();
    std::future::pending().await
}

async fn oversized(target: SocketAddr, device: &LightDevice) -> Option<()> {
    let mut stream = connect(target, device).await?.into_tcp();
    stream
        .write_all(&frame_head(true, BINARY, CLAIMED_BYTES))
        .await
        .ok()?;
    let block = vec![0; 64 * 1024];
    for _ in 0..32 {
        if stream.write_all(&block).await.is_err() {
            break;
        }
    }
    Some(())
}

async fn fragments(target: SocketAddr, device: &LightDevice) -> Option<()> {
    let mut stream = connect(target, device).await?.into_tcp();
    let mut fragment = frame_head(false, BINARY, 1);
    fragment.push(0);
    stream.write_all(&fragment).await.ok()?;
    let mut fragment = frame_head(false, CONTINUATION, 1);
    fragment.push(0);
    let many = fragment.repeat(256);
    while stream.write_all(&many).await.is_ok() {
        sleep(Duration::from_millis(5)).await;
    }
    Some(())
}

async fn distinct_chats(target: SocketAddr, device: &LightDevice, seed: u64) -> Option<()> {
    let mut dice = Dice::of(seed, 5_000_000);
    let mut socket = connect(target, device).await?;
    let mut number = 0;
    loop {
        for _ in 0..BUSY {
            number += 1;
            let chat = ChatId::from_bytes(dice.bytes());
            let fetch = ClientFrame::Fetch {
                request: RequestId(number),
                chat,
                after: Seq::ZERO,
                limit: 100,
            };
            socket.feed(&fetch).await.ok()?;
            socket.feed(&ClientFrame::Ack { chat, seq: Seq(1) }).await.ok()?;
        }
        socket.flush().await.ok()?;
        for _ in 0..BUSY {
            socket.next().await?.ok()?;
        }
    }
}

async fn drain(api: &Api, device: &LightDevice) -> Option<()> {
    let claim = ClaimKeyPackages {
        account: device.address.account,
        suite: Suite::XWing,
    };
    let token = &device.tokens.access_token;
    let claimed: Result<serde_json::Value, _> = api.post("/v1/key-package/claim", Some(token), &claim).await;
    claimed.ok().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{PATIENCE, World};
    use tokio::io::AsyncReadExt as _;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_frame_that_claims_too_much_is_understood_and_refused() {
        let world = World::start().await;
        let api = Api::new(&world.url());
        let mut dice = Dice::new(1);
        let (_, device) = crate::light::LightAccount::register(&api, "mallory", dice.rng())
            .await
            .unwrap();
        let target = world.url().strip_prefix("http://").unwrap().parse().unwrap();
        let mut stream = connect(target, &device).await.unwrap().into_tcp();
        stream
            .write_all(&frame_head(true, BINARY, CLAIMED_BYTES))
            .await
            .unwrap();
        let mut said = Vec::new();
        // It ends with a close frame, or by a reset behind it.
        let _ = timeout(PATIENCE, stream.read_to_end(&mut said)).await.unwrap();
    }
}
