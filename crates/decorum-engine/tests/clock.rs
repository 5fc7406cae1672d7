//! The clock's anchor: a clock that was set is noticed, also across a restart, and shows the time
//! that it should show until a person says that it is right.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::borrow::Cow;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::Timestamp;
use decorum_engine::clock::{
    Anchor, AnchorFile, AnchorKeeper as _, Clock, JUMP, Jump, Trouble, Watch,
};
use tempfile::TempDir;

const NOON: Timestamp = Timestamp::from_millis(1_772_366_400_000);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);

#[derive(Debug)]
struct Hands {
    boot: u32,
    wall: Timestamp,
    steady: Duration,
}

/// A clock that only the test moves.
#[derive(Clone, Debug)]
struct TestClock(Arc<Mutex<Hands>>);

impl TestClock {
    fn hands(&self) -> std::sync::MutexGuard<'_, Hands> {
        self.0.lock().expect("no test panicked with it")
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.hands().wall
    }

    fn steady(&self) -> Duration {
        self.hands().steady
    }

    fn boot(&self) -> Cow<'_, str> {
        format!("boot {}", self.hands().boot).into()
    }

    async fn sleep(&self, how_long: Duration) {
        let mut hands = self.hands();
        hands.wall = hands.wall.plus(how_long);
        hands.steady += how_long;
    }
}

/// A machine: its clock and its data directory, which outlive every process.
struct Machine {
    clock: TestClock,
    dir: TempDir,
}

impl Machine {
    fn new() -> Self {
        let hands = Hands { boot: 1, wall: NOON, steady: 100 * HOUR };
        let clock = TestClock(Arc::new(Mutex::new(hands)));
        Self { clock, dir: tempfile::tempdir().expect("a folder") }
    }

    fn file(&self) -> AnchorFile {
        AnchorFile::in_dir(self.dir.path())
    }

    /// What a new process has.
    fn watch(&self) -> Watch {
        Watch::new(Arc::new(self.clock.clone()), Arc::new(self.file()))
    }

    fn wait(&self, how_long: Duration) -> &Self {
        let mut hands = self.clock.hands();
        hands.wall = hands.wall.plus(how_long);
        hands.steady += how_long;
        drop(hands);
        self
    }

    fn set_forward(&self, by: Duration) -> &Self {
        let mut hands = self.clock.hands();
        hands.wall = hands.wall.plus(by);
        drop(hands);
        self
    }

    fn set_back(&self, by: Duration) -> &Self {
        let mut hands = self.clock.hands();
        hands.wall = hands.wall.minus(by);
        drop(hands);
        self
    }

    /// Steady time begins anew.
    fn reboot(&self) -> &Self {
        let mut hands = self.clock.hands();
        hands.boot += 1;
        hands.steady = SECOND;
        drop(hands);
        self
    }

    fn write(&self, content: &[u8]) {
        fs::write(self.dir.path().join("clock.json"), content).expect("written");
    }

    fn content(&self) -> Vec<u8> {
        fs::read(self.dir.path().join("clock.json")).expect("there is one")
    }
}

fn forward(by: Duration) -> Trouble {
    Trouble::Jumped(Jump::Forward(by))
}

fn back(by: Duration) -> Trouble {
    Trouble::Jumped(Jump::Back(by))
}

#[test]
fn the_first_look_makes_the_anchor() {
    let machine = Machine::new();
    assert_eq!(machine.file().load().expect("readable"), None);
    assert_eq!(machine.watch().trouble(), None);
    let kept = machine.file().load().expect("readable").expect("made");
    assert_eq!(kept, Anchor { boot: "boot 1".into(), wall: NOON, steady_ms: 360_000_000 });
    let leftover = fs::read_dir(machine.dir.path()).expect("a folder").count();
    assert_eq!(leftover, 1, "nothing else is left beside it");
}

#[test]
fn a_clock_that_runs_true_is_relied_on_across_restarts() {
    let machine = Machine::new();
    let long_lived = machine.watch();
    for _ in 0..5 {
        assert_eq!(machine.watch().trouble(), None);
        assert_eq!(long_lived.trouble(), None);
        assert_eq!(machine.watch().now(), machine.clock.now());
        machine.wait(100 * HOUR);
    }
}

#[test]
fn up_to_five_minutes_are_drift_and_more_is_a_jump_across_a_restart() {
    assert_eq!(JUMP, Duration::from_mins(5));
    let millisecond = Duration::from_millis(1);
    for (set, trouble) in [
        (Machine::set_forward as fn(&Machine, Duration) -> &Machine, forward as fn(Duration) -> _),
        (Machine::set_back, back),
    ] {
        let machine = Machine::new();
        assert_eq!(machine.watch().trouble(), None);
        set(machine.wait(HOUR), JUMP);
        assert_eq!(machine.watch().trouble(), None);
        set(&machine, millisecond);
        assert_eq!(machine.watch().trouble(), Some(trouble(JUMP + millisecond)));
    }
}

#[test]
fn many_small_steps_add_up_to_a_jump() {
    let machine = Machine::new();
    for _ in 0..5 {
        assert_eq!(machine.watch().trouble(), None);
        machine.wait(HOUR).set_forward(Duration::from_mins(1));
    }
    assert_eq!(machine.watch().trouble(), None);
    machine.set_forward(SECOND);
    assert_eq!(machine.watch().trouble(), Some(forward(JUMP + SECOND)));
}

#[test]
fn a_process_that_runs_notices_a_jump_too_and_that_it_was_undone() {
    let machine = Machine::new();
    let watch = machine.watch();
    assert_eq!(watch.trouble(), None);
    machine.wait(HOUR).set_forward(2 * HOUR);
    assert_eq!(watch.trouble(), Some(forward(2 * HOUR)));
    assert_eq!(watch.trouble(), Some(forward(2 * HOUR)), "it stays until it is put right");
    machine.set_back(2 * HOUR);
    assert_eq!(watch.trouble(), None);
}

#[test]
fn while_it_is_wrong_it_shows_the_time_that_the_anchor_has() {
    let machine = Machine::new();
    assert_eq!(machine.watch().trouble(), None);
    machine.set_back(3 * HOUR).wait(HOUR);
    let watch = machine.watch();
    assert_eq!(machine.clock.now(), NOON.minus(2 * HOUR));
    assert_eq!(watch.now(), NOON.plus(HOUR));
    machine.wait(SECOND);
    assert_eq!(watch.now(), NOON.plus(HOUR + SECOND));
    machine.set_forward(3 * HOUR);
    assert_eq!(watch.now(), machine.clock.now());
    // The other times are the machine's.
    assert_eq!((watch.steady(), watch.boot()), (machine.clock.steady(), machine.clock.boot()));
}

#[test]
fn across_boots_only_the_way_back_shows() {
    let machine = Machine::new();
    assert_eq!(machine.watch().trouble(), None);
    machine.reboot().set_forward(1000 * HOUR);
    assert_eq!(machine.watch().trouble(), None, "it may have been off so long");
    let kept = machine.file().load().expect("readable").expect("kept");
    assert_eq!((kept.boot.as_str(), kept.wall), ("boot 2", NOON.plus(1000 * HOUR)));

    machine.reboot().set_back(JUMP);
    assert_eq!(machine.watch().trouble(), None);
    machine.reboot().set_back(JUMP + SECOND);
    assert_eq!(machine.watch().trouble(), Some(back(JUMP + SECOND)));
    // Steady time has another zero now: there is no telling what the clock should show.
    assert_eq!(machine.watch().now(), machine.clock.now());
    let anchor = machine.file().load().expect("readable").expect("kept");
    assert_eq!(anchor.boot, "boot 3", "what proves the jump is still there");
}

#[test]
fn once_confirmed_it_is_relied_on_by_every_process() {
    let machine = Machine::new();
    let (one, other) = (machine.watch(), machine.watch());
    assert_eq!((one.trouble(), other.trouble()), (None, None));
    machine.set_forward(HOUR);
    assert_eq!((one.trouble(), other.trouble()), (Some(forward(HOUR)), Some(forward(HOUR))));
    one.confirm().expect("kept");
    assert_eq!((one.trouble(), other.trouble()), (None, None));
    assert_eq!(other.now(), machine.clock.now());
    assert_eq!(machine.watch().trouble(), None, "nor is it doubted after a restart");
    machine.set_back(HOUR);
    assert_eq!(other.trouble(), Some(back(HOUR)), "from then on it is measured by the new anchor");
}

#[test]
fn an_anchor_removed_while_a_process_runs_hides_no_jump_from_it() {
    let machine = Machine::new();
    let watch = machine.watch();
    assert_eq!(watch.trouble(), None);
    fs::remove_file(machine.dir.path().join("clock.json")).expect("removed");
    machine.set_forward(HOUR);
    assert_eq!(watch.trouble(), Some(forward(HOUR)));
}

#[test]
fn a_damaged_anchor_is_trouble_that_names_the_file_until_confirmed() {
    for content in [
        &b""[..],
        b"{",
        b"null",
        b"\xff",
        b"{\"boot\":\"boot 1\",\"wall\":\"2026-03-01T12:00:00Z\"}",
        b"{\"boot\":\"boot 1\",\"wall\":\"2026-03-01T12:00:00Z\",\"steady_ms\":-1}",
        b"{\"boot\":\"boot 1\",\"wall\":\"noon\",\"steady_ms\":1}",
    ] {
        let machine = Machine::new();
        machine.write(content);
        let path = machine.dir.path().join("clock.json").display().to_string();
        let error = machine.file().load().expect_err("damaged").to_string();
        assert!(error.contains(&path), "{error}");
        let watch = machine.watch();
        let trouble = watch.trouble().expect("nobody can tell");
        assert_eq!(trouble, Trouble::Unknown(error));
        assert!(trouble.to_string().contains(&path), "{trouble}");
        assert_eq!(watch.now(), NOON, "nothing better is known");
        assert_eq!(machine.content(), content, "it is left for a person to look at");

        watch.confirm().expect("written anew");
        assert_eq!(watch.trouble(), None);
        assert_eq!(machine.watch().trouble(), None);
    }
}

#[test]
fn an_anchor_that_cannot_be_kept_is_trouble_that_names_the_file() {
    let machine = Machine::new();
    let file = machine.dir.path().join("file");
    fs::write(&file, "in the way").expect("written");
    let keeper = AnchorFile::in_dir(&file);
    let watch = Watch::new(Arc::new(machine.clock.clone()), Arc::new(keeper));
    let trouble = watch.trouble().expect("it cannot be kept").to_string();
    assert!(trouble.contains("clock.json"), "{trouble}");
    let error = watch.confirm().expect_err("nor now").to_string();
    assert!(error.contains("clock.json"), "{error}");
}

#[test]
fn a_jump_is_told_with_its_way_and_what_to_do() {
    let told = Trouble::Jumped(Jump::Back(Duration::from_mins(90))).to_string();
    assert!(told.contains("back by 90 minutes"), "{told}");
    assert!(told.contains("doctor --confirm-clock"), "{told}");
}
