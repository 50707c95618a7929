//! Runs the commands of the workshop.

mod show;

use std::io::IsTerminal;
use std::path::Path;

use client::{Error, Resources, SigningKey, Stack};
use owo_colors::{OwoColorize, Stream};
use workshop::check::{CheckVerdict, Finding};
use workshop::{CreateOutcome, DeployTarget, Ended, LearnerBar, Module, STACK, Scenario, check, modules, run_scenario};

use crate::cli::WorkshopAction;
use crate::output::{self, Progress};
use crate::shutdown::Shutdown;

pub(crate) async fn workshop(
    action: &WorkshopAction,
    key: &Path,
    json: bool,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    match action {
        WorkshopAction::Start { again, aws } => {
            start(*again, if *aws { DeployTarget::Aws } else { DeployTarget::Local }).await
        }
        WorkshopAction::Deploy => deploy(&LearnerBar::find()?).await,
        WorkshopAction::Run { cancel, closed, twice, scan } => {
            let scenarios = [
                (*cancel, Scenario::Cancel),
                (*closed, Scenario::Closed),
                (*twice, Scenario::Twice),
                (*scan, Scenario::Scan),
            ];
            let scenario =
                scenarios.into_iter().find_map(|(chosen, scenario)| chosen.then_some(scenario)).unwrap_or_default();
            run(key, scenario, shutdown).await
        }
        WorkshopAction::Test { package } => test(package).await,
        WorkshopAction::Check { module } => check_module(*module, key, json, shutdown).await,
        WorkshopAction::Solve { module } => solve(*module).await,
        WorkshopAction::Logs { minutes, errors, order } => show::logs(*minutes, *errors, order.as_deref()).await,
        WorkshopAction::Status => show::status().await,
        WorkshopAction::Picture { svg } => show::picture(svg.as_deref()).await,
    }
}

async fn start(again: bool, target: DeployTarget) -> Result<(), Error> {
    let bar = LearnerBar::find()?;
    match bar.create(again, target)? {
        CreateOutcome::AlreadyExists => {
            output::note("workshop/bar exists and is unchanged; --again creates it again and keeps the old folder");
        }
        CreateOutcome::New { kept: Some(kept) } => {
            output::note(format_args!("the old folder is kept as {}", kept.display()));
        }
        CreateOutcome::New { kept: None } => {}
    }
    deploy(&bar).await?;
    output::line(format_args!("Your bar is in workshop/bar, and runs as the stack {STACK}."))
}

/// Deploys the bar, records the deployment, and writes the environment for a shell.
async fn deploy(bar: &LearnerBar) -> Result<(), Error> {
    bar.deploy(|line| drop(output::line(line))).await?;
    let stack = Stack::find(STACK, None).await?;
    bar.record_deployment(&stack)?;
    let resources = Resources::find(&stack).await?;
    let variables = [
        ("AWS_PAGER", String::new()),
        ("BUS", stack.bus_name.clone()),
        ("ORDER_PROCESSOR", stack.order_processor_arn.clone()),
        ("ORDERS_TABLE", stack.orders_table.clone()),
        ("SHOP_TABLE", stack.shop_table.clone()),
        ("ORDER_PROJECTOR", resources.required("OrderProjector")?.to_owned()),
        ("PROJECTION_DEAD_LETTERS", resources.required("ProjectionDeadLetters")?.to_owned()),
    ];
    bar.write_environment(&variables).map(|_| ())
}

async fn run(key: &Path, scenario: Scenario, shutdown: &Shutdown) -> Result<(), Error> {
    let say = |word: &str, what: &str| drop(output::line(format_args!("{word:<9} {what}")));
    let stack = Stack::find(STACK, None).await?;
    if let Some(what) = LearnerBar::find()?.deployment(&stack)?.describe() {
        output::note(format_args!("{what}; presso workshop deploy deploys it"));
    }
    match run_scenario(&stack, &SigningKey::read(key)?, scenario, say, shutdown.requested()).await? {
        Ended::Well => Ok(()),
        Ended::Failed => Err(Error::Incomplete("the execution failed".into())),
    }
}

async fn test(package: &str) -> Result<(), Error> {
    // On a terminal Cargo shows its own progress.
    let progress = (!std::io::stderr().is_terminal()).then(|| Progress::step(format!("testing {package}")));
    let tested = LearnerBar::find()?.test(package).await;
    drop(progress);
    tested
}

async fn solve(number: u32) -> Result<(), Error> {
    let module = module(number)?;
    let bar = LearnerBar::find()?;
    for file in bar.solve(&module)? {
        output::line(format_args!("wrote workshop/bar/{file}"))?;
    }
    deploy(&bar).await
}

fn module(number: u32) -> Result<Module, Error> {
    let all = modules()?;
    let known: Vec<String> = all.iter().map(|module| module.module.to_string()).collect();
    let found = all.into_iter().find(|module| module.module == number);
    let missing = || Error::Usage(format!("module {number} has nothing to build"));
    found.ok_or_else(|| missing().with_help(format!("the modules to build are {}", known.join(", "))))
}

async fn check_module(number: u32, key: &Path, json: bool, shutdown: &Shutdown) -> Result<(), Error> {
    let title = module(number)?.title;
    let progress = Progress::step(format!("checking module {number}, {title}"));
    let stack = Stack::find(STACK, None).await?;
    let (bar, key) = (LearnerBar::find()?, SigningKey::read(key)?);
    let found = check::check(number, &bar, &stack, &key, shutdown.requested()).await?;
    drop(progress);
    if json {
        output::json(&found)?;
    } else {
        for finding in &found {
            output::line(finding_text(finding))?;
        }
    }
    let Some(next) = check::next_step(number, &found) else {
        return if json { Ok(()) } else { output::line(format_args!("Module {number} is done.")) };
    };
    Err(Error::Incomplete(format!("module {number} is not done yet")).with_help(next))
}

fn finding_text(finding: &Finding) -> String {
    let word = match finding.verdict {
        CheckVerdict::Right => "right  ".if_supports_color(Stream::Stdout, |text| text.green()).to_string(),
        CheckVerdict::Missing => "missing".if_supports_color(Stream::Stdout, |text| text.yellow()).to_string(),
        CheckVerdict::Failing => "failing".if_supports_color(Stream::Stdout, |text| text.red()).to_string(),
    };
    let look = finding.look.as_ref().map(|look| format!("\n         look at {look}")).unwrap_or_default();
    let log = finding.log.as_ref().map(|log| format!("\n         last error in the logs: {log}")).unwrap_or_default();
    format!("{word}  {}{log}{look}", finding.what)
}
