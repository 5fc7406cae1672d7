//! What every whole-system test needs: the real binary in a sandbox of its own, and a simulated
//! phone in a process of its own.

#![allow(clippy::expect_used, clippy::panic, reason = "a broken sandbox is a failed test")]

pub(crate) mod crew;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Settings under which nothing waits: what is tested is order and effect, not pace.
pub(crate) const BRISK: [&str; 3] = [
    "min_seconds_between_actions=0",
    r#"budgets={"follow":{"hour":null,"day":null},"like":{"hour":null,"day":null},"comment":{"hour":null,"day":null},"view":{"hour":null,"day":null}}"#,
    "backoff_jitter=0",
];

/// A data directory and an environment of its own.
pub(crate) struct Sandbox {
    dir: TempDir,
    store: Option<String>,
}

/// How a command ended.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }

    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|e| panic!("no JSON ({e}) in {:?}\n{}", self.out, self.err))
    }

    /// Asserts the exit code, showing what was said if it is another.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "standard output:\n{}\nstandard error:\n{}",
            self.out, self.err
        );
        self
    }

    /// Asserts that a person was told this.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(
            self.err.contains(words) || self.out.contains(words),
            "nothing says {words:?} in\n{}\n{}",
            self.out,
            self.err
        );
        self
    }
}

impl Sandbox {
    /// An empty one, with the app profile's waits shortened to what a simulated phone needs.
    pub(crate) fn new() -> Self {
        let sandbox = Self { dir: TempDir::new().expect("a temporary directory"), store: None };
        sandbox.write(
            "profile.toml",
            "[timings]\nsettle_ms = 30\nload_timeout_ms = 3000\npoll_ms = 10\n",
        );
        sandbox
    }

    /// One with [`BRISK`] settings.
    pub(crate) fn brisk() -> Self {
        Self::new().made_brisk()
    }

    /// The same over a store somewhere else.
    pub(crate) fn brisk_on(store: String) -> Self {
        Self { store: Some(store), ..Self::new() }.made_brisk()
    }

    fn made_brisk(self) -> Self {
        let mut args = vec!["settings", "set"];
        args.extend(BRISK);
        self.decorum(&args).expect(0);
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("a file in the sandbox");
        path
    }

    /// A list of `n` people, `prefix` with a number each.
    pub(crate) fn people(&self, prefix: &str, n: usize) -> PathBuf {
        let names: Vec<String> = (0..n).map(|i| format!("{prefix}{i:04}")).collect();
        self.write(&format!("{prefix}.txt"), names.join("\n"))
    }

    /// The binary, with this sandbox's environment and nothing of the caller's.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_decorum"));
        command
            .args(args)
            .env_clear()
            .env("DECORUM_DATA_DIR", self.dir.path())
            .env("DECORUM_PROFILE", self.path("profile.toml"))
            .env("USER", "tester")
            .stdin(Stdio::null());
        if let Some(store) = &self.store {
            command.env("DECORUM_STORE", store);
        }
        command
    }

    pub(crate) fn decorum(&self, args: &[&str]) -> Ended {
        Ended::of(self.command(args).output().expect("the binary starts"))
    }

    pub(crate) fn decorum_with_input(&self, args: &[&str], input: &[u8]) -> Ended {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        child.stdin.take().expect("standard input").write_all(input).expect("input is read");
        Ended::of(child.wait_with_output().expect("the binary ends"))
    }

    /// `decorum run` for `account` over `list` on `phone`, with more arguments.
    pub(crate) fn run(
        &self,
        phone: &Sim,
        account: &str,
        action: &str,
        list: &Path,
        more: &[&str],
    ) -> Ended {
        Ended::of(self.run_command(phone, account, action, list, more).output().expect("it starts"))
    }

    pub(crate) fn run_command(
        &self,
        phone: &Sim,
        account: &str,
        action: &str,
        list: &Path,
        more: &[&str],
    ) -> Command {
        let list = list.to_str().expect("a path in UTF-8");
        let mut args = vec![
            "run",
            "--account",
            account,
            "--action",
            action,
            "--targets",
            list,
            "--device",
            &phone.url,
        ];
        args.extend(more);
        self.command(&args)
    }

    /// Every event on record, oldest first.
    pub(crate) fn events(&self) -> Vec<Value> {
        let export = self.decorum(&["export", "--format", "jsonl"]).expect(0);
        export.out.lines().map(|l| serde_json::from_str(l).expect("a JSON line")).collect()
    }
}

/// A simulated phone in a process of its own; killed when dropped.
pub(crate) struct Sim {
    child: Child,
    pub(crate) url: String,
}

impl Sim {
    /// A phone that plays `scenario`.
    pub(crate) fn start(sandbox: &Sandbox, scenario: &str) -> Self {
        Self::listening(sandbox, scenario, "127.0.0.1:0")
    }

    /// Kills it as a crash would, and starts one at the same address that plays `scenario`.
    pub(crate) fn restart(&mut self, sandbox: &Sandbox, scenario: &str) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
        let address = self.url.trim_start_matches("http://").to_owned();
        *self = Self::listening(sandbox, scenario, &address);
    }

    fn listening(sandbox: &Sandbox, scenario: &str, address: &str) -> Self {
        let file = sandbox.write(&format!("scenario-{}.toml", fastrand::u64(..)), scenario);
        let file = file.to_str().expect("a path in UTF-8");
        let mut child = sandbox
            .command(&["sim", "--listen", address, "--scenario", file])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the simulated phone starts");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("standard output"))
            .read_line(&mut url)
            .expect("the phone says its URL");
        let url = url.trim().to_owned();
        assert!(url.starts_with("http://"), "the phone said {url:?} instead of its URL");
        Self { child, url }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.url);
        block_on(async { reqwest::get(url).await?.error_for_status()?.json().await })
            .expect("the phone answers")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) {
        let url = format!("{}{path}", self.url);
        block_on(async {
            reqwest::Client::new().post(url).json(body).send().await?.error_for_status()
        })
        .expect("the phone answers");
    }

    /// What the phone says happened, in order.
    pub(crate) fn ledger(&self) -> Vec<Value> {
        self.get("/sim/ledger")["items"].as_array().expect("a list of entries").clone()
    }

    /// How often each (account, person, action) took effect, by the phone's own account.
    pub(crate) fn effects(&self) -> BTreeMap<(String, String, String), usize> {
        let mut effects = BTreeMap::new();
        for entry in self.ledger() {
            if matches!(entry["effect"].as_str(), Some("applied" | "requested")) {
                let field = |name: &str| entry[name].as_str().expect("a text").to_owned();
                let key = (field("account_id"), field("target_username"), field("action"));
                *effects.entry(key).or_default() += 1;
            }
        }
        effects
    }

    /// Asserts the first promise, by the judge: nobody was engaged twice.
    #[track_caller]
    pub(crate) fn expect_nobody_twice(&self) {
        let twice: Vec<_> = self.effects().into_iter().filter(|(_, n)| *n > 1).collect();
        assert!(twice.is_empty(), "engaged more than once: {twice:?}");
    }

    /// Requests the phone has had.
    pub(crate) fn requests(&self) -> u64 {
        self.get("/sim/requests")["total"].as_u64().expect("a number")
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, reqwest::Error>>) -> Result<T, reqwest::Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

/// A disk of its own size, mounted from memory; unmounted when dropped.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts `size` (as tmpfs understands it) at `path`. Needs root, as tests run in CI.
    pub(crate) fn mount(path: &Path, size: &str) -> Self {
        fs::create_dir_all(path).expect("a mount point");
        let disk = Self(path.to_owned());
        disk.run("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"]);
        disk
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn grow(&self, size: &str) {
        self.run("mount", &["-o", &format!("remount,size={size}")]);
    }

    pub(crate) fn read_only(&self) {
        self.run("mount", &["-o", "remount,ro"]);
    }

    fn run(&self, program: &str, args: &[&str]) {
        let status = Command::new(program).args(args).arg(&self.0).status().expect("it starts");
        assert!(
            status.success(),
            "{program} {args:?} on {} failed; it needs root",
            self.0.display()
        );
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
    }
}
