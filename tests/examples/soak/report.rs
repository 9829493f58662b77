//! The report: what was done, what was judged, and a plot of each figure.

use std::fmt::Write as _;

use crate::figures::{Figures, Judged};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 120.0;
/// The problems that are listed.
const MOST: usize = 50;

/// A page that loads nothing.
pub(crate) fn page(facts: &[(&str, String)], judged: &[Judged], figures: &Figures, problems: &[String]) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Soak test</title>\
         <style>body{font:15px/1.5 system-ui;margin:2em auto;max-width:48em}td,th{padding:.1em .8em;text-align:left}\
         svg{background:#f6f6f6}polyline{fill:none;stroke:#06c}text{font:11px system-ui}</style><h1>Soak test</h1>",
    );
    let verdict = if problems.is_empty() { "Nothing was lost, and nothing grows." } else { "Failed." };
    // Writing to a string does not fail.
    _ = write!(page, "<p><b>{verdict}</b><ul>");
    problems.iter().take(MOST).for_each(|problem| _ = write!(page, "<li>{}", escaped(problem)));
    if problems.len() > MOST {
        _ = write!(page, "<li>and {} more", problems.len() - MOST);
    }
    page.push_str("</ul><table>");
    facts.iter().for_each(|(what, value)| _ = write!(page, "<tr><th>{what}<td>{}", escaped(value)));
    page.push_str("</table>");
    for (place, one) in judged.iter().enumerate() {
        _ = write!(page, "<h2>{}</h2><p>{}</p>{}", one.kind.name, escaped(&one.to_string()), plot(&figures.of(place)));
    }
    page
}

/// A line from the first sample to the last, and the largest value.
fn plot(points: &[(f64, f64)]) -> String {
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::MIN_POSITIVE, f64::max);
    let (end, top) = (most(&mut points.iter().map(|point| point.0)), most(&mut points.iter().map(|point| point.1)));
    let mut line = String::new();
    for (at, value) in points {
        _ = write!(line, "{:.1},{:.1} ", at / end * WIDTH, HEIGHT - value / top * (HEIGHT - 16.0));
    }
    format!(
        "<svg viewBox='0 0 {WIDTH} {HEIGHT}' width={WIDTH} height={HEIGHT}><text x=4 y=12>{top:.1}</text>\
         <text x={} y={}>{end:.0} s</text><polyline points='{line}'/></svg>",
        WIDTH - 50.0,
        HEIGHT - 4.0
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
