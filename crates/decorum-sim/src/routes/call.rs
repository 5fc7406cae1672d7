//! One command with its arguments.

use std::collections::HashMap;

use serde_json::Value;

use super::invalid;
use crate::error::{Code, Failure, fail};
use crate::layout::Screenful;
use crate::machine::Machine;

/// What a client asked.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) session: Option<String>,
    pub(super) element: Option<String>,
    /// Name of an attribute.
    pub(super) name: Option<String>,
    pub(super) query: HashMap<String, String>,
    pub(super) body: Value,
    pub(super) now: i64,
}

impl Call {
    /// The same call with other arguments, for scripts that stand for a route.
    pub(super) fn with(&self, body: Value) -> Self {
        let element = ["elementId", "element"]
            .iter()
            .find_map(|key| body.get(key))
            .and_then(element_id)
            .or_else(|| self.element.clone());
        Self {
            session: self.session.clone(),
            element,
            name: None,
            query: HashMap::new(),
            body,
            now: self.now,
        }
    }

    pub(super) fn arg(&self, key: &str) -> Option<&Value> {
        self.body.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<&str>, Failure> {
        match self.arg(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("'{key}' must be a string"))),
        }
    }

    pub(super) fn required(&self, key: &str) -> Result<&str, Failure> {
        self.text(key)?.ok_or_else(|| invalid(format!("'{key}' is required")))
    }

    /// A number of points; fractions are cut off.
    pub(super) fn points(&self, key: &str) -> Result<Option<i32>, Failure> {
        match self.arg(key) {
            None => Ok(None),
            Some(value) => {
                points(value).map(Some).ok_or_else(|| invalid(format!("'{key}' must be a number")))
            }
        }
    }

    /// Text to type: the standard's `text` or the older list of keys.
    pub(super) fn typed(&self) -> Result<String, Failure> {
        match self.arg("text").or_else(|| self.arg("value")) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Array(keys)) => Ok(keys.iter().filter_map(Value::as_str).collect()),
            Some(_) => Err(invalid("'value' must be a string or a list of strings")),
            None => Err(invalid("Neither 'value' nor 'text' parameter is provided")),
        }
    }

    /// The screen, and where on it the element of this call is.
    pub(super) fn resolve(&self, machine: &mut Machine) -> Result<(Screenful, usize), Failure> {
        let id = self.element.as_deref().unwrap_or_default();
        let screen = machine.screen(self.now);
        let generation = machine.app.generation;
        let session = machine.session(self.session.as_deref())?;
        let at = session.resolve(&screen.tree, id, generation)?;
        Ok((screen, at))
    }

    /// The same for calls that may, but need not, name an element.
    pub(super) fn resolve_or_root(
        &self,
        machine: &mut Machine,
    ) -> Result<(Screenful, usize), Failure> {
        if self.element.is_some() {
            self.resolve(machine)
        } else {
            Ok((machine.screen(self.now), 0))
        }
    }
}

/// An element as a client names it: its id, or an object that holds it.
pub(super) fn element_id(value: &Value) -> Option<String> {
    value
        .as_str()
        .or_else(|| value.get(crate::sessions::W3C_ELEMENT).and_then(Value::as_str))
        .or_else(|| value.get("ELEMENT").and_then(Value::as_str))
        .map(str::to_owned)
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to a few screens first")]
pub(super) fn points(value: &Value) -> Option<i32> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then(|| number.clamp(-100_000.0, 100_000.0) as i32)
}

pub(super) fn not_found(using: &str, value: &str) -> Failure {
    fail(Code::NoSuchElement, format!("unable to find an element using '{using}', value '{value}'"))
}
