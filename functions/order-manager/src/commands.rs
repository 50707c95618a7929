//! The commands `submit`, `complete` and `cancel`, each of which resumes the workflow at most once.

use std::time::Duration;

use adapters::bus::Publish;
use adapters::error::AdapterError;
use adapters::orders::Updated;
use adapters::shops::ReadCatalog;
use adapters::workflow::{ResumeWorkflow, Resumed};
use domain::caller::Caller;
use domain::claim::ClaimChange;
use domain::command::{self, CommandDecision, Conflict, NextStep};
use domain::drink::{DrinkOrder, DrinkRequest};
use domain::ids::OrderId;
use domain::menu;
use domain::order::{ClosedBy, Order, OrderStatus, StoredOrder, TaskToken};
use domain::text::Line;
use domain::workflow::{Cancellation, HandedOver, ORDER_CANCELLED, Submitted};
use http_api::request::SMALL_BODY;
use http_api::{Code, Problem, Request, Response, identity};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{OrderManager, Orders, Reader, conflict};

const FIRST_PAUSE: Duration = Duration::from_millis(25);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);

/// Result with which the workflow is resumed: output or cause, as JSON text.
pub(crate) enum Resume {
    Succeed(String),
    Cancel(String),
}

/// Reason why a command has no effect.
pub(crate) enum Failed {
    /// The order, as it was read last, does not allow the command.
    Conflict(Conflict, Box<StoredOrder>),
    Problem(Problem),
}

impl Failed {
    fn problem_for(self, reader: Reader) -> Problem {
        match self {
            Self::Conflict(reason, _) => conflict(&reason, reader),
            Self::Problem(problem) => problem,
        }
    }
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<AdapterError> for Failed {
    fn from(error: AdapterError) -> Self {
        Self::Problem(error.into())
    }
}

/// Answer to a command. `status` is the one that was read last; the projection may change it later.
/// At the counter the status is `WAITING`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted<'a> {
    pub(crate) order_id: &'a OrderId,
    pub(crate) status: OrderStatus,
    /// Number of orders in the queue before an order whose drink was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) position: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CancelRequest {
    #[serde(default)]
    reason: Line<200>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoBody {}

impl<O: Orders, S: ReadCatalog, W: ResumeWorkflow, P: Publish> OrderManager<O, S, W, P> {
    pub(crate) async fn submit(
        &self,
        request: &Request,
        caller: &Caller,
        stored: StoredOrder,
    ) -> Result<Response, Problem> {
        if stored.order.user_id != caller.user_id {
            return Err(Problem::new(Code::Forbidden, "only the customer who placed the order can choose its drink"));
        }
        let requested: DrinkRequest = request.json(SMALL_BODY)?;
        let drink = self.drink(&stored, &requested).await?;
        // The queue is read after the menu, so that a cold start opens fewer connections. The
        // future is boxed, because the nested futures of the SDK are large.
        let position = Box::pin(self.position_on_joining(&stored.order)).await;
        let decide = |stored: &StoredOrder| command::submit(stored, &drink);
        let output = json(&Submitted { drink_order: drink.clone() })?;
        let submitted = self.resume(stored, decide, &Resume::Succeed(output)).await;
        let StoredOrder { order, .. } = submitted.map_err(|failed| failed.problem_for(Reader::Customer))?;
        Response::json(202, &Accepted { order_id: &order.order_id, status: order.status, position })
    }

    /// Returns the position of an order that joins the queue, so that a page needs no second
    /// request. `None` if the queue cannot be read or counted, which is no reason to refuse a
    /// choice.
    async fn position_on_joining(&self, order: &Order) -> Option<u64> {
        let number = order.order_number.unwrap_or(u64::MAX);
        self.orders.ahead(&order.shop_id, number).await.unwrap_or_else(|error| {
            tracing::warn!(error = %error, "the queue cannot be read");
            None
        })
    }

    /// Checks the requested drink against the menu. A repeated request for the drink that the order
    /// already has is valid even if the menu has changed.
    async fn drink(&self, stored: &StoredOrder, requested: &DrinkRequest) -> Result<DrinkOrder, Problem> {
        if let Some(chosen) = stored.order.drink_order.as_ref().filter(|chosen| chosen.is_for(requested)) {
            return Ok(chosen.clone());
        }
        let menu = self.shops.catalog(&stored.order.shop_id).await?.menu;
        menu::accept(&menu, requested)
            .map_err(|error| Problem::new(Code::InvalidDrink, error.to_string()).with_field(error.field()))
    }

    pub(crate) async fn cancel(
        &self,
        request: &Request,
        caller: &Caller,
        stored: StoredOrder,
    ) -> Result<Response, Problem> {
        let CancelRequest { reason } = request.json_or_default(SMALL_BODY)?;
        let cancellation = Cancellation {
            reason: if reason.as_str().is_empty() { "cancelled".to_owned() } else { reason.into() },
            closed_by: command::cancels_as(&stored, caller),
            closed_by_user_id: caller.user_id.clone(),
        };
        let reader = if cancellation.closed_by == ClosedBy::Customer { Reader::Customer } else { Reader::Barista };
        let decide = |stored: &StoredOrder| command::cancel(stored, caller, (self.now)());
        let cancelled = self.resume(stored, decide, &Resume::Cancel(json(&cancellation)?)).await;
        accepted(&cancelled.map_err(|failed| failed.problem_for(reader))?)
    }

    pub(crate) async fn complete(
        &self,
        request: &Request,
        caller: &Caller,
        stored: StoredOrder,
    ) -> Result<Response, Problem> {
        identity::require_barista(caller)?;
        request.json_or_default::<NoBody>(SMALL_BODY)?;
        let decide = |stored: &StoredOrder| command::complete(stored, caller, (self.now)());
        let output = json(&HandedOver { closed_by_user_id: caller.user_id.clone() })?;
        let completed = self.resume(stored, decide, &Resume::Succeed(output)).await;
        accepted(&completed.map_err(|failed| failed.problem_for(Reader::Barista))?)
    }

    /// Runs a lifecycle command in a loop of four steps, until one of them answers. Returns the
    /// order as it was read last.
    ///
    /// 1. `decide` says whether the order allows the command: a [`CommandDecision`].
    /// 2. [`command::next_step`] chooses what to do, given the task token that was found spent, if
    ///    any.
    /// 3. [`NextStep::Claim`] claims the order, then decides again. [`NextStep::Spend`] resumes the
    ///    workflow. Success means that this call decided.
    /// 4. If the task token is spent, another call decided, or an earlier try of this command whose
    ///    reply was lost. The order is read again until the projection shows which, or `patience`
    ///    has passed.
    pub(crate) async fn resume(
        &self,
        mut stored: StoredOrder,
        decide: impl Fn(&StoredOrder) -> CommandDecision + Send + Sync,
        how: &Resume,
    ) -> Result<StoredOrder, Failed> {
        let deadline = Instant::now() + self.patience;
        let mut pause = FIRST_PAUSE;
        let mut spent: Option<TaskToken> = None;
        loop {
            match command::next_step(decide(&stored), spent.as_ref()) {
                NextStep::Answer => return Ok(stored),
                NextStep::Refuse(reason) => return Err(Failed::Conflict(reason, Box::new(stored))),
                NextStep::ReadAgain => {}
                NextStep::Claim(change) => {
                    if let Some(claimed) = self.claim_first(&stored.order.order_id, &change).await? {
                        stored = claimed;
                        continue;
                    }
                }
                NextStep::Spend(token) => match self.spend(&token, how).await? {
                    Resumed::Yes => return Ok(stored),
                    Resumed::SpentToken => spent = Some(token),
                },
            }
            if Instant::now() + pause > deadline {
                return Err(Failed::Conflict(Conflict::NotReady, Box::new(stored)));
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            stored = self.read(&stored.order.order_id).await?;
        }
    }

    /// Claims an order that this caller is about to end. `None` if the claim has changed meanwhile.
    async fn claim_first(&self, order_id: &OrderId, change: &ClaimChange) -> Result<Option<StoredOrder>, Problem> {
        let Updated::Changed(claimed) = self.orders.claim(order_id, change).await? else { return Ok(None) };
        if let Err(problem) = self.publish_claim(&claimed).await {
            // No error: the event that ends the order also names the barista, and a retry would
            // find the claim taken and publish nothing.
            tracing::warn!(code = problem.code().as_str(), "the claim was not published");
        }
        Ok(Some(*claimed))
    }

    async fn spend(&self, token: &TaskToken, how: &Resume) -> Result<Resumed, AdapterError> {
        match how {
            Resume::Succeed(output) => self.workflow.succeed(token, output.clone()).await,
            Resume::Cancel(cause) => self.workflow.fail(token, ORDER_CANCELLED, cause.clone()).await,
        }
    }
}

fn accepted(stored: &StoredOrder) -> Result<Response, Problem> {
    let StoredOrder { order, .. } = stored;
    Response::json(202, &Accepted { order_id: &order.order_id, status: order.status, position: None })
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| Problem::internal(&error))
}
