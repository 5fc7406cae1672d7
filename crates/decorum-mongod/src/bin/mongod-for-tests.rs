//! Starts the servers that are named, and keeps them until nobody needs them any more.
//!
//! `mongod-for-tests [standalone] [replica-set]` prints a line `KIND URI` for each and then
//! `ready`. It ends with its standard input, or on an interrupt; the servers end with it, even if
//! it is killed.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use decorum_mongod::{Kind, Options, Server};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "mongod-for-tests: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run() -> Result<(), Box<dyn Error>> {
    let kinds = std::env::args().skip(1).map(|name| parse(&name)).collect::<Result<Vec<_>, _>>()?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut hung_up = signal(SignalKind::hangup())?;
    let starting = async {
        let servers = start(&kinds).await?;
        let mut out = io::stdout();
        for (kind, server) in kinds.iter().zip(&servers) {
            writeln!(out, "{kind} {}", server.uri())?;
        }
        writeln!(out, "ready")?;
        out.flush()?;
        // They live as long as this waits.
        let never = std::future::pending::<Result<(), Box<dyn Error>>>().await;
        drop(servers);
        never
    };
    tokio::select! {
        ended = starting => ended,
        () = input_closed() => Ok(()),
        _ = interrupted.recv() => Ok(()),
        _ = terminated.recv() => Ok(()),
        _ = hung_up.recv() => Ok(()),
    }
}

fn parse(name: &str) -> Result<Kind, String> {
    [Kind::Standalone, Kind::ReplicaSet]
        .into_iter()
        .find(|kind| kind.name() == name)
        .ok_or_else(|| format!("`{name}` is no kind of server; use standalone or replica-set"))
}

/// All at the same time; if one fails, none is left.
async fn start(kinds: &[Kind]) -> Result<Vec<Server>, Box<dyn Error>> {
    let starting: Vec<_> = kinds
        .iter()
        .map(|&kind| {
            tokio::spawn(async move {
                let options = Options::default();
                match kind {
                    Kind::Standalone => Server::standalone(&options).await,
                    Kind::ReplicaSet => Server::replica_set(3, &options).await,
                }
            })
        })
        .collect();
    let mut servers = Vec::new();
    for server in starting {
        servers.push(server.await??);
    }
    Ok(servers)
}

/// Whoever started this holds the other end.
async fn input_closed() {
    let (closed, wait) = oneshot::channel();
    std::thread::spawn(move || {
        // An input that cannot be read is as good as closed.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = closed.send(());
    });
    let _ = wait.await;
}
