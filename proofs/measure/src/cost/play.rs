//! A scenario in a shop of its own. Preparations happen before the count. Waiting reads the table,
//! so it adds nothing to the count.

use std::time::Duration;

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::ExecutionStatus;
use client::Error;
use client::api::Api;
use client::stack::Stack;
use client::tables::text;
use client::token::SigningKey;
use client::venue::{Venue, Waiting, latte};
use domain::ids::{OrderId, ShopId};
use domain::order::OrderStatus;
use domain::shop::SettingsEdit;
use harness::orders::{new_order_id, request_order};
use harness::sweeper::sweep;
use harness::workflow::executions;

use crate::cost::count::{Counts, Kind};
use crate::cost::scenario::Scenario;

const TIMEOUT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

pub struct Stage {
    venue: Venue,
    customer: Api,
    customer_id: String,
    earlier: Api,
    /// Orders that are open before the count begins, with their customers.
    open: Vec<(OrderId, Api)>,
    code: String,
    /// The order that the scenario is about, if it exists before the count begins.
    order: Option<OrderId>,
}

impl Stage {
    /// Opens a shop and prepares it for `scenario`. Returns it with the number of edits of its
    /// settings.
    pub async fn prepare(stack: &Stack, key: &SigningKey, scenario: Scenario) -> Result<(Self, usize), Error> {
        let waiting = Waiting::by_table(TIMEOUT, PAUSE).retrying(|_| false);
        let venue = Venue::new(stack, key, &format!("cost-{}", scenario.as_str()), waiting)?;
        let run = format!("{:08x}", fastrand::u32(..));
        let customer_id = format!("ada-{run}");
        venue.open().await?;
        let mut stage = Self {
            customer: venue.customer(&customer_id)?,
            customer_id,
            earlier: venue.customer(&format!("eve-{run}"))?,
            open: Vec::new(),
            code: venue.code(Duration::ZERO).await?,
            order: None,
            venue,
        };
        let edits = stage.prepare_for(scenario).await?;
        Ok((stage, 1 + edits))
    }

    pub const fn shop(&self) -> &ShopId {
        &self.venue.shop_id
    }

    async fn prepare_for(&mut self, scenario: Scenario) -> Result<usize, Error> {
        match scenario {
            Scenario::NoTokens => {
                let edit = SettingsEdit { drinks_per_barcode: Some(1), ..SettingsEdit::default() };
                self.venue.edit(&edit).await?;
                self.place_earlier(self.earlier.clone()).await?;
                Ok(1)
            }
            Scenario::ClosedAtTheDoor | Scenario::Closed => {
                self.venue.admin.set_open(self.shop(), false).await?;
                Ok(1)
            }
            Scenario::FullAtTheDoor | Scenario::Full => {
                let edit = SettingsEdit { max_orders_in_queue: Some(1), ..SettingsEdit::default() };
                self.venue.edit(&edit).await?;
                self.place_earlier(self.earlier.clone()).await?;
                Ok(1)
            }
            Scenario::CustomerLimit => {
                let order_id = self.request().await?;
                self.venue.reaches(&order_id, OrderStatus::Created).await?;
                self.open.push((order_id, self.customer.clone()));
                Ok(0)
            }
            Scenario::Duplicate | Scenario::PollOrder => {
                self.order = Some(self.place_earlier(self.customer.clone()).await?);
                Ok(0)
            }
            _ => Ok(0),
        }
    }

    async fn place_earlier(&mut self, customer: Api) -> Result<OrderId, Error> {
        let order_id = self.venue.scan_code(&customer, &self.code).await?.order_id;
        self.venue.reaches(&order_id, OrderStatus::Created).await?;
        self.open.push((order_id.clone(), customer));
        Ok(order_id)
    }

    /// Requests an order of the customer on the bus, without a scan.
    async fn request(&self) -> Result<OrderId, Error> {
        request_order(&self.venue.stack, &new_order_id(), self.shop(), &self.customer_id).await
    }

    pub async fn clear(&self) -> Result<(), Error> {
        for (order_id, customer) in &self.open {
            customer.cancel(order_id, "the count is over").await?;
            self.venue.reaches(order_id, OrderStatus::Cancelled).await?;
        }
        Ok(())
    }

    /// Plays `scenario` to its end. Returns the API requests that it made.
    pub async fn play(&self, scenario: Scenario) -> Result<Counts, Error> {
        match scenario {
            Scenario::Completed => self.complete().await,
            Scenario::InvalidCode => self.rejected_scan("000000", "invalid_code").await,
            Scenario::NoTokens => self.rejected_scan(&self.code, "no_tokens").await,
            Scenario::ClosedAtTheDoor => self.rejected_scan(&self.code, "store_closed").await,
            Scenario::FullAtTheDoor => self.rejected_scan(&self.code, "store_full").await,
            Scenario::Closed | Scenario::Full => {
                let order_id = self.request().await?;
                self.venue.reaches(&order_id, OrderStatus::Cancelled).await?;
                Ok(Counts::default())
            }
            Scenario::Duplicate => Ok(self.scan().await?.1),
            Scenario::CustomerLimit | Scenario::CustomerTimeOut => self.await_end(self.scan().await?).await,
            Scenario::BaristaTimeOut => self.await_end(self.choose().await?).await,
            Scenario::CancelledChoosing => {
                let (order_id, requests) = self.scan().await?;
                self.venue.reaches(&order_id, OrderStatus::Created).await?;
                self.cancel(&self.customer, &order_id, requests).await
            }
            Scenario::CancelledByCustomer => self.cancel_chosen(&self.customer).await,
            Scenario::CancelledByBarista => self.cancel_chosen(&self.venue.barista).await,
            Scenario::Failed => self.fail().await,
            Scenario::Sweep if sweep(&self.venue.stack).await => Ok(Counts::default()),
            Scenario::Sweep => Err(Error::Unexpected("the sweep failed: see its log".into())),
            _ => self.single_request(scenario).await,
        }
    }

    async fn single_request(&self, scenario: Scenario) -> Result<Counts, Error> {
        let (venue, shop) = (&self.venue, self.shop());
        let route = match scenario {
            Scenario::PollOrder => {
                let order_id = self.order.as_ref().ok_or_else(|| Error::Usage("the scenario has no order".into()))?;
                self.customer.order(order_id).await?;
                "GET /orders/{id}"
            }
            Scenario::PollQueue => {
                venue.barista.queue(shop, OrderStatus::Waiting, 25, None).await?;
                "GET /orders"
            }
            Scenario::PollMyOrders => {
                self.customer.my_orders(shop).await?;
                "GET /myOrders"
            }
            Scenario::PollDisplay => {
                venue.admin.qr_code(shop).await?;
                "GET /qr-code"
            }
            Scenario::PollConfig => {
                self.customer.config(shop).await?;
                "GET /config"
            }
            _ => {
                let edit = SettingsEdit { drinks_per_barcode: Some(11), ..SettingsEdit::default() };
                venue.edit(&edit).await?;
                "PUT /config"
            }
        };
        Ok(request(route))
    }

    async fn scan(&self) -> Result<(OrderId, Counts), Error> {
        let order_id = self.venue.scan_code(&self.customer, &self.code).await?.order_id;
        Ok((order_id, request("POST /qr-code")))
    }

    async fn choose(&self) -> Result<(OrderId, Counts), Error> {
        let (order_id, requests) = self.scan().await?;
        self.venue.reaches(&order_id, OrderStatus::Created).await?;
        self.customer.submit(&order_id, &latte()).await?;
        Ok((order_id, requests.and(&request("PUT /orders/{id}"))))
    }

    async fn complete(&self) -> Result<Counts, Error> {
        let (order_id, requests) = self.choose().await?;
        self.venue.make(&order_id).await?;
        self.venue.barista.complete(&order_id).await?;
        self.venue.reaches(&order_id, OrderStatus::Completed).await?;
        Ok(requests.and(&request("PUT /orders/{id}?action=make")).and(&request("PUT /orders/{id}?action=complete")))
    }

    async fn await_end(&self, (order_id, requests): (OrderId, Counts)) -> Result<Counts, Error> {
        self.venue.reaches(&order_id, OrderStatus::Cancelled).await?;
        Ok(requests)
    }

    async fn cancel_chosen(&self, caller: &Api) -> Result<Counts, Error> {
        let (order_id, requests) = self.choose().await?;
        self.venue.reaches(&order_id, OrderStatus::Waiting).await?;
        self.cancel(caller, &order_id, requests).await
    }

    async fn cancel(&self, caller: &Api, order_id: &OrderId, requests: Counts) -> Result<Counts, Error> {
        caller.cancel(order_id, "changed my mind").await?;
        self.venue.reaches(order_id, OrderStatus::Cancelled).await?;
        Ok(requests.and(&request("PUT /orders/{id}?action=cancel")))
    }

    async fn fail(&self) -> Result<Counts, Error> {
        let (order_id, requests) = self.scan().await?;
        self.venue.reaches(&order_id, OrderStatus::Created).await?;
        let order = self.venue.tables.order(&order_id).await?.unwrap_or_default();
        let workflows = aws_sdk_sfn::Client::new(&self.venue.stack.aws);
        let stop = workflows.stop_execution().execution_arn(text(&order, "executionArn"));
        stop.send().await.map_err(|error| Error::failed("the execution cannot be stopped", error))?;
        self.venue.reaches(&order_id, OrderStatus::Cancelled).await?;
        Ok(requests)
    }

    async fn rejected_scan(&self, code: &str, expected: &str) -> Result<Counts, Error> {
        match self.venue.scan_code(&self.customer, code).await {
            Ok(_) => Err(Error::Unexpected(format!("a scan was accepted instead of rejected as {expected}"))),
            Err(error) if error.problem().is_some_and(|problem| problem.code == expected) => {
                Ok(request("POST /qr-code"))
            }
            Err(error) => Err(error),
        }
    }
}

fn request(route: &str) -> Counts {
    Counts::default().with(Kind::Request, route, 1.0)
}

/// The number of executions that a sweep looks at again: those that broke within its look-back.
pub async fn broken(stack: &Stack) -> Result<u32, Error> {
    let since = DateTime::from(std::time::SystemTime::now() - domain::sweep::LOOKBACK);
    let mut broken = 0;
    for status in [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted] {
        let all = executions(stack, Some(status)).await?;
        let late = all.iter().filter(|execution| execution.start_date() > &since);
        broken += u32::try_from(late.count()).unwrap_or(u32::MAX);
    }
    Ok(broken)
}
