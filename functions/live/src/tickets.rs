//! `POST /live`: who may receive the messages of which topic, and until when.

use domain::display::Display;
use domain::ids::{ShopId, UserId};
use domain::live::{Live, Ticket, Topic, TopicKind};
use domain::qr_code::QrKey;
use domain::timestamp::Timestamp;
use http_api::display::calling_display;
use http_api::identity::{require_admin, require_barista};
use http_api::{Code, Problem, Request, Response};

use crate::{LiveService, Shops};

/// Topic, and the end of the credential that permits it, if the credential ends.
type Granted = (Topic, Option<Timestamp>);

impl<S: Shops, C, A> LiveService<S, C, A> {
    pub(crate) async fn ticket(&self, request: &Request) -> Result<Response, Problem> {
        let now = (self.now)();
        let display = calling_display(request, &self.shops, now).await?;
        let (granted, key) = match display {
            Some(display) => self.for_display(request, &display).await?,
            None => self.for_person(request).await?,
        };
        let (topic, ends) = granted;
        let ticket = Ticket::new(topic, ends, now);
        let live = Live::new(&self.address, &ticket, &key);
        Response::json(201, &live.ok_or_else(|| Problem::new(Code::Internal, "the ticket could not be written"))?)
    }

    async fn for_display(&self, request: &Request, display: &Display) -> Result<(Granted, QrKey), Problem> {
        let (shop_id, kind) = parameters(request)?;
        if kind != TopicKind::Board {
            let detail = "a display receives the topic board only; this topic requires a person";
            return Err(Problem::new(Code::Forbidden, detail));
        }
        let key = self.key(&shop_id).await?;
        Ok(((Topic::Board(shop_id), Some(display.expires_at)), key))
    }

    async fn for_person(&self, request: &Request) -> Result<(Granted, QrKey), Problem> {
        let (caller, ends) = self.authenticator.caller_until(request).await?;
        let (shop_id, kind) = parameters(request)?;
        let topic = match kind {
            TopicKind::Customer => return self.for_customer(shop_id, caller.user_id, ends).await,
            TopicKind::Board => {
                let detail = "requires a display of this shop; staff use the topic queue";
                return Err(Problem::new(Code::Forbidden, detail));
            }
            TopicKind::Queue => {
                require_barista(&caller)?;
                Topic::Queue(shop_id)
            }
            TopicKind::Bus => {
                require_admin(&caller)?;
                Topic::Bus(shop_id)
            }
        };
        let key = self.key(topic.shop_id()).await?;
        Ok(((topic, ends), key))
    }

    async fn for_customer(
        &self,
        shop_id: ShopId,
        user_id: UserId,
        ends: Option<Timestamp>,
    ) -> Result<(Granted, QrKey), Problem> {
        let context = self.shops.scan_context(&shop_id, Some(&user_id)).await?;
        let key = context.key.ok_or_else(|| Problem::never_opened(&shop_id))?;
        if context.open_orders == 0 {
            let detail = "you have no open order in this shop; scan its code first";
            return Err(Problem::new(Code::NoOpenOrder, detail));
        }
        Ok(((Topic::Customer(shop_id, user_id), ends), key))
    }

    async fn key(&self, shop_id: &ShopId) -> Result<QrKey, Problem> {
        self.shops.key(shop_id).await?.ok_or_else(|| Problem::never_opened(shop_id))
    }
}

fn parameters(request: &Request) -> Result<(ShopId, TopicKind), Problem> {
    request.only(&["eventId", "topic"])?;
    let shop_id = request.query("eventId")?;
    let kind = request.query_choice("topic", TopicKind::ALL)?;
    let kind =
        kind.ok_or_else(|| Problem::new(Code::InvalidParameter, "the parameter topic is missing").with_field("topic"))?;
    Ok((shop_id, kind))
}
