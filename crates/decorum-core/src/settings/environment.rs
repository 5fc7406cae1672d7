//! The four environment variables that set the first values of the settings.

use serde_json::Value;

use super::{Settings, SettingsError};

/// Variable and the setting it gives a first value to.
pub const ENVIRONMENT: [(&str, &str); 4] = [
    ("REENGAGEMENT_DAYS_DEFAULT", "reengagement_days"),
    ("RATE_LIMIT_STEPS", "rate_limit_steps"),
    ("COOLDOWN_AFTER_CONSECUTIVE", "cooldown_after_consecutive"),
    ("COOLDOWN_MINUTES", "cooldown_minutes"),
];

impl Settings {
    /// The defaults, changed by those of [`ENVIRONMENT`] that `lookup` knows. Steps may be
    /// written as JSON (`[60,120]`) or as a plain list (`60,120`).
    ///
    /// # Errors
    /// A variable that does not hold a possible value; the variable is named.
    pub fn from_environment(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let mut settings = Self::default();
        for (variable, name) in ENVIRONMENT {
            let Some(text) = lookup(variable).filter(|t| !t.trim().is_empty()) else { continue };
            let text = text.trim();
            let as_list = name == "rate_limit_steps" && !text.starts_with('[');
            let json = if as_list { format!("[{text}]") } else { text.to_owned() };
            let value: Value = serde_json::from_str(&json).map_err(|_| {
                SettingsError::new(variable, format!("`{text}` is not a number or list of numbers"))
            })?;
            settings = settings
                .with(name, value)
                .map_err(|e| SettingsError::new(variable, format!("{} ({name})", e.problem)))?;
        }
        Ok(settings)
    }
}
