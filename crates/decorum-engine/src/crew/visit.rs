//! Visiting a phone of the registry on behalf of a person: does it work, and what does it show?
//!
//! A visit holds the phone's lease as a task does, so that it never comes between a worker and its
//! phone: while somebody else holds it, only its server is asked whether it answers.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use decorum_core::{DeviceId, DeviceRecord, Held, Timestamp};
use decorum_device::{AppProfile, DeviceError};
use decorum_store::StoreError;

use super::evidence::{self, Picture};
use super::ladder::{Rung, Step, climb, knock};
use super::line::Lines;
use crate::guard::Guard;
use crate::lease::Hold;
use crate::process;

/// How long a visit may take: Appium may build `WebDriverAgent` first.
const WITHIN: Duration = Duration::from_mins(2);

/// Why a visit came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    /// The phone did not do what it was asked.
    #[error(transparent)]
    Phone(#[from] DeviceError),
    /// It took too long.
    #[error("the phone did not answer within {} s", WITHIN.as_secs())]
    TooLong,
    /// The picture cannot be kept.
    #[error("what the phone shows cannot be kept: {0}")]
    Folder(#[from] std::io::Error),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a test found.
#[derive(Clone, Debug)]
pub struct Tested {
    /// The rungs tried, up to the first that breaks.
    pub rungs: Vec<Rung>,
    /// Until when somebody else holds the phone, unless renewed; then only its server was asked.
    pub held_until: Option<Timestamp>,
}

/// What a look came to.
#[derive(Clone, Debug)]
pub enum Looked {
    /// A new picture was taken and kept.
    Fresh,
    /// Somebody else holds the phone until then, unless renewed: it was left alone.
    Held(Timestamp),
}

/// See the module's documentation.
pub struct Visits {
    lines: Arc<dyn Lines>,
    profile: Arc<AppProfile>,
    folder: PathBuf,
    count: AtomicU64,
}

impl fmt::Debug for Visits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visits").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn too_long(step: Step) -> Rung {
    Rung::broken(step, VisitError::TooLong.to_string())
}

impl Visits {
    /// Visits to phones reached by `lines`, on which the app of `profile` runs. Pictures are kept in
    /// `folder`, as those of workers are.
    pub const fn new(lines: Arc<dyn Lines>, profile: Arc<AppProfile>, folder: PathBuf) -> Self {
        Self { lines, profile, folder, count: AtomicU64::new(0) }
    }

    /// How the app looks.
    pub fn profile(&self) -> &AppProfile {
        &self.profile
    }

    /// The last picture of a phone on this machine.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn last(&self, phone: &DeviceId) -> std::io::Result<Option<Picture>> {
        evidence::last_picture(&self.folder, phone)
    }

    /// When the last picture of a phone on this machine was taken.
    pub fn last_taken(&self, phone: &DeviceId) -> Option<SystemTime> {
        let path = evidence::screenshot_path(&self.folder, phone);
        std::fs::metadata(path).and_then(|file| file.modified()).ok()
    }

    /// Removes what is kept of a phone that is not used any more.
    ///
    /// # Errors
    /// When it is there and cannot be removed.
    pub fn forget(&self, phone: &DeviceId) -> std::io::Result<()> {
        evidence::remove_picture(&self.folder, phone)
    }

    /// Tries whether the phone can be used, and takes note of whether it answers.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn test(&self, guard: &Guard, phone: &DeviceRecord) -> Result<Tested, VisitError> {
        let line = self.lines.line(phone);
        let tested = match self.hold(guard, &phone.device_id).await? {
            Ok(hold) => {
                let climbing = tokio::time::timeout(WITHIN, climb(line.as_ref(), &self.profile));
                let rungs = climbing.await.unwrap_or_else(|_| vec![too_long(Step::Session)]);
                hold.release().await?;
                Tested { rungs, held_until: None }
            }
            Err(Held(other)) => {
                let knocking = tokio::time::timeout(WITHIN, knock(line.as_ref()));
                let rung = knocking.await.unwrap_or_else(|_| too_long(Step::Phone));
                Tested { rungs: vec![rung], held_until: Some(other.until) }
            }
        };
        self.note(guard, phone, &tested.rungs).await?;
        Ok(tested)
    }

    /// Takes a picture of the phone and of its page as they are, touching nothing, unless somebody
    /// else holds it.
    ///
    /// # Errors
    /// When the phone or the store does not answer, or the picture cannot be kept.
    pub async fn look(&self, guard: &Guard, phone: &DeviceRecord) -> Result<Looked, VisitError> {
        let hold = match self.hold(guard, &phone.device_id).await? {
            Ok(hold) => hold,
            Err(Held(other)) => return Ok(Looked::Held(other.until)),
        };
        let taken = tokio::time::timeout(WITHIN, self.take(phone)).await;
        hold.release().await?;
        let (png, source) = taken.map_err(|_| VisitError::TooLong)??;
        evidence::keep_picture(&self.folder, &phone.device_id, &png, Some(&source))?;
        Ok(Looked::Fresh)
    }

    async fn take(&self, phone: &DeviceRecord) -> Result<(Vec<u8>, String), DeviceError> {
        let device = self.lines.line(phone).dial().await?;
        let living = device.status().await?.session_id;
        device.open_session(living.as_deref()).await?;
        let png = device.screenshot().await;
        let source = device.source().await;
        // Only a session that was opened for this look is closed after it.
        if living.is_none() || device.session_id() != living {
            drop(device.close_session().await);
        }
        Ok((png?, source?))
    }

    async fn hold(&self, guard: &Guard, id: &DeviceId) -> Result<Result<Hold, Held>, StoreError> {
        let n = self.count.fetch_add(1, Ordering::Relaxed);
        let holder = process::this_process(&format!("visit.{n}"));
        let (store, clock) = (Arc::clone(guard.store()), Arc::clone(guard.clock()));
        Hold::take(store, clock, &format!("device:{id}"), &holder).await
    }

    /// Takes note of whether the phone answers, unless somebody noted something newer.
    async fn note(
        &self,
        guard: &Guard,
        phone: &DeviceRecord,
        rungs: &[Rung],
    ) -> Result<(), StoreError> {
        let (now, rev) = (guard.clock().now(), phone.rev);
        let broken = rungs.iter().find(|rung| !rung.holds());
        let next = match (broken, rungs.first()) {
            (Some(rung), _) => phone.clone().failed(&rung.said, now),
            (None, first) => phone.clone().answered(first.map(|rung| rung.said.clone()), now),
        };
        match guard.store().put_device(&next, rev, None, now).await {
            Ok(_) | Err(StoreError::Conflict { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
