//! An address on this machine to which a browser is sent back (RFC 8252, section 7.3).

use core::time::Duration;
use sotto_protocol::rest::oidc::REDIRECT_PATH;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Bytes of a request's head: a code may be long.
const HEAD_BYTES: usize = 16 * 1024;
/// How long a browser may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits at an address on this machine, for a browser that the OpenID provider sends back.
#[derive(Debug)]
pub struct LoopbackRedirect {
    listener: TcpListener,
    address: SocketAddr,
}

impl LoopbackRedirect {
    /// Listens, at a port that the system chooses.
    pub async fn bind() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// What [`Client::oidc_login`](crate::Client::oidc_login) takes.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("http://{}{REDIRECT_PATH}", self.address)
    }

    /// Waits until a browser comes with an answer, shows it these words, and returns what
    /// [`Client::finish_oidc_login`](crate::Client::finish_oidc_login) takes.
    pub async fn returned(self, words: &str) -> io::Result<String> {
        let (came, mut comes) = mpsc::channel(1);
        loop {
            tokio::select! {
                Some(target) = comes.recv() => return Ok(target),
                // Browsers open connections that they do not use: nobody waits for them.
                accepted = self.listener.accept() => {
                    let (stream, _) = accepted?;
                    let (came, words) = (came.clone(), words.to_owned());
                    tokio::spawn(async move {
                        if let Ok(Ok(Some(target))) = timeout(PATIENCE, answer(stream, &words)).await {
                            // Somebody else was first.
                            let _ = came.try_send(target);
                        }
                    });
                }
            }
        }
    }
}

/// Answers one request. Returns what it was for if it brings an answer of the provider.
async fn answer(mut stream: TcpStream, words: &str) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_BYTES || stream.read_buf(&mut head).await? == 0 {
            return Ok(None);
        }
    }
    let target = target(&head).map(str::to_owned);
    let (status, body) = match &target {
        Some(_) => ("200 OK", words),
        None => ("404 Not Found", "There is nothing here."),
    };
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\nCache-Control: no-store\r\n\
         Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(target)
}

/// What is asked for, if it is the address with a query.
fn target(head: &[u8]) -> Option<&str> {
    let line = head.split(|&byte| byte == b'\r').next()?;
    let target = core::str::from_utf8(line)
        .ok()?
        .strip_prefix("GET ")?
        .split(' ')
        .next()?;
    let (path, query) = target.split_once('?')?;
    (path == REDIRECT_PATH && !query.is_empty()).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_browser_that_comes_with_an_answer_is_waited_for() {
        let redirect = LoopbackRedirect::bind().await.unwrap();
        let uri = redirect.redirect_uri();
        let address = uri
            .strip_prefix("http://")
            .and_then(|rest| rest.strip_suffix(REDIRECT_PATH))
            .unwrap()
            .to_owned();
        let asks = async |target: &str| {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            let request = format!("GET {target} HTTP/1.1\r\nHost: {address}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let browser = async {
            // One that is opened early and never used.
            let idle = TcpStream::connect(&address).await.unwrap();
            assert!(asks("/favicon.ico").await.starts_with("HTTP/1.1 404"));
            assert!(asks(REDIRECT_PATH).await.starts_with("HTTP/1.1 404"));
            let shown = asks("/login/oidc?code=a&state=b").await;
            assert!(shown.starts_with("HTTP/1.1 200") && shown.ends_with("Go back."));
            drop(idle);
        };
        let (returned, ()) = tokio::join!(redirect.returned("Go back."), browser);
        assert_eq!(returned.unwrap(), "/login/oidc?code=a&state=b");
    }
}
