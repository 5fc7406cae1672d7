//! A model of a phone: one session at a time, one page in front, and taps that reach the platform.
//! Small and quick; that the real protocol is spoken right is for other tests.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{Action, DeviceId};
use decorum_device::{
    Command, Device, DeviceError, DeviceErrorKind, DeviceStatus, Element, Locator, Point, Size,
};
use decorum_engine::run::Dial;
use tokio::time::Instant;

use crate::gate::Gate;
use crate::pages::{RATE_LIMITED, Screenful, Shown, Tap};
use crate::platform::{Platform, Reaction};
use crate::protection::{Protection, is_off};
use crate::watcher::{Tapped, Watcher};

/// What the phone's app shows.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Page {
    Feed,
    Own,
    /// The sheet of accounts over one's own profile.
    Accounts,
    Profile(usize),
    Missing,
    Post(usize),
    Comments(usize, Option<String>),
    Story(usize),
}

/// One phone.
#[derive(Debug)]
pub(crate) struct Phone {
    /// The account the app acts for, unless somebody switched it.
    pub(crate) account: usize,
    /// Those that are logged in.
    pub(crate) accounts: Vec<usize>,
    /// Whom the app acts for until when, if somebody switched it. It shows at the next session:
    /// nobody takes a phone out of a running one's hands.
    pub(crate) switched: Option<(Instant, Instant)>,
    /// Answers nobody in this time.
    pub(crate) gone: Option<(Instant, Instant)>,
    /// When its server forgets the session.
    pub(crate) forgets_at: Option<Instant>,
    acts_for_other: bool,
    page: Page,
    generation: u64,
    dialog: bool,
    session: Option<u64>,
    sessions: u64,
    /// For which accounts there were acts in each session.
    pub(crate) served: BTreeSet<(u64, usize)>,
}

impl Phone {
    /// A phone with these accounts logged in, the first of them in front.
    pub(crate) fn new(accounts: Vec<usize>) -> Self {
        Self {
            account: accounts.first().copied().unwrap_or_default(),
            accounts,
            switched: None,
            gone: None,
            forgets_at: None,
            acts_for_other: false,
            page: Page::Feed,
            generation: 0,
            dialog: false,
            session: None,
            sessions: 0,
            served: BTreeSet::new(),
        }
    }

    fn is_gone(&self, now: Instant) -> bool {
        self.gone.is_some_and(|(from, until)| from <= now && now < until)
    }

    /// A person reads what the app says, and closes it.
    pub(crate) fn attend(&mut self) {
        self.dialog = false;
        self.generation += 1;
    }

    fn go(&mut self, page: Page) {
        self.page = page;
        self.generation += 1;
    }
}

/// All phones, and the platform behind them.
#[derive(Clone, Debug)]
pub(crate) struct Phones {
    pub(crate) all: Arc<Mutex<Vec<Phone>>>,
    pub(crate) platform: Arc<Mutex<Platform>>,
    pub(crate) account_names: Arc<Vec<String>>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// For whom the app acts that was switched.
const SOMEBODY_ELSE: &str = "somebody.else";

/// The line from one process to one phone.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) phones: Phones,
    pub(crate) phone: usize,
    pub(crate) gate: Gate,
    pub(crate) watcher: Arc<Watcher>,
    /// Which process this is, for the watcher.
    pub(crate) process: usize,
    pub(crate) id: DeviceId,
}

#[async_trait]
impl Dial for Line {
    async fn dial(&self) -> Result<Arc<dyn Device>, DeviceError> {
        let lost = || error(DeviceErrorKind::Unreachable, Command::Status, "no answer");
        self.gate.pass().await.map_err(|_| lost())?;
        let gone = {
            let phones = lock(&self.phones.all);
            phones.get(self.phone).is_none_or(|phone| phone.is_gone(Instant::now()))
        };
        if gone {
            return Err(lost());
        }
        Ok(Arc::new(Connection {
            phones: self.phones.clone(),
            phone: self.phone,
            gate: self.gate.clone(),
            watcher: Arc::clone(&self.watcher),
            process: self.process,
            id: self.id.clone(),
            session: Mutex::new(None),
            trips: Mutex::new(0),
        }))
    }

    fn device_id(&self) -> DeviceId {
        self.id.clone()
    }
}

/// A connection of one process.
#[derive(Debug)]
struct Connection {
    phones: Phones,
    phone: usize,
    gate: Gate,
    watcher: Arc<Watcher>,
    process: usize,
    id: DeviceId,
    session: Mutex<Option<u64>>,
    trips: Mutex<u64>,
}

fn error(kind: DeviceErrorKind, command: Command, answer: &str) -> DeviceError {
    DeviceError::new(kind, command, "the model phone", answer)
}

/// How long a request takes on the phone.
const fn takes(command: Command) -> Duration {
    Duration::from_millis(match command {
        Command::Source => 400,
        Command::Tap | Command::TypeText | Command::OpenLink => 200,
        _ => 60,
    })
}

impl Connection {
    /// One request: there, done, and back.
    async fn ask<T>(
        &self,
        command: Command,
        work: impl FnOnce(&Self, &mut Phone, &mut Platform) -> Result<T, DeviceErrorKind>,
    ) -> Result<T, DeviceError> {
        *lock(&self.trips) += 1;
        let dropped = || error(DeviceErrorKind::Dropped, command, "the connection broke");
        self.gate.pass().await.map_err(|_| dropped())?;
        tokio::time::sleep(takes(command)).await;
        let done = {
            let mut phones = lock(&self.phones.all);
            let mut platform = lock(&self.phones.platform);
            let Some(phone) = phones.get_mut(self.phone) else { return Err(dropped()) };
            let now = Instant::now();
            if phone.is_gone(now) {
                return Err(error(DeviceErrorKind::Unreachable, command, "no answer"));
            }
            if phone.forgets_at.is_some_and(|at| at <= now) {
                phone.forgets_at = None;
                phone.session = None;
            }
            work(self, phone, &mut platform)
        };
        self.gate.pass().await.map_err(|_| dropped())?;
        done.map_err(|kind| error(kind, command, "refused"))
    }

    /// One request within the session.
    async fn in_session<T>(
        &self,
        command: Command,
        work: impl FnOnce(&Self, &mut Phone, &mut Platform) -> Result<T, DeviceErrorKind>,
    ) -> Result<T, DeviceError> {
        self.ask(command, |this, phone, platform| {
            let ours = *lock(&this.session);
            let fenced = phone.session == ours || is_off(Protection::SessionFence);
            if ours.is_none() || !fenced {
                return Err(DeviceErrorKind::SessionLost);
            }
            work(this, phone, platform)
        })
        .await
    }

    fn screen(&self, phone: &Phone, platform: &Platform) -> Screenful {
        let account = phone.account;
        if platform.challenged.contains(&account) && !phone.acts_for_other {
            return Screenful::challenge();
        }
        let person = |target: usize| platform.people.get(target).copied().unwrap_or_default();
        let name = |target: usize| platform.names.get(target);
        let page = match &phone.page {
            Page::Feed => Screenful::feed(),
            Page::Own => Screenful::own(self.app_name(phone)),
            Page::Accounts => {
                let name = |n: &usize| Some((*n, self.phones.account_names.get(*n)?.as_str()));
                Screenful::own(self.app_name(phone))
                    .with_accounts(phone.accounts.iter().filter_map(name))
            }
            Page::Missing => Screenful::missing(),
            Page::Profile(target) => match name(*target) {
                None => Screenful::missing(),
                Some(name) => {
                    let spec = person(*target);
                    let following = platform.shows(account, *target, Action::Follow);
                    Screenful::profile(
                        name,
                        Shown {
                            following: following && !phone.acts_for_other,
                            private: spec.private,
                            posts: spec.posts,
                            story: spec.story,
                        },
                    )
                }
            },
            Page::Post(target) => match name(*target) {
                None => Screenful::missing(),
                Some(name) => {
                    let liked = platform.shows(account, *target, Action::Like);
                    Screenful::post(name, liked && !phone.acts_for_other)
                }
            },
            Page::Comments(target, draft) => {
                let comments = platform.comments(*target, &self.phones.account_names);
                Screenful::comments(&comments, draft.as_deref())
            }
            Page::Story(target) => match name(*target) {
                None => Screenful::missing(),
                Some(name) => Screenful::story(name),
            },
        };
        if phone.dialog { page.with_dialog(RATE_LIMITED) } else { page }
    }

    fn app_name(&self, phone: &Phone) -> &str {
        if phone.acts_for_other {
            return SOMEBODY_ELSE;
        }
        self.phones.account_names.get(phone.account).map_or("", String::as_str)
    }

    fn tapped(
        &self,
        tap: Tap,
        phone: &mut Phone,
        platform: &mut Platform,
        without_right: Option<&'static str>,
    ) {
        let mut act = |phone: &mut Phone, target, action, text: Option<&str>| {
            self.act(phone, platform, (target, action), text, without_right)
        };
        match (tap, phone.page.clone()) {
            (Tap::Follow, Page::Profile(target)) => {
                // The button of somebody who is followed would end that; nobody may come so far.
                act(phone, target, Action::Follow, None);
            }
            (Tap::Like, Page::Post(target)) => {
                act(phone, target, Action::Like, None);
            }
            (Tap::OpenPost, Page::Profile(target)) => phone.go(Page::Post(target)),
            (Tap::OpenComments, Page::Post(target)) => phone.go(Page::Comments(target, None)),
            (Tap::SendComment, Page::Comments(target, Some(text))) => {
                phone.go(Page::Comments(target, None));
                act(phone, target, Action::Comment, Some(&text));
            }
            (Tap::OpenStory, Page::Profile(target))
                if act(phone, target, Action::View, None) == Reaction::Done =>
            {
                phone.go(Page::Story(target));
            }
            (Tap::LeaveStory, Page::Story(target)) => phone.go(Page::Profile(target)),
            (Tap::CloseDialog, _) => {
                phone.dialog = false;
                phone.generation += 1;
            }
            (Tap::OwnProfile, _) => phone.go(Page::Own),
            (Tap::OpenAccounts, Page::Own) => phone.go(Page::Accounts),
            (Tap::SwitchTo(account), Page::Accounts) => {
                phone.account = account;
                phone.acts_for_other = false;
                phone.go(Page::Own);
            }
            _ => {}
        }
    }

    fn act(
        &self,
        phone: &mut Phone,
        platform: &mut Platform,
        (target, action): (usize, Action),
        text: Option<&str>,
        without_right: Option<&'static str>,
    ) -> Reaction {
        let already = platform.shows(phone.account, target, action);
        let reaction = platform.act(phone.account, target, action, text);
        if matches!(reaction, Reaction::RateLimited) {
            phone.dialog = true;
        }
        phone.generation += 1;
        if let Some(session) = phone.session {
            phone.served.insert((session, phone.account));
        }
        self.watcher.tapped(&Tapped {
            process: self.process,
            account: phone.account,
            by_other: phone.acts_for_other,
            target,
            action,
            reaction,
            already,
            without_right,
            stale_session: phone.session != *lock(&self.session),
        });
        reaction
    }
}

/// `instagram://user?username=anna`
fn named_in(url: &str) -> Option<&str> {
    url.split_once("username=").map(|(_, name)| name)
}

#[async_trait]
impl Device for Connection {
    async fn open_session(&self, _: Option<&str>) -> Result<String, DeviceError> {
        let id = self
            .ask(Command::OpenSession, |this, phone, _| {
                let now = Instant::now();
                this.watcher.opened(this.process, &this.id);
                phone.sessions += 1;
                phone.session = Some(phone.sessions);
                phone.acts_for_other =
                    phone.switched.is_some_and(|(from, until)| from <= now && now < until);
                Ok(phone.sessions)
            })
            .await?;
        *lock(&self.session) = Some(id);
        Ok(format!("session-{id}"))
    }

    async fn close_session(&self) -> Result<(), DeviceError> {
        self.in_session(Command::CloseSession, |_, phone, _| {
            phone.session = None;
            Ok(())
        })
        .await
    }

    fn session_id(&self) -> Option<String> {
        lock(&self.session).map(|id| format!("session-{id}"))
    }

    async fn status(&self) -> Result<DeviceStatus, DeviceError> {
        Err(error(DeviceErrorKind::Unsupported, Command::Status, "not modelled"))
    }

    async fn open_link(&self, url: &str) -> Result<(), DeviceError> {
        self.in_session(Command::OpenLink, |this, phone, platform| {
            let name = named_in(url).unwrap_or_default();
            let page = if name == this.app_name(phone) {
                Page::Own
            } else {
                let person = platform.person(name);
                let there = person.filter(|p| !platform.people.get(*p).is_some_and(|s| s.missing));
                there.map_or(Page::Missing, Page::Profile)
            };
            phone.go(page);
            Ok(())
        })
        .await
    }

    async fn source(&self) -> Result<String, DeviceError> {
        self.in_session(Command::Source, |this, phone, platform| {
            Ok(this.screen(phone, platform).xml())
        })
        .await
    }

    async fn find(&self, locator: &Locator) -> Result<Element, DeviceError> {
        self.in_session(Command::Find, |this, phone, platform| {
            let screen = this.screen(phone, platform);
            let part = screen.find(locator).ok_or(DeviceErrorKind::NoSuchElement)?;
            let name = if part.name.is_empty() { &part.label } else { &part.name };
            Ok(Element::new(format!("{}/{:?}/{name}", phone.generation, part.tap)))
        })
        .await
    }

    async fn find_all(&self, _: &Locator) -> Result<Vec<Element>, DeviceError> {
        Err(error(DeviceErrorKind::Unsupported, Command::FindAll, "not modelled"))
    }

    async fn attribute(&self, _: &Element, _: &str) -> Result<Option<String>, DeviceError> {
        Err(error(DeviceErrorKind::Unsupported, Command::Attribute, "not modelled"))
    }

    async fn tap(&self, element: &Element) -> Result<(), DeviceError> {
        let account = lock(&self.phones.all).get(self.phone).map(|phone| phone.account);
        let without_right =
            account.and_then(|a| self.watcher.without_right(self.process, a, self.phone));
        self.in_session(Command::Tap, |this, phone, platform| {
            let screen = this.screen(phone, platform);
            let is_it = |part: &&crate::pages::Part| {
                let name = if part.name.is_empty() { &part.label } else { &part.name };
                element.id() == format!("{}/{:?}/{name}", phone.generation, part.tap)
            };
            let found = screen.all().find(is_it).ok_or(DeviceErrorKind::StaleElement)?;
            if screen.is_covered(found) {
                return Err(DeviceErrorKind::NotInteractable);
            }
            this.tapped(found.tap, phone, platform, without_right);
            Ok(())
        })
        .await
    }

    async fn type_text(&self, _: &Element, text: &str) -> Result<(), DeviceError> {
        self.in_session(Command::TypeText, |_, phone, _| {
            if let Page::Comments(target, _) = phone.page {
                phone.go(Page::Comments(target, Some(text.to_owned())));
            }
            Ok(())
        })
        .await
    }

    async fn clear(&self, _: &Element) -> Result<(), DeviceError> {
        self.in_session(Command::Clear, |_, phone, _| {
            if let Page::Comments(target, _) = phone.page {
                phone.go(Page::Comments(target, None));
            }
            Ok(())
        })
        .await
    }

    async fn swipe(&self, _: Point, _: Point, _: Duration) -> Result<(), DeviceError> {
        Err(error(DeviceErrorKind::Unsupported, Command::Swipe, "not modelled"))
    }

    async fn alert_text(&self) -> Result<Option<String>, DeviceError> {
        Ok(None)
    }

    async fn alert_buttons(&self) -> Result<Vec<String>, DeviceError> {
        Ok(Vec::new())
    }

    async fn alert_accept(&self) -> Result<(), DeviceError> {
        Err(error(DeviceErrorKind::NoSuchAlert, Command::AlertAccept, "not modelled"))
    }

    async fn alert_dismiss(&self) -> Result<(), DeviceError> {
        Err(error(DeviceErrorKind::NoSuchAlert, Command::AlertDismiss, "not modelled"))
    }

    async fn alert_press(&self, _: &str) -> Result<(), DeviceError> {
        Err(error(DeviceErrorKind::NoSuchAlert, Command::AlertPress, "not modelled"))
    }

    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError> {
        Err(error(DeviceErrorKind::Unsupported, Command::Screenshot, "not modelled"))
    }

    async fn activate_app(&self, _: &str) -> Result<(), DeviceError> {
        self.in_session(Command::ActivateApp, |_, _, _| Ok(())).await
    }

    async fn terminate_app(&self, _: &str) -> Result<(), DeviceError> {
        self.in_session(Command::TerminateApp, |_, phone, _| {
            phone.dialog = false;
            phone.go(Page::Feed);
            Ok(())
        })
        .await
    }

    async fn turn_upright(&self) -> Result<(), DeviceError> {
        Err(error(DeviceErrorKind::Unsupported, Command::TurnUpright, "not modelled"))
    }

    async fn hide_keyboard(&self) -> Result<(), DeviceError> {
        Err(error(DeviceErrorKind::Unsupported, Command::HideKeyboard, "not modelled"))
    }

    async fn window_size(&self) -> Result<Size, DeviceError> {
        Ok(Size { width: 390.0, height: 844.0 })
    }

    fn round_trips(&self) -> u64 {
        *lock(&self.trips)
    }

    fn describe(&self) -> String {
        format!("model phone {}", self.phone)
    }
}
