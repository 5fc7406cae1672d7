//! Real processes, really killed: nobody is engaged twice and nobody is forgotten.

#![allow(clippy::expect_used, reason = "a broken sandbox is a failed test")]
#![allow(clippy::print_stderr, reason = "a failure is repeated by the seed it prints")]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::support::{Sandbox, Sim};

/// Kills per run; `DECORUM_KILLS` sets another number.
fn kills() -> u32 {
    std::env::var("DECORUM_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(50)
}

/// A phone whose taps take a while to be answered, so that many kills fall between an effect and
/// its record.
const SLOW_TAPS: &str =
    "account = 'studio.nord'\n[latency]\ntap_ms = 15\nsource_ms = 3\nfind_ms = 3\n";

/// The seed of a test's random moments; `DECORUM_SEED` repeats those of an earlier run.
fn random() -> fastrand::Rng {
    let seed = std::env::var("DECORUM_SEED").ok().and_then(|n| n.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    eprintln!("DECORUM_SEED={seed} repeats the moments of this test");
    fastrand::Rng::with_seed(seed)
}

/// Starts the run again and again, killing it each time, until it was killed `times` times or got
/// through. Returns how often it was killed.
fn kill_again_and_again(mut run: impl FnMut() -> Command, times: u32) -> u32 {
    let mut random = random();
    for killed in 0..times {
        let mut run = run().stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        // The moment is what is random here, so time is the one thing to wait on.
        let moment = Instant::now() + Duration::from_millis(random.u64(20..700));
        while Instant::now() < moment && run.try_wait().expect("a child").is_none() {
            sleep(Duration::from_millis(1));
        }
        if run.try_wait().expect("a child").is_some() {
            return killed;
        }
        run.kill().expect("it is killed");
        run.wait().expect("it is gone");
    }
    times
}

#[test]
fn sigkill_at_random_moments_neither_repeats_nor_forgets_anybody() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, SLOW_TAPS);
    let list = sandbox.people("person", 500);
    let run = || sandbox.run_command(&phone, "studio.nord", "follow", &list, &[]);
    let killed = kill_again_and_again(run, kills());
    assert!(killed >= kills().min(10), "only {killed} kills before the list was through");

    let summary = sandbox.run(&phone, "studio.nord", "follow", &list, &["--json"]).expect(0).json();

    phone.expect_nobody_twice();
    let reached: BTreeSet<_> = phone.effects().into_keys().map(|(_, person, _)| person).collect();
    assert_eq!(
        reached.len(),
        500,
        "everybody was engaged: a follow in doubt is settled by looking"
    );
    assert_eq!(summary["in_doubt"], 0);
    sandbox.decorum(&["audit", "verify"]).expect(0);
    // The log tells the same story as the phone.
    let recorded: BTreeSet<String> = sandbox
        .events()
        .iter()
        .filter(|e| e["status"] == "success" || e["reason"] == "already_following")
        .map(|e| e["target_username"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(recorded, reached);
    let settled = sandbox.events().iter().filter(|e| e["reason"] == "reconciled_done").count();
    eprintln!("{killed} kills, {settled} follows found done that nobody had recorded");
}

#[test]
fn sigkill_and_broken_connections_together_leave_everybody_engaged_once() {
    let sandbox = Sandbox::brisk();
    let faults = "[[faults]]\nkind = 'drop'\nprobability = 0.02\nwhen = 'after'\n\
                  [[faults]]\nkind = 'drop'\nprobability = 0.02\nwhen = 'before'\n\
                  [[faults]]\nkind = 'session_lost'\nprobability = 0.002\n";
    let phone = Sim::start(&sandbox, &format!("{SLOW_TAPS}{faults}"));
    let list = sandbox.people("person", 80);
    let run = || sandbox.run_command(&phone, "studio.nord", "follow,like", &list, &[]);
    kill_again_and_again(run, 15);

    sandbox.run(&phone, "studio.nord", "follow,like", &list, &[]).expect(0);

    phone.expect_nobody_twice();
    assert_eq!(phone.effects().len(), 160, "everybody was followed and liked");
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

#[test]
fn a_connection_that_breaks_around_the_tap_is_settled_by_looking() {
    for when in ["before", "after"] {
        let sandbox = Sandbox::brisk();
        let phone = Sim::start(
            &sandbox,
            &format!(
                "account = 'studio.nord'\n[[faults]]\nkind = 'drop'\nat_act = 3\nwhen = '{when}'\n"
            ),
        );
        let list = sandbox.people("person", 6);

        sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0);

        phone.expect_nobody_twice();
        assert_eq!(phone.effects().len(), 6, "everybody was engaged ({when} the effect)");
    }
}
