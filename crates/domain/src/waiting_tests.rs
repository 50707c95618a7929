use proptest::prelude::*;

use super::*;
use crate::testing::cases;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A completion whose order was admitted `admitted` seconds ago and completed `completed` seconds
/// ago.
fn completion(admitted: u64, completed: u64) -> Completion {
    let ago = |seconds| NOW.minus(Duration::from_secs(seconds));
    Completion { admitted_at: ago(admitted), completed_at: ago(completed) }
}

fn seconds(completions: &[Completion], ahead: u64) -> Option<u64> {
    Pace::measure(completions, NOW).map(|pace| pace.seconds(ahead))
}

/// Completions of orders that do not overlap. Each order took `each` seconds, at most 100 seconds.
fn alone(orders: u64, each: u64) -> Vec<Completion> {
    (0..orders).map(|number| completion(number * 100 + each, number * 100)).collect()
}

#[test]
fn fewer_than_five_drinks_give_no_estimate() {
    assert_eq!(seconds(&[], 0), None);
    assert_eq!(seconds(&alone(4, 60), 0), None);
    assert_eq!(seconds(&alone(5, 60), 0), Some(60));
}

#[test]
fn an_order_waits_for_those_before_it_and_for_its_own_drink() {
    assert_eq!([0, 1, 9].map(|ahead| seconds(&alone(5, 60), ahead)), [Some(60), Some(120), Some(600)]);
}

#[test]
fn the_pace_of_a_queue_is_the_time_between_its_completions() {
    // Six orders at once, one completion a minute.
    let queue: Vec<Completion> = (0..6).map(|number| completion(400, 40 + 60 * number)).collect();
    assert_eq!(seconds(&queue, 0), Some(60));
    // Two baristas: two completions each minute.
    let pairs: Vec<Completion> = (0..6).map(|number| completion(220, 40 + 60 * (number / 2))).collect();
    assert_eq!(seconds(&pairs, 0), Some(30));
}

#[test]
fn one_slow_order_does_not_change_the_estimate() {
    let mut completions = alone(6, 60);
    completions.push(completion(2_000, 700));
    assert_eq!(seconds(&completions, 0), Some(60));
}

#[test]
fn only_the_last_twenty_completions_count() {
    let mut completions = alone(20, 60);
    completions.extend((0..40).map(|number| completion(5_000 + number * 1_000, 4_100 + number * 1_000)));
    assert_eq!(seconds(&completions, 0), Some(60));
}

fn any_completions() -> impl Strategy<Value = Vec<Completion>> {
    let one = (0_u64..2_000, 0_u64..1_200).prop_map(|(completed, wait)| completion(completed + wait, completed));
    proptest::collection::vec(one, 0..60)
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn an_estimate_does_not_rise_while_the_position_falls(
        completions in any_completions(), later in any_completions(), ahead in 1_u64..100, turn in any::<prop::sample::Index>()
    ) {
        let until = NOW.minus(Duration::from_mins(10));
        let before = QueuePosition::new(Some(ahead), &completions, until);
        // Meanwhile other orders are completed, and the index may list them in another sequence.
        let mut listed = completions;
        listed.extend(later.into_iter().filter(|completion| completion.completed_at > until));
        let length = listed.len().max(1);
        listed.rotate_left(turn.index(length));
        let after = QueuePosition::new(Some(ahead - 1), &listed, until);
        prop_assert_eq!(before.waiting_seconds.is_some(), after.waiting_seconds.is_some());
        prop_assert!(after.waiting_seconds <= before.waiting_seconds, "{:?} then {:?}", before, after);
        prop_assert_eq!(QueuePosition::new(Some(ahead), &listed, until), before);
    }

    #[test]
    fn the_estimate_of_the_first_in_the_queue_is_at_most_the_time_of_the_slowest_order(completions in any_completions()) {
        let slowest = completions.iter().map(|one| one.completed_at.since(one.admitted_at).as_secs()).max();
        if let Some(first) = seconds(&completions, 0) {
            prop_assert!(Some(first) <= slowest);
        }
    }
}
