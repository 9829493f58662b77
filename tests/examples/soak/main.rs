//! A long run of everything together: `ges emulate` with a data file and faults, clients of `ges-client` and the command
//! `ges`, `ges observe` in between, a clock that moves, the suite now and then, and `kill -9`.
//!
//! `cargo xtask soak` runs it. It fails if an acknowledged effect is lost, a program ends in a way that it does not promise,
//! or a figure of a process grows.

mod clients;
mod figures;
mod processes;
mod report;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clients::Fleet;
use figures::Figures;
use processes::{Emulator, Observer};
use tokio::task::JoinHandle;

/// What the command line says.
struct Arguments {
    ges: PathBuf,
    length: Duration,
    seed: u64,
    folder: PathBuf,
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let outcome = arguments().and_then(|arguments| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(soak(&arguments))
    });
    match outcome {
        Ok(problems) if problems.is_empty() => ExitCode::SUCCESS,
        Ok(problems) => {
            problems.iter().take(20).for_each(|problem| eprintln!("error: {problem}"));
            eprintln!("error: {} problems; the report has more", problems.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Outcome<Arguments> {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let [ges, minutes, seed, folder] = given.as_slice() else {
        return Err("expected the path of `ges`, minutes, a seed and a folder; run `cargo xtask soak`".into());
    };
    let length = Duration::try_from_secs_f64(minutes.parse::<f64>()? * 60.0)?;
    Ok(Arguments { ges: ges.into(), length, seed: seed.parse()?, folder: folder.into() })
}

/// Runs for the given time, writes the report, and returns what was wrong.
async fn soak(arguments: &Arguments) -> Outcome<Vec<String>> {
    std::fs::create_dir_all(&arguments.folder)?;
    let data = arguments.folder.join("data");
    // Of an earlier run.
    let _ = std::fs::remove_file(&data);
    let mut emulator = Emulator::start(&arguments.ges, &data)?;
    let observer = Observer::start(&arguments.ges, &emulator.url())?;
    let fleet = Arc::new(Fleet::new(&arguments.ges, &emulator.url(), &observer.url())?);
    fleet.make_graphs(&emulator)?;
    fleet.add_faults(&emulator)?;
    let began = Instant::now();
    let ends = began + arguments.length;
    let work = fleet.start(arguments.seed, ends);

    let mut figures = Figures::default();
    let (mut kills, mut suites) = (0_u32, 0_u32);
    let mut suite: Option<JoinHandle<Outcome<Option<String>>>> = None;
    let mut problems = Vec::new();
    // Kills come in the first third, so that the last process lives long enough to show what grows; then the suite comes
    // every minute, all of it if there is time.
    let between_kills = (arguments.length / 12).max(Duration::from_secs(5));
    let between_suites = Duration::from_secs(60);
    let (mut next_kill, mut next_suite) = (began + between_kills, began + arguments.length / 3);
    let cases = if arguments.length < Duration::from_secs(300) { "stop_graph/*" } else { "*" };
    let mut next_sample = began;
    let mut ticks = 0_u64;
    while Instant::now() < ends {
        next_sample += Duration::from_secs(1);
        tokio::time::sleep_until(next_sample.into()).await;
        let now = Instant::now();
        ticks += 1;
        if ticks.is_multiple_of(10) {
            // An hour, and so that graphs start by themselves, a day now and then.
            let by = if ticks.is_multiple_of(60) { "P1D" } else { "PT1H" };
            emulator.control("clock", &format!(r#"{{"advance":"{by}"}}"#))?;
        }
        if let Some(running) = suite.take_if(|running| running.is_finished()) {
            problems.extend(running.await??);
            fleet.tidy_after_suite(&emulator).await?;
        }
        if now >= next_kill && now < began + arguments.length / 3 {
            next_kill += between_kills;
            fleet.pause();
            emulator.kill_and_restart(&arguments.ges, &data)?;
            kills += 1;
            problems.extend(fleet.check(&emulator).await?.into_iter().map(|why| format!("after kill {kills}: {why}")));
            fleet.add_faults(&emulator)?;
            fleet.resume();
            figures.begin_life();
        }
        if now >= next_suite && suite.is_none() {
            next_suite = now + between_suites;
            suites += 1;
            suite = Some(tokio::spawn(processes::conform(
                arguments.ges.clone(),
                emulator.url(),
                fleet.graph_of_suite(),
                cases,
            )));
        }
        if ticks.is_multiple_of(30) {
            let seconds = began.elapsed().as_secs();
            println!("{seconds:>5} s  {}", fleet.counts());
        }
        figures.sample(began.elapsed(), emulator.id(), observer.id(), &data, fleet.take_latencies())?;
    }
    for client in work {
        client.await?;
    }
    if let Some(running) = suite {
        problems.extend(running.await??);
    }
    // The last one.
    emulator.kill_and_restart(&arguments.ges, &data)?;
    kills += 1;
    problems.extend(fleet.check(&emulator).await?.into_iter().map(|why| format!("after the end: {why}")));
    problems.extend(observer.end()?);
    let judged = figures.judge();
    problems.extend(judged.iter().filter_map(|figure| figure.problem()));
    let facts = [
        ("minutes", format!("{:.1}", began.elapsed().as_secs_f64() / 60.0)),
        ("seed", arguments.seed.to_string()),
        ("calls", fleet.counts()),
        ("kills", kills.to_string()),
        ("runs of the suite", suites.to_string()),
        ("acknowledged backups checked", fleet.checked.load(Ordering::Relaxed).to_string()),
    ];
    let path = arguments.folder.join("report.html");
    std::fs::write(&path, report::page(&facts, &judged, &figures, &problems))?;
    for (what, value) in &facts {
        println!("{what}: {value}");
    }
    for figure in &judged {
        println!("{figure}");
    }
    println!("wrote {}", path.display());
    Ok(problems)
}
