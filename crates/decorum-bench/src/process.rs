//! What a person waits for: cold start, a second run over the same list, memory.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use decorum_sim::{Phone, Scenario};
use tempfile::TempDir;

use crate::engagement::Failed;
use crate::table::{self, Row};

const SAMPLES: usize = 15;
const PEOPLE: usize = 500;

/// The binary, built beside this program.
pub(crate) fn binary() -> Result<PathBuf, Failed> {
    let path = std::env::current_exe()?.with_file_name("decorum");
    if path.exists() {
        return Ok(path);
    }
    Err(format!("{} is not there; build it with: cargo build --release -p decorum", path.display())
        .into())
}

struct Bench {
    dir: TempDir,
    binary: PathBuf,
}

impl Bench {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).env("DECORUM_DATA_DIR", self.dir.path());
        command.env("DECORUM_PROFILE", self.dir.path().join("profile.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn list(&self, prefix: &str, n: usize) -> Result<String, Failed> {
        let names: Vec<String> = (0..n).map(|i| format!("{prefix}{i}")).collect();
        let path = self.dir.path().join(format!("{prefix}.txt"));
        fs::write(&path, names.join("\n"))?;
        Ok(path.display().to_string())
    }

    fn run<'a>(list: &'a str, url: &'a str) -> [&'a str; 9] {
        [
            "run",
            "--account",
            "studio.nord",
            "--action",
            "follow",
            "--targets",
            list,
            "--device",
            url,
        ]
    }
}

pub(crate) fn all() -> Result<(), Failed> {
    table::heading("a whole process", "the reference named in each row");
    let bench = Bench { dir: TempDir::new()?, binary: binary()? };
    fs::write(bench.dir.path().join("profile.toml"), "[timings]\nsettle_ms = 1\npoll_ms = 5\n")?;
    let caps = "{\"hour\":null,\"day\":null}";
    let budgets = format!("budgets={{\"follow\":{caps},\"like\":{caps}}}");
    let set = ["settings", "set", "min_seconds_between_actions=0", budgets.as_str()];
    expect(&mut bench.command(&set))?;

    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let scenario = Scenario::from_toml("account = 'studio.nord'")?;
    let phone = runtime.block_on(Phone::start(scenario, "127.0.0.1:0".parse()?))?;
    let list = bench.list("person", PEOPLE)?;
    let url = phone.url();
    let memory = peak_memory(&mut bench.command(&Bench::run(&list, &url)))?;
    let (mut again, mut nothing, mut start, mut one) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for sample in 0..SAMPLES {
        nothing.push(timed(&mut Command::new("true"))?);
        again.push(timed(&mut bench.command(&Bench::run(&list, &url)))?);
        let fresh = bench.list(&format!("fresh{sample}_"), 1)?;
        start.push(first_call(&bench, &fresh)?);
        one.push(timed(&mut bench.command(&["settings", "get"]))?);
    }
    runtime.block_on(phone.stop());
    #[expect(clippy::cast_precision_loss, reason = "kilobytes of one process")]
    let mb = memory as f64 / 1024.0;
    for row in [
        Row::millis("cold start to the first request (vs `true`)", &start, &nothing),
        Row::millis("`settings get` (vs `true`)", &one, &nothing),
        Row::millis(&format!("second run over {PEOPLE} people (vs `settings get`)"), &again, &one),
        Row {
            what: format!("peak memory of a run over {PEOPLE} people (vs 40 MB)"),
            samples: vec![mb],
            reference: vec![40.0],
            unit: "MB",
        },
    ] {
        table::row(&row);
    }
    Ok(())
}

fn expect(command: &mut Command) -> Result<(), Failed> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} ended with {status}").into()) }
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
    let mut child = bench.command(&Bench::run(list, &url)).spawn()?;
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

/// `VmHWM` in kB, read while the process runs.
pub(crate) fn peak_memory(command: &mut Command) -> Result<u64, Failed> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        peak = peak.max(high_water(Path::new(&status)).unwrap_or(0));
        if let Some(ended) = child.try_wait()? {
            if ended.success() {
                return Ok(peak);
            }
            return Err(format!("{command:?} ended with {ended}").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn high_water(status: &Path) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    text.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
