//! The command: its arguments, its table, and how it ends.

use std::process::ExitCode;
use std::thread;

use crate::limits::{Course, MOST_AMPLIFICATION, MOST_RECOVERY, SUCCESS};
use crate::plot;
use crate::server::{CAPACITY, CAPACITY_LEFT, OUTAGES, QUEUE_SECONDS};
use crate::simulation::{BEGIN, COME_BACK, END, LAST, NAIVE, NONE, OURS, Policy, Scale};

const USAGE: &str =
    "outage [--processes N] [--rate LOGINS_A_SECOND] [--seed N] [--without budget,breaker]
Without arguments it draws docs/images/outage.svg, else target/outage.svg.";

pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((scale, ours)) = read(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    assumptions(scale);
    let courses = simulate(scale, ours);
    table(&courses);

    let folder = if arguments.is_empty() { "docs/images" } else { "target" };
    let file = format!("{}/{folder}/outage.svg", env!("CARGO_MANIFEST_DIR"));
    let drawn = plot::draw(&courses, scale).map_err(|error| error.to_string());
    if let Err(error) =
        drawn.and_then(|svg| std::fs::write(file, svg).map_err(|error| error.to_string()))
    {
        eprintln!("The plot could not be drawn: {error}");
        return ExitCode::FAILURE;
    }

    let mut within = true;
    for course in courses.iter().filter(|course| course.policy == ours) {
        for passed in course.passed() {
            eprintln!("LIMIT PASSED: {}, {}: {passed}", course.outage.name(), ours.name);
            within = false;
        }
    }
    if !within {
        return ExitCode::FAILURE;
    }
    println!(
        "\nWithin the limits: under {MOST_AMPLIFICATION} requests a login over the outage and in each minute \
         of it,\n{:.0} % of the logins succeed again after at most {MOST_RECOVERY} s. \
         Slow answers and dead connections deny no login.",
        SUCCESS * 100.0
    );
    ExitCode::SUCCESS
}

fn read(arguments: &[String]) -> Option<(Scale, Policy)> {
    let mut scale = Scale { processes: 10_000, logins_per_second: 10_000.0, seed: 1 };
    let mut ours = OURS;
    for argument in arguments.chunks(2) {
        let [name, value] = argument else { return None };
        match name.as_str() {
            "--processes" => scale.processes = value.parse().ok().filter(|number| *number > 0)?,
            "--rate" => {
                scale.logins_per_second =
                    f64::from(value.parse::<u32>().ok().filter(|rate| *rate > 0)?);
            }
            "--seed" => scale.seed = value.parse().ok()?,
            "--without" => {
                for part in value.split(',') {
                    match part {
                        "budget" => ours = Policy { budget: false, name: "without budget", ..ours },
                        "breaker" => {
                            ours = Policy { breaker: false, name: "without breaker", ..ours }
                        }
                        _ => return None,
                    }
                }
                if !ours.budget && !ours.breaker {
                    ours.name = "without both";
                }
            }
            _ => return None,
        }
    }
    Some((scale, ours))
}

/// Every outage under every policy, at the same time.
fn simulate(scale: Scale, ours: Policy) -> Vec<Course> {
    thread::scope(|scope| {
        let courses: Vec<_> = OUTAGES
            .iter()
            .flat_map(|outage| [ours, NAIVE, NONE].map(|policy| (*outage, policy)))
            .map(|(outage, policy)| scope.spawn(move || Course::of(scale, outage, policy)))
            .collect();
        courses.into_iter().map(|course| course.join().expect("a simulation that ends")).collect()
    })
}

fn assumptions(scale: Scale) {
    println!(
        "{} processes, {} logins a second, seed {}; {} s of calm, {} s of outage, {} s after it",
        scale.processes,
        scale.logins_per_second,
        scale.seed,
        BEGIN,
        END - BEGIN,
        LAST - END
    );
    println!(
        "server: capacity {CAPACITY} times the calm load, {CAPACITY_LEFT} of that when overloaded, \
         {QUEUE_SECONDS} s of queue; {:.0} % of denied users try again\n",
        COME_BACK * 100.0
    );
}

fn table(courses: &[Course]) {
    println!(
        "{:<29}{:<20}{:>9}{:>9}{:>11}{:>11}{:>12}{:>11}",
        "outage", "retries with", "requests", "worst", "peak", "logins", "denied", "recovered"
    );
    println!(
        "{:<29}{:<20}{:>9}{:>9}{:>11}{:>11}{:>12}{:>11}",
        "", "", "a login", "minute", "a second", "succeeded", "after", "after"
    );
    for course in courses {
        let denied_after = match course.denied() {
            0 => "none denied".into(),
            _ => format!("{:.2} s", course.denied_after()),
        };
        let recovered = match course.recovery() {
            Some(seconds) => format!("{seconds} s"),
            None => "not yet".into(),
        };
        println!(
            "{:<29}{:<20}{:>9.3}{:>9.3}{:>11}{:>9.1} %{:>12}{:>11}",
            course.outage.name(),
            course.policy.name,
            course.amplification(),
            course.worst_minute(),
            course.peak(),
            course.succeeded() * 100.0,
            denied_after,
            recovered
        );
    }
}
