//! Copying and comparing tasks with their people, phones and alerts.

use decorum_core::{Alert, Candidate, TaskId};

use super::{BATCH, Copy, CopyError, Record, Transfer, same};

impl Copy<'_> {
    /// A task before its people: they refer to it.
    pub(super) async fn tasks(&mut self) -> Result<(), CopyError> {
        let mut after: Option<TaskId> = None;
        loop {
            let tasks = self.source.tasks_by_id(after.as_ref(), BATCH).await?;
            let Some(last) = tasks.last() else { break };
            after = Some(last.id.clone());
            let ids: Vec<_> = tasks.iter().map(|task| task.id.clone()).collect();
            self.copied.tasks += tasks.len() as u64;
            self.put(tasks.into_iter().map(|task| Record::Task(Box::new(task))).collect()).await?;
            for id in ids {
                let mut last = 0;
                loop {
                    let people = people(self.source, &id, last).await?;
                    let Some(newest) = people.last() else { break };
                    last = newest.ord;
                    let record = |it| Record::Candidate(Box::new((id.clone(), it)));
                    self.put(people.into_iter().map(record).collect()).await?;
                }
            }
        }
        let devices = self.source.devices().await?;
        self.put(devices.into_iter().map(|it| Record::Device(Box::new(it))).collect()).await?;
        for part in alerts(self.source).await?.chunks(BATCH) {
            self.put(part.iter().cloned().map(|it| Record::Alert(Box::new(it))).collect()).await?;
        }
        Ok(())
    }

    pub(super) async fn verify_tasks(&self) -> Result<(), CopyError> {
        let (source, target) = (self.source, self.target);
        let mut after: Option<TaskId> = None;
        loop {
            let theirs = source.tasks_by_id(after.as_ref(), BATCH).await?;
            let ours = target.tasks_by_id(after.as_ref(), BATCH).await?;
            same("a task", &theirs, &ours)?;
            let Some(last) = theirs.last() else { break };
            after = Some(last.id.clone());
            for task in &theirs {
                let mut last = 0;
                loop {
                    let theirs = people(source, &task.id, last).await?;
                    let ours = people(target, &task.id, last).await?;
                    same(&format!("the list of task {}", task.id), &theirs, &ours)?;
                    let Some(newest) = theirs.last() else { break };
                    last = newest.ord;
                }
            }
        }
        Ok(())
    }

    /// What workers move without the admin log.
    pub(super) async fn verify_devices_and_alerts(&self) -> Result<(), CopyError> {
        let (source, target) = (self.source, self.target);
        same("the phones", &source.devices().await?, &target.devices().await?)?;
        same("the alerts", &alerts(source).await?, &alerts(target).await?)?;
        same("the open tasks", &source.open_tasks().await?, &target.open_tasks().await?)
    }
}

async fn people(of: &dyn Transfer, id: &TaskId, after: u64) -> Result<Vec<Candidate>, CopyError> {
    Ok(of.candidates(id, false, after, BATCH).await?)
}

async fn alerts(of: &dyn Transfer) -> Result<Vec<Alert>, CopyError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = of.alerts(false, after.as_ref(), BATCH).await?;
        all.extend(page.items);
        after = match page.next {
            Some(next) => Some(next),
            None => return Ok(all),
        };
    }
}
