//! Certificates of `ges emulate`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use conformance_engine::shell;
use ges_emulator::Tls;
use specwright::Failure;
use specwright::output::console::{data, talk};

#[derive(clap::Args)]
#[command(next_help_heading = "https")]
pub(crate) struct TlsFlags {
    /// Serve https with this certificate chain (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of --tls-cert (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve https with a new self-signed certificate for localhost; the second line on standard output is its fingerprint
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    tls_self_signed: bool,
    /// Additional host name or IP address of the self-signed certificate (repeatable)
    #[arg(long, value_name = "NAME", requires = "tls_self_signed")]
    tls_name: Vec<String>,
    /// File to write the self-signed certificate to, for clients such as `curl --cacert FILE`
    #[arg(long, value_name = "FILE", requires = "tls_self_signed")]
    tls_cert_out: Option<PathBuf>,
}

impl TlsFlags {
    /// Whether https is served.
    pub(crate) fn is_wanted(&self) -> bool {
        self.tls_self_signed || self.tls_cert.is_some()
    }

    /// `None` for plain http.
    pub(crate) fn tls(&self, listen: SocketAddr) -> Result<Option<Tls>, Failure> {
        if let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) {
            let cannot =
                |error| Failure::cannot_start(format!("{} and {}: {error}", certificate.display(), key.display()));
            return Tls::from_pem(&read(certificate)?, &read(key)?).map(Some).map_err(cannot);
        }
        if !self.tls_self_signed {
            return Ok(None);
        }
        let own = Some(listen.ip()).filter(|ip| !ip.is_unspecified()).map(|ip| ip.to_string());
        let tls = Tls::self_signed(self.tls_name.iter().cloned().chain(own)).map_err(Failure::usage)?;
        if let Some(path) = &self.tls_cert_out {
            let cannot = |error| Failure::cannot_start(format!("cannot write {}: {error}", path.display()));
            std::fs::write(path, tls.certificate_pem()).map_err(cannot)?;
        }
        Ok(Some(tls))
    }

    /// Prints what a client needs to trust a self-signed certificate.
    pub(crate) fn introduce(&self, tls: &Tls) -> Result<(), Failure> {
        if !self.tls_self_signed {
            return Ok(());
        }
        data(format_args!("certificate SHA-256 {}\n", tls.fingerprint()))?;
        match &self.tls_cert_out {
            Some(path) => {
                let path = path.to_string_lossy();
                let path = shell::word(&path).unwrap_or_else(|| path.escape_debug().to_string());
                talk(format_args!(
                    "trust the certificate with: curl --cacert {path}, REQUESTS_CA_BUNDLE={path}, ges conform --ca-file {path}"
                ));
            }
            None => talk("self-signed certificate; export it with --tls-cert-out FILE"),
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::cannot_start(format!("cannot read {}: {error}", path.display())))
}
