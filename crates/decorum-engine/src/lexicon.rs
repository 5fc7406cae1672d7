//! What the app's words mean: the app profile's rules, and those that the operator adds while
//! everything runs.

use std::sync::{Arc, PoisonError, RwLock};

use decorum_core::MessageRule;
use decorum_core::classify::{Classifier, Place, Rule, RuleError, TeachError, Verdict};
use decorum_device::{AppProfile, examples};

/// A classifier that can be taught.
#[derive(Debug)]
pub struct Lexicon {
    profile: Arc<Classifier>,
    taught: RwLock<Taught>,
}

#[derive(Debug)]
struct Taught {
    rules: Vec<MessageRule>,
    classifier: Arc<Classifier>,
}

impl Lexicon {
    /// Knows what the profile knows.
    ///
    /// # Errors
    /// When a message of the profile is no rule, or gives a phrase a second meaning.
    pub fn of(profile: &AppProfile) -> Result<Self, RuleError> {
        let rules: Result<Vec<Rule>, RuleError> = profile
            .messages()
            .map(|(class, language, phrase)| Rule::new(class, language, phrase))
            .collect();
        let profile = Arc::new(Classifier::new(rules?)?);
        let taught = Taught { rules: Vec::new(), classifier: Arc::clone(&profile) };
        Ok(Self { profile, taught: RwLock::new(taught) })
    }

    /// See [`Classifier::classify`].
    pub fn classify(&self, text: &str, place: Place, locale: Option<&str>) -> Verdict {
        self.classifier().classify(text, place, locale)
    }

    /// The classifier with everything taught so far.
    pub fn classifier(&self) -> Arc<Classifier> {
        Arc::clone(&self.taught.read().unwrap_or_else(PoisonError::into_inner).classifier)
    }

    /// Whether these rules could be taught. Besides contradictions, it refuses what would have one
    /// of the [`examples`] read otherwise.
    ///
    /// # Errors
    /// Which rule it is about, and the example.
    pub fn try_out(&self, rules: &[MessageRule]) -> Result<(), TeachError> {
        self.profile.taught(rules, examples()).map(drop)
    }

    /// Knows these rules from now on, in place of those it was taught before. They were tried out
    /// when they were stored; whether that was with this profile nobody knows, so a
    /// contradiction is possible.
    ///
    /// # Errors
    /// The contradiction. What was taught before stays then.
    pub fn learn(&self, rules: &[MessageRule]) -> Result<(), RuleError> {
        if self.taught.read().unwrap_or_else(PoisonError::into_inner).rules == rules {
            return Ok(());
        }
        let classifier = Arc::new(self.profile.with(rules)?);
        *self.taught.write().unwrap_or_else(PoisonError::into_inner) =
            Taught { rules: rules.to_vec(), classifier };
        Ok(())
    }
}
