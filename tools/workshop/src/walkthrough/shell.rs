//! Runs the commands of a page one after the other in one shell.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use client::Error;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

const MARK: &str = "--- exit code of the command:";

/// A running bash process, which ends when this value is dropped.
pub struct Shell {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

/// Result of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Standard output and standard error.
    pub printed: String,
    /// Exit code of the first line that failed, or 0.
    pub code: i32,
}

impl Shell {
    /// Starts a shell in `folder`.
    pub fn start(folder: &Path) -> Result<Self, Error> {
        let failed = |error| Error::failed("bash cannot be started", error);
        let mut child = Command::new("bash")
            .args(["--noprofile", "--norc"])
            .current_dir(folder)
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::Unexpected("the shell has no input or output".into()));
        };
        Ok(Self { child, input, output: BufReader::new(output).lines() })
    }

    /// Runs a command and waits for its end. After `within`, ends the shell and returns an error.
    pub async fn run(&mut self, command: &str, within: Duration) -> Result<Output, Error> {
        let typed = format!(
            "exec 2>&1\nfailed=0; trap 'code=$?; [ $failed != 0 ] || failed=$code' ERR\n{{\n{command}\n}} </dev/null\ntrap - ERR\nprintf '\\n{MARK} %s\\n' $failed\n"
        );
        let failed = |error| Error::failed("the shell has exited", error);
        self.input.write_all(typed.as_bytes()).await.map_err(failed)?;
        self.input.flush().await.map_err(failed)?;
        let mut printed = String::new();
        let reading = async {
            while let Some(line) = self.output.next_line().await.map_err(failed)? {
                if let Some(code) = line.strip_prefix(MARK) {
                    return Ok::<i32, Error>(code.trim().parse().unwrap_or(1));
                }
                printed.push_str(&line);
                printed.push('\n');
            }
            Ok(1)
        };
        if let Ok(code) = timeout(within, reading).await {
            return Ok(Output { code: code?, printed: printed.trim_end().to_owned() + "\n" });
        }
        self.child.start_kill().ok();
        Err(Error::TimedOut(format!("it did not end within {} s; its output was:\n{printed}", within.as_secs())))
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
        assert_eq!(output, Output { printed: "hello anna\non\n".into(), code: 3 });
        assert!(shell.run("sleep 5", Duration::from_millis(50)).await.is_err());
    }
}
