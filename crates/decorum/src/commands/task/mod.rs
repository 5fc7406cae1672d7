//! `decorum task` and `decorum crawl`: what accounts are to do.

mod change;
mod show;
mod submit;

use decorum_core::{Task, TaskId};
use decorum_store::{Store, StoreError};

use crate::args::{Common, Crawl, TaskAction};
use crate::exit::{Code, Failure};

pub(crate) async fn task(common: &Common, action: TaskAction) -> Result<Code, Failure> {
    match action {
        TaskAction::Submit(args) => submit::submit(common, *args).await,
        TaskAction::List { account, state, kind, limit, json } => {
            show::list(common, account.as_deref(), state, kind, limit.into(), json).await
        }
        TaskAction::Show(args) => show::show(common, &args).await,
        TaskAction::Pause(args) => change::pause(common, &args).await,
        TaskAction::Resume(args) => change::resume(common, &args).await,
        TaskAction::Cancel(args) => change::cancel(common, &args).await,
        TaskAction::Move { id, priority, before, first, json } => {
            let to = change::Place { priority, before, first };
            change::move_to(common, &id, to, json).await
        }
        TaskAction::Clone { id, account, json } => {
            submit::clone(common, &id, account.as_deref(), json).await
        }
        TaskAction::Candidates { id, open, json } => {
            show::candidates(common, &id, open, json).await
        }
    }
}

pub(crate) async fn crawl(common: &Common, args: Crawl) -> Result<Code, Failure> {
    submit::crawl(common, args).await
}

fn named(id: &str) -> Result<TaskId, Failure> {
    id.parse().map_err(|e: decorum_core::IdError| Failure::usage(e.to_string()))
}

async fn find(store: &dyn Store, id: &TaskId) -> Result<Task, Failure> {
    Ok(store.task(id).await?.ok_or_else(|| StoreError::NoSuchTask(id.clone()))?)
}
