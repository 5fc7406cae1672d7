//! Finding one's place in a list again, after whatever ended the last reading of it.
//!
//! A list has no numbers to go to. It is moved on almost as often as it was the last time, without
//! looking, and then looked through for the rows that were read last. What comes to the top in the
//! meantime only makes the place lie further down.

use decorum_core::Username;
use decorum_core::task::LAST_NAMES_MAX;

use super::list::Look;
use super::{Halt, Reading, STILL_MAX};

/// So few swipes are not worth a search: reading from the top costs hardly more.
const WORTH_SEEKING: u32 = 8;
/// After so many swipes without a look it is made sure that the app still shows the list.
const BLIND_MAX: u32 = 16;

impl Reading<'_> {
    /// The first look to go on from: at the place, if the list was read before.
    pub(super) async fn find_place(&mut self) -> Result<Look, Halt> {
        let top = self.look().await?;
        if self.place.scrolls < WORTH_SEEKING || self.place.last_names.is_empty() {
            self.place.scrolls = 0;
            return Ok(top);
        }
        // Who came since stands at the top.
        let place = self.place.clone();
        let rows = self.rows(top.names.clone());
        self.total = self.sink.take(rows, &place).await?;
        self.within_limit()?;
        if let Some((look, scrolls)) = self.seek(top).await? {
            self.place.scrolls = scrolls;
            return Ok(look);
        }
        self.place.note =
            Some("its place in the list was not found again; it was read from the top".to_owned());
        self.place.scrolls = 0;
        self.recent.clear();
        self.open().await?;
        self.look().await
    }

    /// Looks for the rows that were read last, and says how many swipes below the top they are.
    async fn seek(&self, top: Look) -> Result<Option<(Look, u32)>, Halt> {
        let last: &[Username] = &self.place.last_names;
        let before = self.place.scrolls;
        let blind = before - before / 20 - 3;
        for scroll in 1..=blind {
            self.skip().await?;
            if scroll % BLIND_MAX == 0 {
                self.asked_to_stop()?;
                self.look().await?;
            }
        }
        let mut seen = top;
        let mut still = 0;
        for scrolls in blind..=before.saturating_mul(2).saturating_add(40) {
            self.asked_to_stop()?;
            let look = self.look().await?;
            if look.overlaps(last) {
                return Ok(Some((look, scrolls)));
            }
            let stands = look.names.iter().all(|name| seen.names.contains(name));
            still = if stands { still + 1 } else { 0 };
            if look.is_last || still >= STILL_MAX {
                return Ok(None);
            }
            seen = look;
            self.skip().await?;
        }
        Ok(None)
    }
}

/// What a place learns from a row that was read.
pub(super) trait Pass {
    /// Goes past one more row.
    fn pass(&mut self, name: &Username);
}

impl Pass for super::Place {
    fn pass(&mut self, name: &Username) {
        self.seen = self.seen.saturating_add(1);
        self.last_names.push(name.clone());
        let spare = self.last_names.len().saturating_sub(LAST_NAMES_MAX);
        self.last_names.drain(..spare);
    }
}
