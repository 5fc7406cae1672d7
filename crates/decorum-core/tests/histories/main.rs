//! Histories by the million: random worlds, random steps, a clock that also runs back, and a
//! judge that holds nothing but the promises against what happened.
//!
//! `DECORUM_HISTORIES` sets how many histories the sweep plays in all (1,000,000 by default).
//! A failure prints the seed; `DECORUM_SEED` plays that one alone, step by step.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test may fail")]

mod choices;
mod judge;
mod world;

use choices::{Choices, SETUP, STEP, Setup, Step};
use judge::Violation;
use proptest::prelude::*;
use world::{Saboteur, play};

const HISTORIES: u64 = 1_000_000;
/// Parts of the sweep; they run on as many cores as there are.
const PARTS: u64 = 4;

fn tell(choices: &Choices, upto: usize) -> String {
    let setup = Setup::read(&choices.setup);
    let steps = choices.steps.iter().take(upto + 1).map(|s| format!("{:?}", Step::read(*s)));
    format!(
        "{} accounts, {} targets, {} actions, suppressed {}, {:?}\n{}",
        setup.accounts,
        setup.targets,
        setup.actions,
        setup.suppressed,
        setup.settings,
        steps.collect::<Vec<_>>().join("\n")
    )
}

fn sweep(part: u64) {
    let read = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let histories = read("DECORUM_HISTORIES").unwrap_or(HISTORIES) / PARTS;
    let seeds = match read("DECORUM_SEED") {
        Some(seed) => seed..seed + 1,
        None => part * (1 << 40)..part * (1 << 40) + histories,
    };
    let (mut granted, mut refused, mut settled) = (0_u64, 0_u64, 0_u64);
    for seed in seeds.clone() {
        let choices = Choices::from_seed(seed, 10..32);
        match play(&choices, Saboteur::Nobody) {
            Ok(tally) => {
                granted += u64::from(tally.granted);
                refused += u64::from(tally.refused);
                settled += u64::from(tally.settled);
            }
            Err((step, violation)) => panic!(
                "seed {seed}, step {step}: {violation:?}\nDECORUM_SEED={seed} plays it again\n{}",
                tell(&choices, step)
            ),
        }
    }
    let played = seeds.end - seeds.start;
    println!("{played} histories: {granted} granted, {refused} refused, {settled} settled");
    // Histories in which nothing happens would prove nothing.
    assert!(played < 100 || (granted > played && refused > played && settled > played / 2));
}

#[test]
fn the_promises_hold_in_every_history_1() {
    sweep(0);
}

#[test]
fn the_promises_hold_in_every_history_2() {
    sweep(1);
}

#[test]
fn the_promises_hold_in_every_history_3() {
    sweep(2);
}

#[test]
fn the_promises_hold_in_every_history_4() {
    sweep(3);
}

/// Long histories reach what short ones cannot: the third strike of the second cooldown.
#[test]
fn the_promises_hold_in_long_histories() {
    for seed in 0..2_000 {
        let choices = Choices::from_seed(seed, 200..400);
        if let Err((step, violation)) = play(&choices, Saboteur::Nobody) {
            panic!("seed {seed}, step {step}: {violation:?}\n{}", tell(&choices, step));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_promises_hold_in_drawn_histories(
        setup in any::<[u8; SETUP]>(),
        steps in proptest::collection::vec(any::<[u8; STEP]>(), 0..80),
    ) {
        let choices = Choices { setup, steps };
        if let Err((step, violation)) = play(&choices, Saboteur::Nobody) {
            return Err(TestCaseError::fail(format!(
                "step {step}: {violation:?}\n{}",
                tell(&choices, step)
            )));
        }
    }
}

/// A judge that never objects proves nothing: each protection left out must be noticed, and
/// as what it is.
#[test]
fn the_judge_notices_every_protection_left_out() {
    for (saboteur, expected) in [
        (Saboteur::ForgetsRow, &[Violation::WithinWindow, Violation::TwoHolders][..]),
        (Saboteur::ForgetsFleet, &[Violation::WithinWindow, Violation::TwoHolders]),
        (Saboteur::ForgetsSuppression, &[Violation::Suppressed]),
        (
            Saboteur::IgnoresBreaker,
            &[Violation::WhileHalted, Violation::WhileResting, Violation::SecondProbe],
        ),
        (Saboteur::ForgetsProbe, &[Violation::SecondProbe]),
        (Saboteur::ResetsBudget, &[Violation::OverBudget]),
        (Saboteur::RefundsReconciled, &[Violation::OverBudget]),
        (Saboteur::ForgetsLastAct, &[Violation::TooClose]),
        (Saboteur::IgnoresRamp, &[Violation::OverBudget, Violation::TooClose]),
        (Saboteur::IgnoresQuiet, &[Violation::Quiet]),
        (Saboteur::IgnoresLease, &[Violation::Leased]),
        (Saboteur::FreesLapsed, &[Violation::TwoHolders]),
        (Saboteur::RegrantsLapsed, &[Violation::NotIdempotent]),
        (Saboteur::LosesRow, &[Violation::WithinWindow]),
        (Saboteur::ExtendsOnRefusal, &[Violation::WindowMoved]),
        (Saboteur::BelievesClock, &[Violation::TimeRanBack]),
        (Saboteur::LosesEvents, &[Violation::Sequence]),
        (Saboteur::ChangesEvents, &[Violation::Chain]),
        (Saboteur::ResetsFence, &[Violation::Fence]),
        (Saboteur::ImportsNoRow, &[Violation::WithinWindow]),
        (Saboteur::ImportsClock, &[Violation::TimeRanBack]),
        (Saboteur::ImportsBlindly, &[Violation::WindowMoved]),
        (Saboteur::ImportsActs, &[Violation::ImportMeddled]),
        (Saboteur::SweepsEarly, &[Violation::WithinWindow]),
        (Saboteur::SweepsHeld, &[Violation::TwoHolders]),
        (Saboteur::ForgetsSwept, &[Violation::Fence]),
    ] {
        let mut missed = expected.to_vec();
        let mut seeds = 0..40_000;
        while !missed.is_empty()
            && let Some(seed) = seeds.next()
        {
            if let Err((_, violation)) = play(&Choices::from_seed(seed, 20..60), saboteur) {
                missed.retain(|m| *m != violation);
            }
        }
        assert!(missed.is_empty(), "{saboteur:?}: nobody noticed {missed:?}");
    }
}
