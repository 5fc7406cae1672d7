//! The contract of a device, in the words of the two servers.

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::WebDriver;
use super::http::Request;
use super::server;
use crate::{
    Command, Device, DeviceError, DeviceErrorKind, DeviceStatus, Element, Locator, Point,
    ServerKind, Size,
};

/// The key under which W3C answers an element, and the one older servers use.
const ELEMENT_KEYS: [&str; 2] = ["element-6066-11e4-a52e-4f735466cecf", "ELEMENT"];

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

impl WebDriver {
    fn bad(&self, command: Command, said: &str) -> DeviceError {
        let kind = DeviceErrorKind::BadAnswer { status: 200 };
        DeviceError::new(kind, command, self.http.place(), said)
    }

    fn selector(&self, locator: &Locator) -> Value {
        let appium = self.status.server == ServerKind::Appium;
        let (using, value) = match locator {
            Locator::AccessibilityId(v) => ("accessibility id", v),
            Locator::Predicate(v) if appium => ("-ios predicate string", v),
            Locator::Predicate(v) => ("predicate string", v),
            Locator::ClassChain(v) if appium => ("-ios class chain", v),
            Locator::ClassChain(v) => ("class chain", v),
            Locator::XPath(v) => ("xpath", v),
        };
        json!({ "using": using, "value": value })
    }

    fn element(&self, command: Command, answer: &Value) -> Result<Element, DeviceError> {
        ELEMENT_KEYS
            .iter()
            .find_map(|key| answer.get(*key)?.as_str())
            .filter(|id| !id.is_empty())
            .map(Element::new)
            .ok_or_else(|| self.bad(command, "the answer names no element"))
    }

    async fn alert_answer(
        &self,
        command: Command,
        verb: &str,
        button: Option<&str>,
    ) -> Result<(), DeviceError> {
        let done = match (self.status.server, button) {
            (ServerKind::Appium, Some(label)) => {
                let arguments = json!({ "action": verb, "buttonLabel": label });
                self.mobile(command, "alert", arguments).await
            }
            (ServerKind::WebDriverAgent, Some(label)) => {
                self.post(command, &["alert", verb], json!({ "name": label })).await
            }
            (_, None) => self.post(command, &["alert", verb], json!({})).await,
        };
        done.map(drop)
    }

    async fn app(&self, command: Command, verb: &str, bundle_id: &str) -> Result<(), DeviceError> {
        let body = json!({ "bundleId": bundle_id });
        let done = match self.status.server {
            ServerKind::Appium => self.mobile(command, &format!("{verb}App"), body).await,
            ServerKind::WebDriverAgent => self.post(command, &["wda", "apps", verb], body).await,
        };
        done.map(drop)
    }
}

#[async_trait]
impl Device for WebDriver {
    async fn open_session(&self, resume: Option<&str>) -> Result<String, DeviceError> {
        if let Some(id) = resume {
            self.set_session(Some(id.to_owned()));
            if self.is_alive().await? {
                return Ok(id.to_owned());
            }
            self.set_session(None);
        }
        self.create_session().await
    }

    async fn close_session(&self) -> Result<(), DeviceError> {
        let Some(session) = self.session() else { return Ok(()) };
        let path = ["session", session.as_str()];
        match self.http.send(Request::delete(Command::CloseSession, &path)).await {
            Err(error) if *error.kind() != DeviceErrorKind::SessionLost => Err(error),
            _ => {
                self.set_session(None);
                Ok(())
            }
        }
    }

    fn session_id(&self) -> Option<String> {
        self.session()
    }

    async fn status(&self) -> Result<DeviceStatus, DeviceError> {
        let answer = self.http.send(Request::get(Command::Status, &["status"])).await?;
        Ok(server::identify(&answer))
    }

    async fn open_link(&self, url: &str) -> Result<(), DeviceError> {
        let mut body = json!({ "url": url });
        if let (Some(bundle), Some(map)) = (&self.options.link_bundle_id, body.as_object_mut()) {
            map.insert("bundleId".to_owned(), bundle.as_str().into());
        }
        let command = Command::OpenLink;
        let done = match self.status.server {
            ServerKind::Appium => self.mobile(command, "deepLink", body).await,
            ServerKind::WebDriverAgent => self.post(command, &["url"], body).await,
        };
        done.map(drop)
    }

    async fn source(&self) -> Result<String, DeviceError> {
        let command = Command::Source;
        match self.get(command, &["source"]).await? {
            Value::String(source) => Ok(source),
            _ => Err(self.bad(command, "the answer is no page source")),
        }
    }

    async fn find(&self, locator: &Locator) -> Result<Element, DeviceError> {
        let answer = self.post(Command::Find, &["element"], self.selector(locator)).await;
        let answer = answer.map_err(|error| error.looking_for(locator))?;
        self.element(Command::Find, &answer)
    }

    async fn find_all(&self, locator: &Locator) -> Result<Vec<Element>, DeviceError> {
        let command = Command::FindAll;
        match self.post(command, &["elements"], self.selector(locator)).await {
            Ok(Value::Array(found)) => found.iter().map(|e| self.element(command, e)).collect(),
            Ok(_) => Err(self.bad(command, "the answer is no list of elements")),
            Err(error) if *error.kind() == DeviceErrorKind::NoSuchElement => Ok(Vec::new()),
            Err(error) => Err(error.looking_for(locator)),
        }
    }

    async fn attribute(
        &self,
        element: &Element,
        name: &str,
    ) -> Result<Option<String>, DeviceError> {
        let path = ["element", element.id(), "attribute", name];
        Ok(match self.get(Command::Attribute, &path).await? {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        })
    }

    async fn tap(&self, element: &Element) -> Result<(), DeviceError> {
        let path = ["element", element.id(), "click"];
        self.post(Command::Tap, &path, json!({})).await.map(drop)
    }

    async fn type_text(&self, element: &Element, text: &str) -> Result<(), DeviceError> {
        let letters: Vec<String> = text.chars().map(String::from).collect();
        // `text` is W3C's, `value` what a WebDriverAgent reads.
        let body = json!({ "text": text, "value": letters });
        self.post(Command::TypeText, &["element", element.id(), "value"], body).await.map(drop)
    }

    async fn clear(&self, element: &Element) -> Result<(), DeviceError> {
        let path = ["element", element.id(), "clear"];
        self.post(Command::Clear, &path, json!({})).await.map(drop)
    }

    async fn swipe(&self, from: Point, to: Point, duration: Duration) -> Result<(), DeviceError> {
        let ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let body = json!({ "actions": [{
            "type": "pointer",
            "id": "finger",
            "parameters": { "pointerType": "touch" },
            "actions": [
                { "type": "pointerMove", "duration": 0, "x": from.x, "y": from.y },
                { "type": "pointerDown", "button": 0 },
                { "type": "pointerMove", "duration": ms, "x": to.x, "y": to.y },
                { "type": "pointerUp", "button": 0 },
            ],
        }] });
        self.post(Command::Swipe, &["actions"], body).await.map(drop)
    }

    async fn alert_text(&self) -> Result<Option<String>, DeviceError> {
        match self.get(Command::AlertText, &["alert", "text"]).await {
            Ok(Value::String(text)) => Ok(Some(text)),
            Ok(_) => Ok(None),
            Err(error) if *error.kind() == DeviceErrorKind::NoSuchAlert => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn alert_buttons(&self) -> Result<Vec<String>, DeviceError> {
        let command = Command::AlertButtons;
        let answer = match self.status.server {
            ServerKind::Appium => {
                self.mobile(command, "alert", json!({ "action": "getButtons" })).await
            }
            ServerKind::WebDriverAgent => self.get(command, &["wda", "alert", "buttons"]).await,
        };
        match answer {
            Ok(Value::Array(labels)) => {
                Ok(labels.iter().filter_map(|l| l.as_str().map(ToOwned::to_owned)).collect())
            }
            Ok(_) => Ok(Vec::new()),
            Err(error) if *error.kind() == DeviceErrorKind::NoSuchAlert => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    async fn alert_accept(&self) -> Result<(), DeviceError> {
        self.alert_answer(Command::AlertAccept, "accept", None).await
    }

    async fn alert_dismiss(&self) -> Result<(), DeviceError> {
        self.alert_answer(Command::AlertDismiss, "dismiss", None).await
    }

    async fn alert_press(&self, button: &str) -> Result<(), DeviceError> {
        self.alert_answer(Command::AlertPress, "accept", Some(button)).await
    }

    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError> {
        let command = Command::Screenshot;
        let answer = self.get(command, &["screenshot"]).await?;
        let text: String = answer.as_str().unwrap_or_default().split_ascii_whitespace().collect();
        match STANDARD.decode(text) {
            Ok(png) if png.starts_with(PNG_SIGNATURE) => Ok(png),
            _ => Err(self.bad(command, "the answer is no PNG picture")),
        }
    }

    async fn activate_app(&self, bundle_id: &str) -> Result<(), DeviceError> {
        self.app(Command::ActivateApp, "activate", bundle_id).await
    }

    async fn terminate_app(&self, bundle_id: &str) -> Result<(), DeviceError> {
        self.app(Command::TerminateApp, "terminate", bundle_id).await
    }

    async fn window_size(&self) -> Result<Size, DeviceError> {
        let answer = self.get(Command::WindowSize, self.window_path()).await?;
        let number = |name: &str| answer.get(name).and_then(Value::as_f64).filter(|n| *n > 0.0);
        match (number("width"), number("height")) {
            (Some(width), Some(height)) => Ok(Size { width, height }),
            _ => Err(self.bad(Command::WindowSize, "the answer is no size")),
        }
    }

    async fn turn_upright(&self) -> Result<(), DeviceError> {
        let body = json!({ "orientation": "PORTRAIT" });
        self.post(Command::TurnUpright, &["orientation"], body).await.map(drop)
    }

    async fn hide_keyboard(&self) -> Result<(), DeviceError> {
        let command = Command::HideKeyboard;
        let done = match self.status.server {
            ServerKind::Appium => self.mobile(command, "hideKeyboard", json!({})).await,
            ServerKind::WebDriverAgent => {
                self.post(command, &["wda", "keyboard", "dismiss"], json!({})).await
            }
        };
        done.map(drop)
    }

    fn round_trips(&self) -> u64 {
        self.http.sent()
    }

    fn describe(&self) -> String {
        let version = self.status.version.as_deref().map(|v| format!(" {v}")).unwrap_or_default();
        let os = self.status.os.as_deref().map(|os| format!(" ({os})")).unwrap_or_default();
        format!("{}{version} at {}{os}", self.status.server, self.http.place())
    }
}
