//! Creates a temporary certificate authority, and a server certificate that the authority signs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use client::Error;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

pub struct Authority {
    pub server: Arc<ServerConfig>,
    pub roots: PathBuf,
}

/// Files that may have the root certificates of the machine; the first one that exists is used. The
/// programs also trust these, because a program on Lambda reads about as many at its start.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"];

impl Authority {
    /// Creates an authority with a certificate for 127.0.0.1. Writes the roots of the machine and
    /// that of the authority to a file in `folder`.
    pub fn new(folder: &Path) -> Result<Self, Error> {
        let failed = |error: rcgen::Error| Error::failed("no certificate can be generated", error);
        let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(failed)?).map_err(failed)?;
        let key = KeyPair::generate().map_err(failed)?;
        let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).map_err(failed)?;
        let leaf = leaf.signed_by(&key, &authority).map_err(failed)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let server = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key))
            .map_err(|error| Error::failed("TLS cannot be served", error))?;
        let system = SYSTEM_ROOTS.iter().find_map(|path| std::fs::read_to_string(path).ok()).unwrap_or_default();
        let roots = folder.join("roots.pem");
        std::fs::write(&roots, system + "\n" + &authority.pem())
            .map_err(|error| Error::failed(format!("{} cannot be written", roots.display()), error))?;
        Ok(Self { server: Arc::new(server), roots })
    }
}
