//! What the app says, as its operator teaches it: rules of the classifier that need no new profile.

use serde::{Deserialize, Serialize};

use super::SettingsError;
use crate::classify::{Rule, RuleError};

/// Rules at most.
const RULES_MAX: usize = 500;

/// Wherever the app says this phrase, it means this class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRule {
    /// The class, as `rate_limited`.
    pub class: String,
    /// The language of the phrase, as `en` or `pt-BR`.
    pub language: String,
    /// The phrase; `*` in it stands for up to six words.
    pub phrase: String,
}

impl MessageRule {
    /// The rule, ready for a classifier.
    ///
    /// # Errors
    /// When the class is none, or the phrase not one to look for.
    pub fn rule(&self) -> Result<Rule, RuleError> {
        Rule::new(&self.class, &self.language, &self.phrase)
    }
}

pub(super) fn check(rules: &[MessageRule]) -> Result<(), SettingsError> {
    if rules.len() > RULES_MAX {
        let problem = format!("{} rules; at most {RULES_MAX} are possible", rules.len());
        return Err(SettingsError::new("message_rules", problem));
    }
    for (n, rule) in rules.iter().enumerate() {
        rule.rule()
            .map_err(|e| SettingsError::new(format!("message_rules[{n}]"), e.to_string()))?;
    }
    Ok(())
}
