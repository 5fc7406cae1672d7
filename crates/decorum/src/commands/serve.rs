//! `decorum serve`: the HTTP API, the dashboard that stands on it, and a worker beside them.

use std::sync::Arc;

use decorum_engine::crew::{Crew, Parts, Visits, WebDriverLines, Webhook};
use decorum_engine::guard::Guard;
use decorum_engine::process;
use decorum_engine::run::StopSwitch;
use decorum_server::{Options, ServeError, Server, Tls};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::run::signal;
use super::worker::pictures;
use crate::args::{Common, Serve};
use crate::console::{print, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn serve(common: &Common, args: Serve) -> Result<Code, Failure> {
    // Signals are caught before anybody can know that there is something to end.
    let ended = signal();
    take_all_files();
    let guard = place::guard(common, Access::Write).await?;
    let kit = place::kit(common)?;
    let mut options = Options::new(args.listen, place::first_settings()?);
    options.hosts.clone_from(&args.hosts);
    options.device_hosts.clone_from(&args.device_hosts);
    options.require_tokens = args.require_tokens;
    options.dashboard = !args.no_dashboard;
    options.evidence = Some(place::evidence_dir(common)?);
    options.phones = Some(Arc::new(Visits::new(
        Arc::new(WebDriverLines::new(&kit.profile)),
        Arc::clone(&kit.profile),
        place::evidence_dir(common)?,
    )));
    options.tls = match (args.tls_cert.clone(), args.tls_key.clone()) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        _ => None,
    };
    // What an earlier process could not hand over comes first. If the store does not take it now,
    // no claim is granted until it does.
    if let Err(error) = guard.deliver().await {
        say(&format!("what waits for the store is not delivered yet: {error}"));
    }
    let store = Arc::clone(guard.store());
    let crew = if args.no_workers { None } else { Some(crew(common, &args, &guard)?) };
    let server = Server::bind(guard, kit.classifier, options).await?;
    print(server.url())?;
    let url = server.url();
    if args.no_dashboard {
        say(&format!("the API; read about it on {url}/docs, end it with Ctrl-C"));
    } else {
        say(&format!("the dashboard; the API is described on {url}/docs. End it with Ctrl-C"));
    }
    if server.is_open() {
        say("everybody on this machine may do everything; --require-tokens asks for tokens");
    }
    let (switch, stop) = StopSwitch::new();
    let answering = server.run(async {
        ended.await;
        say("Ending: what is under way is finished first. Once more ends at once.");
        switch.stop();
        tokio::spawn(async {
            signal().await;
            std::process::exit(130);
        });
    });
    let working = async {
        if let Some(crew) = crew {
            crew.work(&stop).await;
        }
    };
    tokio::join!(answering, working);
    store.close().await?;
    Ok(exit::DONE)
}

/// Takes as many open files as the system lets this process have. The limit at first is a low one, for
/// programs that still use `select`, and each client is a file.
fn take_all_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, allowed = ?limit.current, "no more clients than files are allowed");
    }
}

/// The worker beside the API. It claims for other holders, and shares everything else with it.
fn crew(common: &Common, args: &Serve, guard: &Guard) -> Result<Arc<Crew>, Failure> {
    let kit = place::kit(common)?;
    let webhook = match &args.webhook {
        None => None,
        Some(url) => Some(Webhook::to(url).map_err(|e| Failure::usage(e.to_string()))?),
    };
    Ok(Crew::new(Parts {
        guard: Arc::new(guard.held_by(process::this_process("worker"))),
        lines: Arc::new(WebDriverLines::new(&kit.profile)),
        kit,
        name: "server".to_owned(),
        slots: args.slots.into(),
        folder: place::evidence_dir(common)?,
        pictures: pictures(args.phone_pictures),
        webhook,
    }))
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Store(error) => error.into(),
            other => Self::usage(other.to_string()),
        }
    }
}
