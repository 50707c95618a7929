//! Log lines in JSON. Each has the time and the level by which Lambda filters it. It also has the
//! name of the function, and request, bus event, order and shop of the invocation, as far as they
//! are known.

use std::fmt;

use domain::timestamp::Timestamp;
use lambda_runtime::tracing::subscriber::fmt::format::Writer;
use lambda_runtime::tracing::subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use lambda_runtime::tracing::subscriber::registry::LookupSpan;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};

use crate::record;

/// Format of the lines of `tracing`: one flat object. Without a valid `timestamp` Lambda would take
/// each line for INFO, and drop it if the function's log level is higher.
#[derive(Debug, Clone, Copy)]
pub struct JsonLines {
    /// Clock that gives the time of each line.
    pub now: fn() -> Timestamp,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut members = Members::default();
        members.add("timestamp", (self.now)().to_string());
        members.add("level", event.metadata().level().as_str());
        if let Some(function) = record::function() {
            members.add("function", function);
        }
        for (name, value) in record::identity() {
            members.add(name, value);
        }
        event.record(&mut members);
        writeln!(writer, "{}", Value::Object(members.0))
    }
}

#[derive(Default)]
struct Members(Map<String, Value>);

impl Members {
    fn add(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Members {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), format!("{value:?}"));
    }
}
