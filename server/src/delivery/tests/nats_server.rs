//! A real NATS server of a test's own.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

/// `nats-server` on a port of its own. It ends when this is dropped.
pub(super) struct NatsServer {
    address: SocketAddr,
    child: Option<Child>,
}

impl NatsServer {
    /// Starts it.
    pub(super) fn start() -> Self {
        let mut server = Self::stopped();
        server.start_again();
        server
    }

    /// One that does not run yet.
    pub(super) fn stopped() -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self {
            address: free.local_addr().unwrap(),
            child: None,
        }
    }

    /// Starts it at its address.
    pub(super) fn start_again(&mut self) {
        let port = self.address.port().to_string();
        let mut child = Command::new("nats-server")
            .args(["--addr", "127.0.0.1", "--port", &port])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nats-server is installed: `cargo xtask test` does that");
        let mut log = BufReader::new(child.stderr.take().unwrap());
        self.child = Some(child);
        let mut said = String::new();
        while !said.contains("Server is ready") {
            assert!(log.read_line(&mut said).unwrap() > 0, "{said}");
        }
        // Nobody reads its log any more, but it has to be able to write it.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    }

    /// Ends it with SIGKILL.
    pub(super) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(super) fn url(&self) -> String {
        format!("nats://{}", self.address)
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}
