//! Hands wake-ups to push services (RFC 8030, section 5).

use super::endpoint::{self, PublicAddresses};
use super::{Push, wake_up};
use crate::config;
use crate::http::chain;
use crate::store::Subscription;
use crate::telemetry::metrics::PushOutcome;
use http::StatusCode;
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, Url};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

/// How long a push service keeps a wake-up for a device that it cannot reach, in seconds.
const TIME_TO_LIVE: u32 = 12 * 60 * 60;
/// Of wake-ups that wait for a device, a push service keeps the last with the same topic.
const TOPIC: &str = "sotto";
/// For one attempt, from the name to the answer.
const PATIENCE: Duration = Duration::from_secs(10);
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);
/// The waits before further attempts.
const BACKOFF: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
];
/// The longest wait that a push service can ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(2);
/// Bytes of an answer that are read, so that its connection can be used again. Nobody looks at them.
const ANSWER_BYTES: usize = 4096;

/// The file of certificates for push services cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("push.certificates: cannot use {}", path.display())]
pub struct UnusableCertificates {
    /// The file.
    path: PathBuf,
    /// Why.
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Speaks to push services.
#[derive(Debug)]
pub(super) struct Sender {
    certificates: Vec<Certificate>,
    to_private_addresses: bool,
    /// Made when it is first needed: a machine that trusts nobody, for want of certificates, can serve all the same.
    client: OnceLock<Option<Client>>,
}

impl Sender {
    pub(super) fn new(config: &config::Push) -> Result<Self, UnusableCertificates> {
        let certificates = match &config.certificates {
            Some(path) => read(path).map_err(|source| UnusableCertificates {
                path: path.clone(),
                source,
            })?,
            None => Vec::new(),
        };
        Ok(Self {
            certificates,
            to_private_addresses: config.allow_private_addresses,
            client: OnceLock::new(),
        })
    }

    /// The client; `None` if there can be none, which the log says once.
    pub(super) fn client(&self) -> Option<&Client> {
        let client = self.client.get_or_init(|| {
            let made = self.make();
            if let Err(error) = &made {
                tracing::error!(
                    error = chain(error),
                    "devices that are not connected are not woken"
                );
            }
            made.ok()
        });
        client.as_ref()
    }

    fn make(&self) -> Result<Client, reqwest::Error> {
        Client::builder()
            .https_only(true)
            // What an endpoint is must not change on the way.
            .redirect(Policy::none())
            .referer(false)
            // A proxy would look up the name, and not look where it leads.
            .no_proxy()
            .dns_resolver(PublicAddresses {
                and_private: self.to_private_addresses,
            })
            .connect_timeout(CONNECT_PATIENCE)
            .timeout(PATIENCE)
            .pool_max_idle_per_host(8)
            .tls_certs_merge(self.certificates.iter().cloned())
            .build()
    }
}

fn read(path: &Path) -> Result<Vec<Certificate>, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Certificate::from_pem_bundle(&std::fs::read(path)?)?)
}

/// What became of one attempt.
enum Attempt {
    /// It is over, this way.
    Done(PushOutcome),
    /// It may be tried again, after so long if the push service says so.
    Later(Option<Duration>),
}

impl Push {
    /// Wakes a device, and tries a few times if the push service cannot take it.
    pub(super) async fn send(&self, to: &Subscription) -> PushOutcome {
        let mut backoff = BACKOFF.into_iter();
        loop {
            let wait = match self.attempt(to).await {
                Attempt::Done(outcome) => return outcome,
                Attempt::Later(wait) => wait,
            };
            let Some(next) = backoff.next() else {
                return PushOutcome::Failed;
            };
            let wait = wait.unwrap_or(next).clamp(next, RETRY_AFTER_MAX);
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, to: &Subscription) -> Attempt {
        let refused = |error: &dyn std::error::Error| {
            tracing::debug!(device = ?to.device.device, error = chain(error), "a wake-up cannot be sent");
            Attempt::Done(PushOutcome::Refused)
        };
        // The operator may have changed what is allowed since the device has subscribed.
        let url = match endpoint::check(&to.endpoint, &self.config) {
            Ok(url) => url,
            Err(error) => return refused(&error),
        };
        let body = match wake_up(&to.keys) {
            Ok(body) => body,
            Err(error) => return refused(&error),
        };
        let authorization = match self.vapid.authorization(&origin(&url)) {
            Ok(authorization) => authorization,
            Err(error) => return refused(&error),
        };
        let Some(client) = self.sender.client() else {
            return Attempt::Done(PushOutcome::Failed);
        };
        let sent = client
            .post(url)
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header("TTL", TIME_TO_LIVE)
            .header("Urgency", "normal")
            .header("Topic", TOPIC)
            .body(body)
            .send()
            .await;
        match sent {
            Ok(answer) => {
                let attempt = judge(&answer);
                discard(answer).await;
                attempt
            }
            Err(error) => {
                // Without the address, which says where the device is to be found.
                let error = error.without_url();
                tracing::debug!(device = ?to.device.device, error = chain(&error), "a push service was not reached");
                Attempt::Later(None)
            }
        }
    }
}

fn judge(answer: &Response) -> Attempt {
    match answer.status() {
        status if status.is_success() => Attempt::Done(PushOutcome::Sent),
        StatusCode::NOT_FOUND | StatusCode::GONE => Attempt::Done(PushOutcome::Gone),
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            let seconds = answer
                .headers()
                .get(RETRY_AFTER)
                .and_then(|value| value.to_str().ok()?.trim().parse().ok());
            Attempt::Later(seconds.map(Duration::from_secs))
        }
        status => {
            tracing::debug!(%status, "a push service refuses a wake-up");
            Attempt::Done(PushOutcome::Refused)
        }
    }
}

/// Reads a short answer to its end, and leaves a long one.
async fn discard(mut answer: Response) {
    let mut bytes = 0;
    while bytes <= ANSWER_BYTES
        && let Ok(Some(chunk)) = answer.chunk().await
    {
        bytes += chunk.len();
    }
}

/// Scheme, host and port, as a token names a push service (RFC 8292, section 2).
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
