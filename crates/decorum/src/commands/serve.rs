//! `decorum serve`: the HTTP API, and the dashboard that stands on it.

use decorum_server::{Options, ServeError, Server, Tls};

use super::run::signal;
use crate::args::{Common, Serve};
use crate::console::{print, say};
use crate::exit::{self, Code, Failure};
use crate::place::{self, Access};

pub(crate) async fn serve(common: &Common, args: Serve) -> Result<Code, Failure> {
    // Signals are caught before anybody can know that there is something to end.
    let ended = signal();
    let guard = place::guard(common, Access::Write).await?;
    let kit = place::kit(common)?;
    let mut options = Options::new(args.listen, place::first_settings()?);
    options.hosts = args.hosts;
    options.device_hosts = args.device_hosts;
    options.require_tokens = args.require_tokens;
    options.dashboard = !args.no_dashboard;
    options.evidence = Some(place::evidence_dir(common)?);
    options.tls = match (args.tls_cert, args.tls_key) {
        (Some(certificate), Some(key)) => Some(Tls { certificate, key }),
        _ => None,
    };
    // What an earlier process could not hand over comes first. If the store does not take it now,
    // no claim is granted until it does.
    if let Err(error) = guard.deliver().await {
        say(&format!("what waits for the store is not delivered yet: {error}"));
    }
    let store = std::sync::Arc::clone(guard.store());
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
    server
        .run(async {
            ended.await;
            say("Ending: what is under way is finished first.");
        })
        .await;
    store.close().await?;
    Ok(exit::DONE)
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        match error {
            ServeError::Store(error) => error.into(),
            other => Self::usage(other.to_string()),
        }
    }
}
