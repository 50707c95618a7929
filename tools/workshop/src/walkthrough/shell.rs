//! Runs the commands of a page one after the other in one shell.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use client::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

const MARK: &str = "--- exit code of the command:";

/// A running bash process, which ends when this value is dropped.
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

/// Result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Standard output and standard error.
    pub printed: String,
    /// Exit code of the first command that failed, or 0.
    pub code: i32,
    /// Longest time without output.
    pub silence: Duration,
}

impl Shell {
    /// Starts a shell in `folder`.
    pub fn start(folder: &Path) -> Result<Self, Error> {
        let failed = |error| Error::failed("bash cannot be started", error);
        let mut child = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .current_dir(folder)
            .env("NO_COLOR", "1")
            // As on a terminal, where Cargo shows its progress.
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "80")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Unexpected("the shell has no input or output".into()));
        };
        Ok(Self { child, input, output })
    }

    /// Runs a command and waits for its end. After `within`, ends the shell and returns an error.
    pub async fn run(&mut self, command: &str, within: Duration) -> Result<Output, Error> {
        let typed = format!(
            "exec 2>&1\nfailed=0; trap 'code=$?; [ $failed != 0 ] || failed=$code' ERR\n{{\n{command}\n}} </dev/null\ntrap - ERR\nprintf '\\n{MARK} %s\\n' $failed\n"
        );
        let failed = |error| Error::failed("the shell has exited", error);
        self.input.write_all(typed.as_bytes()).await.map_err(failed)?;
        self.input.flush().await.map_err(failed)?;
        let mut collected = Collected::default();
        let reading = async {
            while !collected.is_complete() {
                let mut chunk = [0; 4096];
                match self.output.read(&mut chunk).await.map_err(failed)? {
                    0 => break,
                    count => collected.add(chunk.get(..count).unwrap_or_default()),
                }
            }
            Ok::<(), Error>(())
        };
        let read = timeout(within, reading).await;
        let silence = collected.silence;
        let (printed, code) = collected.end();
        if let Ok(read) = read {
            read?;
            return Ok(Output { printed: printed.trim_end().to_owned() + "\n", code, silence });
        }
        self.child.start_kill().ok();
        Err(Error::TimedOut(format!(
            "the command did not end within {} s; its output was:\n{printed}",
            within.as_secs()
        )))
    }
}

/// Output of a command so far.
struct Collected {
    bytes: Vec<u8>,
    last: Instant,
    silence: Duration,
}

impl Default for Collected {
    fn default() -> Self {
        Self { bytes: Vec::new(), last: Instant::now(), silence: Duration::ZERO }
    }
}

impl Collected {
    fn add(&mut self, chunk: &[u8]) {
        self.silence = self.silence.max(self.last.elapsed());
        self.last = Instant::now();
        self.bytes.extend_from_slice(chunk);
    }

    /// Returns true if the last line is the one with the exit code.
    fn is_complete(&self) -> bool {
        let end = self.bytes.len().saturating_sub(MARK.len() + 8);
        let text = String::from_utf8_lossy(self.bytes.get(end..).unwrap_or_default()).into_owned();
        text.split_once(MARK).is_some_and(|(_, code)| code.ends_with('\n'))
    }

    /// Returns the lines, and the exit code; 1 if the shell has ended without one. Of a line that a
    /// program has overwritten after a carriage return, returns only the last form.
    fn end(self) -> (String, i32) {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        let (printed, code) = text.split_once(MARK).unwrap_or((&text, "1"));
        let last_form = |line: &str| line.rsplit('\r').find(|part| !part.is_empty()).unwrap_or_default().to_owned();
        let lines: Vec<String> = printed.lines().map(last_form).collect();
        (lines.join("\n"), code.trim().parse().unwrap_or(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn commands_share_a_shell_and_the_first_failure_is_reported() {
        let mut shell = Shell::start(Path::new("/")).unwrap();
        let within = Duration::from_secs(10);
        shell.run("export NAME=anna", within).await.unwrap();
        let output = shell.run("echo hello $NAME\n(exit 3)\necho on\ncat", within).await.unwrap();
        assert_eq!((output.printed.as_str(), output.code), ("hello anna\non\n", 3));
        let output = shell.run("printf '1 of 2\\r2 of 2\\n'; sleep 0.3; echo done", within).await.unwrap();
        assert_eq!(output.printed, "2 of 2\ndone\n");
        assert!(output.silence >= Duration::from_millis(300), "{:?}", output.silence);
        assert!(shell.run("sleep 5", Duration::from_millis(50)).await.is_err());
    }
}
