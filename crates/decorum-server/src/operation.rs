//! One thing that can be asked: its path, who may ask it, what goes in, what comes out, who answers.
//!
//! The router, the check of roles and parameters, and the OpenAPI document are all made of the same
//! list, so nothing can be served that is not described and guarded.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use decorum_core::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;

use crate::around::around;
use crate::body::{self, Reads};
use crate::gate::{self, Sign};
use crate::problem::Kind;
use crate::state::Shared;
use crate::wire::{AccountName, ActionWord, ClassWord, Instant, Label, Person, Place, StatusWord};

/// Makes the route of an operation, with its gate and all that is around a request.
///
/// They are functions around the handler and not layers of a router: each layer is copied and boxed
/// for each request, which together cost as much as everything else on the way in.
type Route = Box<dyn FnOnce(Arc<Sign>) -> MethodRouter>;

/// Makes a schema, and puts what it refers to among the components.
pub(crate) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

fn schema_of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    Query,
    Path,
    Header,
}

/// A parameter.
#[derive(Clone, Copy)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) within: Within,
    pub(crate) required: bool,
    pub(crate) says: &'static str,
    pub(crate) schema: SchemaOf,
}

impl Param {
    pub(crate) const fn query<T: JsonSchema>(name: &'static str, says: &'static str) -> Self {
        Self { name, within: Within::Query, required: false, says, schema: schema_of::<T> }
    }

    pub(crate) const fn path<T: JsonSchema>(name: &'static str, says: &'static str) -> Self {
        Self { name, within: Within::Path, required: true, says, schema: schema_of::<T> }
    }

    pub(crate) const fn header<T: JsonSchema>(name: &'static str, says: &'static str) -> Self {
        Self { name, within: Within::Header, required: false, says, schema: schema_of::<T> }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// How many on one page.
fn limit_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": 100 })
}

fn order_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": ["newest", "oldest"] })
}

pub(crate) const ACCOUNT_ID: Param =
    Param::query::<AccountName>("account_id", "Only of this account.");
pub(crate) const CURSOR: Param =
    Param::query::<Place>("cursor", "Where the page begins: `next_cursor` of the page before.");
pub(crate) const LIMIT: Param = Param {
    name: "limit",
    within: Within::Query,
    required: false,
    says: "How many at most.",
    schema: limit_schema,
};
pub(crate) const ORDER: Param = Param {
    name: "order",
    within: Within::Query,
    required: false,
    says: "Which first.",
    schema: order_schema,
};
pub(crate) const FROM: Param = Param::query::<Instant>("from", "Only from this instant on.");
pub(crate) const TO: Param = Param::query::<Instant>("to", "Only before this instant.");
pub(crate) const IDEMPOTENCY_KEY: Param = Param::header::<Place>(
    "Idempotency-Key",
    "A key of the caller's own. The same key with the same request is one request, however often it is sent.",
);

/// The filters of the log, everywhere the same.
pub(crate) const FILTERS: [Param; 9] = [
    ACCOUNT_ID,
    Param::query::<Person>("target_username", "Only about this person."),
    Param::query::<ActionWord>("action", "Only of this action."),
    Param::query::<StatusWord>("status", "Only with this status."),
    Param::query::<ClassWord>("error_class", "Only with this kind of trouble."),
    Param::query::<Label>("task_id", "Only of this task."),
    Param::query::<Label>("device_id", "Only on this phone."),
    FROM,
    TO,
];

/// What comes out when all is well.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) says: &'static str,
    pub(crate) media: &'static [&'static str],
    pub(crate) schema: SchemaOf,
}

/// See the module's documentation.
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) id: &'static str,
    pub(crate) tag: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    /// `None`: anybody.
    pub(crate) role: Option<Role>,
    pub(crate) params: Vec<Param>,
    pub(crate) body: Option<SchemaOf>,
    /// Reads a body as the handler does, as far as that takes nothing but the body.
    pub(crate) reads: Option<Reads>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) problems: Vec<Kind>,
    /// Whether it may take as long as it takes.
    pub(crate) endless: bool,
    pub(crate) route: Route,
}

impl Operation {
    fn new(method: Method, path: &'static str, id: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            tag: "",
            summary: "",
            description: "",
            role: None,
            params: Vec::new(),
            body: None,
            reads: None,
            answers: Vec::new(),
            problems: Vec::new(),
            endless: false,
            route: Box::new(|_| MethodRouter::new()),
        }
    }

    pub(crate) fn get(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::GET, path, id)
    }

    pub(crate) fn post(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::POST, path, id)
    }

    pub(crate) fn put(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::PUT, path, id)
    }

    pub(crate) fn delete(path: &'static str, id: &'static str) -> Self {
        Self::new(Method::DELETE, path, id)
    }

    /// Which chapter of the description it belongs to, and what it does.
    pub(crate) fn says(
        mut self,
        tag: &'static str,
        summary: &'static str,
        description: &'static str,
    ) -> Self {
        (self.tag, self.summary, self.description) = (tag, summary, description);
        self
    }

    /// Who may ask.
    pub(crate) fn needs(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    pub(crate) fn takes(mut self, params: impl IntoIterator<Item = Param>) -> Self {
        self.params.extend(params);
        self
    }

    /// The shape of the body.
    pub(crate) fn reads<T: JsonSchema + DeserializeOwned>(mut self) -> Self {
        self.body = Some(schema_of::<T>);
        self.reads = Some(|bytes| body::read::<T>(bytes).map(drop));
        self
    }

    /// What else the body is held to, whatever the store has.
    pub(crate) fn held_to(mut self, reads: Reads) -> Self {
        self.reads = Some(reads);
        self
    }

    /// An answer in JSON.
    pub(crate) fn answers<T: JsonSchema>(self, status: u16, says: &'static str) -> Self {
        self.answers_as(status, says, &["application/json"], schema_of::<T>)
    }

    /// An answer in other forms.
    pub(crate) fn answers_as(
        mut self,
        status: u16,
        says: &'static str,
        media: &'static [&'static str],
        schema: SchemaOf,
    ) -> Self {
        self.answers.push(Answer { status, says, media, schema });
        self
    }

    /// Problems besides those that every operation has.
    pub(crate) fn refuses(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.problems.extend(kinds);
        self
    }

    pub(crate) fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    /// Who answers.
    pub(crate) fn by<H, T>(mut self, handler: H) -> Self
    where
        H: axum::handler::Handler<T, Shared>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(self.method.clone()).unwrap_or(MethodFilter::GET);
        self.route = Box::new(move |sign| {
            on(filter, move |request: Request| {
                let (sign, handler) = (Arc::clone(&sign), handler.clone());
                // All that is ever waited for, in one place that is not moved any more.
                Box::pin(async move {
                    let Sign { shared, path, .. } = &*sign;
                    let to_handler = |request| handler.call(request, Arc::clone(shared));
                    let entered = |request| gate::enter(&sign, request, to_handler);
                    around(shared, path, request, entered).await
                })
            })
        });
        self
    }

    /// Every kind of problem it may answer with, once a status.
    pub(crate) fn all_problems(&self) -> Vec<Kind> {
        let mut kinds =
            vec![Kind::InvalidRequest, Kind::Impossible, Kind::Misdirected, Kind::StoreUnavailable];
        if self.role.is_some() {
            kinds.extend([Kind::Unauthenticated, Kind::Forbidden, Kind::TooManyRequests]);
        }
        if self.body.is_some() {
            kinds.extend([Kind::TooLarge, Kind::UnsupportedMediaType]);
        }
        kinds.extend(self.problems.iter().copied());
        kinds
    }
}
