//! From the person's name to the moment before the tap.

use decorum_core::{Action, ErrorClass, Metadata, Outcome, Skip, Username, outcome::reason};
use decorum_device::screen::{Control, Page, ProfilePage, Relationship};
use decorum_device::{DeviceError, Element, Locator};

use super::Automator;
use super::wait::Waited;
use crate::guard::Ending;

/// What approaching came to.
#[derive(Debug)]
pub enum Approach {
    /// One tap is left.
    Ready(Ready),
    /// There is nothing to tap; this is why.
    Seen(Ending),
}

/// Everything is in place for one act.
#[derive(Debug)]
pub struct Ready {
    pub(super) target: Username,
    pub(super) action: Action,
    pub(super) element: Element,
    pub(super) comment: Option<String>,
    posts: Option<u64>,
}

impl Ready {
    /// What reconciling needs to know should the outcome be lost: how many posts the person had
    /// (their newest post is then known to be the same one) and the comment's text.
    pub fn metadata(&self) -> Metadata {
        let mut metadata = Metadata::default();
        if let Some(posts) = self.posts.filter(|_| self.action != Action::Follow) {
            metadata = metadata.with("posts", posts);
        }
        if let Some(text) = &self.comment {
            metadata = metadata.with("comment", text.as_str());
        }
        metadata
    }
}

/// A step of the way: what was reached, or why the way ends here.
pub(super) type Step<T> = Result<T, Ending>;

impl Automator {
    /// Opens the person's page and brings everything up to the last tap of `action`.
    /// `comment` is the text to post, for [`Action::Comment`].
    ///
    /// # Errors
    /// When the phone does not do as it is told. Nobody has been engaged then.
    pub async fn approach(
        &self,
        target: &Username,
        action: Action,
        comment: Option<&str>,
    ) -> Result<Approach, DeviceError> {
        let opened = self.open_profile(target).await?;
        let page = match opened.and_then(|page| self.sift(page, action)) {
            Ok(page) => page,
            Err(ending) => return Ok(Approach::Seen(ending)),
        };
        let posts = page.posts;
        let way = match action {
            Action::Follow => follow_button(&page),
            Action::Like => self.like_button(target, &page).await?,
            Action::Comment => {
                self.comment_button(target, &page, comment.unwrap_or_default()).await?
            }
            Action::View => story_ring(&page),
        };
        let element = match way {
            Ok(locator) => self.locate(&locator).await?,
            Err(ending) => Err(ending),
        };
        Ok(match element {
            Ok(element) => Approach::Ready(Ready {
                target: target.clone(),
                action,
                element,
                comment: comment.filter(|_| action == Action::Comment).map(ToOwned::to_owned),
                posts,
            }),
            Err(ending) => Approach::Seen(ending),
        })
    }

    /// Decides as [`Automator::approach`] would from the person's profile alone, without a tap.
    ///
    /// # Errors
    /// When the phone does not do as it is told.
    pub async fn survey(
        &self,
        target: &Username,
        action: Action,
    ) -> Result<Result<(), Ending>, DeviceError> {
        let opened = self.open_profile(target).await?;
        Ok(opened.and_then(|page| self.sift(page, action)).and_then(|page| match action {
            Action::Follow => follow_button(&page).map(drop),
            Action::Like | Action::Comment => thumbnail(&page).map(drop),
            Action::View => story_ring(&page).map(drop),
        }))
    }

    /// Opens the person's profile and waits until it is theirs and filled in.
    pub(super) async fn open_profile(
        &self,
        target: &Username,
    ) -> Result<Step<ProfilePage>, DeviceError> {
        self.device.open_link(&self.profile.user_link(target.as_str())).await?;
        let arrived = self
            .wait(|screen| match &screen.page {
                Page::Profile(page) if page.is_loaded && page.is_of(target.as_str()) => {
                    Some(Ok(page.clone()))
                }
                Page::Missing { text } => Some(Err(text.clone())),
                _ => None,
            })
            .await?;
        Ok(match arrived {
            Waited::Got(Ok(page)) => Ok(page),
            Waited::Got(Err(text)) => {
                Err(Ending::new(Outcome::Failed(ErrorClass::TargetUnavailable), text))
            }
            Waited::Trouble(ending) => Err(ending),
            Waited::Lapsed(seen) => Err(Self::not_shown(&format!("the profile of {target}"), seen)),
        })
    }

    /// Opens the newest post of the profile in front and waits for it.
    pub(super) async fn open_newest_post(
        &self,
        target: &Username,
        page: &ProfilePage,
    ) -> Result<Step<decorum_device::screen::PostPage>, DeviceError> {
        let thumbnail = match thumbnail(page) {
            Ok(control) => control,
            Err(ending) => return Ok(Err(ending)),
        };
        self.press(thumbnail).await?;
        let arrived = self
            .wait(|screen| match &screen.page {
                Page::Post(post) if post.is_by(target.as_str()) => Some(post.clone()),
                _ => None,
            })
            .await?;
        Ok(match arrived {
            Waited::Got(post) => Ok(post),
            Waited::Trouble(ending) => Err(ending),
            Waited::Lapsed(seen) => {
                Err(Self::not_shown(&format!("the newest post of {target}"), seen))
            }
        })
    }

    async fn like_button(
        &self,
        target: &Username,
        page: &ProfilePage,
    ) -> Result<Step<Locator>, DeviceError> {
        Ok(self.open_newest_post(target, page).await?.and_then(|post| match post.liked {
            Some(true) => Err(Ending::new(
                Outcome::Skipped(Skip::AlreadyDone),
                "the like button says it is liked",
            )
            .because(reason::ALREADY_LIKED)),
            _ => post.like_locator().ok_or_else(|| Self::not_shown("the like button", "post")),
        }))
    }

    /// Opens the comments and types the text; what is left is the tap that posts it.
    async fn comment_button(
        &self,
        target: &Username,
        page: &ProfilePage,
        text: &str,
    ) -> Result<Step<Locator>, DeviceError> {
        let post = match self.open_newest_post(target, page).await? {
            Ok(post) => post,
            Err(ending) => return Ok(Err(ending)),
        };
        let Some(open) = post.comment_button else {
            return Ok(Err(Ending::new(
                Outcome::Skipped(Skip::NothingThere),
                "the newest post takes no comments",
            )
            .because(reason::NO_POSTS)));
        };
        self.press(&open).await?;
        let sheet = |screen: &decorum_device::Screen| match &screen.page {
            Page::CommentSheet(sheet) => sheet.input.clone(),
            _ => None,
        };
        let input = match self.wait(sheet).await? {
            Waited::Got(input) => input,
            Waited::Trouble(ending) => return Ok(Err(ending)),
            Waited::Lapsed(seen) => return Ok(Err(Self::not_shown("the comments", seen))),
        };
        let field = match self.locate(&input.locator_by_name()).await? {
            Ok(field) => field,
            Err(ending) => return Ok(Err(ending)),
        };
        self.device.clear(&field).await?;
        self.device.type_text(&field, text).await?;
        let typed = |screen: &decorum_device::Screen| match &screen.page {
            // Only what was meant may be posted: a keyboard that corrects must not have.
            Page::CommentSheet(sheet) if sheet.draft.as_deref() == Some(text) => sheet.send.clone(),
            _ => None,
        };
        Ok(match self.wait(typed).await? {
            Waited::Got(send) => Ok(send.locator()),
            Waited::Trouble(ending) => Err(ending),
            Waited::Lapsed(seen) => Err(Self::not_shown("the typed comment", seen)),
        })
    }

    async fn locate(&self, locator: &Locator) -> Result<Step<Element>, DeviceError> {
        match self.device.find(locator).await {
            Ok(element) => Ok(Ok(element)),
            Err(e) if *e.kind() == decorum_device::DeviceErrorKind::NoSuchElement => {
                Ok(Err(Self::not_shown("the button just read", "a page that has changed")))
            }
            Err(error) => Err(error),
        }
    }
}

fn follow_button(page: &ProfilePage) -> Step<Locator> {
    let already = |why, detail: &str| {
        Err(Ending::new(Outcome::Skipped(Skip::AlreadyDone), detail).because(why))
    };
    match page.relationship {
        Relationship::Following => {
            already(reason::ALREADY_FOLLOWING, "the follow button says Following")
        }
        Relationship::Requested => {
            already(reason::ALREADY_REQUESTED, "the follow button says Requested")
        }
        Relationship::NotFollowing | Relationship::Unknown => {
            page.follow_locator().ok_or_else(|| {
                let label = page.follow_button_label().unwrap_or("none");
                Automator::not_shown(
                    "a follow button that is understood",
                    &format!("label {label}"),
                )
            })
        }
    }
}

fn private(page: &ProfilePage) -> Step<()> {
    if page.is_private {
        Err(Ending::new(Outcome::Skipped(Skip::Private), "the account is private")
            .because(reason::PRIVATE_ACCOUNT))
    } else {
        Ok(())
    }
}

fn thumbnail(page: &ProfilePage) -> Step<&Control> {
    private(page)?;
    page.thumbnail.as_ref().ok_or_else(|| {
        Ending::new(Outcome::Skipped(Skip::NothingThere), "there is no post")
            .because(reason::NO_POSTS)
    })
}

fn story_ring(page: &ProfilePage) -> Step<Locator> {
    private(page)?;
    page.story_ring.as_ref().map(Control::locator).ok_or_else(|| {
        Ending::new(Outcome::Skipped(Skip::NothingThere), "there is no story")
            .because(reason::NO_STORY)
    })
}
