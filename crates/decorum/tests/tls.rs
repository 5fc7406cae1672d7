//! HTTPS by files, as the real program serves it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::support::Sandbox;

/// A server with a certificate for `localhost`; ended with the test.
struct Secure {
    child: Child,
    address: SocketAddr,
    certificate: CertificateDer<'static>,
}

impl Drop for Secure {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Writes a new certificate and its key; the certificate.
fn certificate(sandbox: &Sandbox, name: &str) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(sandbox.path(&format!("{name}.pem")), cert.pem()).expect("written");
    std::fs::write(sandbox.path(&format!("{name}.key")), signing_key.serialize_pem())
        .expect("written");
    cert.der().clone()
}

fn serve(sandbox: &Sandbox, certificate: &str, key: &str) -> std::process::Command {
    let mut command = sandbox.command(&["serve", "--listen", "127.0.0.1:0", "--no-workers"]);
    command.arg("--tls-cert").arg(sandbox.path(certificate));
    command.arg("--tls-key").arg(sandbox.path(key));
    command
}

impl Secure {
    fn start(sandbox: &Sandbox) -> Self {
        let certificate = certificate(sandbox, "server");
        let mut child = serve(sandbox, "server.pem", "server.key")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut url = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut url).expect("its address");
        let address = url.trim().strip_prefix("https://").expect("https").parse();
        Self { child, address: address.expect("an address"), certificate }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time-out");
        stream
    }

    /// Asks over TLS, trusting only this certificate; the whole answer.
    fn ask(&self, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).expect("a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").expect("a name");
        let client = ClientConnection::new(Arc::new(config), name).expect("a client");
        let mut stream = StreamOwned::new(client, self.connect());
        stream.write_all(REQUEST)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

const REQUEST: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn the_api_answers_over_tls_and_only_over_tls() {
    let sandbox = Sandbox::new();
    let server = Secure::start(&sandbox);
    let answer = server.ask(&server.certificate).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"alive\":true"), "{answer}");
    assert!(answer.to_lowercase().contains("strict-transport-security"), "{answer}");
    // Who knows another certificate does not take this server for the one meant.
    let other = certificate(&sandbox, "other");
    assert!(server.ask(&other).is_err(), "a stranger's certificate");
    // Who speaks plain HTTP is told nothing: at most a TLS alert comes back.
    let mut plain = server.connect();
    plain.write_all(REQUEST).expect("sent");
    let mut answer = Vec::new();
    drop(plain.read_to_end(&mut answer));
    assert!(answer.len() <= 7, "{}", String::from_utf8_lossy(&answer));
    assert!(!answer.starts_with(b"HTTP"));
}

#[test]
fn a_certificate_that_cannot_be_used_is_said_at_the_start() {
    let sandbox = Sandbox::new();
    certificate(&sandbox, "server");
    certificate(&sandbox, "other");
    std::fs::write(sandbox.path("empty.key"), "").expect("written");
    for (certificate, key, said) in [
        ("server.pem", "other.key", "server.pem"),
        ("server.pem", "empty.key", "empty.key"),
        ("server.pem", "gone.key", "gone.key"),
        ("server.key", "server.key", "server.key"),
    ] {
        let ended = serve(&sandbox, certificate, key).output().expect("it starts");
        let told = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{certificate} with {key}: {told}");
        assert!(told.contains(said) && told.contains("cannot be used for TLS"), "{told}");
    }
}
