//! Authentication: tokens, signatures, and the sign-in of IAM.

pub(crate) mod authentication;
pub(crate) mod credentials;
pub(crate) mod iam;
pub(crate) mod signature;
pub(crate) mod token;
