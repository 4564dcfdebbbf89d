//! Events to the operator's endpoints.
