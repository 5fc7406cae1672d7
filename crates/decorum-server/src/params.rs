//! Query parameters, read as strictly as they are described: unknown ones were refused before the
//! handler ran, a known one is either what its schema says or an error that names it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use decorum_core::{AccountId, Timestamp};
use decorum_store::{EventFilter, Order, PageRequest};

use crate::problem::{Kind, Problem};
use crate::wire::{
    AccountName, ActionWord, ClassWord, Instant, Label, Person, Place, Readable, StatusWord,
};

/// The query of a request; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Arc<Vec<(&'static str, String)>>);

impl Params {
    /// Reads a query string.
    ///
    /// # Errors
    /// A parameter that is given twice, or one that is not among the `known`.
    pub(crate) fn of(query: &str, known: &[&'static str]) -> Result<Self, Problem> {
        let mut params = Vec::with_capacity(known.len());
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let Some(name) = known.iter().find(|known| **known == name) else {
                let shown: String = name.chars().take(40).collect();
                let problem = format!("there is no parameter `{shown}` here");
                return Err(Problem::new(Kind::InvalidParameter, problem).at(shown));
            };
            if params.iter().any(|(given, _)| given == name) {
                let problem = format!("`{name}` is given twice");
                return Err(Problem::new(Kind::InvalidParameter, problem).at(*name));
            }
            params.push((*name, value.into_owned()));
        }
        Ok(Self(Arc::new(params)))
    }

    fn text(&self, name: &str) -> Option<&str> {
        let given = self.0.iter().find(|(given, _)| *given == name);
        given.map(|(_, text)| text.as_str())
    }

    /// A parameter, if it is given.
    pub(crate) fn get<T: Readable>(&self, name: &'static str) -> Result<Option<T>, Problem> {
        self.text(name).map(|text| read(name, text)).transpose()
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(
        &self,
        name: &'static str,
        words: &[(&'static str, T)],
    ) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let known: Vec<_> = words.iter().map(|(word, _)| *word).collect();
            let problem = format!("`{name}`: known are {}", known.join(", "));
            Problem::new(Kind::InvalidParameter, problem).at(name)
        })
    }

    /// A whole number between two others.
    pub(crate) fn number(
        &self,
        name: &'static str,
        least: u64,
        most: u64,
    ) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|n| digits && (least..=most).contains(n));
        number.map(Some).ok_or_else(|| {
            let problem = format!("`{name}` is a whole number from {least} to {most}");
            Problem::new(Kind::InvalidParameter, problem).at(name)
        })
    }

    /// How many on a page.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        let limit = self.number("limit", 1, PageRequest::MAX as u64)?.unwrap_or(100);
        Ok(usize::try_from(limit).unwrap_or(PageRequest::MAX))
    }

    pub(crate) fn account(&self) -> Result<Option<AccountId>, Problem> {
        Ok(self.get::<AccountName>("account_id")?.map(|name| name.0))
    }

    pub(crate) fn instant(&self, name: &'static str) -> Result<Option<Timestamp>, Problem> {
        Ok(self.get::<Instant>(name)?.map(|instant| instant.0))
    }

    /// The filters of the log.
    pub(crate) fn filter(&self) -> Result<EventFilter, Problem> {
        let label = |name| Ok::<_, Problem>(self.get::<Label>(name)?.map(|label| label.0));
        let parsed = |name: &'static str, e: decorum_core::IdError| {
            Problem::new(Kind::InvalidParameter, e.to_string()).at(name)
        };
        let task = label("task_id")?.map(|t| t.parse().map_err(|e| parsed("task_id", e)));
        let device = label("device_id")?.map(|t| t.parse().map_err(|e| parsed("device_id", e)));
        Ok(EventFilter {
            account_id: self.account()?,
            target_username: self.get::<Person>("target_username")?.map(|p| p.0),
            action: self.get::<ActionWord>("action")?.map(|w| w.0),
            status: self.get::<StatusWord>("status")?.map(|w| w.0),
            error_class: self.get::<ClassWord>("error_class")?.map(|w| w.0),
            task_id: task.transpose()?,
            device_id: device.transpose()?,
            from: self.instant("from")?,
            to: self.instant("to")?,
        })
    }

    /// Which page of the log; `first` says which way unless the caller does.
    pub(crate) fn page(&self, first: Order) -> Result<PageRequest, Problem> {
        let after = match self.get::<Place>("cursor")? {
            Some(place) => Some(place.0.parse().map_err(Problem::from)?),
            None => None,
        };
        let order = self.word("order", &[("newest", Order::Newest), ("oldest", Order::Oldest)])?;
        Ok(PageRequest { after, limit: self.limit()?, order: order.unwrap_or(first) })
    }
}

/// Reads the value of a parameter, wherever it stands.
pub(crate) fn read<T: Readable>(name: &str, text: &str) -> Result<T, Problem> {
    T::read(text).map_err(|problem| {
        Problem::new(Kind::InvalidParameter, format!("`{name}` is no {}: {problem}", T::WHAT))
            .at(name)
    })
}

/// Put into the request by [`crate::gate`], which knows what is described.
impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// One part of the path, read as a `T`.
#[derive(Clone, Debug)]
pub(crate) struct InPath<T>(pub(crate) T);

impl<T: Readable + Send, S: Send + Sync> FromRequestParts<S> for InPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::RawPathParams::from_request_parts(parts, state).await;
        let bad = |e: String| Problem::new(Kind::InvalidRequest, format!("the path: {e}"));
        let path = path.map_err(|e| bad(e.to_string()))?;
        let (name, value) =
            path.iter().next().ok_or_else(|| bad("it has no variable part".to_owned()))?;
        read(name, value).map(Self)
    }
}

/// A header, read as a `T`.
pub(crate) fn header<T: Readable>(
    headers: &axum::http::HeaderMap,
    name: &'static str,
) -> Result<Option<T>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let text = value.to_str().map_err(|_| {
        Problem::new(Kind::InvalidParameter, format!("`{name}` is not ASCII")).at(name)
    })?;
    read(name, text).map(Some)
}
