//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use client::dead_letters::Selection;
use domain::ids::{ShopId, OrderId, UserId};
use domain::order::OrderStatus;

const A_WEEK_SECS: u64 = 7 * 24 * 60 * 60;

/// Runs a coffee bar, a demo or a load test, against any deployed stack.
#[derive(Debug, Parser)]
#[command(
    name = "presso",
    version,
    after_help = "Examples:\n  presso open                          open the shop\n  presso order                         \
                  serve one order and watch it on the bus\n  presso rush --orders 100 --raise-limits\n  presso watch --json | jq .detail\n  presso dead-letters                  what could not \
                  be delivered; presso redrive sends it back\n\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by the bar, 4 no stack or no answer."
)]
pub(crate) struct Cli {
    /// Name of the stack.
    #[arg(long, global = true, env = "PRESSO_STACK", default_value = "serverlesspresso")]
    pub(crate) stack: String,
    /// Address of the API, instead of the stack's output ApiUrl.
    #[arg(long, global = true, env = "PRESSO_API_URL")]
    pub(crate) api_url: Option<String>,
    /// The shop.
    #[arg(global = true, long = "event-id", env = "PRESSO_EVENT_ID", default_value = "coffee-bar")]
    pub(crate) shop_id: ShopId,
    /// The private key that signs local tokens.
    #[arg(long, global = true, env = "PRESSO_KEY", default_value = ".local/keys/signing-key.pem")]
    pub(crate) key: PathBuf,
    /// Print JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make the key pair of a local stack, unless it is there.
    Keys {
        /// The folder that it lies in.
        #[arg(long, default_value = ".local/keys")]
        dir: PathBuf,
    },
    /// Print a token for a local stack.
    Token(TokenArgs),
    /// Sign in to a stack with a user pool, on AWS.
    Login(LoginArgs),
    /// Open the shop.
    Open,
    /// Close the shop. Orders inside are served.
    Close,
    /// Show or change the menu.
    Menu {
        #[command(subcommand)]
        action: Option<MenuAction>,
    },
    /// List orders, oldest first.
    Queue {
        /// Orders of this status.
        #[arg(long, default_value = "WAITING", value_parser = parse_status)]
        status: OrderStatus,
    },
    /// Walk one order as display, customer and barista, and print its events as they happen.
    Order(OrderArgs),
    /// Serve a crowd, then print latencies, refusals, and whether the shop is empty again.
    Rush(RushArgs),
    /// Have a crowd scan at once at a shop with little room, then print who was refused and why, and whether every promise held.
    ///
    /// The shop must be open and empty. Its limits are changed for the burst and put back; whoever got in is cancelled.
    Burst(BurstArgs),
    /// Build a bar of your own, module by module: see docs/workshop.
    Workshop {
        #[command(subcommand)]
        action: WorkshopAction,
    },
    /// Print the whole bus, live, until Ctrl-C: every shop's events, whatever --event-id says.
    Watch {
        /// Stop after so many seconds, a week at most.
        #[arg(long = "for", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=A_WEEK_SECS))]
        seconds: Option<u64>,
    },
    /// Show what could not be delivered, in every shop, whatever --event-id says. Looking takes nothing away.
    DeadLetters(DeadLettersArgs),
    /// Send dead letters back to the targets that failed, once what made them fail is mended.
    ///
    /// A letter leaves its queue only after its target took it, and none takes effect twice. However it ends, running it again
    /// goes on with what is left. It succeeds only if nothing is left in the queues that it was asked to empty.
    Redrive(RedriveArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkshopAction {
    /// Make workshop/bar, a bar without the pieces that the modules build, and deploy it as a stack of its own.
    Start {
        /// Begin anew; what is there is kept beside it.
        #[arg(long)]
        again: bool,
        /// Deploy it to AWS, from now on: with the credentials in the environment, and for their account's money.
        #[arg(long)]
        aws: bool,
    },
    /// Build what is in workshop/bar, and deploy it.
    Deploy,
    /// Play an order by hand where nothing keeps its tokens yet: start its execution, answer for customer and barista, and print what
    /// happens.
    Run {
        /// The customer cancels instead of choosing.
        #[arg(long, group = "act")]
        cancel: bool,
        /// The shop is closed.
        #[arg(long, group = "act")]
        closed: bool,
        /// The same scan comes a second time.
        #[arg(long, group = "act")]
        twice: bool,
        /// Scan the code of the display, instead of starting the execution.
        #[arg(long, group = "act")]
        scan: bool,
    },
    /// Examine what you have built on the running stack: what is right, what is missing, and where to look.
    Check {
        /// The number of the module.
        module: u32,
    },
    /// Put the solution of a module into workshop/bar, and deploy it.
    Solve {
        /// The number of the module.
        module: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LettersArgs {
    /// Only the letters in this queue, such as NewOrderDeadLetters.
    #[arg(long)]
    pub(crate) queue: Option<String>,
    /// Only the letters about this order.
    #[arg(long)]
    pub(crate) order: Option<OrderId>,
    /// Only the letters about this shop.
    #[arg(long)]
    pub(crate) shop: Option<ShopId>,
    /// Only this letter, by the messageId that dead-letters --json shows.
    #[arg(long, value_name = "ID")]
    pub(crate) letter: Option<String>,
}

impl LettersArgs {
    /// The letters that are meant.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            queue: self.queue.clone(),
            order: self.order.as_ref().map(ToString::to_string),
            shop: self.shop.as_ref().map(ToString::to_string),
            letter: self.letter.clone(),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct DeadLettersArgs {
    #[command(flatten)]
    pub(crate) letters: LettersArgs,
    /// Delete the one letter for good: for what no redrive can mend.
    #[arg(long, requires = "letter")]
    pub(crate) delete: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RedriveArgs {
    #[command(flatten)]
    pub(crate) letters: LettersArgs,
    /// Only say what would be sent where.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// What the token's owner may do.
    #[arg(long, value_enum)]
    pub(crate) role: RoleName,
    /// The token's owner: its sub, which is the userId.
    #[arg(long)]
    pub(crate) user: UserId,
    /// How long it is good for, in seconds.
    #[arg(long, default_value_t = 3600)]
    pub(crate) ttl: u64,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// The user's e-mail address.
    #[arg(long, env = "PRESSO_USER")]
    pub(crate) user: String,
    /// Print the token as well.
    #[arg(long)]
    pub(crate) print: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    /// The drink; the first on the menu that is available, if none is named.
    #[arg(long)]
    pub(crate) drink: Option<String>,
    /// An option of the drink, such as Oat. May be given several times.
    #[arg(long = "modifier")]
    pub(crate) modifiers: Vec<String>,
    /// Cancel as the customer, instead of having the drink made.
    #[arg(long)]
    pub(crate) cancel: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RushArgs {
    /// How many customers come, each with one order.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) orders: u32,
    /// How many are in the bar at once.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) concurrency: u32,
    /// Raise the shop's limits so that nobody is refused, and put them back afterwards.
    ///
    /// A limit that somebody else has changed by then is left as it is. Have one rush at a time in a shop: one that begins
    /// while another has raised the limits takes those for the shop's own, and may leave them raised.
    #[arg(long)]
    pub(crate) raise_limits: bool,
    /// Of a hundred customers, how many cancel: half of them before they choose, half of them after.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) cancel: u32,
    /// Of a hundred customers, how many walk away: half of them before they choose, half of them after. Their orders time out.
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub(crate) leave: u32,
    /// How often each request is sent before a bar that does not answer, or answers that it cannot, is taken at its word.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) attempts: u32,
    /// How long a customer waits for the order before giving up, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) patience: u64,
}

#[derive(Debug, Args)]
pub(crate) struct BurstArgs {
    /// How many customers scan, each once: no more than a code may be good for.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) scans: u32,
    /// Within so many seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub(crate) within: u32,
    /// How many orders the shop takes at once meanwhile.
    #[arg(long, value_name = "ORDERS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) room: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MenuAction {
    /// Show it.
    Show,
    /// Replace it by the one in a JSON file: a list of drinks, as menu show --json prints it.
    Set {
        /// The file.
        file: PathBuf,
    },
    /// Mark a drink as sold out.
    SoldOut {
        /// Its name.
        drink: String,
    },
    /// Mark a drink as available again.
    Available {
        /// Its name.
        drink: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    Admin,
    Barista,
    Customer,
}

fn parse_status(text: &str) -> Result<OrderStatus, String> {
    OrderStatus::parse(&text.to_uppercase())
        .ok_or_else(|| format!("one of {}", OrderStatus::ALL.map(OrderStatus::as_str).join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_rush_serves_everybody_unless_it_is_told_otherwise() {
        let parse = |line: &[&str]| Cli::try_parse_from(["presso", "rush"].iter().chain(line));
        let Command::Rush(args) = parse(&[]).unwrap().command else { panic!("a rush was asked for") };
        assert_eq!((args.cancel, args.leave, args.attempts, args.patience), (0, 0, 1, 120));
        assert_eq!(parse(&["--cancel", "101"]).unwrap_err().exit_code(), 2);
        assert_eq!(parse(&["--attempts", "0"]).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn a_watch_of_more_than_a_week_is_wrong_usage() {
        let parse = |seconds| Cli::try_parse_from(["presso", "watch", "--for", seconds]);
        assert!(matches!(parse("604800").unwrap().command, Command::Watch { seconds: Some(A_WEEK_SECS) }));
        for seconds in ["604801", "18446744073709551615", "-1"] {
            assert_eq!(parse(seconds).unwrap_err().exit_code(), 2);
        }
    }

    #[test]
    fn a_token_is_for_somebody_whom_the_api_would_know() {
        let parse = |user| Cli::try_parse_from(["presso", "token", "--role", "barista", "--user", user]);
        assert!(matches!(parse("bea").unwrap().command, Command::Token(args) if args.user.as_str() == "bea"));
        for user in ["", "a b", "a#b"] {
            assert_eq!(parse(user).unwrap_err().exit_code(), 2, "{user:?}");
        }
    }

    #[test]
    fn a_status_is_read_in_any_case_and_an_unknown_one_refused() {
        let parse = |status| Cli::try_parse_from(["presso", "queue", "--status", status]);
        assert!(matches!(parse("created").unwrap().command, Command::Queue { status: OrderStatus::Created }));
        assert!(parse("done").unwrap_err().to_string().contains("WAITING"));
    }
}
