//! A line that breaks when it is told to.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test says what it relies on")]

use std::time::{Duration, Instant};

use decorum_mongod::Proxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Says back what it hears.
async fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

async fn say(stream: &mut TcpStream, word: &[u8; 4]) -> std::io::Result<[u8; 4]> {
    stream.write_all(word).await?;
    let mut heard = [0; 4];
    stream.read_exact(&mut heard).await?;
    Ok(heard)
}

#[tokio::test]
async fn a_cut_ends_connections_and_new_ones_until_it_is_healed() {
    let proxy = Proxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(&say(&mut stream, b"here").await.unwrap(), b"here");

    proxy.cut();

    say(&mut stream, b"lost").await.unwrap_err();
    let mut second = TcpStream::connect(proxy.address()).await.unwrap();
    say(&mut second, b"lost").await.unwrap_err();
    proxy.heal();
    let mut third = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(&say(&mut third, b"here").await.unwrap(), b"here");
}

#[tokio::test]
async fn a_stall_keeps_what_was_said_until_it_is_healed() {
    let proxy = Proxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    proxy.stall();
    stream.write_all(b"late").await.unwrap();
    let mut heard = [0; 4];

    timeout(Duration::from_millis(100), stream.read_exact(&mut heard)).await.unwrap_err();
    proxy.heal();

    stream.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"late");
}

#[tokio::test]
async fn a_delay_is_waited_for_and_ends() {
    let proxy = Proxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    proxy.delay(Duration::from_millis(300));

    let began = Instant::now();
    say(&mut stream, b"slow").await.unwrap();

    assert!(began.elapsed() >= Duration::from_millis(300));
    proxy.heal();
    let began = Instant::now();
    say(&mut stream, b"fast").await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(300));
}
