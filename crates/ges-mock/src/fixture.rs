//! The server and the fixtures that the generated module completes.

specwright_mock::fixtures!();
