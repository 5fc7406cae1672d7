//! Workers as processes, and a program that is told of alerts.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use decorum_core::Timestamp;
use serde_json::Value;

use super::Sandbox;

/// Asks again and again until the answer is `Ok`; the last `Err` says how it was instead.
#[track_caller]
pub(crate) fn until<T>(
    within: Duration,
    what: &str,
    mut ask: impl FnMut() -> Result<T, String>,
) -> T {
    let began = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(instead) => assert!(
                began.elapsed() < within,
                "it did not happen within {within:?} that {what}; instead: {instead}"
            ),
        }
        sleep(Duration::from_millis(50));
    }
}

/// An instant in so many seconds.
pub(crate) fn in_seconds(seconds: u64) -> String {
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("a clock");
    Timestamp::MIN.plus(now + Duration::from_secs(seconds)).to_string()
}

/// A worker in a process of its own; killed when dropped.
pub(crate) struct Worker {
    child: Child,
}

impl Worker {
    pub(crate) fn start(sandbox: &Sandbox, name: &str) -> Self {
        Self::start_with(sandbox, name, &[])
    }

    pub(crate) fn start_with(sandbox: &Sandbox, name: &str, more: &[&str]) -> Self {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(sandbox.path(&format!("worker-{name}.log")))
            .expect("a log in the sandbox");
        let child = sandbox
            .command(&["worker", "--name", name])
            .args(more)
            .env("DECORUM_LOG", "info")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the worker starts");
        Self { child }
    }

    fn signal(&self, name: &str) {
        let status =
            Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("kill");
        assert!(status.success(), "kill {name}");
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it is gone");
    }

    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(crate) fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Asks it to end and waits until it has.
    #[track_caller]
    pub(crate) fn ends_in_order(mut self) {
        self.signal("-TERM");
        let status = until(Duration::from_secs(20), "the worker ends", || {
            self.child.try_wait().expect("a child").ok_or_else(|| "it goes on".to_owned())
        });
        assert!(status.success(), "the worker ended with {status}");
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A program that takes what is posted to it.
pub(crate) struct Hook {
    pub(crate) url: String,
    posts: mpsc::Receiver<Value>,
}

impl Hook {
    pub(crate) fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/alerts", listener.local_addr().expect("an address"));
        let (send, posts) = mpsc::channel();
        std::thread::spawn(move || {
            // The first one is turned away: it is to be posted again.
            for (n, stream) in listener.incoming().enumerate() {
                let Ok(mut stream) = stream else { return };
                let body = body_of(&mut stream);
                let answer = if n == 0 { "503 Busy" } else { "204 No Content" };
                let head =
                    format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                drop(stream.write_all(head.as_bytes()));
                if n > 0 && send.send(body).is_err() {
                    return;
                }
            }
        });
        Self { url, posts }
    }

    #[track_caller]
    pub(crate) fn next(&self, within: Duration) -> Value {
        self.posts.recv_timeout(within).expect("something is posted")
    }
}

fn body_of(stream: &mut std::net::TcpStream) -> Value {
    stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a socket");
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| {
                    line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
                })
                .unwrap_or(0_usize);
            if body.len() >= length {
                return serde_json::from_str(body).unwrap_or(Value::Null);
            }
        }
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => read.extend(buffer.iter().take(n)),
            _ => return Value::Null,
        }
    }
}
