//! Asking the provider: with an end to patience, and to what is read.

use crate::config;
use http::StatusCode;
use http::header::ACCEPT;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, RequestBuilder, Url};
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// For one request, from the name to the end of the answer.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of an answer: many times what one has.
const ANSWER_BYTES: usize = 256 * 1024;

/// A file that the configuration names cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{key}: cannot use {}", path.display())]
pub struct UnusableFile {
    /// The key that names it.
    key: &'static str,
    /// The file.
    path: PathBuf,
    /// Why.
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl UnusableFile {
    pub(super) fn new(
        key: &'static str,
        path: &Path,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            key,
            path: path.to_owned(),
            source: source.into(),
        }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// There was none.
    #[error("it was not reached")]
    Unreachable(#[source] reqwest::Error),
    /// It was an error.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// It has no end.
    #[error("its answer is longer than {ANSWER_BYTES} bytes")]
    TooLong,
    /// It is not what it should be.
    #[error("its answer is not what the standard says")]
    Malformed(#[source] serde_json::Error),
}

/// Asks the provider.
#[derive(Debug)]
pub(super) struct Fetcher(Client);

impl Fetcher {
    pub(super) fn new(config: &config::Oidc) -> Result<Self, FetcherError> {
        let certificates = match &config.certificates {
            Some(path) => {
                read(path).map_err(|source| UnusableFile::new("oidc.certificates", path, source))?
            }
            None => Vec::new(),
        };
        let client = Client::builder()
            // Where the provider is, it says in one place.
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE)
            .tls_certs_merge(certificates)
            .build()?;
        Ok(Self(client))
    }

    /// Reads a document.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url) -> Result<T, FetchError> {
        answer(self.0.get(url)).await
    }

    /// A request that is to be sent by [`answer`].
    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.0.post(url)
    }
}

/// Why there can be no [`Fetcher`].
#[derive(Debug, thiserror::Error)]
pub enum FetcherError {
    /// See [`UnusableFile`].
    #[error(transparent)]
    File(#[from] UnusableFile),
    /// There is nobody to trust.
    #[error("connections to the OpenID provider cannot be made")]
    Client(#[from] reqwest::Error),
}

fn read(path: &Path) -> Result<Vec<Certificate>, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Certificate::from_pem_bundle(&std::fs::read(path)?)?)
}

/// Sends a request, and reads its answer if it is JSON of this form.
pub(super) async fn answer<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, FetchError> {
    // Without the address, in which a code may be.
    let unreachable = |error: reqwest::Error| FetchError::Unreachable(error.without_url());
    let mut answer = request
        .header(ACCEPT, "application/json")
        .send()
        .await
        .map_err(unreachable)?;
    if answer.status() != StatusCode::OK {
        return Err(FetchError::Status(answer.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(FetchError::Malformed)
}
