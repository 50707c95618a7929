//! The end-to-end suite: over the real HTTP API and the real bus of whatever `AWS_ENDPOINT_URL` names. Each test has a shop
//! of its own; all run at once on one deployed stack. When they are through, everything that the bus said is looked over.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy knows no tests without its harness"
)]

mod admission;
mod burst;
mod bus;
mod claims;
mod cognito;
mod commands;
mod dead_letters;
mod faults;
mod lists;
mod lost_replies;
mod qr_code;
mod requests;
mod settings;
mod time_outs;
mod whole_way;
mod workflow_paths;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::OnceLock;

use end_to_end::world::{Emulator, runtime};
use end_to_end::{TestVenue, World};
use futures::FutureExt;
use libtest_mimic::{Arguments, Failed, Trial};

static WORLD: OnceLock<World> = OnceLock::new();

fn world() -> &'static World {
    WORLD.get().expect("the stacks are found before a test runs")
}

/// Where a test's shop is, and whether it has been opened.
#[derive(Clone, Copy)]
enum Place {
    Open,
    Unopened,
    ShortWaits,
}

/// What an emulator cannot do: docs/emulators.md shows that the fault is its own.
const BEYOND: [(Emulator, &str); 6] = [
    (Emulator::MiniStack, "requests::a_browser_may_ask_before_it_asks"),
    (Emulator::MiniStack, "dead_letters::settings_that_cannot_be_read_hold_up_nobody"),
    (Emulator::MiniStack, "dead_letters::settings_that_could_not_be_announced_are_announced_once_the_bus_answers"),
    (Emulator::LocalStack, "dead_letters::settings_that_the_stream_has_forgotten_stay_and_say_what_to_do"),
    (Emulator::LocalStack, "cognito::somebody_who_signed_in_to_a_user_pool_is_known"),
    (Emulator::LocalStack, "cognito::whoever_deployed_can_sign_in_and_serve_an_order"),
];

fn trial<F>(name: &'static str, place: Place, test: fn(TestVenue) -> F) -> Trial
where
    F: Future<Output = ()> + Send + 'static,
{
    Trial::test(name, move || runtime().block_on(in_a_bar(place, test)))
}

/// Runs `test` in a shop of its own, and removes the shop whatever became of the test.
async fn in_a_bar<F>(place: Place, test: fn(TestVenue) -> F) -> Result<(), Failed>
where
    F: Future<Output = ()> + Send + 'static,
{
    let bar = match place {
        Place::Open => TestVenue::open(world(), false).await,
        Place::Unopened => TestVenue::unopened(world(), false),
        Place::ShortWaits => TestVenue::open(world(), true).await,
    };
    let tested = AssertUnwindSafe(test(bar.clone())).catch_unwind().await;
    bar.remove().await;
    tested.map_err(|panic| {
        let message =
            panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Failed::from(format!("in the shop {}: {}", bar.shop_id, message.unwrap_or("it panicked")))
    })
}

macro_rules! trials {
    ($($place:ident { $($module:ident :: $name:ident,)* })*) => {
        vec![$($(trial(concat!(stringify!($module), "::", stringify!($name)), Place::$place, $module::$name),)*)*]
    };
}

fn trials() -> Vec<Trial> {
    trials! {
        ShortWaits {
            time_outs::a_customer_who_does_not_choose_in_time_loses_the_order,
            time_outs::a_drink_that_nobody_makes_in_time_is_given_up,
            faults::an_execution_that_is_stopped_ends_its_order,
            dead_letters::settings_that_could_not_be_announced_are_announced_once_the_bus_answers,
            dead_letters::looking_takes_nothing_away,
            dead_letters::a_redrive_that_is_killed_before_a_target_takes_a_letter_is_gone_on_with,
            dead_letters::a_redrive_that_is_killed_before_it_takes_a_letter_away_is_gone_on_with,
        }
        Open {
            faults::an_admission_that_breaks_is_recorded_as_failed,
            faults::an_order_that_was_never_let_in_is_found_by_the_schedule,
            faults::an_execution_that_is_stopped_while_it_tells_the_outcome_has_it_told,
            workflow_paths::every_workflow_path_ends_and_publishes_as_in_the_model,
            faults::a_number_that_cannot_be_drawn_ends_the_order,
            faults::a_queue_that_cannot_be_told_ends_the_order,
            faults::an_outcome_that_cannot_be_published_is_published_by_the_sweeper,
            faults::a_wait_that_cannot_be_published_ends_the_order,
            time_outs::the_shipped_waits_are_300_and_900_seconds,
            whole_way::an_order_goes_from_scan_to_pick_up,
            whole_way::an_order_that_completes_takes_five_transitions,
            whole_way::numbers_count_up_in_each_shop,
            whole_way::closing_the_shop_serves_the_orders_inside,
            admission::a_closed_shop_refuses_at_the_door_and_behind_the_bus,
            admission::a_full_shop_refuses_and_has_room_again_when_an_order_ends,
            admission::a_customer_has_as_many_open_orders_as_the_limit_says,
            admission::an_event_that_names_another_shop_or_customer_changes_nothing,
            admission::a_duplicate_of_a_new_order_changes_nothing,
            burst::a_crowd_that_scans_at_once_is_refused_by_reason_and_breaks_nothing,
            commands::a_customer_cancels_while_choosing,
            commands::a_customer_cancels_while_waiting,
            commands::a_barista_cancels,
            commands::complete_and_cancel_that_race_have_one_outcome,
            commands::the_same_command_twice_is_answered_twice,
            commands::a_command_before_its_token_is_stored_is_not_ready,
            commands::a_drink_that_the_menu_does_not_have_is_refused,
            commands::an_order_is_nobody_elses_business,
            commands::what_an_order_shows_holds_no_token,
            claims::a_claim_is_made_and_given_back,
            claims::nobody_takes_what_another_makes,
            claims::two_baristas_who_race_for_an_order_do_not_both_get_it,
            qr_code::a_double_tap_is_one_token_and_one_order,
            qr_code::forty_customers_race_for_ten_tokens,
            qr_code::a_wrong_code_is_refused,
            qr_code::a_code_is_good_for_its_window_and_fifteen_seconds,
            lost_replies::a_choice_whose_reply_is_lost_is_answered_as_if_it_were_not,
            lost_replies::a_hand_over_whose_reply_is_lost_is_answered_as_if_it_were_not,
            lists::the_queue_is_paged_oldest_first,
            lists::a_customer_sees_their_own_orders_newest_first,
            dead_letters::a_scan_that_started_no_workflow_is_started_once,
            dead_letters::an_end_that_could_not_be_written_is_written_once,
            dead_letters::an_event_that_nobody_can_read_stays_and_shows_no_token,
            dead_letters::a_sweep_that_failed_is_made_up_for_once,
            dead_letters::settings_that_were_not_announced_are_read_from_the_stream_again,
            dead_letters::settings_that_the_stream_has_forgotten_stay_and_say_what_to_do,
            dead_letters::settings_that_cannot_be_read_hold_up_nobody,
            settings::a_change_is_announced_without_secrets,
            settings::an_edit_over_a_stale_version_is_refused,
            settings::no_edit_resets_a_counter,
            settings::a_menu_that_cannot_be_served_is_refused,
            requests::bodies_that_are_not_understood_are_problems,
            requests::parameters_that_are_not_understood_are_problems,
            requests::a_megabyte_is_too_large,
            requests::bad_tokens_are_refused,
            requests::roles_are_kept_apart,
            requests::a_route_that_is_not_there_is_refused,
            requests::a_page_of_another_origin_may_ask,
            requests::a_browser_may_ask_before_it_asks,
            cognito::somebody_who_signed_in_to_a_user_pool_is_known,
            cognito::whoever_deployed_can_sign_in_and_serve_an_order,
        }
        Unopened {
            settings::a_shop_that_nobody_opened_shows_the_defaults,
            settings::the_first_opening_makes_a_shop,
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if arguments.list {
        return libtest_mimic::run(&arguments, trials()).exit_code();
    }
    match runtime().block_on(World::find()) {
        Ok(found) => WORLD.set(found).map_err(drop).expect("the stacks are found once"),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    }
    // The tests wait far more than they compute; LocalStack computes more than they do.
    let at_once = if world().emulator == Emulator::LocalStack { 6 } else { 16 };
    arguments.test_threads = arguments.test_threads.or(Some(at_once));
    let possible = |trial: Trial| {
        let beyond = BEYOND.contains(&(world().emulator, trial.name()));
        trial.with_ignored_flag(beyond)
    };
    let tested = libtest_mimic::run(&arguments, trials().into_iter().map(possible).collect());
    let looked_over = (arguments.filter.is_none() && !tested.has_failed())
        .then(|| libtest_mimic::run(&Arguments::default(), bus::trials(world())));
    runtime().block_on(world().leave());
    if tested.has_failed() || looked_over.is_some_and(|conclusion| conclusion.has_failed()) {
        ExitCode::from(101)
    } else {
        ExitCode::SUCCESS
    }
}
