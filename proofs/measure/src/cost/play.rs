//! Plays a scenario in a shop of its own. What has to be there first is done before the count begins; what is waited for is read
//! from the table, so that waiting costs nothing that is counted.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_lambda::types::InvocationType;
use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::ExecutionStatus;
use chaos::traffic::{ask_for, new_order_id, sweeps};
use client::Error;
use client::api::{Api, Problem};
use client::stack::Stack;
use client::token::SigningKey;
use domain::caller::Role;
use domain::drink::DrinkRequest;
use domain::ids::{EventId, OrderId};
use domain::order::{OrderStatus, Step};
use domain::shop::SettingsEdit;
use tokio::time::{Instant, sleep};

use crate::cost::count::{Counts, Kind};
use crate::cost::scenario::Scenario;

const LIFETIME: Duration = Duration::from_hours(1);
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

/// A shop for one scenario, and everybody in it.
pub struct Bar {
    stack: Stack,
    tables: aws_sdk_dynamodb::Client,
    shop: EventId,
    admin: Api,
    barista: Api,
    customer: Api,
    customer_id: String,
    /// Who is there before the count begins.
    earlier: Api,
    /// Orders that are open before the count begins, and whose they are.
    open: Vec<(OrderId, Api)>,
    /// The code of the display.
    code: String,
    /// The order that the count is about, where it exists before.
    order: Option<OrderId>,
}

impl Bar {
    /// A new shop, prepared for `scenario`; and how often its settings were edited for that.
    pub async fn prepared(stack: &Stack, key: &SigningKey, scenario: Scenario) -> Result<(Self, usize), Error> {
        let run = format!("{:08x}", fastrand::u32(..));
        let shop = format!("cost-{}-{run}", scenario.name());
        let shop = shop.parse().map_err(|error: domain::ids::InvalidId| Error::failed("no shop", error))?;
        let api = Api::new(&stack.api_url)?;
        let as_user = |user: &str, roles: &[Role]| Ok::<_, Error>(api.with_token(key.mint(user, roles, LIFETIME)?));
        let customer_id = format!("ada-{run}");
        let mut bar = Self {
            stack: stack.clone(),
            tables: aws_sdk_dynamodb::Client::new(&stack.aws),
            shop,
            admin: as_user("admin", &[Role::Admin])?,
            barista: as_user("bea", &[Role::Barista])?,
            customer: as_user(&customer_id, &[])?,
            customer_id,
            earlier: as_user(&format!("eve-{run}"), &[])?,
            open: Vec::new(),
            code: String::new(),
            order: None,
        };
        bar.admin.set_open(&bar.shop, true).await?;
        bar.code = bar.admin.qr_code(&bar.shop).await?.code;
        let edits = bar.prepare(scenario).await?;
        Ok((bar, 1 + edits))
    }

    /// The shop.
    pub const fn shop(&self) -> &EventId {
        &self.shop
    }

    async fn prepare(&mut self, scenario: Scenario) -> Result<usize, Error> {
        match scenario {
            Scenario::NoTokens => {
                self.limit(SettingsEdit { drinks_per_barcode: Some(1), ..SettingsEdit::default() }).await?;
                self.let_in(self.earlier.clone()).await?;
                Ok(1)
            }
            Scenario::ClosedAtTheDoor | Scenario::Closed => {
                self.admin.set_open(&self.shop, false).await?;
                Ok(1)
            }
            Scenario::FullAtTheDoor | Scenario::Full => {
                self.limit(SettingsEdit { max_orders_in_queue: Some(1), ..SettingsEdit::default() }).await?;
                self.let_in(self.earlier.clone()).await?;
                Ok(1)
            }
            Scenario::CustomerLimit => {
                let order_id = ask_for(&self.stack, &new_order_id(), &self.shop, &self.customer_id).await?;
                self.waits(&order_id, OrderStatus::Created, Step::Customer).await?;
                self.open.push((order_id, self.customer.clone()));
                Ok(0)
            }
            Scenario::Duplicate | Scenario::PollOrder => {
                self.order = Some(self.let_in(self.customer.clone()).await?);
                Ok(0)
            }
            _ => Ok(0),
        }
    }

    async fn limit(&self, edit: SettingsEdit) -> Result<(), Error> {
        self.admin.edit(&self.shop, &edit, None).await.map(|_| ())
    }

    /// Somebody's order is in before the count begins.
    async fn let_in(&mut self, customer: Api) -> Result<OrderId, Error> {
        let order_id = customer.scan(&self.shop, &self.code).await?.order_id;
        self.waits(&order_id, OrderStatus::Created, Step::Customer).await?;
        self.open.push((order_id.clone(), customer));
        Ok(order_id)
    }

    /// Ends what was open before the count began.
    pub async fn leave(&self) -> Result<(), Error> {
        for (order_id, customer) in &self.open {
            customer.cancel(order_id, "the count is over").await?;
            self.ends(order_id, OrderStatus::Cancelled).await?;
        }
        Ok(())
    }

    /// Plays `scenario` to its end, and gives the requests that it took.
    pub async fn play(&self, scenario: Scenario) -> Result<Counts, Error> {
        match scenario {
            Scenario::Completed => self.complete().await,
            Scenario::InvalidCode => self.refused_at_the_door("000000", "invalid_code").await,
            Scenario::NoTokens => self.refused_at_the_door(&self.code, "no_tokens").await,
            Scenario::ClosedAtTheDoor => self.refused_at_the_door(&self.code, "store_closed").await,
            Scenario::FullAtTheDoor => self.refused_at_the_door(&self.code, "store_full").await,
            Scenario::Closed | Scenario::Full => {
                let order_id = ask_for(&self.stack, &new_order_id(), &self.shop, &self.customer_id).await?;
                self.ends(&order_id, OrderStatus::Cancelled).await?;
                Ok(Counts::default())
            }
            Scenario::Duplicate => Ok(self.scan().await?.1),
            Scenario::CustomerLimit | Scenario::CustomerTimeOut => self.end_by_itself(self.scan().await?).await,
            Scenario::BaristaTimeOut => self.end_by_itself(self.choose().await?).await,
            Scenario::CancelledChoosing => {
                let (order_id, requests) = self.scan().await?;
                self.waits(&order_id, OrderStatus::Created, Step::Customer).await?;
                self.cancel(&self.customer, &order_id, requests).await
            }
            Scenario::CancelledByCustomer => self.cancel_chosen(&self.customer).await,
            Scenario::CancelledByBarista => self.cancel_chosen(&self.barista).await,
            Scenario::Failed => self.fail().await,
            Scenario::Sweep => {
                let swept = sweeps::invoke(&self.stack, &sweeps::schedule(), InvocationType::RequestResponse).await;
                if swept {
                    Ok(Counts::default())
                } else {
                    Err(Error::Left("the sweep failed: its log says why".into()))
                }
            }
            _ => self.ask(scenario).await,
        }
    }

    /// The requests that are no order's.
    async fn ask(&self, scenario: Scenario) -> Result<Counts, Error> {
        let route = match scenario {
            Scenario::PollOrder => {
                let order_id =
                    self.order.as_ref().ok_or_else(|| Error::Usage("there is no order to ask for".into()))?;
                self.customer.order(order_id).await?;
                "GET /orders/{id}"
            }
            Scenario::PollQueue => {
                self.barista.queue(&self.shop, OrderStatus::Waiting, 25, None).await?;
                "GET /orders"
            }
            Scenario::PollMyOrders => {
                self.customer.my_orders(&self.shop).await?;
                "GET /myOrders"
            }
            Scenario::PollDisplay => {
                self.admin.qr_code(&self.shop).await?;
                "GET /qr-code"
            }
            Scenario::PollConfig => {
                self.customer.config(&self.shop).await?;
                "GET /config"
            }
            _ => {
                self.limit(SettingsEdit { drinks_per_barcode: Some(11), ..SettingsEdit::default() }).await?;
                "PUT /config"
            }
        };
        Ok(asked(route))
    }

    async fn scan(&self) -> Result<(OrderId, Counts), Error> {
        let order_id = self.customer.scan(&self.shop, &self.code).await?.order_id;
        Ok((order_id, asked("POST /qr-code")))
    }

    /// A scan, and the choice of a drink.
    async fn choose(&self) -> Result<(OrderId, Counts), Error> {
        let (order_id, requests) = self.scan().await?;
        self.waits(&order_id, OrderStatus::Created, Step::Customer).await?;
        let latte = DrinkRequest { drink: "Latte".into(), modifiers: vec!["Oat".into()] };
        self.customer.submit(&order_id, &latte).await?;
        Ok((order_id, requests.and(&asked("PUT /orders/{id}"))))
    }

    async fn complete(&self) -> Result<Counts, Error> {
        let (order_id, requests) = self.choose().await?;
        self.waits(&order_id, OrderStatus::Waiting, Step::Barista).await?;
        self.barista.make(&order_id).await?;
        self.barista.complete(&order_id).await?;
        self.ends(&order_id, OrderStatus::Completed).await?;
        Ok(requests.and(&asked("PUT /orders/{id}?action=make")).and(&asked("PUT /orders/{id}?action=complete")))
    }

    /// Nobody does anything about the order any more.
    async fn end_by_itself(&self, (order_id, requests): (OrderId, Counts)) -> Result<Counts, Error> {
        self.ends(&order_id, OrderStatus::Cancelled).await?;
        Ok(requests)
    }

    async fn cancel_chosen(&self, who: &Api) -> Result<Counts, Error> {
        let (order_id, requests) = self.choose().await?;
        self.waits(&order_id, OrderStatus::Waiting, Step::Barista).await?;
        self.cancel(who, &order_id, requests).await
    }

    async fn cancel(&self, who: &Api, order_id: &OrderId, requests: Counts) -> Result<Counts, Error> {
        who.cancel(order_id, "changed my mind").await?;
        self.ends(order_id, OrderStatus::Cancelled).await?;
        Ok(requests.and(&asked("PUT /orders/{id}?action=cancel")))
    }

    /// Somebody stops the execution while the customer chooses.
    async fn fail(&self) -> Result<Counts, Error> {
        let (order_id, requests) = self.scan().await?;
        let order = self.waits(&order_id, OrderStatus::Created, Step::Customer).await?;
        let execution = text(&order, "executionArn").to_owned();
        let stop = aws_sdk_sfn::Client::new(&self.stack.aws).stop_execution().execution_arn(execution);
        stop.send().await.map_err(|error| Error::failed("the execution cannot be stopped", error))?;
        self.ends(&order_id, OrderStatus::Cancelled).await?;
        Ok(requests)
    }

    async fn refused_at_the_door(&self, code: &str, expected: &str) -> Result<Counts, Error> {
        match self.customer.scan(&self.shop, code).await {
            Err(Error::Refused(Problem { code, .. })) if code == expected => Ok(asked("POST /qr-code")),
            Err(error) => Err(error),
            Ok(_) => Err(Error::Left(format!("a scan was taken that had to be refused as {expected}"))),
        }
    }

    /// Waits until an order has this status, and the token of this step.
    async fn waits(&self, order_id: &OrderId, status: OrderStatus, step: Step) -> Result<Stored, Error> {
        self.until(order_id, status, |order| text(order, "tokenStep") == step.as_str()).await
    }

    async fn ends(&self, order_id: &OrderId, status: OrderStatus) -> Result<Stored, Error> {
        self.until(order_id, status, |_| true).await
    }

    async fn until(
        &self,
        order_id: &OrderId,
        status: OrderStatus,
        wanted: impl Fn(&Stored) -> bool,
    ) -> Result<Stored, Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let get = self.tables.get_item().table_name(&self.stack.orders_table).consistent_read(true);
            let get = get.key("orderId", AttributeValue::S(order_id.to_string()));
            let answer = get.send().await.map_err(|error| Error::failed("the order cannot be read", error))?;
            let order = answer.item.unwrap_or_default();
            if text(&order, "status") == status.as_str() && wanted(&order) {
                return Ok(order);
            }
            if Instant::now() > deadline {
                let stands = text(&order, "status");
                return Err(Error::TimedOut(format!("the order {order_id} is {stands:?}, not {}", status.as_str())));
            }
            sleep(PAUSE).await;
        }
    }
}

type Stored = HashMap<String, AttributeValue>;

fn text<'a>(order: &'a Stored, name: &str) -> &'a str {
    order.get(name).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}

fn asked(route: &str) -> Counts {
    Counts::default().with(Kind::Request, route, 1.0)
}

/// How many executions a sweep looks at again: those that broke of late.
pub async fn broken(stack: &Stack) -> Result<u32, Error> {
    let client = aws_sdk_sfn::Client::new(&stack.aws);
    let since = DateTime::from(std::time::SystemTime::now() - domain::sweep::LOOKS_BACK);
    let mut broken = 0;
    for status in [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted] {
        let pages = client.list_executions().state_machine_arn(&stack.order_processor_arn).status_filter(status);
        let all = pages.into_paginator().items().send().try_collect().await;
        let all = all.map_err(|error| Error::failed("executions cannot be listed", error))?;
        let late = all.iter().filter(|execution| execution.start_date() > &since);
        broken += u32::try_from(late.count()).unwrap_or(u32::MAX);
    }
    Ok(broken)
}
