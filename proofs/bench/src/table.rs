//! Formats the figures as a table.

use bench::figures::All;
use bench::subject::NOOP;
use harness::output;
use harness::spread::Spread;

const HEADER: [&str; 10] = [
    "",
    "AWS\ncalls",
    "start: lower\nquartile CPU ms",
    "start ÷\nno-op start",
    "first invocation\nCPU ms",
    "start + first\nCPU / wall ms",
    "warm, TLS\nCPU / p99 ms",
    "warm, plain\nCPU / p99 ms",
    "peak\nMB",
    "zip / binary\nMB",
];

pub(crate) fn table(all: &All) -> String {
    let mut table = output::table(HEADER, &[0]);
    let noop = all.get(NOOP).map_or(0.0, |noop| noop.start.cpu.quarter);
    let spread = |spread: &Spread| format!("{:.3} / {:.3}", spread.median, spread.p99);
    let mut rows: Vec<_> = all.iter().collect();
    rows.sort_by_key(|(name, figures)| (*name != NOOP, figures.zip_mb == 0.0, (*name).clone()));
    for (name, figures) in rows {
        let start = figures.start.cpu.quarter;
        let start_and_first = &figures.start_and_first;
        table.add_row([
            name.clone(),
            figures.calls.to_string(),
            format!("{start:.2}"),
            format!("{:.2}", if noop > 0.0 { start / noop } else { 0.0 }),
            format!("{:.2}", figures.first.cpu.median),
            format!("{:.2} / {:.2}", start_and_first.cpu.median, start_and_first.wall.median),
            spread(&figures.warm.cpu),
            spread(&figures.warm_without_tls.cpu),
            format!("{:.1}", figures.peak_mb),
            if figures.zip_mb > 0.0 { format!("{:.2} / {:.2}", figures.zip_mb, figures.binary_mb) } else { "-".into() },
        ]);
    }
    table.to_string()
}
