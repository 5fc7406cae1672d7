//! What an engagement costs on a phone: requests, and seconds in which the phone is busy.

use std::process::Stdio;
use std::time::Duration;

use decorum_sim::{Phone, Scenario};
use serde_json::Value;
use tempfile::TempDir;

use crate::book::{Goal, Row, Section, Unit};
use crate::child::decorum;
use crate::engagement::Failed;
use crate::http::check::unhurry;
use crate::http::load::{Connection, get};
use crate::scale::Scale;

/// People of the two runs whose difference is what people cost, without what a session costs.
const FEW: usize = 2;
const MANY: usize = 8;

/// Answers as slow as a real phone's, in seconds: what a request of each kind takes.
const SLOW: &str = "[latency]\nfind_ms = 200\nsource_ms = 1500\ntap_ms = 300\nscreenshot_ms = 500\n\
    default_ms = 200\n";

const ABOUT: &str = "`decorum run` on a simulated phone that answers as slowly as a real one: 0.2 s \
    to find an element, 1.5 s for a page source, 0.3 s for a tap, 0.2 s for anything else, one after \
    the other. Requests and seconds are the phone's own count, without what opens and closes the \
    session. A follow and a like are looked at twice, 1.5 s apart, because the app may take them \
    back; that pause is in the time on the clock. The reference is what an automator cannot do \
    without: open the page, read it, find the button, tap it, and read the page once more.";

/// What cannot be left out: link, source, find, tap, source.
const LEAST_TRIPS: f64 = 5.0;
const LEAST_SECONDS: f64 = 0.2 + 1.5 + 0.2 + 0.3 + 1.5;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    requests: f64,
    busy: f64,
    clock: f64,
    /// The most requests of one engagement.
    most: f64,
}

pub(crate) fn measure(scale: &Scale) -> Result<Section, Failed> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let mut section = Section::new("An engagement on a phone", ABOUT);
        let latency = scale.of(SLOW, "[latency]\nsource_ms = 15\n");
        let actions = ["follow", "like"];
        let runs = actions.iter().flat_map(|action| [FEW, MANY].map(|people| (*action, people)));
        // A phone is mostly waited for, so all take their time at once.
        let runs = runs.map(|(action, people)| tokio::spawn(run(action, people, latency)));
        let mut costs = Vec::new();
        for run in runs.collect::<Vec<_>>() {
            costs.push(run.await??);
        }
        for (action, pair) in actions.iter().zip(costs.chunks_exact(2)) {
            let each = |of: fn(&Cost) -> f64| {
                let (few, many) = (pair.first().map_or(0.0, of), pair.last().map_or(0.0, of));
                #[expect(clippy::cast_precision_loss, reason = "a handful of people")]
                let people = (MANY - FEW) as f64;
                (many - few) / people
            };
            let most = pair.iter().fold(0.0, |most: f64, cost| most.max(cost.most));
            let row = Row::new(format!("{action}, requests at most"), Unit::Count, &[most]);
            section.add(row.beside(&[LEAST_TRIPS]).goal(Goal::AtMost(6.0)));
            let row = Row::new(format!("{action}, requests"), Unit::Count, &[each(|c| c.requests)]);
            section.add(row.beside(&[LEAST_TRIPS]));
            let row = Row::new(format!("{action}, phone busy"), Unit::Seconds, &[each(|c| c.busy)]);
            section.add(row.beside(&[LEAST_SECONDS]));
            let clock = &[each(|c| c.clock)];
            section.add(Row::new(format!("{action}, on the clock"), Unit::Seconds, clock));
        }
        Ok(section)
    })
}

async fn run(action: &'static str, people: usize, latency: &'static str) -> Result<Cost, Failed> {
    let dir = TempDir::new()?;
    unhurry(dir.path())?;
    let scenario = Scenario::from_toml(&format!("account = 'studio.nord'\n{latency}"))?;
    let phone = Phone::start(scenario, "127.0.0.1:0".parse()?).await?;
    let list = dir.path().join("list.txt");
    let names: Vec<String> = (0..people).map(|n| format!("person{n}")).collect();
    std::fs::write(&list, names.join("\n"))?;
    let (url, list) = (phone.url(), list.display().to_string());
    let who = ["run", "--json", "--account", "studio.nord", "--action", action];
    let whom = ["--targets", list.as_str(), "--device", url.as_str()];
    let mut command = decorum(dir.path(), &[&who[..], &whom[..]].concat())?;
    command.stdout(Stdio::piped());
    let out = tokio::task::spawn_blocking(move || command.output()).await??;
    let summary: Value = serde_json::from_slice(&out.stdout)?;
    if !out.status.success() || summary["counts"]["success"] != people {
        return Err(format!("the run came to {summary}").into());
    }
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let engagements = summary["engagements"].as_array().map(Vec::as_slice).unwrap_or_default();
    let trips = engagements.iter().map(|engagement| number(&engagement["round_trips"]));
    let address = url.trim_start_matches("http://").parse()?;
    let (_, asked) = Connection::open(address).await?.ask(get("/sim/requests")?).await?;
    let asked: Value = serde_json::from_slice(&asked)?;
    let took = asked["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    let busy: f64 = took.iter().map(|request| number(&request["took_ms"])).sum();
    phone.stop().await;
    Ok(Cost {
        requests: number(&summary["round_trips"]),
        busy: Duration::from_secs_f64(busy / 1000.0).as_secs_f64(),
        clock: number(&summary["elapsed_ms"]) / 1000.0,
        most: trips.fold(0.0, f64::max),
    })
}
