//! Routing one order by hand: first what would be sent and why, then the click that sends it.

use maud::{Markup, html};

use super::order_actions::because;
use super::{address_of, sentence, step, trouble, what_to_do};
use crate::domain::flag::Detail;
use crate::domain::fulfillment::ShippingSpeed;
use crate::domain::ids::TiktokOrderId;
use crate::jobs::route::Word;
use crate::report::run::TouchedOrder;
use crate::report::text::clean;
use crate::run::Ran;
use crate::web::answer::Answer;
use crate::web::application::Application;
use crate::web::asked::Asked;

/// Asks how an order is to be routed.
pub fn ask(asked: &Asked) -> Answer {
    let Some(id) = id(asked) else {
        return Answer::line(404, "no such order");
    };
    let body = html! {
        p { "It is decided anew, even if it is flagged. First you see what would be sent and why; nothing is changed by that." }
        form.fields method="post" action=(address(&id)) {
            div {
                label for="speed" { "How fast" }
                select id="speed" name="speed" {
                    option value="" { "As the rules choose" }
                    @for speed in ShippingSpeed::ALL { option value=(speed.as_str()) { (speed.as_str()) } }
                }
            }
            @for doubt in asked.query.iter().filter(|(name, _)| name == "accept").map(|(_, doubt)| doubt) {
                div { label { input type="checkbox" name="accept" value=(doubt) required; " Yes, send it although " (clean(meaning(doubt))) } }
            }
            @if asked.query("rest").is_some() {
                div { label { input type="checkbox" name="rest" value="1" checked; " Send only what Amazon left out" } }
            }
            (because())
            div.actions { button.main { "Show what would be sent" } a.act href=(address_of(id.as_str())) { "Back" } }
        }
    };
    step("/orders", 200, &format!("Route order {id}"), body)
}

/// Shows what would be sent, or sends it.
pub fn route(application: &Application, asked: &Asked) -> Answer {
    let Some(id) = id(asked) else {
        return Answer::line(404, "no such order");
    };
    let is_dry_run = asked.form("send").is_none();
    match application.console.route(&id, word(asked), is_dry_run) {
        Ok(ran) => told(&id, asked, &ran, is_dry_run),
        Err(error) => trouble(&error),
    }
}

/// Says what a doubt is about.
fn meaning(doubt: &str) -> &str {
    let known = Detail::ALL.iter().find(|detail| detail.as_str() == doubt);
    known.map_or(doubt, |detail| detail.meaning())
}

fn id(asked: &Asked) -> Option<TiktokOrderId> {
    TiktokOrderId::parse(asked.path.get(1)?).ok()
}

fn address(id: &TiktokOrderId) -> String {
    format!("{}/route", address_of(id.as_str()))
}

fn word(asked: &Asked) -> Word {
    let accepted = asked.form.iter().filter(|(name, _)| name == "accept");
    let mut speeds = ShippingSpeed::ALL.into_iter();
    Word {
        accept: accepted.map(|(_, doubt)| doubt.clone()).collect(),
        rest: asked.form("rest").is_some(),
        speed: asked
            .form("speed")
            .and_then(|word| speeds.find(|speed| speed.as_str() == word)),
        because: asked.form("because").map(str::to_owned),
        by: String::new(),
    }
}

fn told(id: &TiktokOrderId, asked: &Asked, ran: &Ran, is_dry_run: bool) -> Answer {
    let back = address_of(id.as_str());
    let title = if is_dry_run {
        format!("What would be sent of order {id}")
    } else {
        format!("Order {id}")
    };
    if let Some(error) = &ran.trouble {
        let body = html! {
            p.alarm { (clean(&sentence(&error.said()))) }
            @if let Some(help) = error.help() { (what_to_do(&help)) }
            div.actions { a.act.main href=(back) { "To the order" } }
        };
        return step("/orders", 422, &title, body);
    }
    let body = html! {
        @for order in &ran.report.orders { (outcome(order, is_dry_run)) }
        @for doubt in word(asked).accept { p.alarm { "By your word, although " (clean(meaning(&doubt))) "." } }
        @for note in &ran.report.notes { p.soft { (clean(note)) } }
        @if is_dry_run && ran.report.orders.iter().any(|order| order.plan.is_some()) {
            form method="post" action=(address(id)) {
                @for (name, value) in asked.form.iter().filter(|(name, _)| name != "send") { input type="hidden" name=(name) value=(value); }
                input type="hidden" name="send" value="1";
                div.actions { button.main { "Send it now" } a.act href=(back) { "Leave it as it is" } }
            }
        } @else {
            div.actions { a.act.main href=(back) { "To the order" } a.act href="/" { "To the board" } }
        }
    };
    step("/orders", 200, &title, body)
}

fn outcome(order: &TouchedOrder, is_dry_run: bool) -> Markup {
    let state = order.state.as_str().replace('_', " ");
    html! {
        p.next { @if is_dry_run { "It would be " } @else { "It is " } strong { (state) } "." }
        @for flag in &order.flags {
            p.alarm { (clean(&sentence(&flag.message))) }
            @if let Some(advice) = flag.detail.advice() { p { "What to do: " (advice) "." } }
        }
        @if let Some(why) = order.explanation.as_ref().filter(|_| order.flags.is_empty()) { p { (clean(&sentence(why))) } }
        @if let Some(plan) = &order.plan {
            p { "To Amazon, at the speed " strong { (clean(&plan.shipping_speed)) } ":" }
            ul { @for units in &plan.items { li { (units.quantity) " × " (clean(units.amazon_sku.as_str())) } } }
        }
        @if let Some(ours) = &order.mcf_order_id { p.soft { "Our id at Amazon: " (ours.as_str()) } }
    }
}
