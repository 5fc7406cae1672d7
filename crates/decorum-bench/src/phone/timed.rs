//! A way to a phone, and a clock, that take note of how long the phone has the word and how long it is
//! given time.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use decorum_core::{DeviceId, DeviceRecord, Timestamp};
use decorum_device::{
    Device, DeviceError, DeviceStatus, Element, Locator, Point, Size, WebDriver, WebDriverOptions,
};
use decorum_engine::clock::{Clock, SystemClock};
use decorum_engine::crew::Lines;
use decorum_engine::run::Dial;

/// Calls to a phone: from the first to the last, and inside of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    first: Option<Instant>,
    last: Option<Instant>,
    inside: Duration,
}

impl Calls {
    /// How long nobody talked to the phone between the first call and the last.
    pub(crate) fn outside(&self) -> Duration {
        let (Some(first), Some(last)) = (self.first, self.last) else { return Duration::ZERO };
        last.duration_since(first).saturating_sub(self.inside)
    }
}

/// The ways to phones that share one note.
#[derive(Clone)]
pub(crate) struct TimedLines {
    pub(crate) options: WebDriverOptions,
    pub(crate) calls: Arc<Mutex<Calls>>,
}

impl TimedLines {
    /// What was noted since this was last asked.
    pub(crate) fn take(&self) -> Calls {
        std::mem::take(&mut *self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The machine's clock. The pauses after a tap and between two looks at a page belong to the phone: it
/// is given time to show what came of it.
pub(crate) struct TimedClock {
    /// The longest of them; whoever waits longer, waits for something else.
    pub(crate) pause: Duration,
    pub(crate) calls: Arc<Mutex<Calls>>,
}

#[async_trait]
impl Clock for TimedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    fn steady(&self) -> Duration {
        SystemClock.steady()
    }

    fn boot(&self) -> Cow<'_, str> {
        static CLOCK: SystemClock = SystemClock;
        CLOCK.boot()
    }

    async fn sleep(&self, how_long: Duration) {
        let begun = Instant::now();
        SystemClock.sleep(how_long).await;
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        if how_long <= self.pause && calls.first.is_some() {
            calls.inside += begun.elapsed();
        }
    }
}

impl Lines for TimedLines {
    fn line(&self, phone: &DeviceRecord) -> Arc<dyn Dial> {
        let (lines, url, id) = (self.clone(), phone.url.clone(), phone.device_id.clone());
        Arc::new(Line { lines, url, id })
    }
}

struct Line {
    lines: TimedLines,
    url: String,
    id: DeviceId,
}

#[async_trait]
impl Dial for Line {
    async fn dial(&self) -> Result<Arc<dyn Device>, DeviceError> {
        let inner = WebDriver::connect(&self.url, self.lines.options.clone()).await?;
        Ok(Arc::new(Timed { inner, calls: Arc::clone(&self.lines.calls) }))
    }

    fn device_id(&self) -> DeviceId {
        self.id.clone()
    }
}

#[derive(Debug)]
struct Timed {
    inner: WebDriver,
    calls: Arc<Mutex<Calls>>,
}

impl Timed {
    async fn noted<T>(&self, call: impl Future<Output = T>) -> T {
        let begun = Instant::now();
        let answer = call.await;
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.first.get_or_insert(begun);
        calls.last = Some(Instant::now());
        calls.inside += begun.elapsed();
        answer
    }
}

#[async_trait]
impl Device for Timed {
    async fn open_session(&self, resume: Option<&str>) -> Result<String, DeviceError> {
        self.noted(self.inner.open_session(resume)).await
    }

    async fn close_session(&self) -> Result<(), DeviceError> {
        // Long after the last engagement.
        self.inner.close_session().await
    }

    fn session_id(&self) -> Option<String> {
        self.inner.session_id()
    }

    async fn status(&self) -> Result<DeviceStatus, DeviceError> {
        self.inner.status().await
    }

    async fn open_link(&self, url: &str) -> Result<(), DeviceError> {
        self.noted(self.inner.open_link(url)).await
    }

    async fn source(&self) -> Result<String, DeviceError> {
        self.noted(self.inner.source()).await
    }

    async fn find(&self, locator: &Locator) -> Result<Element, DeviceError> {
        self.noted(self.inner.find(locator)).await
    }

    async fn find_all(&self, locator: &Locator) -> Result<Vec<Element>, DeviceError> {
        self.noted(self.inner.find_all(locator)).await
    }

    async fn attribute(
        &self,
        element: &Element,
        name: &str,
    ) -> Result<Option<String>, DeviceError> {
        self.noted(self.inner.attribute(element, name)).await
    }

    async fn tap(&self, element: &Element) -> Result<(), DeviceError> {
        self.noted(self.inner.tap(element)).await
    }

    async fn type_text(&self, element: &Element, text: &str) -> Result<(), DeviceError> {
        self.noted(self.inner.type_text(element, text)).await
    }

    async fn clear(&self, element: &Element) -> Result<(), DeviceError> {
        self.noted(self.inner.clear(element)).await
    }

    async fn swipe(&self, from: Point, to: Point, duration: Duration) -> Result<(), DeviceError> {
        self.noted(self.inner.swipe(from, to, duration)).await
    }

    async fn alert_text(&self) -> Result<Option<String>, DeviceError> {
        self.noted(self.inner.alert_text()).await
    }

    async fn alert_buttons(&self) -> Result<Vec<String>, DeviceError> {
        self.noted(self.inner.alert_buttons()).await
    }

    async fn alert_accept(&self) -> Result<(), DeviceError> {
        self.noted(self.inner.alert_accept()).await
    }

    async fn alert_dismiss(&self) -> Result<(), DeviceError> {
        self.noted(self.inner.alert_dismiss()).await
    }

    async fn alert_press(&self, button: &str) -> Result<(), DeviceError> {
        self.noted(self.inner.alert_press(button)).await
    }

    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError> {
        self.noted(self.inner.screenshot()).await
    }

    async fn activate_app(&self, bundle_id: &str) -> Result<(), DeviceError> {
        self.noted(self.inner.activate_app(bundle_id)).await
    }

    async fn terminate_app(&self, bundle_id: &str) -> Result<(), DeviceError> {
        self.noted(self.inner.terminate_app(bundle_id)).await
    }

    async fn window_size(&self) -> Result<Size, DeviceError> {
        self.noted(self.inner.window_size()).await
    }

    async fn turn_upright(&self) -> Result<(), DeviceError> {
        self.noted(self.inner.turn_upright()).await
    }

    async fn hide_keyboard(&self) -> Result<(), DeviceError> {
        self.noted(self.inner.hide_keyboard()).await
    }

    fn round_trips(&self) -> u64 {
        self.inner.round_trips()
    }

    fn describe(&self) -> String {
        self.inner.describe()
    }
}
