//! Writing what differs, hearing what TikTok refuses, and looking whether TikTok shows it.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{BUNDLES, Readings, refused_bundles};
use super::{Progress, refusals};
use crate::domain::ids::{ProductId, TiktokSkuId};
use crate::domain::inventory::plan::{Figure, updates};
use crate::domain::shop::{StockRefusal, StockUpdate};
use crate::domain::told::Cause;
use crate::jobs::summary::Work;
use crate::jobs::{Error, Session};
use crate::tiktok::{self, StockOf, Tiktok};

/// The variants that are read back: as many as one reading takes.
const READ_BACK_MAX: usize = 600;

/// After so many calls in a row that got no answer TikTok is left alone for the rest of the run.
const UNANSWERED_MAX: u32 = 3;

/// The kind of causes that are told here: the variants whose zero TikTok refuses.
const ZERO_REFUSED: &str = "inventory.zero_refused";

/// One run's writing.
struct Writing<'a> {
    session: &'a Session,
    tiktok: &'a Tiktok,
    readings: &'a Readings,
    work: &'a mut Work,
    /// What TikTok accepted.
    accepted: Vec<&'a Figure>,
    /// The variants to whose figure TikTok said something, good or bad.
    answered: BTreeSet<&'a TiktokSkuId>,
    bundles: Vec<TiktokSkuId>,
    zeros_refused: BTreeSet<TiktokSkuId>,
    /// Calls in a row without an answer.
    unanswered: u32,
}

/// Writes one call per listing with all its changed variants; every warehouse of a variant is named, only ours changes.
pub(super) fn write(
    session: &Session,
    tiktok: &Tiktok,
    readings: &Readings,
    (figures, progress): (&[Figure], Progress<'_>),
    work: &mut Work,
) -> Result<(), Error> {
    let mut writing = Writing {
        session,
        tiktok,
        readings,
        work,
        accepted: Vec::new(),
        answered: BTreeSet::new(),
        bundles: Vec::new(),
        zeros_refused: BTreeSet::new(),
        unanswered: 0,
    };
    writing.keep(&agreeing(figures, readings))?;
    let updates = updates(figures);
    let total = updates.len() as u64;
    for (done, (product, figures)) in (0..).zip(updates) {
        progress(done, total);
        if writing.unanswered < UNANSWERED_MAX {
            writing.product(product, &figures)?;
        }
    }
    let read_back = writing.read_back();
    writing.work.go_on_after(read_back)?;
    writing.keep_refusals(&agreeing_now(figures))
}

fn agreeing_now(figures: &[Figure]) -> Vec<&Figure> {
    let agrees = |figure: &&Figure| figure.shown.is_some() && figure.shown == figure.wanted.map(i64::from);
    figures.iter().filter(agrees).collect()
}

/// Figures that were right before anybody wrote them: from now on they follow Amazon.
fn agreeing<'a>(figures: &'a [Figure], readings: &Readings) -> Vec<&'a Figure> {
    let is_new = |figure: &&Figure| !readings.followed.contains_key(&figure.sku);
    agreeing_now(figures).into_iter().filter(is_new).collect()
}

/// Tells whether TikTok did not answer at all, or answers nobody: trouble with one listing comes as an answer with a code.
fn is_away(error: &tiktok::Error) -> bool {
    error.code().is_none() || error.status().is_some_and(|status| status >= 500)
}

/// TikTok's codes, outermost first; its sentences stay unread.
fn codes(refusal: &StockRefusal) -> String {
    let codes: Vec<String> = refusal.codes.iter().map(ToString::to_string).collect();
    if codes.is_empty() {
        "none".to_owned()
    } else {
        codes.join(", ")
    }
}

impl<'a> Writing<'a> {
    fn product(&mut self, product: &ProductId, figures: &[&'a Figure]) -> Result<(), Error> {
        self.session.check_stop()?;
        let updates: Vec<StockUpdate> = figures.iter().filter_map(|figure| figure.update.clone()).collect();
        let answer = self.tiktok.update_inventory(product, &updates);
        self.unanswered = match &answer {
            Err(error) if is_away(error) => self.unanswered + 1,
            Ok(_) | Err(_) => 0,
        };
        match answer {
            Ok(refusals) if figures.len() > 1 && refusals.iter().any(|refusal| refusal.sku_id.is_none()) => {
                self.each_alone(product, figures)
            }
            Ok(refusals) => self.accepted_but_for(product, figures, &refusals),
            Err(error) if error.is_credentials() => Err(error.into()),
            Err(error) if refusals::is_about_stock(error.class()) && figures.len() > 1 => {
                self.each_alone(product, figures)
            }
            Err(error) if refusals::is_about_stock(error.class()) => {
                let refusal = StockRefusal {
                    sku_id: None,
                    codes: error.code().into_iter().collect(),
                };
                self.accepted_but_for(product, figures, &[refusal])
            }
            Err(error) => {
                self.work.summary.add("refused", figures.len());
                self.work.note(error.into());
                Ok(())
            }
        }
    }

    /// TikTok refused the call, or something in it, without a word on which variant it means: one must not keep the others from
    /// being written.
    fn each_alone(&mut self, product: &ProductId, figures: &[&'a Figure]) -> Result<(), Error> {
        for figure in figures {
            self.product(product, &[figure])?;
        }
        Ok(())
    }

    /// A refusal that names no variant means the only one of the call.
    fn accepted_but_for(
        &mut self,
        product: &ProductId,
        figures: &[&'a Figure],
        refusals: &[StockRefusal],
    ) -> Result<(), Error> {
        let means = |refusal: &StockRefusal, figure: &Figure| match &refusal.sku_id {
            Some(sku) => *sku == figure.sku,
            None => true,
        };
        let is_refused = |figure: &&Figure| refusals.iter().any(|refusal| means(refusal, figure));
        let accepted: Vec<&Figure> = figures.iter().copied().filter(|figure| !is_refused(figure)).collect();
        for refusal in refusals {
            let figure = figures.iter().copied().find(|figure| means(refusal, figure));
            self.refused(product, figure, refusal);
        }
        self.answered.extend(figures.iter().map(|figure| &figure.sku));
        self.work.summary.add("written", accepted.len());
        self.keep(&accepted)?;
        self.accepted.extend(accepted);
        Ok(())
    }

    fn refused(&mut self, product: &ProductId, figure: Option<&Figure>, refusal: &StockRefusal) {
        self.work.summary.count("refused");
        let wanted = figure.and_then(|figure| figure.wanted);
        let sku = figure.map(|figure| &figure.sku).or(refusal.sku_id.as_ref());
        self.work.summary.notes.push(format!(
            "TikTok SKU {} of product {product}: {} (code {})",
            sku.map_or("unnamed", TiktokSkuId::as_str),
            refusals::explain(&refusal.codes, wanted),
            codes(refusal)
        ));
        let Some(sku) = sku else { return };
        if refusals::is_zero_refused(&refusal.codes, wanted) {
            self.work.summary.count("zeroRefused");
            self.zeros_refused.insert(sku.clone());
        }
        if refusal.codes.contains(&refusals::BUNDLE) {
            self.bundles.push(sku.clone());
        }
    }

    /// Notes figures that TikTok now shows, or did already, as ours.
    fn keep(&self, figures: &[&Figure]) -> Result<(), Error> {
        let ours = |figure: &&'_ Figure| Some((figure.product.clone(), figure.sku.clone(), figure.wanted?));
        let rows: Vec<(ProductId, TiktokSkuId, u32)> = figures.iter().filter_map(ours).collect();
        let rows: Vec<_> = rows
            .iter()
            .map(|(product, sku, units)| (product, sku, *units))
            .collect();
        let (store, now) = (&self.session.store, self.session.now());
        Ok(store.listings_agree(&self.readings.warehouse, &rows, now)?)
    }

    /// Reads a sample of what TikTok accepted: an answer is not yet a figure. What still shows the old one differs again in the next
    /// run, which writes it again.
    fn read_back(&mut self) -> Result<(), Error> {
        let sample: Vec<&Figure> = self.accepted.iter().copied().take(READ_BACK_MAX).collect();
        if sample.is_empty() {
            return Ok(());
        }
        let skus: Vec<TiktokSkuId> = sample.iter().map(|figure| figure.sku.clone()).collect();
        let shown: BTreeMap<TiktokSkuId, Option<i64>> = self
            .tiktok
            .inventory(StockOf::Skus(&skus))?
            .into_iter()
            .filter_map(|listing| {
                let mut warehouses = listing.warehouses.iter();
                let ours = warehouses.find(|stock| stock.warehouse_id == self.readings.warehouse)?;
                Some((listing.sku_id.clone(), ours.available))
            })
            .collect();
        for figure in sample {
            // A sale in between makes another figure, but not the old one.
            if let Some(now) = shown
                .get(&figure.sku)
                .filter(|now| **now == figure.shown && now.is_some())
            {
                self.work.summary.count("notTaken");
                self.work.summary.notes.push(format!(
                    "TikTok SKU {}: TikTok accepted {} and still shows {}; the next run writes it again",
                    figure.sku,
                    figure.wanted.unwrap_or_default(),
                    now.unwrap_or_default()
                ));
            }
        }
        Ok(())
    }

    /// Remembers the bundles, and tells once of each zero that TikTok does not take, and once more when it takes a figure, refuses it for
    /// another reason (the product is deactivated), or lists the variant no more.
    fn keep_refusals(&mut self, agreeing: &[&Figure]) -> Result<(), Error> {
        let (store, now) = (&self.session.store, self.session.now());
        if !self.bundles.is_empty() {
            let mut known = refused_bundles(self.session)?;
            known.extend(self.bundles.drain(..).map(|sku| (sku, now)));
            store.keep_fact(BUNDLES, &known, now)?;
        }
        let listings = &self.readings.listings;
        let is_over = |sku: &str| {
            let agreeing = agreeing.iter().map(|figure| &figure.sku);
            let mut settled = self.answered.iter().copied().chain(agreeing);
            settled.any(|known| known.as_str() == sku) || !listings.iter().any(|known| known.sku_id.as_str() == sku)
        };
        let standing = self.zeros_refused.iter().map(zero_refused).collect();
        Ok(store.tell_causes(ZERO_REFUSED, standing, is_over, now)?)
    }
}

fn zero_refused(sku: &TiktokSkuId) -> Cause {
    let message = format!(
        "TikTok refuses 0 for SKU {sku} and goes on selling what Amazon does not have; deactivate the product by hand"
    );
    (sku.to_string(), message)
}
