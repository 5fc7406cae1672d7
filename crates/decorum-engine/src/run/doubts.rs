//! Settling what an earlier run, or a broken connection, left in doubt: by looking.

use decorum_core::{Claim, Finding, Metadata};
use decorum_store::Doubt;

use super::attempt::LOOKS_MAX;
use super::drive::{Drive, Trip};
use super::tell::Progress;
use crate::process;
use crate::sabotage::{Protection, is_off};

/// Doubts settled in one go; the next go takes the rest.
const BATCH: usize = 200;

impl Drive<'_> {
    /// Turns what dead or late holders left behind into doubts, and returns them.
    pub(super) async fn find_doubts(&self) -> Result<Vec<Doubt>, Trip> {
        let store = self.guard.store();
        let account = Some(&self.plan.account);
        let holders = store.claim_holders(account).await?;
        let gone: Vec<_> = holders.into_iter().filter(process::is_gone).collect();
        store.lapse(account, &gone, self.guard.clock().now()).await?;
        Ok(store.doubts(account, BATCH).await?)
    }

    /// Looks at each doubt of the account and settles it. Returns how many were settled.
    pub(super) async fn settle_doubts(&mut self) -> Result<usize, Trip> {
        let mut settled = 0;
        loop {
            let doubts = self.find_doubts().await?;
            let (found, before) = (doubts.len(), settled);
            for doubt in doubts {
                if self.stop.is_asked() {
                    return Ok(settled);
                }
                settled += usize::from(self.settle(&doubt).await?);
            }
            // A full batch may hide more; one of which none could be settled hides the same again.
            if found < BATCH || settled == before {
                return Ok(settled);
            }
        }
    }

    async fn settle(&mut self, doubt: &Doubt) -> Result<bool, Trip> {
        let mut looks = 0;
        let finding = loop {
            looks += 1;
            self.ensure_phone().await?;
            // The session may be from before the claim: it ends the claimant's only if the phone has
            // been ours ever since.
            if !is_off(Protection::StillOurs) {
                self.sure()?;
            }
            let Some(automator) = &self.automator else { continue };
            if is_off(Protection::LookAtDoubts) {
                break Finding::NotDone;
            }
            match automator.look(&doubt.key, &doubt.claim).await {
                Ok(Ok(Finding::NotDone)) if self.is_of_another_phone(&doubt.claim) => {
                    break Finding::CannotTell;
                }
                Ok(Ok(finding)) => break finding,
                // The page would not show it now; the doubt stays for a better moment.
                Ok(Err(ending)) => {
                    let target = &doubt.key.target_username;
                    tracing::warn!(%target, detail = %ending.detail, "a doubt cannot be settled now");
                    self.heard(&ending).await?;
                    return Ok(false);
                }
                Err(error) if looks < LOOKS_MAX => self.phone_failed(&error.to_string()).await?,
                Err(error) => return Err(error.into()),
            }
        };
        self.guard.reconcile(doubt.claim.id, finding, Metadata::default()).await?;
        self.summary.reconciled += 1;
        self.tell.tell(Progress::Reconciled {
            target: doubt.key.target_username.as_str(),
            found: match finding {
                Finding::Done => "done",
                Finding::NotDone => "not done",
                Finding::CannotTell => "cannot tell, counted as done",
            },
        });
        Ok(true)
    }

    /// Whether the act was to be done on another phone than ours. Its claimant may be standing still
    /// right before the tap, and our session is not the one that ends theirs: what is not done now
    /// may be done whenever they go on.
    fn is_of_another_phone(&self, claim: &Claim) -> bool {
        let ours = self.dial.device_id();
        claim.device_id.as_ref().is_some_and(|phone| *phone != ours)
            && !is_off(Protection::SamePhone)
    }
}
