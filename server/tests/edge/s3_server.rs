use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// An S3-compatible store in memory with one bucket, `files`; its own process, ended when this is dropped.
pub(crate) struct S3Server {
    pub(crate) endpoint: String,
    process: Child,
    client: reqwest::Client,
}

impl S3Server {
    pub(crate) async fn start() -> Self {
        // Beside the folder that cargo gives tests for their files, whatever the target directory is.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let program = target.join("tools/moto/bin/moto_server");
        assert!(
            program.is_file(),
            "moto is not installed; `cargo xtask test` installs what it needs"
        );
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self {
            endpoint: format!("http://127.0.0.1:{port}"),
            process,
            client: reqwest::Client::new(),
        };
        let bucket = format!("{}/files", server.endpoint);
        crate::support::soon(async {
            while server.client.put(&bucket).send().await.is_err() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        server
    }

    /// The names of all objects.
    pub(crate) async fn objects(&self) -> Vec<String> {
        let list = format!("{}/files?list-type=2", self.endpoint);
        let answer = self.client.get(list).send().await.unwrap().text().await.unwrap();
        let keys = answer.split("<Key>").skip(1);
        keys.map(|key| key.split("</Key>").next().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.stop();
    }
}
