//! Finds out whether a refusal is about what a case changes: the unchanged request would not be refused alike.

use crate::http::client::Client;
use crate::http::request::Values;
use crate::model::exchange::{Exchange, Purpose, Reply};
use crate::model::report::Entry;
use crate::model::suite::{Case, Kind};
use crate::run::runner::Runner;

impl Runner<'_, '_> {
    /// The reply to judge; or why none can be judged, where the refusal may have another reason than what `case` is about.
    ///
    /// A permitted request is sent once more after the unchanged one: a server may take the same request twice for one, and
    /// refuse another one in its place, once.
    pub(crate) async fn tell_apart(
        &self,
        entry: &mut Entry,
        case: &Case,
        reply: Reply,
        values: &Values,
        client: &mut Client,
    ) -> Result<Reply, String> {
        let ambiguous = case.expected.ambiguous.as_ref().filter(|it| it.statuses.contains(&reply.status));
        let Some(ambiguous) = ambiguous else { return Ok(reply) };
        let Some(unchanged) = self.plan.suite.case(&ambiguous.unchanged) else { return Ok(reply) };
        let (id, status) = (&unchanged.id, reply.status);
        let refusal = format!("refused with {status}, which may have another reason");
        if !self.is_repeatable(unchanged) {
            return Err(format!("{refusal}: the request of {id} is not sent again to find out"));
        }
        let exchanges: &mut Vec<Exchange> = &mut entry.exchanges;
        match self.send(exchanges, unchanged, Purpose::Unchanged(id.clone()), values, client).await {
            Ok(other) if other.status == status => {
                return Err(format!("{refusal}: the unchanged request, of {id}, is now answered {status} as well"));
            }
            Ok(other) if !(200..300).contains(&other.status) => {
                return Err(format!("{refusal}: the unchanged request, of {id}, is now answered {}", other.status));
            }
            Ok(_) => {}
            Err(_) => return Err(format!("{refusal}: the unchanged request, of {id}, got no answer")),
        }
        entry.note(format!("the unchanged request, of {id}, is accepted"));
        if !matches!(case.kind, Kind::Permitted { .. }) {
            return Ok(reply);
        }
        let again = self.send(&mut entry.exchanges, case, Purpose::Case, values, client).await;
        Ok(again.unwrap_or(reply))
    }

    /// Whether a request may be sent once more: it is safe, or it is part of the run already.
    fn is_repeatable(&self, case: &Case) -> bool {
        let is_planned = || self.plan.steps().any(|planned| planned.case.id == case.id);
        match case.request.method.as_str() {
            "GET" | "HEAD" | "OPTIONS" => true,
            "DELETE" => false,
            _ => is_planned(),
        }
    }
}
