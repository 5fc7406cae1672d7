//! Reaching the phones of the registry.

use std::sync::Arc;

use async_trait::async_trait;
use decorum_core::{DeviceId, DeviceRecord};
use decorum_device::{AppProfile, Device, DeviceError, WebDriver, WebDriverOptions};

use crate::run::Dial;

/// Makes a way to a phone out of its entry in the registry.
pub trait Lines: Send + Sync {
    /// The way to this phone. Nothing is asked yet.
    fn line(&self, phone: &DeviceRecord) -> Arc<dyn Dial>;
}

/// The ways over WebDriver: an Appium server or a WebDriverAgent by its URL.
#[derive(Clone, Debug)]
pub struct WebDriverLines {
    options: WebDriverOptions,
}

impl WebDriverLines {
    /// Ways to phones that run the app `profile` describes.
    pub fn new(profile: &AppProfile) -> Self {
        Self { options: WebDriverOptions::for_profile(profile) }
    }
}

impl Lines for WebDriverLines {
    fn line(&self, phone: &DeviceRecord) -> Arc<dyn Dial> {
        let mut options = self.options.clone();
        options.capabilities.clone_from(&phone.capabilities);
        if let Some(udid) = &phone.udid {
            let named =
                ["appium:udid", "udid"].iter().any(|k| options.capabilities.contains_key(*k));
            if !named {
                options.capabilities.insert("appium:udid".to_owned(), udid.as_str().into());
            }
        }
        Arc::new(Line { url: phone.url.clone(), options, id: phone.device_id.clone() })
    }
}

struct Line {
    url: String,
    options: WebDriverOptions,
    id: DeviceId,
}

#[async_trait]
impl Dial for Line {
    async fn dial(&self) -> Result<Arc<dyn Device>, DeviceError> {
        Ok(Arc::new(WebDriver::connect(&self.url, self.options.clone()).await?))
    }

    fn device_id(&self) -> DeviceId {
        self.id.clone()
    }
}

/// What a phone is called, in the log and in its lease: its udid where one is given, because an Appium
/// server may have several; otherwise its URL, without scheme, password and trailing slash. One phone
/// must not have two names, so there is one place that names phones.
pub fn phone_name(url: &str, udid: Option<&str>) -> String {
    if let Some(udid) = udid {
        return udid.to_owned();
    }
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let name = rest.trim_end_matches('/').to_lowercase();
    name.strip_prefix("localhost").map_or(name.clone(), |rest| format!("127.0.0.1{rest}"))
}
