//! Services that are wrong in one way each, as their clients see them: a check that finds none of them checks nothing.

use std::sync::Arc;
use std::time::Duration;

use crate::clients::{Luck, Outcome, Shared};
use crate::model::{Answer, Op};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// A look finds what an earlier look found.
    StaleLook,
    /// A call is accepted and has no effect.
    LostUpdate,
    /// A call takes effect, and once more a moment later.
    AppliedTwice,
    /// A call that was refused takes effect.
    RefusedWithEffect,
    /// A call is refused for a state that the graph is not in.
    RefusedWithoutReason,
    /// A list of graphs has one graph as it was earlier.
    TornList,
    /// An answer was lost, and the client says that there was no effect.
    NoEffectClaimed,
    /// The job of one call is given as that of the next.
    SameJobTwice,
}

impl Wrong {
    pub(crate) const ALL: [Self; 8] = [
        Self::StaleLook,
        Self::LostUpdate,
        Self::AppliedTwice,
        Self::RefusedWithEffect,
        Self::RefusedWithoutReason,
        Self::TornList,
        Self::NoEffectClaimed,
        Self::SameJobTwice,
    ];
}

/// Makes a call of a service that may be wrong.
pub(crate) async fn perform(shared: &Arc<Shared>, op: &Op, luck: u64) -> Outcome {
    let happens = Luck(luck).below(2) == 0;
    let changes = matches!(op, Op::Start { .. } | Op::Stop { .. } | Op::Restart { .. } | Op::BackUp { .. });
    let Some(wrong) = shared.wrong().filter(|_| happens) else { return shared.call(op).await };
    match wrong {
        Wrong::StaleLook => {
            let outcome = shared.call(op).await;
            shared.earlier(op).map_or(outcome, Outcome::Answered)
        }
        Wrong::LostUpdate if changes => {
            let backup = matches!(op, Op::BackUp { .. }).then(|| shared.name(format!("backup {luck}")));
            Outcome::Answered(Answer::Accepted { job: shared.name(format!("job {luck}")), backup })
        }
        Wrong::AppliedTwice if changes => {
            let outcome = shared.call(op).await;
            let (again, op) = (Arc::clone(shared), op.clone());
            tokio::spawn(async move { again.call(&op).await });
            outcome
        }
        Wrong::RefusedWithEffect if changes => match shared.call(op).await {
            Outcome::Answered(Answer::Accepted { .. }) => Outcome::Answered(refusal(op)),
            outcome => outcome,
        },
        Wrong::RefusedWithoutReason if changes => Outcome::Answered(refusal(op)),
        Wrong::TornList if *op == Op::ListGraphs => {
            let mut graphs = Vec::new();
            for graph in 0..shared.graphs() {
                match shared.call(&Op::ShowGraph { graph }).await {
                    Outcome::Answered(Answer::Graphs(status)) => graphs.extend(status),
                    outcome => return outcome,
                }
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            Outcome::Answered(Answer::Graphs(graphs))
        }
        Wrong::NoEffectClaimed if changes => match shared.call(op).await {
            Outcome::Lost => Outcome::NoEffect,
            outcome => outcome,
        },
        Wrong::SameJobTwice if changes => match (shared.call(op).await, shared.latest_job()) {
            (Outcome::Answered(Answer::Accepted { backup, .. }), Some(job)) => {
                Outcome::Answered(Answer::Accepted { job, backup })
            }
            (outcome, _) => outcome,
        },
        _ => shared.call(op).await,
    }
}

/// The refusal in the example of the page.
fn refusal(op: &Op) -> Answer {
    Answer::Refused(
        match op {
            Op::Start { .. } => "GES.7015",
            Op::Restart { .. } => "GES.7016",
            _ => "GES.7001",
        }
        .to_owned(),
    )
}
