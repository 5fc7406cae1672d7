//! What the demonstration is looked at with: the dashboard from the beginning, and, once the story
//! is told, a worker for whatever a person tries on the phones then.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use decorum_core::{DeviceRecord, Settings};
use decorum_engine::crew::{Crew, PICTURES, Parts, SLOTS, Visits, WebDriverLines};
use decorum_engine::guard::Guard;
use decorum_engine::process;
use decorum_engine::run::Dial as _;
use decorum_server::{Options, Server};
use tokio::task::JoinHandle;

use super::{Show, Stage};
use crate::exit::Failure;
use crate::place;

pub(super) struct Desk {
    url: String,
    serving: JoinHandle<()>,
}

impl Desk {
    /// Registers the phones, and serves the dashboard at a free port of this machine.
    pub(super) async fn open(
        stage: &Stage,
        shows: &[Show],
        folder: &Path,
    ) -> Result<Self, Failure> {
        for show in shows {
            let phone = show.phone.url();
            let id = stage.line(show)?.device_id();
            let record = DeviceRecord::new(id, phone, vec![show.account.clone()]);
            stage.store.put_device(&record, 0, Some("demo"), place::now()).await?;
        }
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut options = Options::new(anywhere, Settings::default());
        options.evidence = Some(folder.join("evidence"));
        options.phones = Some(Arc::new(Visits::new(
            Arc::new(WebDriverLines::new(&stage.kit.profile)),
            Arc::clone(&stage.kit.profile),
            folder.join("evidence"),
        )));
        let lexicon = Arc::clone(&stage.kit.classifier);
        let server = Server::bind(stage.guard("dashboard"), lexicon, options).await?;
        let url = server.url();
        let stop = stage.stop.clone();
        let serving = tokio::spawn(server.run(async move { stop.asked().await }));
        Ok(Self { url, serving })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Drives what is submitted until the demonstration is ended.
    pub(super) async fn work(self, stage: &Stage, folder: &Path) {
        let crew = Crew::new(Parts {
            guard: Arc::new(stage.guard("worker")),
            lines: Arc::new(WebDriverLines::new(&stage.kit.profile)),
            kit: stage.kit.clone(),
            name: "demo".to_owned(),
            slots: SLOTS,
            folder: folder.join("evidence"),
            pictures: Some(PICTURES),
            webhook: None,
        });
        crew.work(&stage.stop).await;
        if self.serving.await.is_err() {
            tracing::error!("the dashboard broke off");
        }
    }
}

impl Stage {
    /// A guard of its own: its claims are another holder's.
    pub(super) fn guard(&self, name: &str) -> Guard {
        let holder = process::this_process(name);
        let first = Settings::default();
        Guard::new(Arc::clone(&self.store), self.machine.clone(), holder, first)
    }
}
