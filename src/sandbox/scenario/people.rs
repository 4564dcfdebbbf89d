//! Invented recipients.

use super::super::tiktok::Address;

/// A plain address.
pub(super) fn dana() -> Address {
    Address {
        name: "Dana Whitfield".into(),
        phone: "(+1)2135550147".into(),
        line1: "1842 Larkspur Ave".into(),
        line2: "Apt 6".into(),
        city: "San Jose".into(),
        county: "Santa Clara".into(),
        state: "California".into(),
        state_code: "CA".into(),
        postal_code: "95110".into(),
        region_code: "US".into(),
    }
}

/// A plain address elsewhere.
pub(super) fn sam() -> Address {
    Address {
        name: "Sam Ito".into(),
        phone: "(+1)2065550119".into(),
        line1: "77 Pine St".into(),
        line2: "Suite 1400".into(),
        city: "Seattle".into(),
        county: "King".into(),
        state: "Washington".into(),
        state_code: "WA".into(),
        postal_code: "98101".into(),
        region_code: "US".into(),
    }
}

/// An address as people type it: lower case, blanks too many, nine digits in one.
pub(super) fn messy() -> Address {
    Address {
        name: "  robin   example ".into(),
        phone: "(+1)3125550133".into(),
        line1: "455  n  example street".into(),
        line2: "unit  12b ".into(),
        city: "chicago".into(),
        county: "cook".into(),
        state: "illinois".into(),
        state_code: String::new(),
        postal_code: "606421234".into(),
        region_code: "US".into(),
    }
}

/// A name and a street beyond ASCII.
pub(super) fn zoe() -> Address {
    Address {
        name: "Zoë Núñez-O’Neill".into(),
        phone: "(+1)5055550163".into(),
        line1: "12 Cañón Perdido Rd".into(),
        line2: String::new(),
        city: "Española".into(),
        county: "Rio Arriba".into(),
        state: "New Mexico".into(),
        state_code: "NM".into(),
        postal_code: "87532".into(),
        region_code: "US".into(),
    }
}
