//! `decorum serve` as a process.

#![allow(clippy::expect_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::Sandbox;

/// More than the process may have open at first, and what it needs for itself.
const CLIENTS: usize = 150;

#[test]
fn more_clients_are_served_than_the_shell_allows_files_at_first() {
    let sandbox = Sandbox::new();
    let serve = sandbox.command(&["serve", "--listen", "127.0.0.1:0", "--no-workers"]);
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "ulimit -Sn 64; exec \"$0\" \"$@\""]).arg(serve.get_program());
    command.args(serve.get_args()).env_clear().stdin(Stdio::null()).stdout(Stdio::piped());
    command.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut server = command.stderr(Stdio::null()).spawn().expect("it starts");
    let mut url = String::new();
    let out = server.stdout.take().expect("its standard output");
    BufReader::new(out).read_line(&mut url).expect("where it listens");
    let address = url.trim().trim_start_matches("http://");

    // All are connected at the same time, as those are who follow the stream.
    let mut clients: Vec<TcpStream> =
        (0..CLIENTS).map(|_| TcpStream::connect(address).expect("connected")).collect();
    let answered = clients.iter_mut().filter_map(|client| {
        client.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").ok()?;
        client.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        let mut begun = [0; 12];
        client.read_exact(&mut begun).ok()?;
        (begun == *b"HTTP/1.1 200").then_some(())
    });
    let answered = answered.count();
    server.kill().expect("ended");
    server.wait().expect("ended");
    assert_eq!(answered, CLIENTS);
}
