//! Reaching the phone that was named on the command line.

use std::sync::Arc;

use async_trait::async_trait;
use decorum_core::DeviceId;
use decorum_device::{AppProfile, Device, DeviceError, WebDriver, WebDriverOptions};
use decorum_engine::crew::phone_name;
use decorum_engine::run::Dial;

use crate::args::Phone;
use crate::exit::Failure;
use crate::place;

/// A phone by its URL.
pub(crate) struct Line {
    url: String,
    options: WebDriverOptions,
    id: DeviceId,
}

impl Line {
    /// The phone that `--device` and `--capabilities` name.
    pub(crate) fn new(phone: &Phone, profile: &AppProfile) -> Result<Self, Failure> {
        let url = phone.device.clone().ok_or_else(|| {
            Failure::usage(
                "no phone is given; add --device URL of an Appium server or a WebDriverAgent \
                 (or try `decorum demo`, which brings its own)",
            )
        })?;
        let options = place::device_options(profile, phone.capabilities.as_deref())?;
        let udid =
            ["appium:udid", "udid"].iter().find_map(|k| options.capabilities.get(*k)?.as_str());
        let id = phone_name(&url, udid).parse().map_err(|_| {
            Failure::usage(format!(
                "`{url}` is not the URL of a phone, such as http://127.0.0.1:8100"
            ))
        })?;
        Ok(Self { url, options, id })
    }

    /// The same, saying the first time what goes wrong: nothing is tried again.
    pub(crate) fn at_once(mut self) -> Self {
        self.options.read_retries = 0;
        self
    }

    /// Connects to the server. Opens no session.
    pub(crate) async fn connect(&self) -> Result<WebDriver, DeviceError> {
        WebDriver::connect(&self.url, self.options.clone()).await
    }
}

#[async_trait]
impl Dial for Line {
    async fn dial(&self) -> Result<Arc<dyn Device>, DeviceError> {
        Ok(Arc::new(self.connect().await?))
    }

    fn device_id(&self) -> DeviceId {
        self.id.clone()
    }
}
