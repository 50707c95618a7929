//! Arguments of the commands for staff.

use clap::{Subcommand, ValueEnum};

use super::pasting;

#[derive(Debug, Subcommand)]
pub(crate) enum AdminAction {
    /// Create an account for this e-mail address, unless there is one, and give the account a role.
    /// The person signs in on the page for baristas with a code that comes by e-mail.
    Invite {
        /// E-mail address of the person.
        #[arg(value_parser = pasting::text())]
        email: String,
        /// Role of the person. An admin is also a barista.
        #[arg(long, value_enum)]
        role: StaffRole,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StaffRole {
    Admin,
    Barista,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use crate::cli::Cli;

    #[test]
    fn an_invitation_needs_an_address_and_a_known_role() {
        let parse = |line: &[&str]| Cli::try_parse_from(["presso", "admin"].iter().chain(line));
        assert!(parse(&["invite", "bea@bar.example", "--role", "barista"]).is_ok());
        for line in
            [&["invite", "bea@bar.example"][..], &["invite", "--role", "admin"], &["invite", "a", "--role", "x"]]
        {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line:?}");
        }
    }
}
