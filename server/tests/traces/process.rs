//! The server as a program.

use crate::TRACEPARENT;
use crate::collector::Collector;
use crate::support::soon;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

struct Program {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Program {
    async fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sotto-server"))
            .args(["--listen", "127.0.0.1:0", "--log-format", "json", "--data"])
            .arg(folder.path())
            .args(arguments)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let line = soon(tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            line
        }));
        let url = line.await.unwrap();
        let url = url.trim().strip_prefix("Sotto is ready: ").unwrap().to_owned();
        Self {
            child,
            url,
            _folder: folder,
        }
    }

    /// Asks for somebody, as part of a trace that the asker began.
    async fn ask(&self) {
        let request = reqwest::Client::new()
            .get(format!("{}/v1/user/nobody", self.url))
            .header("traceparent", TRACEPARENT);
        assert_eq!(soon(request.send()).await.unwrap().status(), 404);
    }

    /// Stops it as a service manager does. Returns its log.
    async fn stop(mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
        let stopped = tokio::task::spawn_blocking(move || {
            let mut log = String::new();
            self.child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut log)
                .unwrap();
            assert!(self.child.wait().unwrap().success(), "{log}");
            log
        });
        soon(stopped).await.unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It fails where there is nothing left to end.
        let _ = self.child.kill();
    }
}

#[tokio::test]
async fn a_stranger_cannot_choose_what_is_traced_and_the_last_spans_are_sent_at_the_end() {
    let collector = Collector::start().await;
    let program = Program::start(&["--traces", &collector.url(), "--traces-ratio", "1"]).await;
    program.ask().await;
    program.stop().await;
    let told = collector.told();
    let asked = told.span("GET /v1/user/{name}");
    assert!(asked.span.parent_span_id.is_empty());
    assert_eq!(asked.number("http.response.status_code"), 404);
}

#[tokio::test]
async fn a_collector_that_is_not_there_costs_spans_and_nothing_else() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nowhere.local_addr().unwrap());
    drop(nowhere);
    let program = Program::start(&["--traces", &url, "--traces-ratio", "1"]).await;
    program.ask().await;
    let log = program.stop().await;
    assert!(log.contains("traces do not reach their collector"), "{log}");
    assert_eq!(log.matches("\"level\":\"ERROR\"").count(), 0, "{log}");
}

#[tokio::test]
async fn nothing_is_traced_unless_a_collector_is_named() {
    let collector = Collector::start().await;
    let program = Program::start(&["--traces-ratio", "1"]).await;
    program.ask().await;
    program.stop().await;
    assert!(collector.told().spans("GET /v1/user/{name}").is_empty());
}
