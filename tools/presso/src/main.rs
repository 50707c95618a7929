//! `presso`: operates a coffee bar from the command line.

mod admin;
mod barista;
mod burst;
mod cli;
mod dead_letters;
mod display;
mod doctor;
mod identity;
mod learn;
mod login;
mod look;
mod order;
mod output;
mod queue;
mod recount;
mod rush;
mod serve;
mod shop;
mod shutdown;
mod status;
mod stuck;
mod watch;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use client::error::{Diagnostic, Error};
use client::token::{SigningKey, ensure_keys, new_guest};
use client::{Api, Stack};
use domain::ids::{ShopId, UserId};

use crate::cli::{Cli, Command, Customers, RoleName, TokenArgs};
use crate::identity::Identity;
use crate::shutdown::Shutdown;

/// A stack, a shop in it, the caller, and the form of the output.
pub(crate) struct Context {
    pub(crate) stack: Stack,
    pub(crate) api: Api,
    pub(crate) identity: Identity,
    customers: Customers,
    /// Address below which people open the pages, without a slash at the end.
    pub(crate) pages_url: String,
    pub(crate) shop_id: ShopId,
    pub(crate) json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let shop_id = cli.shop_id.clone();
    match run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error = shop::with_opening(error, &shop_id);
            if !matches!(error, Error::ClosedOutput) {
                output::note(Diagnostic(&error));
            }
            ExitCode::from(error.exit_code())
        }
    }
}

async fn run(cli: Cli) -> Result<(), Error> {
    let shutdown = Shutdown::listen(&cli.command)?;
    let find = || async { shutdown.race(Box::pin(Stack::find(&cli.stack, cli.api_url().as_deref()))).await };
    // Rush and burst count each refusal, so their client must not retry.
    let attempts = if matches!(cli.command, Command::Rush(_) | Command::Burst(_)) { 1 } else { 3 };
    let context = || async { Context::new(&cli, find().await?, attempts) };
    match &cli.command {
        Command::Keys { dir } => output::line(ensure_keys(dir)?.display()),
        Command::Token(args) => token(&cli.key, args, cli.json),
        Command::Login(args) => login::login(&find().await?, args).await,
        Command::Admin { action } => admin::run(&find().await?, action, cli.json).await,
        Command::Workshop { action } => Box::pin(learn::workshop(action, &cli.key, cli.json, &shutdown)).await,
        // Dead-letter queues are read through the AWS API, without a bearer token.
        Command::DeadLetters(args) => Box::pin(dead_letters::show(&find().await?, args, cli.json)).await,
        Command::Redrive(args) => Box::pin(dead_letters::redrive(&find().await?, args, cli.json, &shutdown)).await,
        // Missing credentials and a missing stack are findings of the doctor.
        Command::Doctor(args) => Box::pin(doctor::doctor(&cli, args)).await,
        Command::Recount(args) => Box::pin(recount::recount(&find().await?, args, cli.json)).await,
        Command::Status => Box::pin(status::status(&context().await?)).await,
        Command::Open { new_code } => shop::open(&context().await?, *new_code).await,
        Command::Close => shop::close(&context().await?).await,
        Command::SignIn { accepted } => shop::sign_in(&context().await?, *accepted).await,
        Command::Counter(args) => shop::counter(&context().await?, args).await,
        Command::Menu { action } => shop::menu(&context().await?, action.as_ref()).await,
        Command::Display { action } => display::display(&context().await?, action).await,
        Command::Look(args) => look::look(&context().await?, args).await,
        Command::Queue(args) => queue::queue(&context().await?, args).await,
        Command::Barista(args) => barista::act(&context().await?, args).await,
        Command::Serve(args) => Box::pin(serve::serve(&context().await?, args)).await,
        Command::Order(args) => Box::pin(order::serve(&context().await?, args, &shutdown)).await,
        Command::Rush(args) => Box::pin(rush::rush(&context().await?, args, &shutdown)).await,
        Command::Burst(args) => Box::pin(burst::burst(&context().await?, args, &shutdown)).await,
        Command::Watch { seconds } => Box::pin(watch::watch(&context().await?, *seconds, &shutdown)).await,
    }
}

impl Context {
    fn new(cli: &Cli, stack: Stack, attempts: u32) -> Result<Self, Error> {
        let api = Api::new(&stack.api_url)?.with_attempts(attempts);
        let identity = Identity::find(&cli.key, &stack)?;
        let (shop_id, customers) = (cli.shop_id.clone(), cli.customers);
        let pages_url = cli.pages_url().unwrap_or_else(|| stack.api_url.clone());
        Ok(Self { stack, api, identity, customers, pages_url, shop_id, json: cli.json })
    }

    /// Fails if the customers need accounts and no local key can sign their tokens.
    pub(crate) fn require_customers(&self) -> Result<(), Error> {
        if self.customers == Customers::Guest || matches!(self.identity, Identity::Local(_)) {
            return Ok(());
        }
        let error = Error::Usage("each account needs a token, which only a local key can sign".into());
        Err(error.with_help("play guests: --customers guest"))
    }

    /// Returns a client of the API for a customer, and the user id of the customer: a new guest, or
    /// the account `user`.
    pub(crate) fn customer(&self, user: &str) -> Result<(Api, String), Error> {
        match self.customers {
            Customers::Guest => {
                let secret = new_guest()?;
                Ok((self.api.with_token(secret.reveal()), UserId::of_guest(&secret).to_string()))
            }
            Customers::Account => Ok((self.identity.call(&self.api, RoleName::Customer, user)?, user.to_owned())),
        }
    }
}

fn token(key: &Path, args: &TokenArgs, json: bool) -> Result<(), Error> {
    let token = SigningKey::read(key)?.mint(args.user.as_str(), args.role.roles(), Duration::from_secs(args.ttl))?;
    if json { output::json(&serde_json::json!({ "token": token })) } else { output::line(token) }
}
