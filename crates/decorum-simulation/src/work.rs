//! What the program does with its arguments.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use decorum_engine::run::Kit;

use crate::Args;
use crate::faults::Fault;
use crate::protection::Protection;
use crate::scene::{Kind, Scene};
use crate::search::Search;
use crate::shrink::{shrink, tell};
use crate::world::kit;

/// Schedules tried until the judge objects, with a protection left out.
const TRIED_MAX: u64 = 20_000;

pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

pub(crate) fn complain(line: &str) {
    let _ = writeln!(std::io::stderr(), "simulate: {line}");
}

/// Does what is asked; whether all promises were kept.
pub(crate) fn work(args: &Args) -> Result<bool, String> {
    let kit = kit()?;
    let without = args.without.as_deref().map(named).transpose()?;
    if args.protections || without.is_some() {
        can_leave_out()?;
    }
    if let Some(seed) = args.seed {
        return one(args, &kit, seed, without);
    }
    if args.protections {
        return protections(args, &kit);
    }
    many(args, &kit, without)
}

fn can_leave_out() -> Result<(), String> {
    if cfg!(feature = "sabotage") {
        return Ok(());
    }
    Err("nothing can be left out of this build; build it with --features sabotage".to_owned())
}

fn named(name: &str) -> Result<Protection, String> {
    let all = Protection::all();
    let known = || all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let found = all.iter().find(|protection| protection.to_string() == name).copied();
    found.ok_or_else(|| format!("there is no protection `{name}`; there are {}", known()))
}

fn written(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// One seed, told in full.
fn one(args: &Args, kit: &Kit, seed: u64, without: Option<Protection>) -> Result<bool, String> {
    let mut scene = Scene::of(kind_of(args, without), seed);
    if let Some(faults) = &args.faults {
        scene = scene.with_faults(faults.clone());
    }
    let played = tell(&scene, kit, without)?;
    describe(&scene);
    for line in &played.history {
        say(line);
    }
    say(&format!(
        "{} processes, {} passages, {} acts, {} events",
        played.processes, played.passages, played.acts, played.events
    ));
    match played.violation {
        None => say("no promise was broken"),
        Some(violation) => {
            say(&format!("BROKEN: {violation}"));
            return Ok(false);
        }
    }
    Ok(true)
}

fn describe(scene: &Scene) {
    scene.described().iter().for_each(|line| say(line));
    say(&format!("  faults: {}", written(scene.faults())));
}

/// Of which kind the schedules are that are asked for.
fn kind_of(args: &Args, without: Option<Protection>) -> Kind {
    if args.crew { Kind::Crew } else { without.map_or(Kind::Run, Protection::kind) }
}

fn jobs(args: &Args) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    args.jobs.unwrap_or(processors).max(1)
}

/// Many seeds; the first broken promise ends it.
fn many(args: &Args, kit: &Kit, without: Option<Protection>) -> Result<bool, String> {
    let begun = Instant::now();
    let until = args.seconds.map(|seconds| begun + Duration::from_secs(seconds));
    let kind = kind_of(args, without);
    let search = Search::new(kind, args.from, args.schedules, until);
    let found = search.run(kit, jobs(args), without, true)?;
    let count = |n: &AtomicU64| n.load(Ordering::Relaxed);
    say(&format!(
        "{} schedules from seed {} in {} s: {} processes started, {} acts reached the platform, {} \
         events on record",
        count(&search.played),
        args.from,
        begun.elapsed().as_secs(),
        count(&search.deaths),
        count(&search.acts),
        count(&search.events),
    ));
    let Some((seed, violation)) = found else {
        say("0 people engaged twice, 0 outcomes lost, 0 acts during a rest, 0 by a stale holder");
        return Ok(true);
    };
    say(&format!("BROKEN by seed {seed}: {violation}"));
    let least = shrink(&Scene::of(kind, seed), kit, without)?;
    let played = tell(&least, kit, without)?;
    describe(&least);
    for line in &played.history {
        say(line);
    }
    if let Some(violation) = played.violation {
        say(&format!("BROKEN: {violation}"));
    }
    let crew = if kind == Kind::Crew { " --crew" } else { "" };
    let leaving = without.map_or_else(String::new, |p| format!(" --without {p}"));
    say(&format!(
        "play it again: simulate{crew} --seed {seed} --faults {}{leaving}",
        written(least.faults())
    ));
    Ok(false)
}

/// Each protection left out in turn.
fn protections(args: &Args, kit: &Kit) -> Result<bool, String> {
    let mut all = true;
    say("protection          | caught by seed | played | what then happens");
    for protection in Protection::all() {
        let search = Search::new(protection.kind(), args.from, TRIED_MAX, None);
        let found = search.run(kit, jobs(args), Some(protection), false)?;
        let played = search.played.load(Ordering::Relaxed);
        all &= found.is_some();
        let what = protection.explained();
        let (seed, then) = found.map_or_else(
            || ("never".to_owned(), format!("NOBODY MISSED \"{what}\"")),
            |(seed, violation)| (seed.to_string(), format!("without \"{what}\": {violation}")),
        );
        say(&format!("{:<19} | {seed:>14} | {played:>6} | {then}", protection.to_string()));
    }
    Ok(all)
}
