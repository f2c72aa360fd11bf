//! The REST interface.

use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sotto_protocol::Problem;
use sotto_protocol::rest::auth::Token;
use std::time::Duration;

/// A request that takes longer has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a request came to nothing.
#[derive(Debug)]
pub enum ApiError {
    /// Nobody answered: whether anything was changed is unknown.
    Unreachable(String),
    /// The server refused.
    Refused(Box<Problem>),
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(reason) => write!(f, "no answer: {reason}"),
            Self::Refused(problem) => write!(f, "refused: {}", problem.code),
        }
    }
}

impl std::error::Error for ApiError {}

/// A server's REST interface. A clone shares its connections.
#[derive(Clone, Debug)]
pub struct Api {
    client: reqwest::Client,
    base: String,
}

impl Api {
    /// Of the server at this URL, `http://host:port`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            base: url.to_owned(),
        }
    }

    /// `GET`.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, token: Option<&Token>) -> Result<T, ApiError> {
        self.send(self.request(Method::GET, path, token)).await
    }

    /// `POST`.
    pub async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&Token>,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        self.send(self.request(Method::POST, path, token).json(body))
            .await
    }

    /// `PUT`.
    pub async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<&Token>,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        self.send(self.request(Method::PUT, path, token).json(body)).await
    }

    fn request(&self, method: Method, path: &str, token: Option<&Token>) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match token {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }

    async fn send<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ApiError> {
        let unreachable = |error: reqwest::Error| ApiError::Unreachable(error.to_string());
        let response = request.send().await.map_err(unreachable)?;
        let ok = response.status().is_success();
        let body = response.bytes().await.map_err(unreachable)?;
        if ok {
            let body: &[u8] = if body.is_empty() { b"null" } else { &body };
            serde_json::from_slice(body).map_err(|error| ApiError::Unreachable(error.to_string()))
        } else {
            let problem: Problem = serde_json::from_slice(&body)
                .map_err(|error| ApiError::Unreachable(format!("an error that is no problem: {error}")))?;
            Err(ApiError::Refused(Box::new(problem)))
        }
    }
}
