//! One address before all nodes: connections go to them by turns, past those that do not listen.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Accepts connections and passes them on.
pub(super) struct Balancer {
    listener: TcpListener,
    nodes: Arc<[SocketAddr]>,
    turn: Arc<AtomicUsize>,
}

impl Balancer {
    pub(super) async fn bind(address: SocketAddr, nodes: Vec<SocketAddr>) -> Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("could not listen on {address}"))?;
        Ok(Self {
            listener,
            nodes: nodes.into(),
            turn: Arc::default(),
        })
    }

    /// Passes connections on until it cannot accept any more.
    pub(super) async fn run(self) -> anyhow::Error {
        loop {
            let mut client = match self.listener.accept().await {
                Ok((client, _)) => client,
                Err(error) => return error.into(),
            };
            let nodes = Arc::clone(&self.nodes);
            let first = self.turn.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                if let Some(mut node) = connect(&nodes, first).await {
                    // Whoever ends it ends it for both.
                    let _ = copy_bidirectional(&mut client, &mut node).await;
                }
            });
        }
    }
}

async fn connect(nodes: &[SocketAddr], first: usize) -> Option<TcpStream> {
    for node in nodes
        .iter()
        .cycle()
        .skip(first % nodes.len().max(1))
        .take(nodes.len())
    {
        if let Ok(connected) = TcpStream::connect(node).await {
            // Latency is not this program's to add.
            let _ = connected.set_nodelay(true);
            return Some(connected);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    async fn node(name: u8) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(&[name]).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn connections_go_to_the_nodes_by_turns_past_one_that_is_gone() {
        let gone = {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            listener.local_addr().unwrap()
        };
        let nodes = vec![node(1).await, gone, node(2).await];
        let balancer = Balancer::bind("127.0.0.1:0".parse().unwrap(), nodes)
            .await
            .unwrap();
        let address = balancer.listener.local_addr().unwrap();
        tokio::spawn(balancer.run());
        let mut names = Vec::new();
        for _ in 0..6 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            names.push(stream.read_u8().await.unwrap());
        }
        names.sort_unstable();
        assert_eq!(names, [1, 1, 2, 2, 2, 2]);
    }
}
