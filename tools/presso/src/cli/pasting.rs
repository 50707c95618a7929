//! Parsers of pasted values.

use std::convert::Infallible;
use std::str::FromStr;

use clap::builder::ValueParser;
use client::pasted;

pub(super) fn text() -> ValueParser {
    ValueParser::from(|value: &str| Ok::<_, Infallible>(pasted::text(value)))
}

pub(super) fn name<T: FromStr>(value: &str) -> Result<T, T::Err> {
    pasted::name(value).parse()
}

pub(crate) fn id<T: FromStr>(value: &str) -> Result<T, T::Err> {
    pasted::text(value).parse()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use crate::cli::{Cli, Command};

    #[test]
    fn pasted_values_lose_the_blanks_and_quotes_around_them_and_invisible_characters() {
        let line = [
            "presso",
            "--stack",
            " my-bar\n",
            "--api-url",
            "\"https://bar.example/v1/\"  ",
            "--event-id",
            "\u{201c}hall-7\u{201d}",
            "--key",
            "'keys/a.pem'",
            "dead-letters",
            "--order",
            " \u{feff}0123456789abcdef0123456789abcdef ",
            "--queue",
            "NewOrderDeadLetters ",
        ];
        let cli = Cli::try_parse_from(line).unwrap();
        assert_eq!((cli.stack.as_str(), cli.shop_id.as_str()), ("my-bar", "hall-7"));
        assert_eq!(cli.api_url().as_deref(), Some("https://bar.example/v1/"));
        assert_eq!(cli.key, Path::new("keys/a.pem"));
        let Command::DeadLetters(args) = cli.command else { panic!("expected DeadLetters") };
        assert_eq!(args.selection.queue.as_deref(), Some("NewOrderDeadLetters"));
        assert_eq!(args.selection.order.unwrap().as_str(), "0123456789abcdef0123456789abcdef");
    }
}
