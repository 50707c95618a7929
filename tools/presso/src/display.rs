//! Runs the commands for displays.

use client::{Api, Error};
use domain::display::{DisplayState, ListedDisplay, NewDisplay};
use domain::ids::DisplayId;
use serde::Serialize;

use crate::Context;
use crate::cli::{DisplayAction, RoleName};
use crate::serve::links::link;
use crate::{output, shop};

#[derive(Serialize)]
struct Created {
    #[serde(flatten)]
    display: NewDisplay,
    link: String,
}

pub(crate) async fn display(context: &Context, action: &DisplayAction) -> Result<(), Error> {
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    match action {
        DisplayAction::Create { name } => create(context, &admin, name.as_deref()).await,
        DisplayAction::Pair { code, name } => pair(context, &admin, code, name).await,
        DisplayAction::List => list(context, &admin).await,
        DisplayAction::Revoke { id } => revoke(context, &admin, id).await,
    }
}

async fn create(context: &Context, admin: &Api, name: Option<&str>) -> Result<(), Error> {
    let created = admin.create_display(&context.shop_id, name).await?;
    let link = link(&context.pages_url, "display", &context.shop_id, Some(("secret", created.secret.clone())));
    if context.json {
        return output::json(&Created { display: created, link });
    }
    output::line(&link)?;
    output::note(format_args!(
        "Open this link on the screen. It contains the secret of the display {} and is shown only once.\n\
         The secret is valid until {}. To end it earlier: presso {}display revoke {}",
        created.display_id,
        created.expires_at,
        shop::option(&context.shop_id),
        created.display_id
    ));
    Ok(())
}

async fn pair(context: &Context, admin: &Api, code: &str, name: &str) -> Result<(), Error> {
    let display = admin.activate_display(&context.shop_id, code, name).await?;
    if context.json {
        return output::json(&display);
    }
    let (id, until) = (&display.display.display_id, display.display.expires_at);
    output::line(format_args!("the display {id} reads the shop {} until {until}", context.shop_id))
}

async fn list(context: &Context, admin: &Api) -> Result<(), Error> {
    let displays = admin.displays(&context.shop_id).await?;
    if context.json {
        return output::json(&displays);
    }
    let mut table = output::table(&["id", "name", "state", "created", "expires"]);
    for ListedDisplay { display, state } in &displays {
        let state = if *state == DisplayState::Active { "active" } else { "expired" };
        let (created, expires) = (display.created_at.to_string(), display.expires_at.to_string());
        table.add_row([display.display_id.as_str(), display.name.as_str(), state, &created, &expires]);
    }
    output::print_table(&table)?;
    output::line(format_args!("{} {}", displays.len(), if displays.len() == 1 { "display" } else { "displays" }))
}

async fn revoke(context: &Context, admin: &Api, display_id: &DisplayId) -> Result<(), Error> {
    // The API gives a repeated revocation the same answer, so it also accepts an unknown id.
    let displays = admin.displays(&context.shop_id).await?;
    if !displays.iter().any(|listed| listed.display.display_id == *display_id) {
        let error = Error::Incomplete(format!("{} has no display {display_id}", context.shop_id));
        let shop = shop::option(&context.shop_id);
        return Err(error.with_help(format!("presso {shop}display list shows the displays that are not revoked")));
    }
    admin.revoke_display(&context.shop_id, display_id).await?;
    if context.json {
        return output::json(&serde_json::json!({ "displayId": display_id }));
    }
    output::line(format_args!("{display_id} is revoked"))
}
