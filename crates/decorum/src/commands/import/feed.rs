//! The file, read on a thread of its own: files are read by blocking, and the store is not.

use std::ops::ControlFlow;
use std::path::PathBuf;

use decorum_import::{ImportError, Item, Kind, Options, read};
use decorum_store::OBSERVE_MAX;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::exit::{self, Failure};

/// Steps that wait to be taken; the reader does not run further ahead.
const AHEAD: usize = 2;

/// See the module's documentation.
pub(super) struct Feed {
    steps: mpsc::Receiver<Vec<Item>>,
    reader: JoinHandle<Result<(), ImportError>>,
}

impl Feed {
    /// Starts reading.
    pub(super) fn start(kind: Kind, path: PathBuf, options: Options) -> Self {
        let (sender, steps) = mpsc::channel(AHEAD);
        let reader = tokio::task::spawn_blocking(move || {
            let mut step = Vec::new();
            let mut each = |item| {
                step.push(item);
                if step.len() < OBSERVE_MAX {
                    return ControlFlow::Continue(());
                }
                // Nobody takes it: the import has ended.
                match sender.blocking_send(std::mem::take(&mut step)) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            };
            read(kind, &path, &options, &mut each)?;
            if !step.is_empty() {
                drop(sender.blocking_send(step));
            }
            Ok(())
        });
        Self { steps, reader }
    }

    /// The next items, as many as fit into one step of the store; `None`: reading has ended.
    pub(super) async fn next(&mut self) -> Option<Vec<Item>> {
        self.steps.recv().await
    }

    /// How reading ended.
    pub(super) async fn end(self) -> Result<(), Failure> {
        match self.reader.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::usage(format!("{error}"))),
            Err(error) => Err(Failure::new(exit::FAILED, format!("reading broke off: {error}"))),
        }
    }
}
