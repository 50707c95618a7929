//! Counts the log lines of the functions.

use crate::cost::evidence::{Counted, number};

impl Counted {
    /// Counts a log line and its bytes if a function wrote it. From lines of the platform, takes
    /// only the number and the duration of invocations: with the template's `SystemLogLevel: WARN`
    /// AWS does not write these lines.
    pub(super) fn count_log_line(&mut self, line: &str) {
        if line.starts_with("START RequestId:") {
            self.logged_invocations += 1.0;
        } else if line.starts_with("REPORT RequestId:") {
            let duration = line.split("Duration: ").nth(1).and_then(|rest| rest.split(' ').next());
            self.millis.extend(duration.and_then(|millis| millis.parse::<f64>().ok()));
        } else if !line.starts_with("END RequestId:") {
            self.log_lines += 1.0;
            self.log_bytes += number(line.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_the_function_count_as_log_bytes() {
        let mut counted = Counted::default();
        let report = "REPORT RequestId: 1\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB";
        for line in ["START RequestId: 1 Version: $LATEST", r#"{"level":"INFO"}"#, "END RequestId: 1", report] {
            counted.count_log_line(line);
        }
        let lines = (counted.logged_invocations, counted.log_lines, counted.log_bytes, counted.millis);
        assert_eq!(lines, (1.0, 1.0, 16.0, vec![12.5]));
    }
}
