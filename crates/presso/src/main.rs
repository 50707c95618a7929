//! `presso`: a coffee bar from the command line.

mod cli;
mod identity;
mod login;
mod order;
mod output;
mod rush;
mod shop;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use owo_colors::{OwoColorize, Stream};
use presso::error::causes;
use presso::token::{SigningKey, ensure_keys};
use presso::{Error, api::Api, stack::Stack};

use crate::cli::{Cli, Command, TokenArgs};
use crate::identity::Identity;

/// A stack, who acts on it, and how to print.
pub(crate) struct Context {
    pub(crate) stack: Stack,
    pub(crate) api: Api,
    pub(crate) identity: Identity,
    pub(crate) event_id: domain::ids::EventId,
    pub(crate) json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let word = "error:".if_supports_color(Stream::Stderr, |text| text.red()).to_string();
            eprintln!("{word} {}", causes(&error));
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    match cli.command {
        Command::Keys { dir } => {
            println!("{}", ensure_keys(&dir)?.display());
            Ok(())
        }
        Command::Token(args) => token(&cli.key, &args),
        Command::Login(args) => login::login(&Stack::find(&cli.stack, cli.api_url.as_deref()).await?, &args).await,
        command => {
            let stack = Stack::find(&cli.stack, cli.api_url.as_deref()).await?;
            // A rush reports a bar that is too busy; whoever works in it tries again.
            let attempts = if matches!(command, Command::Rush(_)) { 1 } else { 3 };
            let api = Api::new(&stack.api_url)?.with_attempts(attempts);
            let identity = Identity::find(&cli.key, &stack)?;
            let context = Context { stack, api, identity, event_id: cli.event_id, json: cli.json };
            on_stack(&context, command).await
        }
    }
}

async fn on_stack(context: &Context, command: Command) -> Result<(), Error> {
    match command {
        Command::Open => shop::set_open(context, true).await,
        Command::Close => shop::set_open(context, false).await,
        Command::Menu { action } => shop::menu(context, action).await,
        Command::Queue { status } => shop::queue(context, status).await,
        Command::Order(args) => order::walk(context, &args).await,
        Command::Rush(args) => rush::rush(context, &args).await,
        Command::Watch { seconds } => watch::watch(context, seconds).await,
        Command::Keys { .. } | Command::Token(_) | Command::Login(_) => Ok(()),
    }
}

fn token(key: &std::path::Path, args: &TokenArgs) -> Result<(), Error> {
    let token = SigningKey::read(key)?.mint(&args.user, args.role.roles(), Duration::from_secs(args.ttl))?;
    println!("{token}");
    Ok(())
}
