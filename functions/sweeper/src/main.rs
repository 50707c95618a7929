//! Starts the sweeper with the orders table, the workflow and the event bus.

use adapters::bus::EventBus;
use adapters::orders::OrdersTable;
use adapters::workflow::StepFunctions;
use bootstrap::invocation::{answer, run};
use bootstrap::{clients, environment};
use sweeper::{Handled, Sweeper};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    bootstrap::init_tracing();
    let config = clients::config();
    let sweeper = Sweeper {
        orders: OrdersTable::new(clients::dynamodb(&config), environment::required("ORDERS_TABLE")?),
        executions: StepFunctions::new(clients::step_functions(&config)),
        bus: EventBus::new(clients::eventbridge(&config), environment::required("BUS_NAME")?),
        state_machine_arn: environment::required("STATE_MACHINE_ARN")?,
        handled: Handled::default(),
        now: bootstrap::now,
    };
    run(|payload| answer(payload, |event| sweeper.handle(event))).await
}
