//! What do the codes say that the service has for the status of a graph?
//!
//! Source: reference, "Graph status codes".

/// How a graph is, as far as somebody who waits for it needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    /// It will not run again without help.
    Broken,
    Other,
}

pub(crate) fn phase(code: &str) -> Phase {
    match code {
        "200" => Phase::Running,
        "300" | "303" | "400" | "800" => Phase::Broken,
        _ => Phase::Other,
    }
}

/// `running (200)`; a code that nobody knew of stays alone.
pub(crate) fn in_words(code: &str) -> String {
    let word = match code {
        "100" => "preparing",
        "200" => "running",
        "201" => "upgrading",
        "202" => "importing",
        "203" => "rolling back",
        "204" => "exporting",
        "205" => "clearing",
        "206" => "preparing to resize",
        "207" => "resizing",
        "208" => "rolling back a resize",
        "210" => "preparing to expand",
        "211" => "expanding",
        "300" => "faulty",
        "303" => "creation failed",
        "400" => "deleted",
        "800" => "frozen",
        "900" => "stopped",
        "901" => "stopping",
        "903" => "backing up",
        "920" => "starting",
        unknown => return unknown.to_owned(),
    };
    format!("{word} ({code})")
}
