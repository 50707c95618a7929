//! Arguments of the commands for displays.

use clap::Subcommand;
use domain::ids::DisplayId;

use super::pasting;

#[derive(Debug, Subcommand)]
pub(crate) enum DisplayAction {
    /// Create a display and print its link, which contains its secret and is shown once.
    Create {
        /// Name of the display, for display list.
        #[arg(long, value_parser = pasting::name::<String>)]
        name: Option<String>,
    },
    /// Activate the screen that shows this pairing code, for 30 days.
    Pair {
        /// Pairing code on the screen.
        #[arg(value_parser = pasting::text())]
        code: String,
        /// Name of the display, for display list.
        #[arg(long, value_parser = pasting::name::<String>)]
        name: String,
    },
    /// List the displays of the shop.
    List,
    /// Revoke a display at once.
    Revoke {
        /// Id of the display, which display list shows.
        #[arg(value_parser = pasting::id::<DisplayId>)]
        id: DisplayId,
    },
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn a_pairing_needs_code_and_name_and_a_revocation_needs_a_valid_id() {
        let parse = |line: &[&str]| Cli::try_parse_from(["presso", "display"].iter().chain(line));
        assert!(parse(&["pair", "7K3QX0", "--name", "Entrance"]).is_ok() && parse(&["create"]).is_ok());
        for line in [&["pair", "7K3QX0"][..], &["revoke"], &["revoke", "a b"], &[]] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line:?}");
        }
    }
}
