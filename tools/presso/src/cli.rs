//! Declares the command line.

mod admin;
mod dead_letters;
mod display;
mod doctor;
mod load;
pub(crate) mod pasting;
mod recount;
mod serve;
mod shop;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use client::pasted;
use domain::ids::{ShopId, UserId};
use domain::text::Name;

pub(crate) use self::admin::{AdminAction, StaffRole};
pub(crate) use self::dead_letters::{DeadLettersArgs, RedriveArgs};
pub(crate) use self::display::DisplayAction;
pub(crate) use self::doctor::DoctorArgs;
pub(crate) use self::load::{BurstArgs, Loop, RushArgs};
pub(crate) use self::recount::RecountArgs;
pub(crate) use self::serve::ServeArgs;
pub(crate) use self::shop::{CounterArgs, Customers, LookArgs, MenuAction, QueueArgs};
use crate::barista::BaristaArgs;

const WEEK_SECS: u64 = 7 * 24 * 60 * 60;

const DEFAULT_STACK: &str = "serverlesspresso";

const AFTER_HELP: &str = "\
Examples:
  presso open                             open the shop
  presso order                            serve one order and print its events
  presso status                           shop, capacity, queue, dead letters, addresses
  presso rush --orders 100 --raise-limits
  presso watch --json | jq .detail
  presso doctor --prod                    what is missing for production
  presso dead-letters                     messages that could not be delivered
  presso redrive                          deliver them again

Exit codes:
  0  done
  1  failed, timed out, incomplete or interrupted
  2  wrong usage
  3  refused by the API
  4  no stack or an incomplete one, no AWS credentials, or no answer of the bar or of AWS

AWS credentials come from where the AWS CLI finds them: the environment, the profile in AWS_PROFILE
with its keys, sso_session, login_session, credential_process, role_arn or web_identity_token_file,
or the container or instance on which presso runs.

Blanks and quotes around pasted names, ids and addresses are ignored.

Errors go to stderr: error: WHAT: CAUSE, then a line help: NEXT STEP.";

/// Shop of a command without --event-id.
pub(crate) const DEFAULT_SHOP: &str = "coffee-bar";

/// Operates a coffee bar, local or on AWS: its shops, orders, load tests and dead letters.
#[derive(Debug, Parser)]
#[command(name = "presso", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// Name of the CloudFormation stack.
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        env = "PRESSO_STACK",
        default_value = DEFAULT_STACK,
        value_parser = pasting::text()
    )]
    pub(crate) stack: String,
    /// Address of the API with its stage. Default: API_URL, if PRESSO_URLS_OF (or else
    /// PRESSO_STACK, or else serverlesspresso) names this stack; otherwise the output ApiUrl of the
    /// stack.
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        env = "PRESSO_API_URL",
        value_name = "URL",
        value_parser = pasting::text()
    )]
    pub(crate) api_url: Option<String>,
    /// Id of the shop.
    #[arg(
        long = "event-id",
        global = true,
        help_heading = "Global options",
        env = "PRESSO_EVENT_ID",
        default_value = DEFAULT_SHOP,
        value_name = "SHOP",
        value_parser = pasting::id::<ShopId>
    )]
    pub(crate) shop_id: ShopId,
    /// File of the private key that signs tokens for a local stack.
    #[arg(
        long,
        global = true,
        help_heading = "Global options",
        env = "PRESSO_KEY",
        default_value = ".local/keys/signing-key.pem",
        value_name = "FILE",
        value_parser = pasting::id::<PathBuf>
    )]
    pub(crate) key: PathBuf,
    /// Kind of the customers in the commands order, rush and burst: guests with a new secret each,
    /// or accounts, for which a local key signs tokens.
    #[arg(
        long,
        value_enum,
        global = true,
        help_heading = "Global options",
        env = "PRESSO_CUSTOMERS",
        default_value_t = Customers::Guest,
        value_name = "KIND"
    )]
    pub(crate) customers: Customers,
    /// Print JSON.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Returns the address of the API, if an option or the environment names one for this stack.
    pub(crate) fn api_url(&self) -> Option<String> {
        let given = self.api_url.as_deref().and_then(given);
        given.or_else(|| self.for_this_stack("API_URL"))
    }

    /// Returns the address at which presso serve has the pages, if the environment names one for
    /// this stack.
    pub(crate) fn pages_url(&self) -> Option<String> {
        self.for_this_stack("PAGES_URL").map(|url| url.trim_end_matches('/').to_owned())
    }

    fn for_this_stack(&self, name: &str) -> Option<String> {
        let variable = |name| std::env::var(name).ok().as_deref().and_then(given);
        let stack_of_url = variable("PRESSO_URLS_OF").or_else(|| variable("PRESSO_STACK"));
        url_for(&self.stack, stack_of_url.as_deref(), variable(name))
    }
}

fn given(value: &str) -> Option<String> {
    Some(pasted::text(value)).filter(|value| !value.is_empty())
}

/// Returns `url` if it belongs to `stack`. `stack_of_url` differs from `PRESSO_STACK` if a person
/// exported another stack after sourcing `.local/env`.
fn url_for(stack: &str, stack_of_url: Option<&str>, url: Option<String>) -> Option<String> {
    url.filter(|_| stack == stack_of_url.unwrap_or(DEFAULT_STACK))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the shop, its capacity and queue, the dead letters and the addresses.
    Status,
    /// Open the shop.
    Open {
        /// Replace the key of the QR codes: no code that was shown before is valid any more.
        #[arg(long)]
        new_code: bool,
    },
    /// Close the shop. Open orders are still served.
    Close,
    /// Set which customers may scan: also guests, or only those with an account.
    SignIn {
        /// Customers whose scans the shop accepts.
        #[arg(value_enum, value_name = "CUSTOMERS")]
        accepted: Customers,
    },
    /// Order for a person at the counter, without a code.
    Counter(CounterArgs),
    /// Show or change the menu.
    Menu {
        #[command(subcommand)]
        action: Option<MenuAction>,
    },
    /// Create, pair, list or revoke displays: screens that read the QR code and the board.
    Display {
        #[command(subcommand)]
        action: DisplayAction,
    },
    /// Show name, colours and logo of the shop, or change them.
    Look(LookArgs),
    /// List orders of one status, by default oldest first.
    Queue(QueueArgs),
    /// Claim, take over, release, complete, cancel or call an order.
    Barista(BaristaArgs),
    /// Serve one order as display, customer and barista, and print its events.
    Order(OrderArgs),
    /// Serve a crowd, then print latencies, refusals and the number of open orders.
    Rush(RushArgs),
    /// Send many scans at once to a shop with little capacity, and check every answer.
    ///
    /// The shop must be open and have no open orders. The command changes the shop's limits for the
    /// burst and restores them afterwards. It cancels the admitted orders.
    Burst(BurstArgs),
    /// Print the events of all shops on the bus, without those that contain a task token, until
    /// Ctrl-C.
    Watch {
        /// Stop after this many seconds, at most a week.
        #[arg(long = "for", value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=WEEK_SECS))]
        seconds: Option<u64>,
    },
    /// List dead-letter messages of all shops. They stay in their queues, unless --delete is given.
    DeadLetters(DeadLettersArgs),
    /// Deliver dead-letter messages again to the targets that failed, after the cause is fixed.
    ///
    /// A message is deleted once its target has accepted it; a repeated delivery has no further
    /// effect. After an interruption, run the command again. The command succeeds if no selected
    /// message is left.
    Redrive(RedriveArgs),
    /// Examine account and stack: credentials, region, quotas, key set, mail and version. Each
    /// finding that is not ok names the next step. Fails if there is a problem.
    Doctor(DoctorArgs),
    /// Count the open orders of a shop, and correct the counters of its capacity and customers,
    /// with the credentials of AWS.
    ///
    /// Orders may begin and end meanwhile. If one did since the orders were read, they are read
    /// again before a correction is written.
    Recount(RecountArgs),
    /// Serve the pages at http://localhost:8080 or the next free port, and on the local network
    /// with --lan. Prints the links for the display and for customers. Prints those for staff, with
    /// --lan only if --staff is given.
    ///
    /// Only the routes of the bar are reachable. Runs until it is ended.
    Serve(ServeArgs),
    /// Create the key pair of a local stack, unless it exists.
    Keys {
        /// Folder of the key pair.
        #[arg(long, default_value = ".local/keys")]
        dir: PathBuf,
    },
    /// Print a bearer token for a local stack.
    Token(TokenArgs),
    /// Sign in to a stack with a user pool, on AWS.
    Login(LoginArgs),
    /// Manage the staff of a stack with a user pool, with the credentials of AWS.
    Admin {
        #[command(subcommand)]
        action: AdminAction,
    },
    /// Build your own bar, page by page: see docs/workshop.
    Workshop {
        #[command(subcommand)]
        action: WorkshopAction,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkshopAction {
    /// Create workshop/bar, a copy of the bar without the parts that you build, and deploy it.
    Start {
        /// Create workshop/bar again. The old folder is renamed and kept.
        #[arg(long)]
        again: bool,
        /// Deploy workshop/bar to AWS from now on, with the credentials in the environment. The
        /// account is billed.
        #[arg(long)]
        aws: bool,
    },
    /// Check the files of workshop/bar, build what changed, and deploy it.
    Deploy,
    /// Run one order and print its events. Before page 4 no table stores task tokens, so this
    /// command reads them from the bus and resumes the workflow itself.
    Run {
        /// The customer cancels instead of choosing a drink.
        #[arg(long, group = "scenario")]
        cancel: bool,
        /// The shop is closed.
        #[arg(long, group = "scenario")]
        closed: bool,
        /// The same scan arrives twice.
        #[arg(long, group = "scenario")]
        twice: bool,
        /// Scan the code of the display instead of starting the execution.
        #[arg(long, group = "scenario")]
        scan: bool,
    },
    /// Run the unit tests of a function of workshop/bar, with Cargo.
    Test {
        /// Name of the package, such as order-projector.
        #[arg(value_parser = pasting::text())]
        package: String,
    },
    /// Check your solution of a page on the running stack. For each mistake, print what to read.
    Check {
        /// Number of the page, 2 to 6.
        module: u32,
    },
    /// Print what the functions have logged.
    Logs {
        /// Minutes before now.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1440))]
        minutes: u64,
        /// Only errors.
        #[arg(long)]
        errors: bool,
        /// Only lines with this order id.
        #[arg(long, value_parser = pasting::text())]
        order: Option<String>,
    },
    /// Show whether your files are deployed, the last execution, the last error, and how many
    /// dead-letter messages there are.
    Status,
    /// Draw the workflow in your file, with the states of the last execution, as a Mermaid diagram.
    Picture {
        /// Write an SVG file instead.
        #[arg(long, value_name = "FILE", value_parser = pasting::id::<PathBuf>)]
        svg: Option<PathBuf>,
    },
    /// Write the solution of a page to workshop/bar, and deploy it.
    Solve {
        /// Number of the page, 2 to 6.
        module: u32,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Role of the user.
    #[arg(long, value_enum)]
    pub(crate) role: RoleName,
    /// User id, the claim sub.
    #[arg(long, value_parser = pasting::id::<UserId>)]
    pub(crate) user: UserId,
    /// Lifetime in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub(crate) ttl: u64,
}

#[derive(Debug, Args)]
pub(crate) struct LoginArgs {
    /// E-mail address of the user.
    #[arg(long, env = "PRESSO_USER", value_parser = pasting::text())]
    pub(crate) user: String,
    /// Also print the token.
    #[arg(long)]
    pub(crate) print: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OrderArgs {
    /// Name of the drink. Default: the first available drink on the menu.
    #[arg(long, value_parser = pasting::name::<Name>)]
    pub(crate) drink: Option<Name>,
    /// Option of the drink, such as Oat. Can be repeated.
    #[arg(long = "modifier", value_parser = pasting::name::<Name>)]
    pub(crate) modifiers: Vec<Name>,
    /// Cancel as the customer instead of choosing a drink.
    #[arg(long)]
    pub(crate) cancel: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    Admin,
    Barista,
    Customer,
}

#[cfg(test)]
#[path = "cli_tests.rs"]
mod tests;
