//! Reaching the phone that was named on the command line.

use std::sync::Arc;

use async_trait::async_trait;
use decorum_core::DeviceId;
use decorum_device::{AppProfile, Device, DeviceError, WebDriver, WebDriverOptions};
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
        // One phone behind an Appium server is told apart by its udid; a WebDriverAgent is one.
        let name = udid.map_or_else(|| plain(&url), ToOwned::to_owned);
        let id = name.parse().map_err(|_| {
            Failure::usage(format!(
                "`{url}` is not the URL of a phone, such as http://127.0.0.1:8100"
            ))
        })?;
        Ok(Self { url, options, id })
    }

    /// Connects to the server. Opens no session.
    pub(crate) async fn connect(&self) -> Result<WebDriver, DeviceError> {
        WebDriver::connect(&self.url, self.options.clone()).await
    }
}

/// The URL without scheme, password and trailing slash: what names the phone in the log and in its
/// lease, so one phone must not have two names.
fn plain(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let name = rest.trim_end_matches('/').to_lowercase();
    name.strip_prefix("localhost").map_or(name.clone(), |rest| format!("127.0.0.1{rest}"))
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
