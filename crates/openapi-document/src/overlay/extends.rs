//! Compares the document that an overlay says it is for with the one that it is applied to.

/// Whether `extends`, as the overlay `overlay` writes it, may be the document `document`: a relative reference by its path, as
/// far as both paths are known; the address of a document, which is not fetched, by its last part.
pub(super) fn may_be(extends: &str, overlay: &str, document: &str) -> bool {
    let path = extends.split(['?', '#']).next().unwrap_or_default();
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let folder = overlay.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
    let own = steps(document);
    let meant = match decoded.split_once(':') {
        Some((scheme, rest))
            if scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) =>
        {
            steps(rest).split_off(steps(rest).len().saturating_sub(1))
        }
        _ if decoded.starts_with('/') => steps(&decoded),
        _ => steps(&format!("{folder}/{decoded}")),
    };
    !meant.is_empty() && meant.iter().rev().zip(own.iter().rev()).all(|(one, other)| one == other)
}

/// The parts of a path, without `.` and `..`; those of `..` that lead out of it are unknown.
fn steps(path: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for step in path.split(['/', '\\']).filter(|step| !step.is_empty() && *step != ".") {
        match step {
            ".." => drop(steps.pop()),
            _ => steps.push(step.to_owned()),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::may_be;

    #[test]
    fn a_document_is_known_by_as_much_of_its_path_as_is_known() {
        let rows = [
            ("lamps.yaml", "o.yaml", "lamps.yaml", true),
            ("./lamps.yaml", "overlays/o.yaml", "overlays/lamps.yaml", true),
            ("../lamps.yaml", "overlays/o.yaml", "lamps.yaml", true),
            ("../lamps.yaml", "/home/me/overlays/o.yaml", "lamps.yaml", true),
            ("lamps.yaml", "overlays/o.yaml", "spec/lamps.yaml", false),
            ("lamps.yaml", "o.yaml", "boats.yaml", false),
            ("lamps%20v2.yaml", "o.yaml", "lamps v2.yaml", true),
            ("https://example.com/v3/lamps.yaml", "o.yaml", "spec/lamps.yaml", true),
            ("https://example.com/v3/lamps.yaml?raw=1", "o.yaml", "boats.yaml", false),
            ("file:///srv/lamps.yaml", "o.yaml", "lamps.yaml", true),
            ("", "o.yaml", "boats.yaml", false),
        ];
        for (extends, overlay, document, expected) in rows {
            assert_eq!(may_be(extends, overlay, document), expected, "{extends} in {overlay} for {document}");
        }
    }
}
