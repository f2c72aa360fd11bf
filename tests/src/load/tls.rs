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

#[cfg(test)]
mod tests {
    use super::super::modes::Direct;
    use super::super::options::{Cli, Mode};
    use super::super::report::Outcome as _;
    use crate::process::binary;
    use clap::Parser as _;

    fn direct(options: &[&str]) -> (Direct, Cli) {
        let words = ["sotto-load", "direct", "--pairs", "2", "--seconds", "1"];
        let cli = Cli::try_parse_from(words.iter().chain(options)).unwrap();
        let Mode::Direct(direct) = cli.mode.clone() else {
            panic!("{cli:?}");
        };
        (direct, cli)
    }

    #[test]
    fn devices_talk_with_a_server_over_tls() {
        let state = tempfile::tempdir().unwrap();
        let (direct, mut cli) = direct(&["--tls", "--warm-up", "0"]);
        cli.common.state = state.path().to_owned();
        cli.common.server_binary = Some(binary());
        let report = direct.measure(&cli.common).unwrap();
        assert!(report.is_good(), "{}", report.complaint());
        assert!(report.delivered_per_second > 0.0);
    }

    #[test]
    fn tls_is_not_spoken_with_a_server_that_runs_already() {
        let words = ["sotto-load", "idle", "--tls", "--url", "http://localhost:1"];
        assert!(Cli::try_parse_from(words).is_err());
        let (direct, mut cli) = direct(&["--url", "https://localhost:1"]);
        let state = tempfile::tempdir().unwrap();
        cli.common.state = state.path().to_owned();
        let error = direct.measure(&cli.common).unwrap_err();
        assert!(error.to_string().contains("TLS"), "{error}");
    }
}
