//! The program that keeps servers for a whole run of tests.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it relies on")]

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn start(kinds: &[&str]) -> (Child, Vec<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_mongod-for-tests"))
        .args(kinds)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.map(Result::unwrap).take_while(|line| line != "ready").collect();
    (child, said)
}

/// `127.0.0.1:PORT` of `KIND mongodb://127.0.0.1:PORT/`.
fn address(line: &str) -> &str {
    line.split_once("mongodb://").unwrap().1.trim_end_matches('/')
}

fn wait_until_gone(address: &str) {
    let began = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10), "{address} is still there");
        std::thread::yield_now();
    }
}

#[test]
fn it_ends_with_its_standard_input() {
    let (mut child, said) = start(&["standalone"]);
    let [line] = said.as_slice() else { panic!("{said:?}") };
    assert!(line.starts_with("standalone mongodb://127.0.0.1:"), "{line}");
    TcpStream::connect(address(line)).unwrap();

    drop(child.stdin.take());

    assert!(child.wait().unwrap().success());
    assert!(TcpStream::connect(address(line)).is_err());
}

#[test]
fn its_servers_end_when_it_is_killed() {
    let (mut child, said) = start(&["standalone"]);

    child.kill().unwrap();

    child.wait().unwrap();
    wait_until_gone(address(&said[0]));
}

#[test]
fn an_unknown_kind_is_named() {
    let out = Command::new(env!("CARGO_BIN_EXE_mongod-for-tests")).arg("shard").output().unwrap();

    assert!(!out.status.success());
    assert!(String::from_utf8_lossy(&out.stderr).contains("`shard` is no kind of server"));
}
