use super::{described, eventually, soon};
use http::{HeaderMap, Method, StatusCode};
use reqwest::Body;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sotto_protocol::rest::auth::Token;
use sotto_protocol::{Problem, ProblemCode};
use sotto_server::Server;
use sotto_server::config::Config;
use std::net::SocketAddr;
use std::path::Path;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A server on a free port, with its databases in a temporary folder.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    config: Config,
    directory: TempDir,
    client: reqwest::Client,
    metrics: Option<SocketAddr>,
    shutdown: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::in_directory(directory.path());
        // Who tests it switches it on.
        config.captcha.enabled = false;
        configure(&mut config);
        Self::start_in(directory, config).await
    }

    pub(crate) async fn start_in(directory: TempDir, config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Box::pin(Server::open(config.clone())).await.unwrap();
        let metrics = server.metrics_address();
        let (shutdown, stopped) = oneshot::channel();
        let task = tokio::spawn(server.serve(listener, async {
            let _ = stopped.await;
        }));
        Self {
            address,
            config,
            directory,
            client: reqwest::Client::new(),
            metrics,
            shutdown: Some(shutdown),
            task,
        }
    }

    /// Stops the server as SIGTERM does, and waits until it has.
    pub(crate) async fn stop(self) -> (TempDir, Config) {
        let Self {
            config,
            directory,
            shutdown,
            task,
            ..
        } = self;
        if let Some(shutdown) = shutdown {
            shutdown.send(()).unwrap();
        }
        soon(task).await.unwrap();
        (directory, config)
    }

    /// Tells the server to stop, and waits until it says that it does.
    pub(crate) async fn begin_to_stop(&mut self) {
        self.shutdown.take().unwrap().send(()).unwrap();
        eventually(async || !self.get("/health/ready").send().await.status.is_success()).await;
    }

    /// The folder with its databases.
    pub(crate) fn data(&self) -> &Path {
        self.directory.path()
    }

    /// Where the metrics are to be had.
    pub(crate) fn metrics(&self) -> SocketAddr {
        self.metrics.unwrap()
    }

    /// Stops the server and starts it again on the same databases, at another port.
    pub(crate) async fn restart(self) -> Self {
        let (directory, config) = self.stop().await;
        Self::start_in(directory, config).await
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> Request {
        Request(self.client.request(method, self.url(path)))
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str) -> Request {
        self.request(Method::POST, path)
    }

    pub(crate) fn put(&self, path: &str) -> Request {
        self.request(Method::PUT, path)
    }

    pub(crate) fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }
}

/// A request to a [`TestServer`].
pub(crate) struct Request(reqwest::RequestBuilder);

impl Request {
    pub(crate) fn token(self, token: &Token) -> Self {
        Self(self.0.bearer_auth(token.reveal()))
    }

    pub(crate) fn header(self, name: &str, value: &str) -> Self {
        Self(self.0.header(name, value))
    }

    pub(crate) fn body(self, content_type: &str, body: impl Into<Body>) -> Self {
        Self(self.0.header("content-type", content_type).body(body))
    }

    pub(crate) async fn json(self, body: &impl Serialize) -> Answer {
        Self(self.0.json(body)).send().await
    }

    /// Sends it, and leaves the body of the answer on the connection.
    pub(crate) async fn start(self) -> reqwest::Response {
        soon(self.0.send()).await.unwrap()
    }

    pub(crate) async fn send(self) -> Answer {
        let (client, request) = self.0.build_split();
        let request = request.unwrap();
        let asked = (request.method().clone(), request.url().path().to_owned());
        let response = soon(client.execute(request)).await.unwrap();
        Answer {
            asked,
            status: response.status(),
            headers: response.headers().clone(),
            body: soon(response.bytes()).await.unwrap().to_vec(),
        }
    }
}

/// What a server answers.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Of which method and path.
    asked: (Method, String),
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body of an answer that is no error.
    pub(crate) fn ok<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{self:?}");
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem of an answer that is an error, whole, in agreement with its status, and one that the description of the interface
    /// names.
    #[track_caller]
    pub(crate) fn problem(&self) -> Problem {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert_eq!(problem.status, problem.code.status());
        described::assert_names(&self.asked.0, &self.asked.1, problem.code);
        problem
    }

    /// Asserts that the answer is this error.
    #[track_caller]
    pub(crate) fn is(&self, code: ProblemCode) {
        assert_eq!(self.problem().code, code, "{:?}", self.problem());
    }
}
