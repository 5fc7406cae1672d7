//! `decorum worker`: drive the tasks of the queue on the phones of the registry.

use std::sync::Arc;
use std::time::Duration;

use decorum_engine::crew::{Crew, Parts, WebDriverLines, Webhook};

use super::run::stop_on_signal;
use crate::args::{Common, Worker};
use crate::console::say;
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn worker(common: &Common, args: Worker) -> Result<Code, Failure> {
    let usable = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if args.name.is_empty() || args.name.len() > 60 || !args.name.chars().all(usable) {
        return Err(Failure::usage(
            "the name of a worker has 1 to 60 letters, digits, `-`, `_` and `.`",
        ));
    }
    let kit = place::kit(common)?;
    let webhook = match &args.webhook {
        None => None,
        Some(url) => Some(Webhook::to(url).map_err(|e| Failure::usage(e.to_string()))?),
    };
    let guard = Arc::new(place::guard(common, Access::Write).await?);
    let stop =
        stop_on_signal("Ending after the engagements under way; their tasks go back to the queue.");
    let crew = Crew::new(Parts {
        guard: Arc::clone(&guard),
        lines: Arc::new(WebDriverLines::new(&kit.profile)),
        kit,
        name: args.name.clone(),
        slots: args.slots.into(),
        folder: place::evidence_dir(common)?,
        pictures: pictures(args.phone_pictures),
        webhook,
    });
    let store = guard.store().identity().await?.place;
    say(&format!("worker {} takes tasks from {store}; Ctrl-C ends it", args.name));
    crew.work(&stop).await;
    guard.store().close().await?;
    Ok(exit::DONE)
}

/// How often pictures are taken; 0 seconds: not by themselves.
pub(super) fn pictures(seconds: u32) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds.into()))
}
