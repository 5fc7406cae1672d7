//! Many clients that only wait, and some that do not read what they asked for: what they do to the
//! others, and what they cost.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tempfile::TempDir;

use super::check::{CLIENTS, Checks, stocked};
use super::load::drive;
use crate::book::{Goal, Row, Section, Unit, whole};
use crate::child::Served;
use crate::engagement::Failed;
use crate::scale::Scale;

/// Files that are open besides the crowd's.
const OTHERS: u64 = 500;

/// Clients that do not read.
const SLOW: usize = 200;

/// Events in the log: a page of it is a whole one.
const EVENTS: usize = 1_000;

const ABOUT: &str = "The 99th percentile of `GET /api/check` (32 clients, as above) while others are \
    connected to the same server. The reference is the same server with nobody else. Followers have \
    `/api/stream` open and hear a heartbeat every 15 seconds, one of which falls into what is \
    measured. Slow readers asked for a page of 1,000 events and read nothing of it; they are cut off \
    after 30 seconds. Memory is what the whole process keeps (RSS).";

pub(crate) fn measure(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut section = Section::new("HTTP: a crowd that waits", ABOUT);
        let followers = scale.followers.min(room()?);
        if followers < scale.followers {
            let wanted = scale.followers;
            section.missing(format!(
                "{wanted} followers: this machine allows a process no more than {followers}"
            ));
        }
        let dir = TempDir::new()?;
        stocked(dir.path(), scale.of(EVENTS, 100)).await?;
        let page = "/api/interactions/events?limit=1000";
        for (who, many, path) in
            [("followers", followers, "/api/stream"), ("slow readers", scale.of(SLOW, 20), page)]
        {
            // Each meets a server that has not grown yet.
            let server = Served::decorum(dir.path(), &[])?;
            beside(&mut section, scale, &server, who, (many, path)).await?;
        }
        Ok(vec![section])
    })
}

/// How many connections a process may have: as many as the system lets it ask for.
fn room() -> Result<usize, Failed> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    let files = limit.maximum.unwrap_or(u64::MAX).saturating_sub(OTHERS);
    Ok(usize::try_from(files).unwrap_or(usize::MAX))
}

async fn beside(
    section: &mut Section,
    scale: &Scale,
    server: &Served,
    who: &str,
    (many, path): (usize, &str),
) -> Result<(), Failed> {
    let checks = Arc::new(Checks { prefix: "new", people: scale.of(2_000, 100) });
    let lasting = scale.of(Duration::from_secs(2), Duration::from_millis(200));
    let p99 = async |samples| {
        let mut all = Vec::new();
        for _ in 0..scale.samples(samples) {
            all.push(drive(server.address, CLIENTS, lasting, &checks).await?.p99);
        }
        Ok::<_, Failed>(all)
    };
    p99(1).await?;
    let (mut alone, memory_alone) = (p99(5).await?, server.memory()?);
    let crowd = tokio::task::block_in_place(|| crowd(server.address, many, path))?;
    // Longer than from one heartbeat to the next.
    let among = p99(8).await?;
    let memory = server.memory()?;
    drop(crowd);
    tokio::time::sleep(lasting).await;
    alone.append(&mut p99(3).await?);
    let many = whole(many as u64);
    let row = Row::timed(format!("99th percentile among {many} {who}"), Unit::Micros, &among);
    section.add(row.beside_timed(&alone).goal(Goal::RatioAtMost(2.0)));
    let row = Row::new(format!("memory with {many} {who}"), Unit::Megabytes, &[memory]);
    section.add(row.beside(&[memory_alone]));
    Ok(())
}

/// So many connections that ask for `path`, and read no more than the beginning of the answer.
fn crowd(address: SocketAddr, many: usize, path: &str) -> Result<Vec<TcpStream>, Failed> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    let mut crowd = Vec::new();
    for _ in 0..many {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(request.as_bytes())?;
        crowd.push(stream);
    }
    let wanted = b"HTTP/1.1 200";
    for stream in &mut crowd {
        let mut begun = [0; 12];
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        stream.read_exact(&mut begun)?;
        if begun != *wanted {
            return Err(format!("{path} answered {}", String::from_utf8_lossy(&begun)).into());
        }
    }
    Ok(crowd)
}
