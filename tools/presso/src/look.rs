//! Shows and changes name, colours and logo of a shop.

use std::path::Path;

use client::Error;
use data_encoding::BASE64;
use domain::look::{Colours, LogoDraft, LogoType};
use domain::shop::{SettingsEdit, Shop};

use crate::cli::{LookArgs, RoleName};
use crate::{Context, output};

pub(crate) async fn look(context: &Context, args: &LookArgs) -> Result<(), Error> {
    let mut shop = context.api.config(&context.shop_id).await?;
    let edit = edit(args, &shop);
    if edit == SettingsEdit::default() && args.logo.is_none() && !args.no_logo {
        return print(context, &shop);
    }
    let admin = context.identity.call(&context.api, RoleName::Admin, "presso-admin")?;
    if let Some(file) = &args.logo {
        shop = admin.set_logo(&context.shop_id, &read(file)?).await?;
    } else if args.no_logo {
        shop = admin.remove_logo(&context.shop_id).await?;
    }
    if edit != SettingsEdit::default() {
        shop = admin.edit(&context.shop_id, &edit, None).await?;
    }
    print(context, &shop)
}

/// Returns the edit of name and colours. A colour that the arguments do not name stays if they name
/// the other one.
fn edit(args: &LookArgs, shop: &Shop) -> SettingsEdit {
    let before = &shop.settings.catalog.colours;
    let changed = args.primary.is_some() || args.accent.is_some();
    let colours = changed.then(|| Colours {
        primary: args.primary.clone().or_else(|| before.primary.clone()),
        accent: args.accent.clone().or_else(|| before.accent.clone()),
    });
    let colours = colours.or_else(|| args.no_colours.then(Colours::default));
    SettingsEdit { name: args.name.clone(), colours, ..SettingsEdit::default() }
}

fn read(file: &Path) -> Result<LogoDraft, Error> {
    let bytes = std::fs::read(file).map_err(|error| Error::Usage(format!("{}: {error}", file.display())))?;
    let content_type = if bytes.starts_with(b"\x89PNG") { LogoType::Png } else { LogoType::Svg };
    Ok(LogoDraft { content_type, data: BASE64.encode(&bytes) })
}

fn print(context: &Context, shop: &Shop) -> Result<(), Error> {
    if context.json {
        return output::json(shop);
    }
    let catalog = &shop.settings.catalog;
    let colour = |colour: &Option<_>| colour.clone().map_or_else(|| "of the pages".to_owned(), String::from);
    let mut table = output::table(&[]);
    table.add_row(["name", catalog.name.as_str()]);
    table.add_row(["primary colour", &colour(&catalog.colours.primary)]);
    table.add_row(["accent colour", &colour(&catalog.colours.accent)]);
    table.add_row(["logo", catalog.logo.as_deref().unwrap_or("none")]);
    output::print_table(&table)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use domain::shop::ShopSettings;

    use super::*;
    use crate::cli::{Cli, Command};

    fn edited(arguments: &[&str]) -> SettingsEdit {
        let mut settings = ShopSettings::default();
        settings.catalog.colours.accent = Some("#ffffff".parse().unwrap());
        let shop = Shop { shop_id: "bar".parse().unwrap(), settings };
        let line = ["presso", "look"].into_iter().chain(arguments.iter().copied());
        let Command::Look(args) = Cli::try_parse_from(line).unwrap().command else { panic!("expected Look") };
        edit(&args, &shop)
    }

    #[test]
    fn a_colour_that_is_not_named_stays_and_no_colours_resets_both() {
        assert_eq!(edited(&[]), SettingsEdit::default());
        let colours = edited(&["--primary", " #0b6b43"]).colours.unwrap();
        assert_eq!(
            (colours.primary.map(String::from), colours.accent.map(String::from)),
            (Some("#0b6b43".into()), Some("#ffffff".into()))
        );
        assert_eq!(edited(&["--no-colours"]).colours, Some(Colours::default()));
        assert!(Cli::try_parse_from(["presso", "look", "--primary", "green"]).is_err());
    }
}
