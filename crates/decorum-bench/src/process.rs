//! What a person waits for, and what stays: a server that starts and idles, a run that starts, a
//! second run over the same list, memory.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::time::{Duration, Instant};

use decorum_sim::{Phone, Scenario};
use hyper::StatusCode;
use tempfile::TempDir;

use crate::book::{Goal, Row, Section, Unit};
use crate::child::{Served, decorum, expect, peak_memory};
use crate::engagement::Failed;
use crate::http::check::unhurry;
use crate::http::load::{Connection, get};
use crate::scale::Scale;

const SAMPLES: usize = 15;
const PEOPLE: usize = 500;

/// How long a server idles before it is asked what it keeps in memory.
const IDLE: Duration = Duration::from_secs(3);

const SERVER: &str = "`decorum serve` with all it has: API, dashboard and worker, on an SQLite store \
    that is there already. From starting the process to the answer of `/readyz`, which asks the \
    store; and what the process keeps in memory (RSS) after it has idled for three seconds. The \
    reference of the start is a process that does nothing, `true`.";

const RUN: &str = "The command line. A cold start is from starting `decorum run` to the first byte \
    of its first request to the phone. A second run over a list whose people were all engaged asks \
    for each of them and engages nobody. The reference stands in each row.";

struct Bench {
    dir: TempDir,
}

impl Bench {
    fn command(&self, args: &[&str]) -> Result<Command, Failed> {
        let mut command = decorum(self.dir.path(), args)?;
        command.env("DECORUM_PROFILE", self.dir.path().join("profile.toml"));
        Ok(command)
    }

    fn list(&self, prefix: &str, n: usize) -> Result<String, Failed> {
        let names: Vec<String> = (0..n).map(|i| format!("{prefix}{i}")).collect();
        let path = self.dir.path().join(format!("{prefix}.txt"));
        fs::write(&path, names.join("\n"))?;
        Ok(path.display().to_string())
    }

    fn run(&self, list: &str, url: &str) -> Result<Command, Failed> {
        let who = ["run", "--account", "studio.nord", "--action", "follow"];
        let whom = ["--targets", list, "--device", url];
        self.command(&[&who[..], &whom[..]].concat())
    }
}

pub(crate) fn all(scale: &Scale) -> Result<Vec<Section>, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let mut sections = vec![runtime.block_on(server(scale))?];
    let mut section = Section::new("The command line as a whole", RUN);
    let bench = Bench { dir: TempDir::new()? };
    fs::write(bench.dir.path().join("profile.toml"), "[timings]\nsettle_ms = 1\npoll_ms = 5\n")?;
    unhurry(bench.dir.path())?;
    let scenario = Scenario::from_toml("account = 'studio.nord'")?;
    let phone = runtime.block_on(Phone::start(scenario, "127.0.0.1:0".parse()?))?;
    let people = scale.of(PEOPLE, 10);
    let list = bench.list("person", people)?;
    let url = phone.url();
    let memory = peak_memory(&mut bench.run(&list, &url)?)?;
    let (mut again, mut nothing, mut start, mut one) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for sample in 0..scale.samples(SAMPLES) {
        nothing.push(timed(&mut Command::new("true"))?);
        again.push(timed(&mut bench.run(&list, &url)?)?);
        let fresh = bench.list(&format!("fresh{sample}_"), 1)?;
        start.push(first_call(&bench, &fresh)?);
        one.push(timed(&mut bench.command(&["settings", "get"])?)?);
    }
    runtime.block_on(phone.stop());
    let row = |what: &str, ours: &[Duration], reference: &[Duration]| {
        Row::timed(what, Unit::Millis, ours).beside_timed(reference)
    };
    section.add(row("cold start to the first request, beside `true`", &start, &nothing));
    section.add(row("`settings get`, beside `true`", &one, &nothing));
    let what = format!("second run over {people} people, beside `settings get`");
    section.add(row(&what, &again, &one));
    let what = format!("peak memory of a run over {people} people");
    section.add(Row::new(what, Unit::Megabytes, &[memory]).goal(Goal::AtMost(40.0)));
    sections.push(section);
    Ok(sections)
}

async fn server(scale: &Scale) -> Result<Section, Failed> {
    let mut section = Section::new("The server as a whole", SERVER);
    let dir = TempDir::new()?;
    unhurry(dir.path())?;
    let (mut start, mut nothing, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.samples(7) {
        nothing.push(timed(&mut Command::new("true"))?);
        let started = Instant::now();
        let server = Served::decorum(dir.path(), &[])?;
        let mut connection = Connection::open(server.address).await?;
        let (status, _) = connection.ask(get("/readyz")?).await?;
        start.push(started.elapsed());
        if status != StatusCode::OK {
            return Err(format!("/readyz answered {status}").into());
        }
        drop(connection);
        tokio::time::sleep(scale.of(IDLE, IDLE / 10)).await;
        memory.push(server.memory()?);
    }
    let row = Row::timed("start until `/readyz` answers", Unit::Millis, &start);
    section.add(row.beside_timed(&nothing).goal(Goal::AtMost(150.0)));
    let row = Row::new("memory of an idle server", Unit::Megabytes, &memory);
    section.add(row.goal(Goal::AtMost(40.0)));
    Ok(section)
}

fn timed(command: &mut Command) -> Result<Duration, Failed> {
    let started = Instant::now();
    expect(command)?;
    Ok(started.elapsed())
}

/// From starting the process to the first byte of its first request to a phone.
fn first_call(bench: &Bench, list: &str) -> Result<Duration, Failed> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let started = Instant::now();
    let mut child = bench.run(list, &url)?.spawn()?;
    let (mut stream, _) = listener.accept()?;
    let mut byte = [0];
    stream.read_exact(&mut byte)?;
    let took = started.elapsed();
    // That is all this phone ever does.
    stream.write_all(b"HTTP/1.1 503 no\r\ncontent-length: 0\r\n\r\n")?;
    child.kill()?;
    child.wait()?;
    Ok(took)
}
