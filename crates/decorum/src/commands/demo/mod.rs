//! `decorum demo`: the whole main job on simulated phones, told in plain words.

mod cast;
mod desk;
mod story;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use decorum_core::{AccountId, Action, Settings, Username};
use decorum_device::AppProfile;
use decorum_engine::machine::Machine;
use decorum_engine::run::{self, Kit, Plan, Stop, Summary};
use decorum_sim::{Phone, Scenario};
use decorum_store::Store;
use serde_json::json;

use super::phone::Line;
use super::run::stop_on_signal;
use crate::args::{self, Common, Demo};
use crate::console::{print, say};
use crate::exit::{self, Code, Failure};
use crate::place;
use cast::Part;
use story::Teller;

/// What is shortened so that a demonstration does not last an evening. The app profile's waits
/// too: the simulated phone answers faster than a real one.
const PROFILE: &str = "[timings]\nsettle_ms = 250\npoll_ms = 25\n";

pub(crate) async fn demo(common: &Common, args: &Demo) -> Result<Code, Failure> {
    let folder = folder(common)?;
    let store_path = folder.join("decorum.db");
    let store = decorum_store::open_store(&format!("sqlite:{}", store_path.display())).await?;
    let settings = shortened().map_err(|e| Failure::new(exit::FAILED, e.to_string()))?;
    store.put_settings(&settings, 0, "demo", place::now()).await?;
    let profile = AppProfile::from_toml(PROFILE).map_err(|e| Failure::usage(e.to_string()))?;
    let kit = Kit::of(profile).map_err(|e| Failure::usage(format!("the app profile: {e}")))?;

    let stage = Stage {
        machine: Machine::this(&folder, &store.identity().await?.place),
        store: Arc::clone(&store),
        kit,
        stop: stop_on_signal("Ending after this engagement; run again to go on."),
    };
    let mut shows = Vec::new();
    for part in cast::parts(args.targets, args.language.as_deref()) {
        shows.push(Show::open(part).await?);
    }
    let desk =
        if args.once { None } else { Some(desk::Desk::open(&stage, &shows, &folder).await?) };
    story::opening(&shows, &folder, desk.as_ref().map(desk::Desk::url))?;

    print("\n1  Engage them, each once")?;
    let first = stage.play(&shows).await?;
    story::what_happened(&first)?;

    print("\n2  The same lists again")?;
    let again = stage.play(&shows).await?;
    story::again(&again)?;

    print("\n3  What the phones say")?;
    let agree = story::ledgers(&shows, store.as_ref()).await?;

    print("\n4  The record")?;
    let intact = story::record(store.as_ref(), &store_path).await?;

    if let Some(desk) = desk {
        if !stage.stop.is_asked() {
            say(&format!(
                "\nThe dashboard is at {}: try a task of your own on the phones, which stay up; \
                 Ctrl-C ends all.",
                desk.url()
            ));
        }
        desk.work(&stage, &folder).await;
    }
    for show in shows {
        show.phone.stop().await;
    }
    store.close().await?;
    Ok(if agree && intact { exit::DONE } else { exit::FAILED })
}

/// A folder of its own for each demonstration: its phones have never seen anybody.
fn folder(common: &Common) -> Result<PathBuf, Failure> {
    let name = place::now().to_string().replace(':', "-");
    let folder = place::data_dir(common)?.join("demo").join(name);
    std::fs::create_dir_all(&folder).map_err(|e| {
        Failure::new(
            exit::UNREACHABLE,
            format!(
                "the directory {} cannot be made: {e}; choose another with --data-dir",
                folder.display()
            ),
        )
    })?;
    Ok(folder)
}

fn shortened() -> Result<Settings, decorum_core::SettingsError> {
    let cap = json!({ "hour": null, "day": null });
    Settings::default()
        .with("rate_limit_steps", json!([3, 6, 12, 24]))?
        .with("min_seconds_between_actions", json!(0))?
        .with("budgets", json!({ "follow": cap, "like": cap, "comment": cap, "view": cap }))
}

/// One phone with its account and its list.
struct Show {
    phone: Phone,
    part: Part,
    account: AccountId,
    targets: Vec<Username>,
}

impl Show {
    async fn open(part: Part) -> Result<Self, Failure> {
        let broken = |e: &dyn std::fmt::Display| Failure::new(exit::FAILED, e.to_string());
        let scenario = Scenario::from_toml(&part.scenario).map_err(|e| broken(&e))?;
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let phone = Phone::start(scenario, anywhere).await.map_err(|e| broken(&e))?;
        let targets = part.people.iter().map(|n| n.parse().map_err(|e| broken(&e)));
        let targets = targets.collect::<Result<_, _>>()?;
        Ok(Self { account: place::account(part.account)?, targets, phone, part })
    }
}

struct Stage {
    machine: Machine,
    store: Arc<dyn Store>,
    kit: Kit,
    stop: Stop,
}

impl Stage {
    /// Runs every phone's list, all at the same time.
    async fn play(&self, shows: &[Show]) -> Result<Vec<Summary>, Failure> {
        let runs = shows.iter().map(|show| self.run(show)).collect::<Result<Vec<_>, _>>()?;
        let mut summaries = Vec::new();
        for run in runs {
            summaries.push(run.await.map_err(|e| Failure::new(exit::FAILED, e.to_string()))?);
        }
        Ok(summaries)
    }

    /// The way to the phone.
    fn line(&self, show: &Show) -> Result<Line, Failure> {
        let phone = args::Phone { device: Some(show.phone.url()), capabilities: None };
        Line::new(&phone, &self.kit.profile)
    }

    fn run(&self, show: &Show) -> Result<tokio::task::JoinHandle<Summary>, Failure> {
        let line = self.line(show)?;
        let guard = self.guard(show.part.account);
        let task = guard.entropy().name(place::now());
        let task =
            task.parse().map_err(|e: decorum_core::IdError| Failure::usage(e.to_string()))?;
        let comments = show.part.comments.iter().map(ToString::to_string).collect();
        let plan = Plan::new(
            show.account.clone(),
            show.part.actions,
            show.targets.clone(),
            comments,
            task,
        )
        .map_err(|e| Failure::usage(e.to_string()))?;
        let (kit, stop) = (self.kit.clone(), self.stop.clone());
        let teller = Teller::new(show.part.account);
        Ok(tokio::spawn(async move { run::run(&guard, &line, &kit, &plan, &stop, &teller).await }))
    }
}

/// Names of actions for a person.
fn actions(of: &[Action]) -> String {
    let names: Vec<&str> = of.iter().map(|a| a.as_str()).collect();
    names.join(", ")
}

/// A path shortened for reading, if it lies below the current directory.
fn readable(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let short = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    short.unwrap_or_else(|| path.to_path_buf()).display().to_string()
}
