//! Metrics that a handler records, for its tests.

use std::sync::{Arc, Mutex};

use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

/// Awaits `handled`. Returns its answer, and each value that it recorded of a counter or a
/// histogram, in order. The runtime must have one thread, because the recorder is local to a
/// thread.
pub async fn measured<T>(handled: impl Future<Output = T>) -> (T, Vec<(String, f64)>) {
    let values = Values::default();
    let recording = metrics::set_default_local_recorder(&values);
    let answer = handled.await;
    drop(recording);
    let values = values.0.lock().unwrap().clone();
    (answer, values)
}

#[derive(Debug, Clone, Default)]
struct Values(Arc<Mutex<Vec<(String, f64)>>>);

/// Metric that adds its values to the list of all metrics.
#[derive(Debug)]
struct Metric(String, Values);

impl Metric {
    fn new(key: &Key, values: &Values) -> Arc<Self> {
        Arc::new(Self(key.name().to_owned(), values.clone()))
    }
}

impl CounterFn for Metric {
    fn increment(&self, value: u64) {
        self.record(f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, value: u64) {
        self.increment(value);
    }
}

impl HistogramFn for Metric {
    fn record(&self, value: f64) {
        self.1.0.lock().unwrap().push((self.0.clone(), value));
    }
}

impl Recorder for Values {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Metric::new(key, self))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Metric::new(key, self))
    }
}
