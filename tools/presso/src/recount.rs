//! Corrects the counters of a shop from its orders.

mod correction;
mod counters;

use client::{Error, Stack};

use self::counters::{Counter, Recount};
use crate::cli::RecountArgs;
use crate::output::{self, Progress};

pub(crate) async fn recount(stack: &Stack, args: &RecountArgs, json: bool) -> Result<(), Error> {
    let counting = Progress::step(format!("counting the open orders of {}", args.shop));
    let recount = Box::pin(counters::recount(stack, &args.shop, args.dry_run)).await?;
    drop(counting);
    if json { output::json(&recount) } else { print(&recount) }?;
    verdict(&recount)
}

fn print(recount: &Recount) -> Result<(), Error> {
    if !recount.wrong.is_empty() {
        let mut table = output::table(&["counter", "stored", "open orders"]);
        for counter in &recount.wrong {
            table.add_row(row(counter));
        }
        output::print_table(&table)?;
    }
    let Recount { shop_id, counters, wrong, corrected, .. } = recount;
    match (wrong.len(), corrected) {
        (0, _) => output::line(format_args!("{shop_id}: {counters} counters, all correct")),
        (wrong, true) => output::line(format_args!("{shop_id}: {counters} counters, {wrong} corrected")),
        (wrong, false) => output::line(format_args!("{shop_id}: {counters} counters, {wrong} wrong")),
    }
}

fn row(counter: &Counter) -> [String; 3] {
    let stored = counter.stored.map_or_else(|| "no number".to_owned(), |stored| stored.to_string());
    [counter.item.clone(), stored, counter.orders.to_string()]
}

/// Fails if a dry run found a wrong counter.
fn verdict(recount: &Recount) -> Result<(), Error> {
    if recount.corrected || recount.wrong.is_empty() {
        return Ok(());
    }
    let error = Error::Incomplete(format!("{} counters of {} are wrong", recount.wrong.len(), recount.shop_id));
    Err(error.with_help(format!("presso recount {} corrects them", recount.shop_id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_fails_if_a_counter_is_wrong() {
        let wrong = vec![Counter { item: "FLOOR".into(), stored: None, orders: 2 }];
        assert_eq!(row(&wrong[0]), ["FLOOR", "no number", "2"]);
        let recount = Recount { shop_id: "bar".parse().unwrap(), counters: 3, wrong, corrected: false, readings: 1 };
        assert_eq!(verdict(&recount).unwrap_err().exit_code(), 1);
        assert!(verdict(&Recount { corrected: true, ..recount.clone() }).is_ok());
        assert!(verdict(&Recount { wrong: Vec::new(), ..recount }).is_ok());
    }
}
