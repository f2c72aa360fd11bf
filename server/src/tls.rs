//! TLS from files with a certificate and its key, read anew when they change or at SIGHUP. Connections that are open stay.

use crate::config;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{Ticketer, default_provider};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

/// How often the files are looked at.
const RELOAD_PERIOD: Duration = Duration::from_secs(30);

/// The certificate cannot be used. The message is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{} is no {expected} in PEM", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
    },
    /// The key is of no kind that is supported, or another certificate's.
    #[error("the certificate cannot be used with its key")]
    Unusable(#[from] rustls::Error),
}

/// A server's side of TLS.
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    certificate: Arc<Certificate>,
    provider: Arc<CryptoProvider>,
    files: config::Tls,
}

/// What both files hold.
#[derive(PartialEq, Eq)]
struct Pem {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

/// The certificate that handshakes use from now on.
struct Certificate(RwLock<Current>);

struct Current {
    pem: Pem,
    key: Arc<CertifiedKey>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Certificate")
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&current.key))
    }
}

impl Tls {
    /// With the certificate that is in these files now.
    pub(crate) fn load(files: &config::Tls) -> Result<Self, TlsError> {
        // Its first key exchange is X25519 with ML-KEM-768: a recorded handshake stays closed to a later quantum computer.
        let provider = Arc::new(default_provider());
        let pem = Pem::read(files)?;
        let key = Arc::new(pem.parse(files, &provider)?);
        let certificate = Arc::new(Certificate(RwLock::new(Current { pem, key })));
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&certificate) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Devices come back often, all at once after a restart of the network: resuming spares them the signature.
        config.ticketer = Ticketer::new()?;
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            certificate,
            provider,
            files: files.clone(),
        })
    }

    /// For handshakes.
    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.acceptor
    }

    /// Takes the certificate that is in the files now. `false` if it is the same. After an error the old one stays.
    fn reload(&self) -> Result<bool, TlsError> {
        let pem = Pem::read(&self.files)?;
        let current = &self.certificate.0;
        if pem == current.read().unwrap_or_else(PoisonError::into_inner).pem {
            return Ok(false);
        }
        let key = Arc::new(pem.parse(&self.files, &self.provider)?);
        *current.write().unwrap_or_else(PoisonError::into_inner) = Current { pem, key };
        Ok(true)
    }

    /// Reloads when the files change and at SIGHUP, for as long as it is polled.
    pub(crate) async fn keep_up_to_date(&self) {
        let mut hangups = Hangups::new();
        let mut ticks = interval(RELOAD_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = hangups.next() => {}
            }
            match self.reload() {
                Ok(true) => tracing::info!("the certificate has changed"),
                Ok(false) => {}
                // The two files are not replaced at one moment: the next look may find them in agreement.
                Err(error) => tracing::warn!(
                    error = crate::http::chain(&error),
                    "the new certificate cannot be used; the old one stays"
                ),
            }
        }
    }
}

impl Pem {
    fn read(files: &config::Tls) -> Result<Self, TlsError> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|source| TlsError::Unreadable {
                path: path.clone(),
                source,
            })
        };
        Ok(Self {
            certificate: read(&files.certificate)?,
            key: Zeroizing::new(read(&files.key)?),
        })
    }

    fn parse(&self, files: &config::Tls, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let malformed = |path: &PathBuf, expected| TlsError::Malformed {
            path: path.clone(),
            expected,
        };
        let chain = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| malformed(&files.certificate, "certificate"))?;
        let key =
            PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| malformed(&files.key, "private key"))?;
        Ok(CertifiedKey::from_der(chain, key, provider)?)
    }
}

/// SIGHUPs, where there are any.
struct Hangups {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/edge/tls")
            .join(name)
    }

    fn files(certificate: &str, key: &str) -> config::Tls {
        config::Tls {
            certificate: fixture(certificate),
            key: fixture(key),
        }
    }

    #[test]
    fn a_certificate_without_its_own_key_is_refused_and_the_message_names_the_file() {
        assert!(Tls::load(&files("first.crt", "first.key")).is_ok());
        let mismatch = Tls::load(&files("first.crt", "second.key"));
        assert!(matches!(mismatch, Err(TlsError::Unusable(_))));
        let swapped = Tls::load(&files("first.key", "first.crt")).unwrap_err();
        assert!(
            swapped.to_string().contains("first.key is no certificate"),
            "{swapped}"
        );
        let missing = Tls::load(&files("first.crt", "third.key")).unwrap_err();
        assert!(missing.to_string().contains("third.key"), "{missing}");
    }

    #[test]
    fn the_certificate_follows_its_files_and_stays_while_they_disagree() {
        let folder = tempfile::tempdir().unwrap();
        let files = config::Tls {
            certificate: folder.path().join("crt"),
            key: folder.path().join("key"),
        };
        let copy = |from: &str, to: &Path| std::fs::copy(fixture(from), to).unwrap();
        copy("first.crt", &files.certificate);
        copy("first.key", &files.key);
        let tls = Tls::load(&files).unwrap();
        let chain = || tls.certificate.0.read().unwrap().key.cert.clone();
        let first = chain();
        assert!(!tls.reload().unwrap());
        copy("second.crt", &files.certificate);
        assert!(tls.reload().is_err());
        assert_eq!(chain(), first);
        copy("second.key", &files.key);
        assert!(tls.reload().unwrap());
        assert_ne!(chain(), first);
    }

    #[test]
    fn the_hybrid_key_exchange_is_the_first() {
        let groups = default_provider().kx_groups;
        assert_eq!(groups.first().unwrap().name(), rustls::NamedGroup::X25519MLKEM768);
    }
}
