use serde_json::Value;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn shop() -> BoardShop {
    BoardShop { shop_id: "bar".parse().unwrap(), open: true, full: false }
}

/// An order admitted `created` seconds ago, whose status changed last `updated` seconds ago.
fn order(number: u64, created: u64, updated: u64) -> BoardOrder {
    BoardOrder {
        order_number: Some(number),
        drink_order: Some(DrinkOrder { drink: "Latte".into(), modifiers: vec!["Oat".into()], icon: "latte".into() }),
        created_at: NOW.minus(Duration::from_secs(created)),
        updated_at: NOW.minus(Duration::from_secs(updated)),
        called_at: None,
    }
}

fn numbers(entries: &[BoardEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.number).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_board_has_no_order_id_and_no_person() {
    let completed: Vec<BoardOrder> = (1..=5).map(|number| order(number, 120, 60)).collect();
    let board = Board::new(shop(), &[order(7, 60, 30)], &completed, NOW);
    let board = serde_json::to_value(board).unwrap();
    assert_eq!(keys(&board), ["eventId", "making", "ready", "storeFull", "storeOpen", "waitingSeconds"]);
    for list in ["making", "ready"] {
        assert_eq!(keys(&board[list][0]), ["drink", "number", "since"]);
    }
    assert_eq!(board["making"][0]["drink"], "Latte");
}

#[test]
fn a_call_is_on_the_board_and_does_not_move_its_entry() {
    let called = BoardOrder { called_at: Some(NOW), ..order(1, 300, 200) };
    let board = Board::new(shop(), &[], &[called, order(2, 300, 100)], NOW);
    assert_eq!(numbers(&board.ready), [2, 1]);
    assert_eq!(board.ready.iter().map(|entry| entry.called_at).collect::<Vec<_>>(), [None, Some(NOW)]);
    assert_eq!(keys(&serde_json::to_value(&board.ready[1]).unwrap()), ["calledAt", "drink", "number", "since"]);
}

#[test]
fn the_queue_is_sorted_by_number_and_ready_orders_by_completion() {
    let waiting = [order(9, 60, 10), order(7, 50, 40), order(8, 40, 30)];
    // Number 3 was ordered first and completed last.
    let completed = [order(5, 300, 200), order(4, 320, 300), order(3, 900, 5)];
    let board = Board::new(shop(), &waiting, &completed, NOW);
    assert_eq!(numbers(&board.making), [7, 8, 9]);
    assert_eq!(numbers(&board.ready), [3, 5, 4]);
    assert_eq!(board.ready[0].since, NOW.minus(Duration::from_secs(5)));
}

#[test]
fn a_ready_order_leaves_the_board_after_ten_minutes() {
    let completed = [order(1, 1_000, 599), order(2, 1_000, 600)];
    assert_eq!(numbers(&Board::new(shop(), &[], &completed, NOW).ready), [1]);
}

#[test]
fn the_lists_have_the_first_hundred_of_the_queue_and_the_latest_hundred_ready_orders() {
    let waiting: Vec<BoardOrder> = (1..=130).map(|number| order(number, 2_000 - number, 1_500 - number)).collect();
    let completed: Vec<BoardOrder> = (201..=330).map(|number| order(number, 900, number)).collect();
    let board = Board::new(shop(), &waiting, &completed, NOW);
    assert_eq!(numbers(&board.making), (1..=100).collect::<Vec<_>>(), "the first hundred of the queue");
    assert_eq!(numbers(&board.ready), (201..=300).collect::<Vec<_>>(), "the latest hundred");
}

#[test]
fn an_order_that_is_completed_between_the_reads_is_shown_once() {
    let board = Board::new(shop(), &[order(1, 60, 30)], &[order(1, 60, 0)], NOW);
    assert_eq!((board.making.len(), numbers(&board.ready)), (0, vec![1]));
}

#[test]
fn an_order_without_a_number_or_a_drink_is_not_shown() {
    let drinkless = BoardOrder { drink_order: None, ..order(1, 60, 30) };
    let unnumbered = BoardOrder { order_number: None, ..order(1, 60, 30) };
    let board = Board::new(shop(), &[drinkless.clone(), unnumbered.clone()], &[drinkless, unnumbered], NOW);
    assert!(board.making.is_empty() && board.ready.is_empty());
}

#[test]
fn the_estimate_is_for_a_drink_that_is_ordered_now() {
    let completed: Vec<BoardOrder> = (1..=5).map(|number| order(number, number * 100 + 60, number * 100)).collect();
    let waiting =
        |queue: &[BoardOrder], completed: &[BoardOrder]| Board::new(shop(), queue, completed, NOW).waiting_seconds;
    assert_eq!(waiting(&[], &completed), Some(60));
    assert_eq!(waiting(&[order(8, 50, 20), order(9, 40, 10)], &completed), Some(180));
    assert_eq!(waiting(&[order(5, 160, 20), order(9, 40, 10)], &completed), Some(120), "number 5 is completed");
    let queue: Vec<BoardOrder> = (11..=110).map(|number| order(number, 200, 150)).collect();
    assert_eq!(waiting(&queue, &completed), None, "the queue may be longer than the hundred that are read");
    assert_eq!(waiting(&[], &completed[..4]), None);
    let board = serde_json::to_value(Board::new(shop(), &[], &[], NOW)).unwrap();
    assert!(board.get("waitingSeconds").is_none());
}
