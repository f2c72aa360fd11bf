use crate::support::{Person, TestServer, soon};
use bytes::Bytes;
use sotto_protocol::frame::{Goodbye, ServerFrame};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A WebSocket without a library: it sends what no library would.
pub(crate) struct RawSocket {
    stream: TcpStream,
    /// The head of the server's answer, in lower case.
    pub(crate) answer: String,
}

/// A frame of the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RawFrame {
    pub(crate) first: u8,
    pub(crate) payload: Vec<u8>,
}

impl RawSocket {
    /// Upgrades, with these lines added to the head.
    pub(crate) async fn open(server: &TestServer, person: &Person, lines: &str) -> Self {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        let head = format!(
            "GET /v1/ws HTTP/1.1\r\nhost: {}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: sotto.v1\r\nauthorization: Bearer {}\r\n{lines}\r\n",
            server.address,
            person.tokens.access_token.reveal(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(soon(stream.read_u8()).await.unwrap());
        }
        let answer = String::from_utf8(answer).unwrap().to_lowercase();
        assert!(answer.starts_with("http/1.1 101"), "{answer}");
        Self { stream, answer }
    }

    /// Upgrades, and reads what the server has to say at first.
    pub(crate) async fn connect(server: &TestServer, person: &Person) -> Self {
        let mut socket = Self::open(server, person, "").await;
        socket
            .until(|frame| matches!(frame, ServerFrame::Ready { .. }))
            .await;
        socket
    }

    /// Sends bytes as they are, as far as the server takes them.
    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        let _ = soon(self.stream.write_all(bytes)).await;
    }

    /// Sends a frame with this first byte, masked.
    pub(crate) async fn send_frame(&mut self, first: u8, payload: &[u8]) {
        self.send(&masked(first, payload)).await;
    }

    /// The next frame, or `None` at the end of the stream. The server asks now and then whether somebody is there, on a busy machine also
    /// within a test: that is passed over.
    pub(crate) async fn next(&mut self) -> Option<RawFrame> {
        loop {
            let frame = self.any().await?;
            if frame.first != 0x89 {
                return Some(frame);
            }
        }
    }

    async fn any(&mut self) -> Option<RawFrame> {
        let first = soon(self.stream.read_u8()).await.ok()?;
        let length = match soon(self.stream.read_u8()).await.unwrap() {
            126 => u64::from(soon(self.stream.read_u16()).await.unwrap()),
            127 => soon(self.stream.read_u64()).await.unwrap(),
            length => u64::from(length),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        soon(self.stream.read_exact(&mut payload)).await.unwrap();
        Some(RawFrame { first, payload })
    }

    /// The first frame of ours that is this, what comes before it dropped.
    pub(crate) async fn until(&mut self, is: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
        loop {
            let frame = self.next().await.expect("the connection has ended");
            if frame.first == 0x82 {
                let frame = ServerFrame::decode(&Bytes::from(frame.payload)).unwrap();
                if is(&frame) {
                    return frame;
                }
            }
        }
    }

    /// Asserts that the server says goodbye for this reason, closes with this code, and that the stream ends then.
    pub(crate) async fn is_closed(&mut self, reason: Goodbye, code: u16) {
        let goodbye = self.until(|frame| matches!(frame, ServerFrame::Goodbye(_))).await;
        assert_eq!(goodbye, ServerFrame::Goodbye(reason));
        let close = self.next().await.unwrap();
        assert_eq!(close.first, 0x88);
        assert_eq!(close.payload[..2], code.to_be_bytes());
        self.send_frame(0x88, &code.to_be_bytes()).await;
        assert_eq!(self.next().await, None);
    }
}

/// A client's frame with this first byte.
pub(crate) fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | u8::try_from(length).unwrap()),
        length @ 126..0x1_0000 => {
            bytes.push(0xfe);
            bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            bytes.push(0xff);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(
        payload
            .iter()
            .zip(MASK.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    bytes
}
