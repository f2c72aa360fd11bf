use super::{Person, TestServer, mls, random, soon};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use sotto_protocol::frame::{ClientFrame, Goodbye, Outcome, RequestId, ServerFrame};
use sotto_protocol::{ChatId, DeviceAddress, MessageId, Retention, Seq};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A device's WebSocket.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    requests: u32,
    /// Of one that was connected as somebody's.
    device: Option<DeviceAddress>,
}

impl Socket {
    /// Opens a WebSocket with these headers. The error is the answer to a request that was no good.
    pub(crate) async fn open(
        server: &TestServer,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, http::Response<Option<Vec<u8>>>> {
        let mut request = format!("ws://{}/v1/ws", server.address)
            .into_client_request()
            .unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match soon(Box::pin(connect_async(request))).await {
            Ok((stream, _)) => Ok(Self {
                stream,
                requests: 0,
                device: None,
            }),
            Err(Error::Http(response)) => Err(*response),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects, and waits until the server has said what was waiting.
    pub(crate) async fn connect(server: &TestServer, person: &Person) -> Self {
        let authorization = format!("Bearer {}", person.tokens.access_token.reveal());
        let headers = [
            ("sec-websocket-protocol", "sotto.v1"),
            ("authorization", &authorization),
        ];
        let mut socket = Self::open(server, &headers).await.unwrap();
        socket.device = Some(person.address());
        socket
            .until(|frame| matches!(frame, ServerFrame::Ready { .. }))
            .await;
        socket
    }

    /// Whose it is.
    pub(crate) fn device(&self) -> DeviceAddress {
        self.device.unwrap()
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        soon(self.stream.send(message)).await.unwrap();
    }

    pub(crate) async fn send(&mut self, frame: &ClientFrame) {
        self.send_message(Message::Binary(frame.encode())).await;
    }

    /// The next frame, or `None` when the server has closed cleanly.
    pub(crate) async fn next(&mut self) -> Option<ServerFrame> {
        loop {
            match soon(self.stream.next()).await {
                Some(Ok(Message::Binary(bytes))) => return Some(ServerFrame::decode(&bytes).unwrap()),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => {}
                Some(Ok(other)) => panic!("{other:?}"),
                Some(Err(error)) => panic!("{error}"),
                None => return None,
            }
        }
    }

    /// The first frame that is this, those before it dropped.
    pub(crate) async fn until(&mut self, is: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
        loop {
            let frame = self.next().await.expect("the connection has ended");
            if is(&frame) {
                return frame;
            }
        }
    }

    /// Asserts that the server says goodbye for this reason and closes cleanly.
    pub(crate) async fn is_told_goodbye(&mut self, reason: Goodbye) {
        let goodbye = self.until(|frame| matches!(frame, ServerFrame::Goodbye(_))).await;
        assert_eq!(goodbye, ServerFrame::Goodbye(reason));
        assert_eq!(self.next().await, None);
    }

    /// The answer to a frame.
    pub(crate) async fn ask(&mut self, frame: impl FnOnce(RequestId) -> ClientFrame) -> Outcome {
        self.requests += 1;
        let asked = RequestId(self.requests);
        self.send(&frame(asked)).await;
        let answer = self
            .until(|frame| matches!(frame, ServerFrame::Response { request, .. } if *request == asked))
            .await;
        match answer {
            ServerFrame::Response { outcome, .. } => outcome,
            other => panic!("{other:?}"),
        }
    }

    /// Sends an application message made in this epoch.
    pub(crate) async fn say(&mut self, chat: ChatId, epoch: u64, inside: &[u8]) -> Outcome {
        let payload = Bytes::from(mls::application(chat, epoch, inside));
        self.ask(|request| ClientFrame::Send {
            request,
            chat,
            message: MessageId::from_bytes(random()),
            after: Seq::ZERO,
            retention: Retention::Keep,
            payload,
        })
        .await
    }
}

impl Socket {
    /// Sends what the server may not take to its end.
    pub(crate) async fn try_send_message(&mut self, message: Message) {
        let _ = soon(self.stream.send(message)).await;
    }

    /// Waits until the connection has ended, cleanly or not.
    pub(crate) async fn is_gone(&mut self) {
        while let Some(Ok(_)) = soon(self.stream.next()).await {}
    }

    /// Answers no ping, and waits until the server drops the connection.
    pub(crate) async fn hears_nothing_and_is_dropped(self) {
        let mut stream = self.stream.into_inner();
        let mut bytes = Vec::new();
        soon(stream.read_to_end(&mut bytes)).await.unwrap();
        let ping = [0x89, 0];
        assert!(bytes.starts_with(&ping), "{bytes:?}");
    }
}
