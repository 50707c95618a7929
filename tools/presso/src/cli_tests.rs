use super::*;
use clap::CommandFactory;
use domain::order::OrderStatus;

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

/// At least one line for each command, with options.
const LINES: &[&str] = &[
    "status",
    "open --new-code",
    "close",
    "sign-in guest",
    "counter Latte Oat --idempotency-key k1",
    "menu show",
    "menu set menu.json",
    "menu sold-out Latte",
    "menu available Latte",
    "display create --name Entrance",
    "admin invite bea@example.com --role barista",
    "display pair 7K3QX0 --name Entrance",
    "display list",
    "display revoke d1",
    "look --no-logo --no-colours",
    "look --name Bar --primary #0b6b43 --accent #0b6b43 --logo logo.svg",
    "queue --status created --newest --since 2026-11-23T09:30:00.000Z",
    "barista make o1 --from 1 --user bea",
    "barista unmake o1",
    "barista complete o1",
    "barista cancel o1 --reason late",
    "barista call o1 --admin",
    "order --drink Latte --modifier Oat",
    "order --cancel",
    "rush --raise-limits",
    "rush --orders 3 --concurrency 1 --cancel 1 --leave 1 --attempts 2 --patience 9",
    "burst --scans 3 --within 1 --capacity 1 --loop repeat --requests 3",
    "watch --for 3",
    "dead-letters --queue q --order o1 --shop bar --message-id m --delete",
    "redrive --queue q --order o1 --shop bar --message-id m --dry-run",
    "doctor --prod",
    "recount bar --dry-run",
    "serve --port 8080 --lan=192.168.1.20 --staff",
    "keys --dir keys",
    "token --role barista --user bea --ttl 60",
    "login --user bea@example.com --print",
    "workshop start --again",
    "workshop start --aws",
    "workshop deploy",
    "workshop run --scan",
    "workshop run --cancel",
    "workshop run --closed",
    "workshop run --twice",
    "workshop test order-projector",
    "workshop check 2",
    "workshop logs --minutes 5 --errors --order o1",
    "workshop status",
    "workshop picture --svg workflow.svg",
    "workshop solve 2",
];

/// Returns the words of each command at or below `command` that has no subcommands. `words` are the
/// words of `command`.
fn leaves(command: &clap::Command, words: &str) -> Vec<String> {
    let mut below = command.get_subcommands().peekable();
    if below.peek().is_none() {
        return vec![words.trim().to_owned()];
    }
    below.flat_map(|inner| leaves(inner, &format!("{words} {}", inner.get_name()))).collect()
}

#[test]
fn every_command_has_a_line_that_is_parsed_with_the_global_options() {
    let global = "--stack mine --api-url http://api/v1 --event-id bar --key key.pem --customers account --json";
    for command in leaves(&Cli::command(), "") {
        assert!(LINES.iter().any(|line| line.starts_with(&command)), "no line of {command}");
    }
    for line in LINES {
        let words = ["presso"].into_iter().chain(line.split(' ')).chain(global.split(' '));
        let parsed = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(
            (parsed.stack.as_str(), parsed.key.to_str(), parsed.json),
            ("mine", Some("key.pem"), true),
            "{line}"
        );
    }
    let Command::Counter(args) = Cli::parse_from(["presso", "counter", "Latte", "--idempotency-key", "k1"]).command
    else {
        panic!("expected Counter")
    };
    assert_eq!(args.idempotency_key.as_deref(), Some("k1"));
}

#[test]
fn no_argument_of_a_command_has_the_id_or_the_name_of_a_global_one() {
    /// Compares the arguments of `command` with the global ones above it.
    fn check(command: &clap::Command, above: &[(String, String)]) {
        let name = |argument: &clap::Arg| argument.get_long().unwrap_or_default().to_owned();
        let own = || command.get_arguments().map(|argument| (argument.get_id().to_string(), name(argument), argument));
        for (id, name, _) in own() {
            let same = |other: &&(String, String)| other.0 == id || (other.1 == name && !name.is_empty());
            assert_eq!(above.iter().find(same), None, "{} in {}", id, command.get_name());
        }
        let global = own().filter(|(_, _, argument)| argument.is_global_set()).map(|(id, name, _)| (id, name));
        let above: Vec<_> = above.iter().cloned().chain(global).collect();
        command.get_subcommands().for_each(|inner| check(inner, &above));
    }
    check(&Cli::command(), &[]);
}

#[test]
fn by_default_no_customer_of_a_rush_cancels_or_leaves_and_invalid_numbers_are_usage_errors() {
    let parse = |line: &[&str]| Cli::try_parse_from(["presso", "rush"].iter().chain(line));
    let Command::Rush(args) = parse(&[]).unwrap().command else { panic!("expected Rush") };
    assert_eq!((args.cancel, args.leave, args.attempts, args.patience), (0, 0, 1, 120));
    assert_eq!(parse(&["--cancel", "101"]).unwrap_err().exit_code(), 2);
    assert_eq!(parse(&["--attempts", "0"]).unwrap_err().exit_code(), 2);
}

#[test]
fn a_watch_of_more_than_a_week_is_a_usage_error() {
    let parse = |seconds| Cli::try_parse_from(["presso", "watch", "--for", seconds]);
    assert!(matches!(parse("604800").unwrap().command, Command::Watch { seconds: Some(WEEK_SECS) }));
    for seconds in ["604801", "18446744073709551615", "-1"] {
        assert_eq!(parse(seconds).unwrap_err().exit_code(), 2);
    }
}

#[test]
fn a_token_needs_a_user_id_that_the_api_accepts() {
    let parse = |user| Cli::try_parse_from(["presso", "token", "--role", "barista", "--user", user]);
    assert!(matches!(parse("bea").unwrap().command, Command::Token(args) if args.user.as_str() == "bea"));
    for user in ["", "a b", "a#b"] {
        assert_eq!(parse(user).unwrap_err().exit_code(), 2, "{user:?}");
    }
}

#[test]
fn a_status_is_also_parsed_in_lower_case_and_an_unknown_one_is_rejected() {
    let parse = |status| Cli::try_parse_from(["presso", "queue", "--status", status]);
    assert!(matches!(
        parse("created").unwrap().command,
        Command::Queue(QueueArgs { status: OrderStatus::Created, .. })
    ));
    assert!(parse("done").unwrap_err().to_string().contains("WAITING"));
}

#[test]
fn an_address_in_the_environment_counts_only_for_its_stack() {
    let found = |stack: &str, of: Option<&str>| url_for(stack, of, Some("http://api/v1".into()));
    assert!(found("serverlesspresso", None).is_some() && found("mine", Some("mine")).is_some());
    assert!(found("mine", None).is_none() && found("serverlesspresso", Some("mine")).is_none());
}
