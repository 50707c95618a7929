//! The end-to-end suite: tests of the deployed stacks at `AWS_ENDPOINT_URL`. They run concurrently,
//! each with a separate shop. If all tests were selected and none of them failed, the recorded
//! events are checked.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy does not recognise these functions as tests"
)]

mod admission;
mod burst;
mod bus;
mod calls;
mod claims;
mod cognito;
mod commands;
mod counter;
mod dead_letters;
mod displays;
mod doctor;
mod faults;
mod foreign;
mod lifecycle;
mod lines;
mod lists;
mod live;
mod live_faults;
mod lost_replies;
mod matrix;
mod outcomes;
mod qr_code;
mod recount;
mod requests;
mod screens;
mod serve;
mod settings;
mod time_outs;
mod upgrade;
mod window;
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

/// The kind of stack and shop that a test needs.
#[derive(Clone, Copy)]
enum ShopKind {
    Open,
    Unopened,
    ShortWaits,
}

/// Tests that an emulator cannot pass, for the reasons in docs/emulators.md.
const UNSUPPORTED: [(Emulator, &str); 9] = [
    (Emulator::MiniStack, "screens::the_stage_leads_to_the_index"),
    (Emulator::MiniStack, "requests::cors_preflight_is_answered"),
    (Emulator::MiniStack, "dead_letters::unreadable_settings_do_not_delay_later_edits"),
    (Emulator::MiniStack, "dead_letters::settings_are_published_by_a_redrive_when_the_bus_answers_again"),
    (Emulator::LocalStack, "dead_letters::deleted_stream_records_are_not_redriven_and_presso_says_what_to_do"),
    (Emulator::LocalStack, "cognito::a_user_of_a_user_pool_is_authenticated"),
    (Emulator::LocalStack, "cognito::the_deployer_can_sign_in_and_serve_an_order"),
    (Emulator::LocalStack, "cognito::staff_are_invited_with_a_role"),
    (Emulator::LocalStack, "doctor::a_user_pool_without_ses_is_refused_for_prod"),
];

/// Beginnings of the names of tests that need a stack with realtime.
const REALTIME: [&str; 3] = ["live::", "live_faults::", "serve::sockets_are_reached_at_the_host_of_the_pages"];

fn trial<F>(name: &'static str, kind: ShopKind, test: fn(TestVenue) -> F) -> Trial
where
    F: Future<Output = ()> + Send + 'static,
{
    Trial::test(name, move || runtime().block_on(in_a_shop(kind, test)))
}

/// Runs `test` in a new shop, and removes the shop even if the test fails.
async fn in_a_shop<F>(kind: ShopKind, test: fn(TestVenue) -> F) -> Result<(), Failed>
where
    F: Future<Output = ()> + Send + 'static,
{
    let venue = match kind {
        ShopKind::Open => TestVenue::open(world(), false).await,
        ShopKind::Unopened => TestVenue::unopened(world(), false),
        ShopKind::ShortWaits => TestVenue::open(world(), true).await,
    };
    let tested = AssertUnwindSafe(test(venue.clone())).catch_unwind().await;
    venue.remove().await;
    tested.map_err(|panic| {
        let message =
            panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Failed::from(format!("in the shop {}: {}", venue.shop_id, message.unwrap_or("it panicked")))
    })
}

macro_rules! trials {
    ($($kind:ident { $($module:ident :: $name:ident,)* })*) => {
        fn trials() -> Vec<Trial> {
            vec![$($(trial(concat!(stringify!($module), "::", stringify!($name)), ShopKind::$kind, $module::$name),)*)*]
        }
    };
}

// Long tests come first, so that they run beside the others.
trials! {
    ShortWaits {
        time_outs::an_order_without_a_drink_in_time_is_cancelled,
        time_outs::an_order_that_no_barista_completes_in_time_is_cancelled,
        outcomes::a_time_out_is_published_again,
        faults::an_execution_that_is_stopped_ends_its_order,
        dead_letters::settings_are_published_by_a_redrive_when_the_bus_answers_again,
        dead_letters::listing_leaves_messages_in_the_queue,
        dead_letters::a_redrive_killed_before_its_call_is_continued,
        dead_letters::a_redrive_killed_before_its_delete_is_continued,
    }
    Open {
        faults::an_error_of_admission_fails_the_order_once,
        faults::the_scheduled_sweep_records_an_order_that_was_never_admitted,
        faults::a_failed_execution_is_not_read_again_after_it_is_handled,
        faults::the_outcome_of_an_execution_stopped_in_finish_is_published_by_the_sweeper,
        workflow_paths::every_workflow_path_ends_and_publishes_as_in_the_model,
        faults::a_number_that_cannot_be_assigned_ends_the_order,
        faults::a_queue_entry_that_cannot_be_published_ends_the_order,
        faults::an_outcome_that_cannot_be_published_is_published_by_the_sweeper,
        faults::a_wait_that_cannot_be_published_ends_the_order,
        outcomes::a_completion_and_a_cancellation_are_published_again,
        recount::a_recount_while_orders_begin_and_end_writes_the_counts_of_the_open_orders,
        recount::leaked_and_negative_counters_are_corrected,
        upgrade::the_previous_workflow_is_served_by_the_current_functions,
        upgrade::the_previous_workflow_records_a_refusal,
        lines::each_invocation_about_an_order_writes_one_line_that_names_its_shop_and_no_person,
        foreign::thirty_events_start_nothing,
        foreign::no_deployed_rule_matches_a_replayed_event,
        foreign::an_order_that_cannot_be_read_fails_at_once_and_is_recorded_once,
        foreign::a_run_of_the_sweeper_without_an_event_does_the_scheduled_work,
        time_outs::the_shipped_waits_are_300_and_900_seconds,
        lifecycle::an_order_goes_from_scan_to_completion,
        lifecycle::an_order_that_completes_takes_five_transitions,
        lifecycle::order_numbers_of_a_shop_begin_at_1_and_increase,
        lifecycle::orders_of_a_closed_shop_are_still_served,
        admission::a_closed_shop_refuses_scans_and_events,
        admission::a_full_shop_refuses_until_an_order_ends,
        admission::open_orders_of_a_customer_are_limited,
        admission::an_event_that_names_another_shop_or_customer_changes_nothing,
        admission::a_duplicate_of_a_new_order_changes_nothing,
        burst::concurrent_scans_beyond_the_capacity_are_refused,
        commands::a_customer_cancels_while_choosing,
        commands::a_customer_cancels_while_waiting,
        commands::a_barista_cancels_a_waiting_order,
        commands::complete_and_cancel_that_race_have_one_outcome,
        commands::a_repeated_command_gets_the_first_answer_again,
        commands::a_command_before_its_token_is_stored_is_not_ready,
        commands::a_drink_or_option_that_the_menu_does_not_offer_is_refused,
        commands::only_the_customer_and_staff_may_see_and_change_an_order,
        commands::an_order_in_an_answer_contains_no_task_token,
        claims::a_claim_is_made_and_given_back,
        claims::a_claimed_order_is_refused_to_other_baristas,
        claims::baristas_who_race_for_an_order_have_one_winner,
        claims::a_claim_is_taken_over_deliberately_and_once,
        claims::an_admin_releases_any_claim_and_cancels_any_claimed_order,
        claims::a_barista_who_cancels_an_order_claims_it_first,
        claims::a_takeover_races_with_complete_cancel_and_give_back,
        claims::the_time_of_a_claim_is_shown_to_staff_only,
        claims::a_claim_without_a_time_is_taken_over,
        calls::a_completed_order_is_called_and_a_retry_repeats_the_call,
        calls::an_order_is_called_for_ten_minutes_after_its_completion,
        calls::a_cancelled_order_is_not_called,
        qr_code::a_double_tap_is_one_token_and_one_order,
        qr_code::a_customer_whose_orders_are_cancelled_has_three_attempts,
        qr_code::a_customer_with_an_open_order_is_refused_by_the_validator,
        qr_code::a_new_code_makes_the_earlier_code_invalid,
        qr_code::forty_customers_race_for_ten_tokens,
        qr_code::a_wrong_code_is_refused,
        qr_code::a_code_is_valid_from_5_s_before_to_15_s_after_its_window,
        lost_replies::a_choice_is_answered_202_if_the_reply_of_step_functions_is_lost,
        lost_replies::a_completion_is_answered_202_if_the_reply_of_step_functions_is_lost,
        lists::the_estimate_of_an_order_does_not_rise_when_its_position_falls,
        lists::the_queue_is_paged_oldest_first,
        lists::the_newest_orders_since_a_time_come_first,
        lists::a_customer_sees_their_own_orders_only,
        dead_letters::a_scan_that_started_no_workflow_is_started_once,
        dead_letters::a_cancellation_whose_projection_failed_is_projected_once_by_a_redrive,
        dead_letters::an_event_that_cannot_be_written_stays_in_the_queue_and_its_token_is_redacted,
        dead_letters::an_unreadable_event_is_recorded_once_and_redriven_without_effect,
        dead_letters::a_failed_sweep_is_redriven_once,
        dead_letters::unpublished_settings_are_read_from_the_stream_again,
        dead_letters::deleted_stream_records_are_not_redriven_and_presso_says_what_to_do,
        dead_letters::unreadable_settings_do_not_delay_later_edits,
        counter::a_barista_orders_for_a_person_at_the_counter,
        counter::an_order_at_the_counter_of_a_full_or_closed_shop_is_refused,
        counter::a_drink_that_is_sold_out_is_refused_until_it_is_available,
        displays::a_screen_pairs_and_reads_its_shop_until_it_is_revoked,
        displays::an_admin_creates_a_display_whose_secret_is_stored_nowhere,
        displays::an_expired_display_or_pairing_code_is_refused,
        displays::admins_who_enter_one_code_at_once_activate_one_display,
        displays::the_board_shows_numbers_but_no_order_id_and_no_person,
        settings::a_change_is_published_without_secrets,
        settings::name_colours_and_names_in_other_languages_are_shown_and_published,
        settings::a_logo_is_shown_replaced_and_removed,
        settings::an_edit_of_a_stale_version_is_refused,
        settings::no_edit_resets_a_counter,
        settings::an_invalid_menu_or_limit_is_refused,
        settings::texts_and_numbers_are_accepted_in_each_spelling,
        requests::malformed_bodies_are_problems,
        requests::invalid_parameters_are_problems,
        requests::a_body_of_a_megabyte_is_refused,
        matrix::each_route_answers_each_caller_as_the_table_says,
        live::a_revoked_display_gets_no_ticket_and_receives_messages_until_it_expires,
        live::a_barista_without_the_role_gets_no_ticket_and_receives_messages_until_the_token_expires,
        live_faults::lost_repeated_and_reordered_messages_end_in_the_state_of_the_last_read,
        live::each_socket_receives_the_messages_of_its_topic_only,
        live::only_a_ticket_opens_a_socket,
        live::a_closed_connection_that_is_30_seconds_old_is_deleted_at_the_next_event,
        live::only_the_newest_three_sockets_of_a_customer_receive_messages,
        live::a_customer_without_an_open_order_gets_no_ticket,
        live::the_architecture_is_that_of_the_stack,
        screens::each_page_is_served_and_all_but_the_index_also_without_a_slash,
        screens::a_page_that_the_browser_has_is_not_sent_again,
        screens::the_stage_leads_to_the_index,
        screens::the_sign_in_settings_name_the_local_issuer,
        serve::an_order_is_served_with_the_links_alone,
        serve::served_pages_differ_from_those_of_the_stack_in_the_host_of_the_sockets_only,
        serve::nothing_else_of_the_emulator_is_reachable,
        serve::sockets_are_reached_at_the_host_of_the_pages,
        serve::a_link_for_staff_is_printed_on_a_network_only_if_asked_for,
        requests::bad_tokens_are_refused,
        requests::routes_for_staff_require_their_role,
        requests::unknown_routes_are_refused,
        requests::an_answer_allows_every_origin,
        requests::cors_preflight_is_answered,
        doctor::a_local_bar_is_examined_and_refused_for_prod,
        doctor::a_missing_stack_is_a_warning_and_its_other_checks_are_unknown,
        doctor::a_user_pool_without_ses_is_refused_for_prod,
        cognito::a_user_of_a_user_pool_is_authenticated,
        cognito::the_deployer_can_sign_in_and_serve_an_order,
        cognito::staff_are_invited_with_a_role,
    }
    Unopened {
        settings::an_unopened_shop_shows_the_defaults,
        settings::the_first_opening_creates_the_shop,
        upgrade::a_shop_of_the_previous_release_takes_orders_and_keeps_its_numbers,
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if arguments.list {
        return libtest_mimic::run(&arguments, trials()).exit_code();
    }
    match runtime().block_on(World::find()) {
        Ok(found) => WORLD.set(found).map_err(drop).expect("the stacks are found once"),
        Err(error) => return harness::progress::fail(&error),
    }
    // The emulator is the bottleneck. More tests at once are not faster, and each waits longer.
    let threads = if world().emulator == Emulator::LocalStack { 6 } else { 8 };
    arguments.test_threads = arguments.test_threads.or(Some(threads));
    let supported = |trial: Trial| {
        let unsupported = UNSUPPORTED.contains(&(world().emulator, trial.name()));
        let has_realtime = world().stack.live_url.is_some();
        let needs_realtime = REALTIME.iter().any(|name| trial.name().starts_with(name));
        trial.with_ignored_flag(unsupported || (needs_realtime && !has_realtime))
    };
    let tested = libtest_mimic::run(&arguments, trials().into_iter().map(supported).collect());
    let is_whole = arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.ignored;
    let events =
        (is_whole && !tested.has_failed()).then(|| libtest_mimic::run(&Arguments::default(), bus::trials(world())));
    runtime().block_on(world().leave());
    if tested.has_failed() || events.is_some_and(|checked| checked.has_failed()) {
        ExitCode::from(101)
    } else {
        ExitCode::SUCCESS
    }
}
