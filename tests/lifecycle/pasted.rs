//! Every detail's next command is pasted after its flag was raised: something changes, or a clear word says what a person must do
//! elsewhere.

use std::collections::BTreeMap;

use mcf_connector::domain::flag::{Detail, Flag};
use mcf_connector::domain::ids::TiktokOrderId;
use mcf_connector::domain::state::State;
use mcf_connector::sandbox::scenario::OrderKind;
use rusqlite::Connection;

use self::raised::{Raised, raised};
use super::test_shop::{FIRST, Ran, TestShop};

#[path = "pasted/raised.rs"]
mod raised;
#[path = "pasted/scenes.rs"]
mod scenes;

/// What may keep an order back is kept back, so that each kind of order and of address can be flagged.
const STRICT: &str = "[routing]\nsamples = \"flag\"\nreplacements = \"flag\"\npo_boxes = \"flag\"\nrural_routes = \"flag\"\n\
                      military = \"flag\"\nterritories = \"flag\"\nalaska_hawaii = \"flag\"\n";

/// A flag of an order, with all that `status` shows of that order beside its history.
struct Shown {
    flag: Flag,
    order: String,
}

fn shown(shop: &TestShop, id: &str, detail: Detail) -> Option<Shown> {
    let order = shop.order(id);
    let flag = order.flags.iter().find(|flag| flag.detail == detail)?.clone();
    Some(Shown {
        flag,
        order: format!("{:?} {:?} {:?}", order.state, order.flags, order.parcels),
    })
}

fn paste(shop: &TestShop, command: &str) -> Ran {
    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!(words[0], "mcf", "{command}");
    shop.mcf(&words[1..])
}

/// The first sentence of a flag, as far as a terminal does not fold it.
fn begins(message: &str) -> &str {
    let end = message.find(['"', ';', ':', ',']).unwrap_or(message.len());
    &message[..end]
}

/// Pastes the command of an order's flag, and returns what is to be said against it.
fn complaint(shop: &TestShop, id: &str, detail: Detail) -> Option<String> {
    let Some(before) = shown(shop, id, detail) else {
        return Some(format!("{detail:?} is not raised: {:?}", shop.flags(id)));
    };
    let command = before.flag.next_command;
    let ran = paste(shop, &command);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let after = shop.order(id);
    let is_changed = format!("{:?} {:?} {:?}", after.state, after.flags, after.parcels) != before.order;
    let is_good = match command.split(' ').nth(1) {
        Some("mappings") => said.contains("1 changed") || said.contains("mcf mappings add") || said.contains(".csv"),
        Some("orders") => ran.code == 0 && after.state == State::Dismissed,
        _ if command.contains(" --accept ") => after.state == State::Routed || said.contains("Amazon refused"),
        _ => is_changed || said.contains(begins(&before.flag.message)),
    };
    (!is_good).then(|| format!("{detail:?}: {command} changes nothing and says nothing: {ran:?}"))
}

fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

fn of_kind(is_it: impl Fn(&Raised) -> bool) -> Vec<Detail> {
    let details = Detail::ALL.iter().copied();
    details.filter(|detail| is_it(&raised(*detail))).collect()
}

#[test]
fn what_keeps_an_order_back_before_it_is_sent_is_settled_by_the_command_or_named_until_it_is_corrected() {
    let details = of_kind(|raised| matches!(raised, Raised::ByOrder(_)));
    let shop = TestShop::of(&vec![OrderKind::Plain; details.len()]);
    shop.configure(STRICT);
    shop.sandbox.world().amazon.set_stock("FBA-LAMP-BLK", 100_000);
    let mut right = BTreeMap::new();
    let ids: Vec<String> = shop.sandbox.world().tiktok.orders.keys().cloned().collect();
    for (id, detail) in ids.iter().zip(&details) {
        let mut world = shop.sandbox.world();
        let order = world.tiktok.order_mut(id).expect("an order");
        right.insert(id.clone(), order.clone());
        if let Raised::ByOrder(spoil) = raised(*detail) {
            spoil(order);
        }
    }
    shop.mcf(&["poll"]).ends_with(0);
    let mut complaints = Vec::new();
    for (id, detail) in ids.iter().zip(&details) {
        complaints.extend(complaint(&shop, id, *detail));
        let command = detail.next_command(&TiktokOrderId::new(id));
        if command == format!("mcf route {id}") {
            shop.sandbox.world().tiktok.put_order(right[id].clone());
            let ran = paste(&shop, &command);
            let goes = ran.code == 0 && shop.state(id) == State::Routed;
            complaints.extend((!goes).then(|| format!("{detail:?}: corrected at TikTok, it does not go: {ran:?}")));
        }
    }
    none(&complaints);
}

#[test]
fn what_the_vendors_answers_lead_to_is_settled_by_the_command_or_named() {
    let mut complaints = Vec::new();
    for detail in of_kind(|raised| matches!(raised, Raised::ByRoad(_))) {
        let Raised::ByRoad(make) = raised(detail) else { continue };
        complaints.extend(complaint(&make(), FIRST, detail));
    }
    none(&complaints);
}

/// Gives an order a flag by hand.
fn plant(shop: &TestShop, detail: Detail) {
    let flag = Flag::plain(detail, &TiktokOrderId::new(FIRST));
    let connection = Connection::open(shop.database()).expect("a database");
    connection
        .execute(
            "INSERT INTO flags (order_id, reason, detail, message, next_command, raised_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (
                FIRST,
                flag.reason().as_str(),
                detail.as_str(),
                &flag.message,
                &flag.next_command,
                shop.now.timestamp(),
            ),
        )
        .expect("a flag");
}

#[test]
fn the_command_of_an_order_that_was_not_sent_looks_at_it_again_and_sends_what_is_in_order() {
    for detail in of_kind(|raised| matches!(raised, Raised::NotSent)) {
        let shop = TestShop::of(&[OrderKind::BadAddress]);
        shop.poll();
        plant(&shop, detail);
        shop.sandbox
            .world()
            .tiktok
            .order_mut(FIRST)
            .expect("an order")
            .address
            .postal_code = "95110".to_owned();
        none(Vec::from_iter(complaint(&shop, FIRST, detail)).as_slice());
    }
}

#[test]
fn the_command_of_an_order_that_amazon_has_reads_it_again_or_closes_it() {
    for detail in of_kind(|raised| matches!(raised, Raised::AtAmazon)) {
        // Its number was refused, which a person may have told again.
        let shop = scenes::mark_refused(21_011_022);
        plant(&shop, detail);
        none(Vec::from_iter(complaint(&shop, FIRST, detail)).as_slice());
    }
}

#[test]
fn a_listing_that_is_new_and_has_amazons_own_text_is_mapped_by_its_ready_line() {
    let mut shop = TestShop::of(&[OrderKind::Plain, OrderKind::Unmapped]);
    shop.poll();
    let id = "576900000000000102";
    shop.sandbox.world().tiktok.order_mut(id).expect("an order").lines[0].seller_sku = "FBA-LAMP-BLK".to_owned();
    shop.pass(5, 0);
    paste(&shop, &format!("mcf route {id}")).ends_with(3);
    let command = shop.order(id).flags.remove(0).next_command;
    assert!(command.ends_with("--amazon-sku FBA-LAMP-BLK"), "{command}");
    paste(&shop, &command).ends_with(0);
    shop.pass(5, 0);
    shop.poll();
    assert_eq!(shop.state(id), State::Routed);
}
