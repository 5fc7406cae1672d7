//! Getting to a list: from a person's name or a hashtag to its first rows.

use decorum_core::{ErrorClass, Outcome, Username};
use decorum_device::screen::{Control, ProfilePage, Relationship};

use super::{CrawlEnd, Halt, Reading, Source};
use crate::automator::Automator;
use crate::automator::approach::Step;
use crate::guard::Ending;

impl Reading<'_> {
    /// Opens the list anew; what is in sight then is its top.
    pub(super) async fn open(&mut self) -> Result<(), Halt> {
        match self.source {
            Source::FollowersOf(person) => {
                let page = self.profile(person).await?;
                self.counts(page.followers);
                self.enter(page.followers_button.as_ref(), page.followers).await
            }
            Source::FollowingOf(person) => {
                let page = self.profile(person).await?;
                self.counts(page.following);
                self.enter(page.following_button.as_ref(), page.following).await
            }
            Source::LikersOf(person) => {
                let page = self.profile(person).await?;
                let post = self.automator.open_newest_post(person, &page).await?;
                let post = reached(post)?;
                self.enter(post.likers_button.as_ref(), post.likes).await
            }
            Source::Hashtag(tag) => {
                let link = self.automator.profile.tag_link(tag.as_str());
                self.automator.device.open_link(&link).await?;
                Ok(())
            }
            _ => Err(Halt::End(CrawlEnd::Finished)),
        }
    }

    async fn profile(&self, person: &Username) -> Result<ProfilePage, Halt> {
        let page = reached(self.automator.open_profile(person).await?)?;
        if page.is_private && page.relationship != Relationship::Following && !page.is_own {
            let why = format!("{person} is private, and shows lists only to followers");
            return Err(Halt::End(CrawlEnd::Unavailable { why }));
        }
        Ok(page)
    }

    /// The app rounds large numbers, and a rounded one promises nothing.
    fn counts(&mut self, count: Option<u64>) {
        self.promised = count.filter(|count| *count < crate::automator::look::ROUNDED_FROM);
    }

    /// Taps what leads to the list.
    async fn enter(&mut self, door: Option<&Control>, count: Option<u64>) -> Result<(), Halt> {
        if count == Some(0) {
            return Err(Halt::End(self.finish().await?));
        }
        let Some(door) = door else {
            let what = format!("the button to {}", self.source);
            let ending = Automator::not_shown(&what, "a page without it");
            return Err(Halt::End(CrawlEnd::Trouble(ending)));
        };
        self.automator.press(door).await?;
        Ok(())
    }
}

/// What was reached. A person who is gone, private or without posts will not have the list in a
/// minute either.
fn reached<T>(step: Step<T>) -> Result<T, Halt> {
    step.map_err(|ending: Ending| {
        Halt::End(match ending.outcome {
            Outcome::Failed(ErrorClass::TargetUnavailable) | Outcome::Skipped(_) => {
                CrawlEnd::Unavailable { why: ending.detail }
            }
            _ => CrawlEnd::Trouble(ending),
        })
    })
}
