//! What the processes use, second by second, and whether it stays flat.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use crate::Outcome;

/// What is measured, its unit, and how much more the last quarter may have than the second: a part, and an amount.
const KINDS: [Kind; 9] = [
    Kind { name: "emulator: memory", unit: "MiB", part: 0.15, amount: 3.0 },
    Kind { name: "emulator: descriptors", unit: "", part: 0.1, amount: 8.0 },
    Kind { name: "emulator: threads", unit: "", part: 0.0, amount: 2.0 },
    Kind { name: "observe: memory", unit: "MiB", part: 0.15, amount: 3.0 },
    Kind { name: "observe: descriptors", unit: "", part: 0.1, amount: 8.0 },
    Kind { name: "observe: threads", unit: "", part: 0.0, amount: 2.0 },
    Kind { name: "data file", unit: "MiB", part: 0.15, amount: 1.0 },
    // Other programs of the machine have a part in it.
    Kind { name: "latency, median", unit: "ms", part: 0.5, amount: 3.0 },
    Kind { name: "latency, slowest of a hundred", unit: "ms", part: 1.0, amount: 25.0 },
];

/// One thing that is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    part: f64,
    amount: f64,
}

/// All samples.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) rows: Vec<(Duration, [f64; KINDS.len()])>,
    /// The row at which the latest process began.
    pub(crate) life: usize,
}

/// One kind, judged.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) kind: Kind,
    pub(crate) second: f64,
    pub(crate) last: f64,
    pub(crate) most: f64,
    /// Whether there was enough to judge.
    pub(crate) is_judged: bool,
}

/// The rows of the last life without which nothing is judged: a quarter has to have a median.
const LEAST: usize = 20;

impl Figures {
    /// The emulator was started again.
    pub(crate) fn begin_life(&mut self) {
        self.life = self.rows.len();
    }

    pub(crate) fn sample(
        &mut self,
        at: Duration,
        emulator: u32,
        observer: u32,
        data: &Path,
        mut latencies: Vec<f64>,
    ) -> Outcome<()> {
        let [memory, descriptors, threads] = used_by(emulator)?;
        let [memory_2, descriptors_2, threads_2] = used_by(observer)?;
        latencies.sort_unstable_by(f64::total_cmp);
        let part = |part: f64| latencies.get((latencies.len() as f64 * part) as usize).copied().unwrap_or_default();
        let file = std::fs::metadata(data)?.len() as f64 / f64::from(1 << 20);
        let row = [memory, descriptors, threads, memory_2, descriptors_2, threads_2, file, part(0.5), part(0.99)];
        self.rows.push((at, row));
        Ok(())
    }

    /// The samples of one kind.
    pub(crate) fn of(&self, place: usize) -> Vec<(f64, f64)> {
        self.rows.iter().map(|(at, row)| (at.as_secs_f64(), row[place])).collect()
    }

    /// Compares the last quarter of the last life with its second, when everything has been used once.
    pub(crate) fn judge(&self) -> Vec<Judged> {
        let life = self.rows.get(self.life..).unwrap_or_default();
        let judge = |(place, kind): (usize, &Kind)| {
            let quarter = |number: usize| {
                let rows = &life[life.len() * number / 4..life.len() * (number + 1) / 4];
                median(rows.iter().map(|(_, row)| row[place]).collect())
            };
            let (second, last) = (quarter(1), quarter(3));
            let most = second * (1.0 + kind.part) + kind.amount;
            Judged { kind: *kind, second, last, most, is_judged: life.len() >= LEAST }
        };
        KINDS.iter().enumerate().map(judge).collect()
    }
}

impl Judged {
    pub(crate) fn problem(&self) -> Option<String> {
        (self.is_judged && self.last > self.most).then(|| format!("{self}"))
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind: Kind { name, unit, .. }, second, last, most, is_judged } = self;
        let verdict = match (is_judged, last > most) {
            (false, _) => "too short to judge",
            (true, true) => "grows",
            (true, false) => "flat",
        };
        write!(
            f,
            "{name}: {second:.1} {unit} in the second quarter, {last:.1} in the last, {most:.1} at most: {verdict}"
        )
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Memory in MiB, descriptors and threads of a process.
fn used_by(process: u32) -> Outcome<[f64; 3]> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).ok_or(format!("no {name}"))
    };
    let descriptors = std::fs::read_dir(format!("/proc/{process}/fd"))?.count();
    Ok([number("VmRSS:")? / 1024.0, descriptors as f64, number("Threads:")?])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds that grow, where all begin at ten and grow by so much a minute, for an hour.
    fn grow(by: f64) -> Vec<&'static str> {
        let rows = (0..3600_u32).map(|second| {
            let noise = f64::from(second % 7) / 10.0;
            (Duration::from_secs(second.into()), [10.0 + by * f64::from(second) / 60.0 + noise; KINDS.len()])
        });
        let figures = Figures { rows: rows.collect(), life: 0 };
        figures.judge().iter().filter(|one| one.problem().is_some()).map(|one| one.kind.name).collect()
    }

    #[test]
    fn what_grows_is_found_and_noise_is_not() {
        assert!(grow(0.0).is_empty());
        assert!(grow(-0.5).is_empty());
        // Six in the half hour between the middles of the quarters.
        let found = grow(0.2);
        assert!(found.contains(&"emulator: memory") && found.contains(&"data file"), "{found:?}");
        assert_eq!(grow(20.0).len(), KINDS.len());
    }

    #[test]
    fn a_short_life_is_not_judged() {
        let rows = (0..30_u32).map(|second| (Duration::from_secs(second.into()), [f64::from(second); KINDS.len()]));
        let mut figures = Figures { rows: rows.collect(), life: 0 };
        assert!(figures.judge().iter().any(|one| one.problem().is_some()));
        figures.life = 20;
        assert!(figures.judge().iter().all(|one| one.problem().is_none() && !one.is_judged));
    }
}
