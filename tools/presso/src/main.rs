//! `presso`: a coffee bar from the command line.

mod burst;
mod cli;
mod dead_letters;
mod ending;
mod identity;
mod learn;
mod login;
mod order;
mod output;
mod rush;
mod shop;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use client::error::causes;
use client::token::{SigningKey, ensure_keys};
use client::{Error, api::Api, stack::Stack};
use owo_colors::{OwoColorize, Stream};

use crate::cli::{Cli, Command, TokenArgs};
use crate::ending::Ending;
use crate::identity::Identity;

/// A stack, who acts on it, and how to print.
pub(crate) struct Context {
    pub(crate) stack: Stack,
    pub(crate) api: Api,
    pub(crate) identity: Identity,
    pub(crate) shop_id: domain::ids::ShopId,
    pub(crate) json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(error, Error::ClosedOutput) {
                let word = "error:".if_supports_color(Stream::Stderr, |text| text.red()).to_string();
                output::note(format_args!("{word} {}", causes(&error)));
            }
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    match cli.command {
        Command::Keys { dir } => output::line(ensure_keys(&dir)?.display()),
        Command::Token(args) => token(&cli.key, &args, cli.json),
        Command::Login(args) => login::login(&Stack::find(&cli.stack, cli.api_url.as_deref()).await?, &args).await,
        Command::Workshop { action } => Box::pin(learn::workshop(&action, &cli.key, cli.json)).await,
        command => {
            let ending = Ending::of(&command)?;
            let stack = ending.or_give_up(Box::pin(Stack::find(&cli.stack, cli.api_url.as_deref()))).await?;
            // Whoever may read the queues need not be known to the API.
            match &command {
                Command::DeadLetters(args) => return dead_letters::show(&stack, args, cli.json).await,
                Command::Redrive(args) => {
                    return Box::pin(dead_letters::redrive(&stack, args, cli.json, &ending)).await;
                }
                _ => {}
            }
            // A rush and a burst report a bar that is too busy; whoever works in it tries again.
            let attempts = if matches!(command, Command::Rush(_) | Command::Burst(_)) { 1 } else { 3 };
            let api = Api::new(&stack.api_url)?.with_attempts(attempts);
            let identity = Identity::find(&cli.key, &stack)?;
            let context = Context { stack, api, identity, shop_id: cli.shop_id, json: cli.json };
            on_stack(&context, command, &ending).await
        }
    }
}

async fn on_stack(context: &Context, command: Command, ending: &Ending) -> Result<(), Error> {
    match command {
        Command::Open => shop::set_open(context, true).await,
        Command::Close => shop::set_open(context, false).await,
        Command::Menu { action } => shop::menu(context, action).await,
        Command::Queue { status } => shop::queue(context, status).await,
        Command::Order(args) => order::walk(context, &args, ending).await,
        Command::Rush(args) => rush::rush(context, &args, ending).await,
        Command::Burst(args) => Box::pin(burst::burst(context, &args, ending)).await,
        Command::Watch { seconds } => watch::watch(context, seconds, ending).await,
        Command::Keys { .. }
        | Command::Token(_)
        | Command::Login(_)
        | Command::Workshop { .. }
        | Command::DeadLetters(_)
        | Command::Redrive(_) => Ok(()),
    }
}

fn token(key: &std::path::Path, args: &TokenArgs, json: bool) -> Result<(), Error> {
    let token = SigningKey::read(key)?.mint(args.user.as_str(), args.role.roles(), Duration::from_secs(args.ttl))?;
    if json { output::json(&serde_json::json!({ "token": token })) } else { output::line(token) }
}
