use super::*;
use crate::shapes::SHORT;
use stateright::Model;

fn world() -> (ShopModel, World) {
    let model = ShopModel::new(SHORT[0].clone());
    let world = model.init_states().remove(0);
    (model, world)
}

#[test]
fn two_baristas_who_take_over_the_same_version_violate_the_invariant() {
    let (model, mut world) = world();
    world.slots[0].claims.takeovers = vec![1, 2];
    assert!(takeovers_happen_once(&model, &world));
    world.slots[0].claims.takeovers = vec![1, 1];
    assert!(!takeovers_happen_once(&model, &world));
}

#[test]
fn a_claim_that_was_ended_without_right_violates_only_its_invariant() {
    let (model, mut world) = world();
    world.slots[0].claims.ended_without_right = true;
    let violated: Vec<&str> =
        INVARIANTS.iter().filter(|(_, holds)| !holds(&model, &world)).map(|(name, _)| *name).collect();
    assert_eq!(violated, ["a claim is ended only by its holder, a takeover or an admin"]);
}
