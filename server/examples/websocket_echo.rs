//! Echoes messages over the server's own WebSocket code, for conformance suites that know no token and no frame of ours:
//! `cargo xtask conformance`. Prints its address.

#![allow(
    clippy::print_stdout,
    reason = "whoever started it wants to know where it listens"
)]

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use sotto_server::ws::{AfterClose, Message, Patience, ReadError, WebSocket, handshake};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// The suites' largest message has 16 MiB.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;

const PATIENCE: Patience = Patience {
    message: Duration::from_mins(1),
    write: Duration::from_mins(1),
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(upgrade));
        tokio::spawn(connection.with_upgrades());
    }
}

async fn upgrade(request: Request<Incoming>) -> Result<Response<String>, Infallible> {
    let mut response = Response::new(String::new());
    match handshake::accept(request.headers()) {
        Ok(headers) => {
            *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
            response.headers_mut().extend(headers);
            tokio::spawn(async move {
                if let Ok(upgraded) = hyper::upgrade::on(request).await
                    && let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>()
                {
                    let stream = parts.io.into_inner();
                    echo(WebSocket::new(stream, parts.read_buf, MESSAGE_BYTES_MAX)).await;
                }
            });
        }
        Err(error) => {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            *response.body_mut() = error.to_string();
        }
    }
    Ok(response)
}

async fn echo(mut socket: WebSocket<TcpStream>) {
    loop {
        let mut message = None;
        let read = poll_fn(|cx| {
            if let Err(error) = ready!(socket.poll_write(cx, PATIENCE)) {
                return Poll::Ready(Err(ReadError::Lost(error)));
            }
            // One at a time, so that echoes keep their order.
            socket.poll_read(cx, PATIENCE, |received| {
                message = Some(received);
                ControlFlow::Break(())
            })
        });
        let read = read.await;
        match (message, read) {
            (Some(Message::Close(code)), _) => {
                return socket.close(code, "", AfterClose::End, PATIENCE).await;
            }
            (_, Err(ReadError::Violation(violation))) => {
                let code = Some(violation.close_code());
                return socket.close(code, "", AfterClose::End, PATIENCE).await;
            }
            (_, Err(ReadError::TooSlow | ReadError::Lost(_))) => return,
            (Some(Message::Binary(bytes)), Ok(_)) => socket.send(VecDeque::<Bytes>::from([bytes])),
            (Some(Message::Text(text)), Ok(_)) => socket.send_text(&text),
            (None, Ok(_)) => {}
        }
    }
}
