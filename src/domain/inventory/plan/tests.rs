//! Situations and properties of the plan.

use proptest::prelude::*;

use super::*;
use crate::domain::mapping::examples::{bundled, row, sku};
use crate::domain::mapping::{MappingKey, MappingRow};

const MCF: &str = "MCF";
const GARAGE: &str = "GARAGE";

fn holding(fulfillable: i64, promised: i64, safety_stock: u32) -> Holding {
    Holding {
        fulfillable,
        promised,
        safety_stock,
        in_transfer: None,
    }
}

fn holdings(figures: &[(&str, i64)]) -> Holdings {
    let holding = |(sku, units): &(&str, i64)| (AmazonSku::new(*sku), holding(*units, 0, 0));
    figures.iter().map(holding).collect()
}

fn listing(id: &str, warehouses: &[(&str, Option<i64>)]) -> ListingStock {
    let warehouse = |(id, available): &(&str, Option<i64>)| WarehouseStock {
        warehouse_id: WarehouseId::new(*id),
        available: *available,
        committed: None,
    };
    ListingStock {
        product_id: ProductId::new("P"),
        sku_id: TiktokSkuId::new(id),
        seller_sku: None,
        warehouses: warehouses.iter().map(warehouse).collect(),
    }
}

fn planned(listings: &[ListingStock], rows: Vec<MappingRow>, holdings: &Holdings) -> Vec<Figure> {
    let mappings = MappingSet::from_rows(rows).expect("a valid set");
    plan(listings, &WarehouseId::new(MCF), &mappings, holdings, &BTreeSet::new())
}

fn pack(key: MappingKey, amazon_sku: &str, quantity: u32) -> MappingRow {
    MappingRow {
        quantity,
        ..row(key, amazon_sku)
    }
}

fn sold(id: &str, sku_id: &str) -> LineItem {
    crate::domain::mapping::examples::line(id, sku_id, None, "P")
}

#[test]
fn a_bundle_and_a_single_that_share_a_part_fall_together() {
    let rows = || {
        vec![
            row(sku("single"), "SOCK"),
            pack(sku("three"), "SOCK", 3),
            MappingRow {
                quantity: 2,
                ..bundled(sku("box"), "SOCK", "cozy")
            },
            bundled(sku("box"), "PAD", "cozy"),
        ]
    };
    let listings = ["single", "three", "box"].map(|id| listing(id, &[(MCF, Some(0))]));
    let wanted = |socks: i64| {
        let figures = planned(&listings, rows(), &holdings(&[("SOCK", socks), ("PAD", 8)]));
        figures.into_iter().map(|figure| figure.wanted).collect::<Vec<_>>()
    };
    assert_eq!(wanted(90), [Some(90), Some(30), Some(8)], "E61");
    assert_eq!(wanted(7), [Some(7), Some(2), Some(3)], "E61");
    assert_eq!(wanted(1), [Some(1), Some(0), Some(0)], "E61");
}

#[test]
fn units_of_open_orders_are_taken_off_through_pack_sizes() {
    let mappings = MappingSet::from_rows([pack(sku("three"), "SOCK", 3)]).expect("a valid set");
    let mut stock = holdings(&[("SOCK", 20)]);
    take_open(
        &mut stock,
        &[sold("1", "three"), sold("2", "three"), sold("3", "other")],
        &mappings,
    );
    assert_eq!(stock[&AmazonSku::new("SOCK")].promisable(), 14);
}

#[test]
fn only_our_warehouse_is_changed_and_the_others_are_repeated() {
    let listings = [listing("lamp", &[(GARAGE, Some(18)), (MCF, Some(3))])];
    let figures = planned(&listings, vec![row(sku("lamp"), "LAMP")], &holdings(&[("LAMP", 7)]));
    let update = figures[0].update.as_ref().expect("an update");
    let quantities: Vec<(&str, u32)> = update
        .quantities
        .iter()
        .map(|(id, units)| (id.as_str(), *units))
        .collect();
    assert_eq!(quantities, [(GARAGE, 18), (MCF, 7)], "E122");
}

#[test]
fn units_of_mapped_variants_in_our_other_warehouses_are_found_and_nobody_elses_e142() {
    let listings = [
        listing("lamp", &[(GARAGE, Some(18)), (MCF, Some(3)), ("SECOND", Some(4))]),
        listing("mug", &[("SECOND", Some(9))]),
        listing("sock", &[("SECOND", Some(0))]),
    ];
    let rows = vec![row(sku("lamp"), "LAMP"), row(sku("sock"), "SOCK")];
    let mappings = MappingSet::from_rows(rows).expect("a valid set");
    let shown = shown_beside(&listings, &[WarehouseId::new("SECOND")], &mappings);
    let units: Vec<(&str, i64)> = shown
        .values()
        .flatten()
        .map(|(sku, units)| (sku.as_str(), *units))
        .collect();
    assert_eq!(units, [("lamp", 4)], "E142");
}

#[test]
fn what_is_not_known_of_another_warehouse_is_not_guessed() {
    let listings = [listing("lamp", &[(GARAGE, None), (MCF, Some(3))])];
    let figures = planned(&listings, vec![row(sku("lamp"), "LAMP")], &holdings(&[("LAMP", 7)]));
    assert_eq!(figures[0].update, None);
    assert_eq!(
        figures[0].withheld,
        Some(Withheld::OtherWarehouseUnknown(WarehouseId::new(GARAGE)))
    );
}

#[test]
fn an_unknown_part_leaves_the_whole_listing_as_it_is() {
    let listings = [listing("box", &[(MCF, Some(3))])];
    let rows = vec![bundled(sku("box"), "SOCK", "cozy"), bundled(sku("box"), "PAD", "cozy")];
    let figures = planned(&listings, rows, &holdings(&[("SOCK", 0)]));
    assert_eq!((figures[0].wanted, &figures[0].update), (None, &None), "E51");
    assert_eq!(
        figures[0].withheld,
        Some(Withheld::Unknown(vec![AmazonSku::new("PAD")])),
        "E51"
    );
}

#[test]
fn a_bundle_at_tiktok_and_a_variant_of_another_warehouse_are_not_written() {
    let listings = [listing("kit", &[(MCF, Some(3))]), listing("mug", &[(GARAGE, Some(3))])];
    let mappings = MappingSet::from_rows([row(sku("kit"), "KIT"), row(sku("mug"), "MUG")]).expect("a valid set");
    let figures = plan(
        &listings,
        &WarehouseId::new(MCF),
        &mappings,
        &holdings(&[("KIT", 9), ("MUG", 9)]),
        &BTreeSet::from([TiktokSkuId::new("kit")]),
    );
    assert_eq!(figures[0].withheld, Some(Withheld::TiktokBundle));
    assert_eq!(
        figures[1].withheld,
        Some(Withheld::NotInWarehouse(WarehouseId::new(MCF)))
    );
    assert!(updates(&figures).is_empty());
}

#[test]
fn more_than_tiktok_can_show_is_shown_as_the_most_it_can() {
    let listings = [listing("lamp", &[(MCF, Some(3))])];
    let figures = planned(
        &listings,
        vec![row(sku("lamp"), "LAMP")],
        &holdings(&[("LAMP", 2_000_000)]),
    );
    assert_eq!(figures[0].wanted, Some(99_999), "R23");
}

#[test]
fn a_listing_with_several_changed_variants_is_one_update() {
    let listings = ["black", "white", "red"].map(|id| listing(id, &[(MCF, Some(3))]));
    let rows = vec![row(sku("black"), "B"), row(sku("white"), "W"), row(sku("red"), "R")];
    let figures = planned(&listings, rows, &holdings(&[("B", 1), ("W", 2), ("R", 3)]));
    let updates = updates(&figures);
    assert_eq!(updates.len(), 1);
    assert_eq!(
        updates.values().map(Vec::len).sum::<usize>(),
        2,
        "the red one shows 3 already"
    );
}

const PARTS: [&str; 4] = ["A", "B", "C", "D"];

/// A listing is one or two parts in packs.
fn recipes() -> impl Strategy<Value = Vec<Vec<(usize, u32)>>> {
    let part = (0..PARTS.len(), 1_u32..5);
    let recipe = prop::collection::vec(part, 1..3).prop_map(|mut parts| {
        parts.sort_unstable();
        parts.dedup_by_key(|(part, _)| *part);
        parts
    });
    prop::collection::vec(recipe, 1..6)
}

fn rows_of(recipes: &[Vec<(usize, u32)>]) -> Vec<MappingRow> {
    let rows = recipes.iter().enumerate().flat_map(|(number, recipe)| {
        recipe.iter().map(move |(part, quantity)| {
            let key = sku(&number.to_string());
            let row = match recipe.len() {
                1 => row(key, PARTS[*part]),
                _ => bundled(key, PARTS[*part], "bundle"),
            };
            MappingRow {
                quantity: *quantity,
                ..row
            }
        })
    });
    rows.collect()
}

fn stock_of(figures: &[Option<(i64, u32)>]) -> Holdings {
    let known = PARTS.iter().zip(figures);
    known
        .filter_map(|(part, figure)| {
            let (fulfillable, safety) = (*figure)?;
            Some((AmazonSku::new(*part), holding(fulfillable, 0, safety)))
        })
        .collect()
}

fn stocks() -> impl Strategy<Value = Vec<Option<(i64, u32)>>> {
    prop::collection::vec(prop::option::weighted(0.9, (0_i64..200, 0_u32..20)), PARTS.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_written_figure_is_the_formula(
        recipes in recipes(),
        figures in stocks(),
        open in prop::collection::vec(0_usize..6, 0..30),
        shown in prop::collection::vec(prop::option::of(0_i64..50), 6),
    ) {
        let mappings = MappingSet::from_rows(rows_of(&recipes)).expect("a valid set");
        let listings: Vec<ListingStock> = (0..recipes.len())
            .map(|number| listing(&number.to_string(), &[(MCF, shown[number]), (GARAGE, Some(7))]))
            .collect();
        let lines: Vec<LineItem> = open.iter().map(|number| sold("1", &number.to_string())).collect();
        let mut holdings = stock_of(&figures);
        take_open(&mut holdings, &lines, &mappings);
        let planned = plan(&listings, &WarehouseId::new(MCF), &mappings, &holdings, &BTreeSet::new());
        prop_assert_eq!(planned.len(), recipes.len());
        for (number, (figure, recipe)) in planned.iter().zip(&recipes).enumerate() {
            let expected: Option<Vec<i64>> = recipe.iter().map(|(part, quantity)| {
                let (fulfillable, safety) = figures[*part]?;
                let promised: i64 = open.iter().filter_map(|sold| recipes.get(*sold)).flatten()
                    .filter(|(sold, _)| sold == part).map(|(_, units)| i64::from(*units)).sum();
                Some((fulfillable - promised - i64::from(safety)).max(0) / i64::from(*quantity))
            }).collect();
            let expected = expected.map(|units| units.into_iter().min().unwrap_or_default());
            prop_assert_eq!(figure.wanted.map(i64::from), expected);
            prop_assert!(figure.wanted.map(i64::from) <= figure.amazon);
            let written = figure.update.as_ref().map(|update| update.quantities.clone());
            let differs = expected.filter(|units| shown[number] != Some(*units));
            let formula = differs.map(|units| vec![
                (WarehouseId::new(MCF), u32::try_from(units).expect("small")),
                (WarehouseId::new(GARAGE), 7),
            ]);
            prop_assert_eq!(written, formula);
        }
    }

    /// Buyers buy whatever is shown, listing by listing, with a new plan after each order.
    #[test]
    fn promises_never_exceed_the_stock(recipes in recipes(), figures in stocks(), buyers in prop::collection::vec(0_usize..6, 0..60)) {
        let mappings = MappingSet::from_rows(rows_of(&recipes)).expect("a valid set");
        let listings: Vec<ListingStock> = (0..recipes.len())
            .map(|number| listing(&number.to_string(), &[(MCF, None)]))
            .collect();
        let mut holdings = stock_of(&figures);
        for buyer in buyers {
            let planned = plan(&listings, &WarehouseId::new(MCF), &mappings, &holdings, &BTreeSet::new());
            if planned.get(buyer).and_then(|figure| figure.wanted).is_some_and(|units| units > 0) {
                take_open(&mut holdings, &[sold("1", &buyer.to_string())], &mappings);
            }
        }
        for holding in holdings.values().filter(|holding| holding.promised > 0) {
            prop_assert!(holding.promised + i64::from(holding.safety_stock) <= holding.fulfillable);
        }
    }
}

#[test]
fn why_a_figure_is_not_written_is_told_with_its_skus_or_its_warehouse() {
    let skus = vec![AmazonSku::new("SOCK"), AmazonSku::new("PAD")];
    for (why, words) in [
        (Withheld::Unknown(skus), "Amazon gives no figure for SOCK, PAD"),
        (
            Withheld::TiktokBundle,
            "a bundle at TikTok, whose stock follows its parts",
        ),
        (
            Withheld::NotInWarehouse(WarehouseId::new("7")),
            "TikTok does not keep it in warehouse 7",
        ),
        (
            Withheld::OtherWarehouseUnknown(WarehouseId::new("7")),
            "TikTok does not say what warehouse 7 shows",
        ),
    ] {
        assert_eq!(why.to_string(), words);
    }
}
