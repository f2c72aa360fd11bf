//! TLS between the generator and a server of its own: the server's certificate, and clients that trust it alone.

use super::engine::TlsClient;
use anyhow::Result;
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use sotto_server::config::Tls;
use std::path::Path;
use std::sync::Arc;

/// For `localhost`, and trusted nowhere else: its key is in the repository.
const CERTIFICATE: &str = include_str!("../../../server/tests/edge/tls/first.crt");
const KEY: &str = include_str!("../../../server/tests/edge/tls/first.key");
const NAME: &str = "localhost";

/// Lays a certificate and its key into a server's folder.
pub(super) fn lay_into(folder: &Path) -> Result<Tls> {
    let files = Tls {
        certificate: folder.join("tls.crt"),
        key: folder.join("tls.key"),
    };
    std::fs::write(&files.certificate, CERTIFICATE)?;
    std::fs::write(&files.key, KEY)?;
    Ok(files)
}

/// A client of a server with that certificate.
pub(super) fn client() -> Result<TlsClient> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE.as_bytes())?)?;
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // Of all clients together: what one device was given, another would come back with.
    config.resumption = Resumption::disabled();
    Ok(TlsClient {
        config: Arc::new(config),
        name: ServerName::try_from(NAME)?,
    })
}
