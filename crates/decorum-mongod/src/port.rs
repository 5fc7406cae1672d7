//! Ports nobody has.
//!
//! They are taken from below the range that the system gives to outgoing connections. A node that
//! was killed keeps its port for when it comes back; in that range an outgoing connection could
//! have it meanwhile, even the one of a driver that looks whether the node is back, which would
//! then talk to itself.

use std::net::{Ipv4Addr, TcpListener};

use crate::Error;
use crate::error::cannot;

const FROM: u16 = 20_000;
const TO: u16 = 32_000;
const TRIES: usize = 1_000;

/// A port that was free a moment ago. Somebody else may take it first: whoever listens on it
/// tries again with another.
pub fn free() -> Result<u16, Error> {
    let mut last = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let port = fastrand::u16(FROM..TO);
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) => last = error,
        }
    }
    Err(cannot("no free port on loopback")(last))
}
