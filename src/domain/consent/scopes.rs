//! The scopes at TikTok that the program needs, and what each is for.

/// Every needed scope with what stands still without it.
const NEEDED: [(&str, &str); 7] = [
    ("seller.authorization.info", "naming the shop"),
    ("seller.order.info", "reading orders"),
    ("seller.fulfillment.basic", "telling tracking numbers"),
    ("seller.logistics", "warehouses and carriers"),
    ("seller.product.basic", "reading listings and stock"),
    ("seller.product.write", "writing stock"),
    ("seller.return_refund.basic", "cancellations"),
];

/// A scope that was not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// TikTok's name of it.
    pub scope: &'static str,
    /// What stands still without it.
    pub stops: &'static str,
}

/// Returns the needed scopes that were not granted. `None` where TikTok did not say which were.
#[must_use]
pub fn missing(granted: &[String]) -> Option<Vec<Missing>> {
    let is_granted = |scope: &str| granted.iter().any(|granted| granted.trim() == scope);
    let lacking = NEEDED.iter().filter(|(scope, _)| !is_granted(scope));
    let lacking = lacking.map(|&(scope, stops)| Missing { scope, stops });
    (!granted.is_empty()).then(|| lacking.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_that_was_not_granted_is_named_and_silence_is_no_refusal() {
        let all: Vec<String> = NEEDED.iter().map(|(scope, _)| (*scope).to_owned()).collect();
        assert_eq!(missing(&all), Some(Vec::new()));
        assert_eq!(missing(&[]), None);
        let without = |scope: &str| {
            all.iter()
                .filter(|granted| *granted != scope)
                .cloned()
                .collect::<Vec<_>>()
        };
        for (scope, stops) in NEEDED {
            assert_eq!(missing(&without(scope)), Some(vec![Missing { scope, stops }]));
        }
    }
}
