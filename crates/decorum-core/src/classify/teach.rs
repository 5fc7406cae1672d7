//! Rules from outside the app profile, and what they must leave as it is.

use super::{Class, Classifier, Place, RuleError, Verdict};
use crate::MessageRule;

/// A text, where it stood, and what it is known to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What was read.
    pub text: String,
    /// Where it stood.
    pub place: Place,
    /// The language of the app, if it was known.
    pub locale: Option<String>,
    /// What a person says that it means.
    pub class: Class,
}

/// Why rules cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TeachError {
    /// A rule that is none, or contradicts another.
    #[error("{0}")]
    Rule(#[from] RuleError),
    /// A rule that would have a known text read otherwise.
    #[error(
        "with the phrase `{phrase}` a known text would be read as `{becomes}`, not as `{is}`: \
         “{text}” ({place}); make the phrase longer, so that it fits only what it is meant for"
    )]
    Changes {
        /// The phrase to blame.
        phrase: String,
        /// The text it strikes.
        text: String,
        /// Where that stands.
        place: Place,
        /// How it is read now.
        is: Class,
        /// How it would be read.
        becomes: Class,
    },
}

impl Classifier {
    /// This classifier with more rules.
    ///
    /// # Errors
    /// When one of them is no rule, or gives a phrase a second meaning.
    pub fn with(&self, rules: &[MessageRule]) -> Result<Self, RuleError> {
        let mut taught = self.clone();
        for rule in rules {
            taught.anywhere.add(rule.rule()?)?;
        }
        Ok(taught)
    }

    /// This classifier with more rules, if none of `examples` is read otherwise because of them. One
    /// that is read wrong without them may be read right with them.
    ///
    /// # Errors
    /// Those of [`Classifier::with`], and the first example that changes.
    pub fn taught<'a>(
        &self,
        rules: &[MessageRule],
        examples: impl IntoIterator<Item = &'a Example>,
    ) -> Result<Self, TeachError> {
        let taught = self.with(rules)?;
        for example in examples {
            let read =
                |by: &Self| by.classify(&example.text, example.place, example.locale.as_deref());
            let (is, becomes) = (read(self), read(&taught));
            if becomes.class != is.class && becomes.class != example.class {
                return Err(TeachError::Changes {
                    phrase: self.blamed(rules, &becomes, read),
                    text: example.text.clone(),
                    place: example.place,
                    is: is.class,
                    becomes: becomes.class,
                });
            }
        }
        Ok(taught)
    }

    /// The phrase of the first rule with which something is read as it is with all of them.
    fn blamed(
        &self,
        rules: &[MessageRule],
        verdict: &Verdict,
        read: impl Fn(&Self) -> Verdict,
    ) -> String {
        let enough = (1..=rules.len()).find(|n| {
            let first = rules.get(..*n).unwrap_or_default();
            self.with(first).is_ok_and(|some| read(&some).class == verdict.class)
        });
        let rule = enough.and_then(|n| rules.get(n - 1));
        rule.map(|rule| rule.phrase.clone()).unwrap_or_default()
    }
}
