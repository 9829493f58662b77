//! Defines `Server` and `Fixture` in the crate of the caller, which can then give them methods.

/// Defines in the current module `Server` and `Fixture` around those of this crate, and imports what generated fixtures name.
///
/// Generated code gives both types a method for each operation, parameter and status; Rust allows that only in the crate that
/// defines them.
#[macro_export]
macro_rules! fixtures {
    () => {
        pub use $crate::{Body, Credential, Described, Documented, Exchange, Operation, Parameter, Place, Reply};

        /// A mock server on a free port of this machine. It answers 404 until it has fixtures.
        ///
        /// It dereferences to `httpmock::MockServer`.
        pub struct Server($crate::Server);

        #[allow(dead_code)]
        impl Server {
            /// A server over `mocks` that accepts requests with `token`, or all if it is `None`, and answers others 401
            /// with the body `refusal`, or without one.
            pub fn over(
                mocks: $crate::httpmock::MockServer,
                token: ::std::option::Option<::std::string::String>,
                refusal: ::std::option::Option<$crate::serde_json::Value>,
            ) -> Server {
                Server($crate::Server::over(mocks, token, refusal))
            }

            /// Removes all fixtures and recorded requests.
            pub fn reset(&self) {
                self.0.reset();
            }
        }

        impl ::std::ops::Deref for Server {
            type Target = $crate::httpmock::MockServer;

            fn deref(&self) -> &$crate::httpmock::MockServer {
                &self.0
            }
        }

        /// A fixture of the operation `O` that has no response yet.
        ///
        /// It matches the requests that the document allows: method, path, constant query parameters, required parameters,
        /// no undocumented parameter, a body that fits its schema, the credential. The methods named after parameters,
        /// `body` and `when` restrict it further. If two fixtures match a request, the earlier one answers.
        #[must_use = "a fixture answers nothing before `example`, `reply` or `status_…` gives it a response"]
        pub struct Fixture<'s, O>($crate::Fixture<'s, O>);

        #[allow(dead_code)]
        impl<'s, O: $crate::Described> Fixture<'s, O> {
            pub(crate) fn new(server: &'s Server) -> Self {
                Fixture($crate::Fixture::new(&server.0))
            }

            /// Only requests with exactly this JSON body.
            ///
            /// # Panics
            /// `body` cannot be serialized as JSON.
            #[track_caller]
            pub fn body(self, body: impl $crate::serde::Serialize) -> Self {
                Fixture(self.0.body(body))
            }

            /// Only requests that also meet these conditions of `httpmock::When`.
            pub fn when(
                self,
                narrow: impl ::std::ops::FnOnce($crate::httpmock::When) -> $crate::httpmock::When + 's,
            ) -> Self {
                Fixture(self.0.when(narrow))
            }

            /// Changes the response by the methods of `httpmock::Then`: a header, a delay.
            pub fn then(
                self,
                change: impl ::std::ops::FnOnce($crate::httpmock::Then) -> $crate::httpmock::Then + 's,
            ) -> Self {
                Fixture(self.0.then(change))
            }

            /// Only the first `count` requests; later requests get the next matching fixture.
            pub fn times(self, count: usize) -> Self {
                Fixture(self.0.times(count))
            }

            /// Delays the response.
            pub fn delay(self, delay: ::std::time::Duration) -> Self {
                Fixture(self.0.delay(delay))
            }

            /// Answers any documented request of the operation with the response of this example.
            pub fn example(self, example: O::Example) -> $crate::httpmock::Mock<'s> {
                self.0.example(example)
            }

            /// Answers only the request of this example, with its identifiers and body, with its response.
            pub fn exactly(self, example: O::Example) -> $crate::httpmock::Mock<'s> {
                self.0.exactly(example)
            }

            /// Answers with any status and body, documented or not: the page of a proxy, or half a body.
            pub fn reply(
                self,
                status: u16,
                media_type: &str,
                body: impl ::std::convert::AsRef<[u8]>,
            ) -> $crate::httpmock::Mock<'s> {
                self.0.reply(status, media_type, body)
            }

            /// Answers with any status and no body.
            pub fn reply_empty(self, status: u16) -> $crate::httpmock::Mock<'s> {
                self.0.reply_empty(status)
            }

            pub(crate) fn with(
                self,
                place: $crate::Place,
                name: &'static str,
                value: &dyn ::std::string::ToString,
            ) -> Self {
                Fixture(self.0.with(place, name, value))
            }

            #[track_caller]
            pub(crate) fn reply_json(
                self,
                status: u16,
                reply: &$crate::Reply,
                body: &impl $crate::serde::Serialize,
            ) -> $crate::httpmock::Mock<'s> {
                self.0.reply_json(status, reply, body)
            }
        }
    };
}
