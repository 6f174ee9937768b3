//! The rehearsal engine: answers CloudFormation and STS in the query protocol, from a database, in this process.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::book::{Book, Page};
use super::catalogue::{Catalogue, uuid_of};
use super::clock::RehearsalClock;
use super::fault::Fault;
use super::inject::{Injection, Kind};
use super::names::Names;
use super::ops;
use super::query::Params;
use super::xml::Xml;
use crate::adapter::store::db::StoreError;
use crate::lab::port::Clock as _;
use crate::yaml::YamlError;

/// The account that rehearsals happen in.
pub const ACCOUNT: &str = "000000000000";

const CLOUDFORMATION: &str = "http://cloudformation.amazonaws.com/doc/2010-05-15/";
const STS: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// A request, as far as the engine looks at it.
#[derive(Debug, Clone)]
pub struct Call {
    /// The region it was signed for.
    pub region: String,
    /// The form body.
    pub params: Params,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The XML.
    pub body: String,
    /// The request's id, for the header.
    pub request_id: String,
}

/// The engine.
#[derive(Debug)]
pub struct Engine {
    book: Book,
    clock: Arc<RehearsalClock>,
    catalogue: &'static Catalogue,
    names: &'static Names,
}

/// What an operation works with.
pub(super) struct Scene<'a> {
    /// The database within a transaction.
    pub(super) page: &'a Page<'a>,
    /// The known types.
    pub(super) catalogue: &'a Catalogue,
    /// The types whose resources have unique names.
    pub(super) names: &'a Names,
    /// The request's parameters.
    pub(super) params: &'a Params,
    /// The request's region.
    pub(super) region: &'a str,
    /// The moment.
    pub(super) now: Timestamp,
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::internal(format!("the rehearsal's state could not be used: {error}"))
    }
}

impl Engine {
    /// Opens the engine on its state file.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(path: &Path, clock: Arc<RehearsalClock>) -> Result<Self, StoreError> {
        let damaged = |file: &str, error: &YamlError| StoreError::Damaged {
            path: Path::new(file).to_owned(),
            detail: error.to_string(),
        };
        let catalogue = Catalogue::bundled().map_err(|error| damaged("types.yaml", error))?;
        let names = Names::bundled().map_err(|error| damaged("names.yaml", error))?;
        let engine = Self {
            book: Book::open(path)?,
            clock,
            catalogue,
            names,
        };
        let last = engine.book.within(|page| {
            let stacks = page.stacks()?;
            let moments = stacks.iter().flat_map(|stack| &stack.timeline);
            Ok::<_, StoreError>(moments.map(|moment| moment.at).max())
        })?;
        if let Some(last) = last {
            engine.clock.catch_up(last);
        }
        Ok(engine)
    }

    /// Gives the engine's clock.
    pub fn clock(&self) -> &Arc<RehearsalClock> {
        &self.clock
    }

    /// Adds a failure to come.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn inject(&self, injection: &Injection) -> Result<(), StoreError> {
        self.book.within(|page| page.inject(injection))
    }

    /// Drops all failures to come.
    ///
    /// # Errors
    /// When the state cannot be written.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method's path is not general enough over the transaction's lifetime"
    )]
    pub fn clear_injections(&self) -> Result<(), StoreError> {
        self.book.within(|page| page.clear_injections())
    }

    /// Says how many objects a rehearsed bucket has, in any stack.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn bucket_size(&self, bucket: &str) -> Result<u64, StoreError> {
        let now = self.clock.now();
        self.book.within(|page| {
            Ok(page
                .stacks()?
                .iter()
                .filter(|stack| !stack.is_deleted(now))
                .flat_map(|stack| &stack.resources)
                .filter(|resource| resource.physical_id == bucket)
                .map(|resource| resource.objects)
                .sum())
        })
    }

    /// Empties a rehearsed bucket; gives how many objects were in it.
    ///
    /// # Errors
    /// When the state cannot be written.
    pub fn empty_bucket(&self, bucket: &str) -> Result<u64, StoreError> {
        let now = self.clock.now();
        self.book.within(|page| {
            let mut removed = 0;
            for mut stack in page.stacks()? {
                if stack.is_deleted(now) {
                    continue;
                }
                let mut changed = false;
                for resource in &mut stack.resources {
                    if resource.physical_id == bucket && resource.objects > 0 {
                        removed += resource.objects;
                        resource.objects = 0;
                        changed = true;
                    }
                }
                if changed {
                    page.save(&stack)?;
                }
            }
            Ok(removed)
        })
    }

    /// Answers a request.
    pub fn answer(&self, call: &Call) -> Answer {
        let action = call.params.get("Action").unwrap_or_default();
        let now = self.clock.now();
        let request_id = request_id(call, now);
        let namespace = if ops::is_sts(action) {
            STS
        } else {
            CLOUDFORMATION
        };
        // An error undoes what the operation did; a used-up injection must stay used up, so it has its own transaction.
        let done = self
            .book
            .within(|page| refuse_on_purpose(page, action))
            .and_then(|refused| refused.map_or(Ok(()), Err))
            .and_then(|()| {
                self.book.within(|page| {
                    let scene = Scene {
                        page,
                        catalogue: self.catalogue,
                        names: self.names,
                        params: &call.params,
                        region: &call.region,
                        now,
                    };
                    ops::perform(action, &scene)
                })
            });
        match done {
            Ok(result) => Answer {
                status: 200,
                body: envelope(action, namespace, &request_id, &result),
                request_id,
            },
            Err(fault) => Answer {
                status: fault.status,
                body: fault.to_xml(namespace, &request_id),
                request_id,
            },
        }
    }
}

fn refuse_on_purpose(page: &Page<'_>, action: &str) -> Result<Option<Fault>, Fault> {
    if !page.has_injections()? {
        return Ok(None);
    }
    let mut one = None;
    for kind in [Kind::Throttle, Kind::ExpiredToken, Kind::AccessDenied] {
        let fits = |injection: &Injection| {
            injection.kind == kind && (injection.target.is_empty() || injection.target == action)
        };
        if !page.take(fits, false)?.is_empty() {
            one = Some(kind);
            break;
        }
    }
    Ok(one.map(|kind| match kind {
        Kind::Throttle => Fault::throttled(),
        Kind::ExpiredToken => Fault::expired(),
        _ => Fault::access_denied(action),
    }))
}

/// Wraps the elements of a result as the query protocol wants it.
fn envelope(action: &str, namespace: &str, request_id: &str, result: &str) -> String {
    let mut metadata = Xml::default();
    metadata.node("ResponseMetadata", |node| {
        node.leaf("RequestId", request_id);
    });
    let metadata = metadata.finish();
    format!(
        "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result>{metadata}\
         </{action}Response>"
    )
}

fn request_id(call: &Call, now: Timestamp) -> String {
    let seed = format!("{now}\0{call:?}");
    uuid_of(blake3::hash(seed.as_bytes()).as_bytes())
}
