//! Plays one scenario in its own shop. Preparations happen before the count begins. A scenario that
//! waits for a status reads the table directly, which is not counted.

use std::cell::RefCell;
use std::time::Duration;

use aws_sdk_sfn::primitives::DateTime;
use aws_sdk_sfn::types::ExecutionStatus;
use client::tables::text;
use client::venue::{Venue, Waiting};
use client::{Api, Error, SigningKey, Stack};
use domain::ids::{OrderId, ShopId};
use domain::live::Live;
use domain::order::OrderStatus;
use domain::shop::SettingsEdit;
use harness::orders::{new_order_id, request_order};
use harness::socket::Socket;
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
    open: Vec<(OrderId, Api)>,
    code: String,
    requests: RefCell<Counts>,
    /// Sockets that are open until the count is over.
    sockets: RefCell<Vec<Socket>>,
}

impl Stage {
    /// Opens a shop and prepares it for `scenario`. Also returns the number of edits of settings.
    pub async fn prepare(stack: &Stack, key: &SigningKey, scenario: Scenario) -> Result<(Self, usize), Error> {
        let (prefix, api) = (format!("cost-{}", scenario.as_str()), Api::new(&stack.api_url)?);
        let venue = Venue::new(stack, key, &prefix, api, Waiting::by_table(TIMEOUT, PAUSE))?;
        venue.open().await?;
        let customer_id = format!("ada-{:08x}", fastrand::u32(..));
        let (customer, code) = (venue.customer(&customer_id)?, venue.code(Duration::ZERO).await?);
        let mut stage = Self {
            venue,
            customer,
            customer_id,
            open: Vec::new(),
            code,
            requests: RefCell::default(),
            sockets: RefCell::default(),
        };
        let edits = stage.prepare_for(scenario).await?;
        Ok((stage, 1 + edits))
    }

    pub const fn shop(&self) -> &ShopId {
        &self.venue.shop_id
    }

    /// Prepares the shop for `scenario`. Returns the number of edits of settings.
    async fn prepare_for(&mut self, scenario: Scenario) -> Result<usize, Error> {
        match scenario {
            Scenario::NoTokens => {
                self.exhaust(SettingsEdit { drinks_per_barcode: Some(1), ..SettingsEdit::default() }).await
            }
            Scenario::FullAtTheDoor | Scenario::Full => {
                self.exhaust(SettingsEdit { max_orders_in_queue: Some(1), ..SettingsEdit::default() }).await
            }
            Scenario::ClosedAtTheDoor | Scenario::Closed => {
                self.venue.admin.set_open(self.shop(), false).await?;
                Ok(1)
            }
            Scenario::CustomerLimit | Scenario::LimitAtTheDoor => {
                let order_id = self.request().await?;
                self.keep_open(order_id, self.customer.clone()).await?;
                Ok(0)
            }
            Scenario::WithScreens => {
                let display = self.venue.admin.create_display(self.shop(), None).await?;
                let display = self.venue.anonymous.with_token(display.secret);
                self.connect(&display.live(self.shop(), "board").await?).await?;
                self.connect(&self.venue.barista.live(self.shop(), "queue").await?).await?;
                Ok(0)
            }
            Scenario::Duplicate | Scenario::RepeatedScan | Scenario::PollOrder => {
                self.place_earlier(self.customer.clone()).await?;
                Ok(0)
            }
            _ => Ok(0),
        }
    }

    /// Sets a limit, and places an order of another customer that reaches it. Returns the number of
    /// edits of settings.
    async fn exhaust(&mut self, limit: SettingsEdit) -> Result<usize, Error> {
        self.venue.edit(&limit).await?;
        let earlier = self.venue.customer(&format!("eve-{:08x}", fastrand::u32(..)))?;
        self.place_earlier(earlier).await?;
        Ok(1)
    }

    async fn place_earlier(&mut self, customer: Api) -> Result<(), Error> {
        let order_id = self.venue.scan_code(&customer, &self.code).await?.order_id;
        self.keep_open(order_id, customer).await
    }

    async fn keep_open(&mut self, order_id: OrderId, customer: Api) -> Result<(), Error> {
        self.venue.reaches(&order_id, OrderStatus::Created).await?;
        self.open.push((order_id, customer));
        Ok(())
    }

    async fn request(&self) -> Result<OrderId, Error> {
        request_order(&self.venue.stack, &new_order_id(), self.shop(), &self.customer_id).await
    }

    async fn request_again(&self) -> Result<(), Error> {
        let (order_id, _) = self.open.first().ok_or_else(|| Error::Usage("the scenario has no order".into()))?;
        request_order(&self.venue.stack, order_id.as_str(), self.shop(), &self.customer_id).await.map(drop)
    }

    pub async fn clear(&self) -> Result<(), Error> {
        for (order_id, customer) in &self.open {
            customer.cancel(order_id, "the count is over").await?;
            self.ends(order_id).await?;
        }
        Ok(())
    }

    pub async fn play(&self, scenario: Scenario) -> Result<Counts, Error> {
        match scenario {
            Scenario::Completed => self.complete().await?,
            Scenario::WithScreens => self.complete_with_screens().await?,
            Scenario::InvalidCode => self.rejected_scan("000000", "invalid_code").await?,
            Scenario::NoTokens => self.rejected_scan(&self.code, "no_tokens").await?,
            Scenario::ClosedAtTheDoor => self.rejected_scan(&self.code, "store_closed").await?,
            Scenario::FullAtTheDoor => self.rejected_scan(&self.code, "store_full").await?,
            Scenario::LimitAtTheDoor => self.rejected_scan(&self.code, "customer_limit").await?,
            Scenario::Closed | Scenario::Full | Scenario::CustomerLimit => self.ends(&self.request().await?).await?,
            Scenario::RepeatedScan => self.scan().await.map(drop)?,
            Scenario::Duplicate => self.request_again().await?,
            Scenario::CustomerTimeOut => self.ends(&self.scan().await?).await?,
            Scenario::BaristaTimeOut => self.ends(&self.choose().await?).await?,
            Scenario::CancelledChoosing => {
                self.cancel(&self.customer, &self.scan().await?, OrderStatus::Created).await?;
            }
            Scenario::CancelledByCustomer => {
                self.cancel(&self.customer, &self.choose().await?, OrderStatus::Waiting).await?;
            }
            Scenario::CancelledByBarista => {
                self.cancel(&self.venue.barista, &self.choose().await?, OrderStatus::Waiting).await?;
            }
            Scenario::Failed => self.fail().await?,
            Scenario::Sweep if sweep(&self.venue.stack).await => {}
            Scenario::Sweep => return Err(Error::Unexpected("the sweep failed: see its log".into())),
            _ => self.single_request(scenario).await?,
        }
        Ok(self.requests.take())
    }

    fn sent(&self, route: &str) {
        self.requests.borrow_mut().add(Kind::Request, route, 1.0);
    }

    async fn single_request(&self, scenario: Scenario) -> Result<(), Error> {
        let (customer, venue, shop) = (&self.customer, &self.venue, self.shop());
        let (route, answer) = match scenario {
            Scenario::PollOrder => {
                let (order_id, _) =
                    self.open.first().ok_or_else(|| Error::Usage("the scenario has no order".into()))?;
                ("GET /orders/{id}", customer.order(order_id).await.map(drop))
            }
            Scenario::PollQueue => {
                ("GET /orders", venue.barista.queue(shop, OrderStatus::Waiting, 25, None).await.map(drop))
            }
            Scenario::PollMyOrders => ("GET /myOrders", customer.my_orders(shop).await.map(drop)),
            Scenario::PollDisplay => ("GET /qr-code", venue.admin.qr_code(shop).await.map(drop)),
            Scenario::PollConfig => ("GET /config", customer.config(shop).await.map(drop)),
            _ => {
                let edit = SettingsEdit { drinks_per_barcode: Some(11), ..SettingsEdit::default() };
                ("PUT /config", venue.edit(&edit).await.map(drop))
            }
        };
        self.sent(route);
        answer
    }

    async fn scan(&self) -> Result<OrderId, Error> {
        self.sent("POST /qr-code");
        Ok(self.venue.scan_code(&self.customer, &self.code).await?.order_id)
    }

    async fn choose(&self) -> Result<OrderId, Error> {
        let order_id = self.scan().await?;
        self.venue.choose(&self.customer, &order_id).await?;
        self.sent("PUT /orders/{id}");
        Ok(order_id)
    }

    async fn complete(&self) -> Result<(), Error> {
        let order_id = self.choose().await?;
        self.venue.make(&order_id).await?;
        self.sent("PUT /orders/{id}?action=make");
        self.venue.complete(&order_id).await?;
        self.sent("PUT /orders/{id}?action=complete");
        self.venue.reaches(&order_id, OrderStatus::Completed).await
    }

    /// Opens a socket, which receives messages until the count is over.
    async fn connect(&self, live: &Live) -> Result<(), Error> {
        let opened = Socket::open(&live.url).await?;
        let socket = opened.map_err(|status| Error::Unexpected(format!("the socket is refused: {status}")))?;
        self.sockets.borrow_mut().push(socket);
        Ok(())
    }

    /// Completes an order. The customer's phone opens a socket with the ticket of the scan, and
    /// then reads the order once.
    async fn complete_with_screens(&self) -> Result<(), Error> {
        self.sent("POST /qr-code");
        let scan = self.venue.scan_code(&self.customer, &self.code).await?;
        let live = scan.live.ok_or_else(|| Error::Usage("the stack has no realtime".into()))?;
        self.connect(&live).await?;
        self.venue.reaches(&scan.order_id, OrderStatus::Created).await?;
        self.sent("GET /orders/{id}");
        self.customer.order(&scan.order_id).await?;
        self.venue.choose(&self.customer, &scan.order_id).await?;
        self.sent("PUT /orders/{id}");
        self.venue.make(&scan.order_id).await?;
        self.sent("PUT /orders/{id}?action=make");
        self.venue.complete(&scan.order_id).await?;
        self.sent("PUT /orders/{id}?action=complete");
        self.venue.reaches(&scan.order_id, OrderStatus::Completed).await
    }

    /// Returns the bytes that each socket received: display, tablet, phone.
    pub fn received_bytes(&self) -> Vec<usize> {
        let bytes = |socket: &Socket| socket.received().iter().map(|received| received.bytes).sum();
        self.sockets.borrow().iter().map(bytes).collect()
    }

    async fn ends(&self, order_id: &OrderId) -> Result<(), Error> {
        self.venue.reaches(order_id, OrderStatus::Cancelled).await
    }

    async fn cancel(&self, caller: &Api, order_id: &OrderId, status: OrderStatus) -> Result<(), Error> {
        self.venue.reaches(order_id, status).await?;
        caller.cancel(order_id, "changed my mind").await?;
        self.sent("PUT /orders/{id}?action=cancel");
        self.ends(order_id).await
    }

    async fn fail(&self) -> Result<(), Error> {
        let order_id = self.scan().await?;
        self.venue.reaches(&order_id, OrderStatus::Created).await?;
        let order = self.venue.tables.order(&order_id).await?.unwrap_or_default();
        let workflows = aws_sdk_sfn::Client::new(&self.venue.stack.aws);
        let stop = workflows.stop_execution().execution_arn(text(&order, "executionArn"));
        stop.send().await.map_err(|error| Error::failed("the execution cannot be stopped", error))?;
        self.ends(&order_id).await
    }

    async fn rejected_scan(&self, code: &str, expected: &str) -> Result<(), Error> {
        self.sent("POST /qr-code");
        match self.venue.scan_code(&self.customer, code).await {
            Ok(_) => Err(Error::Unexpected(format!("a scan was accepted instead of refused as {expected}"))),
            Err(error) if error.problem().is_some_and(|problem| problem.code == expected) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Counts the executions whose orders a sweep reads: those that started within its look-back time
/// and then failed, timed out or were stopped.
pub async fn broken(stack: &Stack) -> Result<u32, Error> {
    let since = DateTime::from(std::time::SystemTime::now() - domain::sweep::LOOKBACK);
    let mut broken = 0;
    for status in [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted] {
        let all = executions(stack, Some(status)).await?;
        let recent = all.iter().filter(|execution| execution.start_date() > &since);
        broken += u32::try_from(recent.count()).unwrap_or(u32::MAX);
    }
    Ok(broken)
}
