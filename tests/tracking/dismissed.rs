//! Orders that the operator dismissed while Amazon has them: what Amazon ships is told to TikTok or to a person all the same.

use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::Operation;
use mcf_connector::sandbox::amazon::{OrderStatus, Plan};
use mcf_connector::sandbox::scenario::OrderKind;

use super::refusals::refuse_mark;
use super::stage::{Stage, amazon_id};

fn dismiss(stage: &Stage, order: &str, from: State) {
    let id = TiktokOrderId::new(order);
    stage
        .store
        .dismiss(&id, from, true, "by hand", stage.now)
        .expect("dismissed");
}

fn restore(stage: &Stage, order: &str) -> State {
    let id = TiktokOrderId::new(order);
    stage
        .store
        .take_dismissal_back(&id, "by hand", stage.now)
        .expect("restored")
}

fn shown(stage: &Stage, order: &str) -> String {
    stage.query("SELECT state FROM orders WHERE id = ?1", order).remove(0)
}

#[test]
fn the_parcel_of_an_order_that_was_dismissed_is_told_and_its_end_is_noted_e138_i15() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    dismiss(&stage, &order, State::Routed);
    stage.steps(4);
    stage.minutes(15);
    stage.sync();
    assert_eq!(stage.told(&order), stage.numbers(&order), "I15");
    assert_eq!(shown(&stage, &order), "dismissed", "E138");
    assert!(
        stage.history(&order).contains("all parcels are shipped and told"),
        "E138"
    );
    stage.minutes(30);
    stage.sync();
    stage.poll();
    assert_eq!(stage.calls(Operation::MarkPackageShipped), 1, "I14");
    assert_eq!(stage.calls(Operation::CreateFulfillmentOrder), 1, "never a second one");
    assert_eq!(restore(&stage, &order), State::Completed, "E138");
    assert_eq!(shown(&stage, &order), "completed", "E138");
}

#[test]
fn a_number_that_amazon_replaces_after_the_dismissal_is_corrected_e138_e101() {
    let mut stage = Stage::new();
    let order = stage.shipped_with(OrderKind::Plain, Plan::default());
    stage.sync();
    dismiss(&stage, &order, State::Completed);
    stage.replace_number(&order, "TBA000000000777");
    stage.minutes(13 * 60);
    stage.sync();
    assert_eq!(stage.told(&order), ["TBA000000000777"], "E101, I15");
}

#[test]
fn a_number_that_tiktok_refuses_after_the_dismissal_goes_to_a_person_i15() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    dismiss(&stage, &order, State::Routed);
    stage.steps(4);
    stage.minutes(15);
    refuse_mark(&stage, 21_011_022, 1);
    stage.sync();
    assert_eq!(stage.details(&order), ["number_refused"], "I15");
    assert_eq!(stage.events("order.failed").len(), 1, "I15");
}

#[test]
fn what_the_operator_took_note_of_is_not_told_again_and_comes_back_when_it_is_restored() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    let unfulfillable = |stage: &Stage, status: OrderStatus| {
        stage.world(|world| {
            let now = world.now();
            let order = world.amazon.order_mut(&amazon_id(&order)).expect("an order at Amazon");
            order.set_status(status, now);
        });
    };
    unfulfillable(&stage, OrderStatus::Processing);
    stage.minutes(30);
    stage.sync();
    unfulfillable(&stage, OrderStatus::CompletePartialled);
    stage.minutes(30);
    stage.sync();
    assert_eq!(stage.details(&order), ["partly_shipped"]);
    dismiss(&stage, &order, State::Routed);
    for _ in 0..3 {
        stage.minutes(130);
        stage.sync();
        stage.poll();
        assert_eq!(stage.details(&order), Vec::<String>::new(), "E138");
    }
    assert_eq!(stage.events("order.failed").len(), 1, "E138: told once");
    assert_eq!(restore(&stage, &order), State::Routed, "E138");
    assert_eq!(stage.details(&order), ["partly_shipped"], "E138");
}

#[test]
fn an_order_that_tiktok_cancels_is_stopped_at_amazon_though_it_is_dismissed_i13() {
    let mut stage = Stage::new();
    let order = stage.routed(OrderKind::Plain);
    dismiss(&stage, &order, State::Routed);
    stage.world(|world| {
        let now = world.now();
        world.tiktok.order_mut(&order).expect("an order").cancel("SYSTEM", now);
    });
    stage.minutes(5);
    stage.poll();
    assert_eq!(stage.calls(Operation::CancelFulfillmentOrder), 1, "I13");
    assert_eq!(shown(&stage, &order), "dismissed", "E138");
}
