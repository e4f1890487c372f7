//! Logins in a fleet of processes, through an outage and after it, on a simulated clock.
//!
//! `bench/outage.rs` describes the whole model. Each login goes through `retry.rs` and `race.rs` as it does in the
//! module's loop (`src/wasm/http.rs`): the numbers that the host keeps are read before each step and kept after it, and
//! waits are whole milliseconds.

use authsignal_auth0::race::{OnKept, Races};
use authsignal_auth0::retry::Limits;
use authsignal_auth0::retry::{Failure, Health, Tries};
use fastrand::Rng;

use crate::server::{Outage, Server};

/// Seconds of the simulated time: the outage's begin and end, and the last login.
pub const BEGIN: usize = 60;
pub const END: usize = BEGIN + 600;
pub const LAST: usize = END + 120;

/// What a denied user does: this share of them tries again, after 5 to 20 seconds.
pub const COME_BACK: f64 = 1.0 / 3.0;
const COME_BACK_MS: std::ops::RangeInclusive<usize> = 5_000..=20_000;

/// The size of the simulation.
#[derive(Clone, Copy)]
pub struct Scale {
    pub processes: usize,
    pub logins_per_second: f64,
    pub seed: u64,
}

/// How logins try again.
#[derive(Clone, Copy, PartialEq)]
pub struct Policy {
    pub name: &'static str,
    pub max_retries: u32,
    pub budget: bool,
    pub breaker: bool,
    /// Whether a new connection may race a kept one that is silent.
    pub races: bool,
}

/// The options' defaults, with the protections of the process.
pub const OURS: Policy =
    Policy { name: "budget and breaker", max_retries: 2, budget: true, breaker: true, races: true };
/// The same retries and races with the same back-off and deadline, without them.
pub const NAIVE: Policy = Policy { name: "neither", budget: false, breaker: false, ..OURS };
/// What the outage is if each login sends one request.
pub const NONE: Policy = Policy { name: "no retries", max_retries: 0, races: false, ..NAIVE };

const TIMEOUT_MS: f64 = 3_000.0;

/// What one simulated second saw.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Second {
    /// Logins that began in it.
    pub logins: u32,
    /// Those of them that ended well.
    pub succeeded: u32,
    /// Requests that were sent in it.
    pub requests: u32,
    /// How long those took that did not end well, in all.
    pub denied_ms: u64,
}

/// Simulates one outage under one policy. Gives its seconds, up to the last login.
pub fn run(scale: Scale, outage: Outage, policy: Policy) -> Vec<Second> {
    let mut fleet = Fleet {
        policy,
        rng: Rng::with_seed(scale.seed),
        server: Server::new(outage, scale.logins_per_second),
        processes: vec![Process::default(); scale.processes],
        agenda: (0..AGENDA_MS).map(|_| vec![]).collect(),
        seconds: vec![Second::default(); LAST + AFTER],
        now: 0,
    };
    let mut due = 0.0;
    while fleet.now < (LAST + AFTER) * 1000 {
        fleet.server.work(fleet.now);
        if fleet.now < LAST * 1000 {
            due += scale.logins_per_second / 1000.0;
        }
        while due >= 1.0 {
            due -= 1.0;
            fleet.begin();
        }
        for event in std::mem::take(&mut fleet.agenda[fleet.now % AGENDA_MS]) {
            fleet.happen(event);
        }
        fleet.now += 1;
    }
    fleet.seconds.truncate(LAST);
    fleet.seconds
}

/// Seconds after the last login, for it to end.
const AFTER: usize = 10;
/// Nothing is planned further ahead, in milliseconds.
const AGENDA_MS: usize = 1 << 15;

/// How often a login that may not race yet asks again. In `src/wasm/http.rs` it does so when a race has ended.
const ASK_AGAIN_MS: usize = 50;
/// An idle connection is kept for so long, as in `js-shim/connections.js`.
const IDLE_MS: usize = 50_000;
/// So many idle connections are kept.
const MOST_IDLE: usize = 8;

struct Fleet {
    policy: Policy,
    rng: Rng,
    server: Server,
    processes: Vec<Process>,
    /// What happens in each of the coming milliseconds.
    agenda: Vec<Vec<Event>>,
    seconds: Vec<Second>,
    now: usize,
}

#[derive(Clone)]
struct Process {
    /// What the host keeps.
    health: [f64; 3],
    races: Races,
    /// The connections that wait for a request. The last one is taken first.
    idle: Vec<Idle>,
}

impl Default for Process {
    fn default() -> Process {
        Process { health: Health::default().numbers(), races: Races::NONE, idle: vec![] }
    }
}

#[derive(Clone)]
struct Idle {
    opened: usize,
    since: usize,
}

struct Login {
    process: u32,
    began: u32,
    tries: Tries,
}

/// A request on its way. How it will end is known from the start.
struct Exchange {
    /// When its connection was opened.
    opened: usize,
    sent: usize,
    /// Whether that is a kept one.
    kept: bool,
    ends: usize,
    result: Result<(), Failure>,
}

impl Exchange {
    fn request(&self) -> OnKept {
        OnKept { opened: self.opened as f64, sent: self.sent as f64 }
    }

    fn is_final(&self) -> bool {
        self.result.err().is_none_or(Failure::is_final)
    }
}

#[derive(PartialEq)]
enum Connection {
    /// A kept one, if there is one.
    Any,
    New,
}

enum Event {
    /// A user who was denied is back.
    Back,
    /// A request has ended that nothing raced.
    Ended(Login, Exchange),
    /// A kept connection has been silent for the race delay, or still is.
    Silent(Login, Exchange),
    /// Its request has ended, and no race was allowed.
    EndedLate(Login, Exchange),
    /// The first request of a race has ended.
    Raced { login: Login, kept: Exchange, new: Exchange },
    /// The kept connection of a race has ended after the new one, which has not won.
    KeptEnded { login: Login, kept: Exchange, new: Exchange },
    /// The new connection of a race has ended after the kept one, which has not won.
    NewEnded(Login, Exchange),
    /// The pause before a retry is over.
    Retry(Login, Connection),
}

impl Fleet {
    fn happen(&mut self, event: Event) {
        match event {
            Event::Back => self.begin(),
            Event::Ended(login, exchange) => self.ended(login, exchange),
            Event::Silent(login, kept) => self.silent(login, kept),
            Event::EndedLate(login, kept) => self.ended(login, kept),
            Event::Raced { login, kept, new } => self.raced(login, kept, new),
            Event::KeptEnded { login, kept, new } => {
                self.kept_ended(&login, &kept);
                let winner = if kept.is_final() { kept } else { new };
                self.race_over(login, winner);
            }
            Event::NewEnded(login, new) => self.race_over(login, new),
            Event::Retry(login, connection) => self.send(login, connection),
        }
    }

    fn plan(&mut self, at: usize, event: Event) {
        // This millisecond's events are being gone through.
        let at = at.max(self.now + 1);
        assert!(at < self.now + AGENDA_MS);
        self.agenda[at % AGENDA_MS].push(event);
    }

    /// A login begins in any of the processes.
    fn begin(&mut self) {
        if self.now >= LAST * 1000 {
            return;
        }
        self.seconds[self.now / 1000].logins += 1;
        let process = self.rng.u32(..self.processes.len() as u32);
        let limits = Limits { timeout_ms: TIMEOUT_MS, max_retries: self.policy.max_retries };
        let now = self.now as f64;
        let tries = self.health(process, |health, _| Tries::new(limits, now, now, health));
        self.send(Login { process, began: self.now as u32, tries }, Connection::Any);
    }

    /// A try begins.
    fn send(&mut self, login: Login, connection: Connection) {
        let exchange = self.exchange(&login, connection);
        let silent = self.now + login.tries.race_delay() as usize;
        if self.policy.races && exchange.kept && exchange.ends > silent {
            self.plan(silent, Event::Silent(login, exchange));
        } else {
            self.plan(exchange.ends, Event::Ended(login, exchange));
        }
    }

    /// Sends a request.
    fn exchange(&mut self, login: &Login, connection: Connection) -> Exchange {
        let now = self.now;
        self.seconds[now / 1000].requests += 1;
        let idle = &mut self.process(login).idle;
        idle.retain(|idle| connection == Connection::Any && now < idle.since + IDLE_MS);
        let taken = idle.pop();
        let kept = taken.is_some();
        let opened = taken.map_or(now, |idle| idle.opened);
        let time_ms = login.tries.time_for_try(now as f64) as usize;
        let (after_ms, result) = match self.server.answer(now, opened, &mut self.rng) {
            Some((after_ms, result)) if after_ms < time_ms => (after_ms, result),
            _ if kept => (time_ms, Err(Failure::KeptTimeout)),
            _ => (time_ms, Err(Failure::Timeout)),
        };
        Exchange { opened, sent: now, kept, ends: now + after_ms, result }
    }

    fn ended(&mut self, login: Login, exchange: Exchange) {
        if exchange.kept {
            self.kept_ended(&login, &exchange);
        }
        if exchange.kept && exchange.result == Err(Failure::NoConnection) {
            let again = self.exchange(&login, Connection::New);
            return self.plan(again.ends, Event::Ended(login, again));
        }
        self.tried(login, exchange);
    }

    fn silent(&mut self, login: Login, kept: Exchange) {
        let (request, tries, now) = (kept.request(), login.tries.clone(), self.now as f64);
        let step =
            |health: &mut Health, races: &mut Races| races.begin(request, &tries, now, health);
        if self.health(login.process, step) {
            let new = self.exchange(&login, Connection::New);
            self.plan(kept.ends.min(new.ends), Event::Raced { login, kept, new });
        } else if kept.ends > self.now + ASK_AGAIN_MS {
            self.plan(self.now + ASK_AGAIN_MS, Event::Silent(login, kept));
        } else {
            self.plan(kept.ends, Event::EndedLate(login, kept));
        }
    }

    /// A request on a kept connection has ended.
    fn kept_ended(&mut self, login: &Login, kept: &Exchange) {
        if kept.result.err().is_none_or(Failure::is_answer) {
            let (request, now) = (kept.request(), self.now as f64);
            self.process(login).races.kept_answered(request, &login.tries, now);
        }
    }

    fn raced(&mut self, login: Login, kept: Exchange, new: Exchange) {
        if kept.ends <= new.ends {
            self.kept_ended(&login, &kept);
            if kept.is_final() {
                self.race_over(login, kept);
            } else {
                self.plan(new.ends, Event::NewEnded(login, new));
            }
        } else {
            if new.result.err().is_none_or(Failure::is_answer) {
                let now = self.now as f64;
                self.process(&login).races.new_answered(new.sent as f64, now);
            }
            if new.is_final() {
                self.race_over(login, new);
            } else {
                self.plan(kept.ends, Event::KeptEnded { login, kept, new });
            }
        }
    }

    fn race_over(&mut self, login: Login, winner: Exchange) {
        self.process(&login).races.end();
        self.tried(login, winner);
    }

    /// A try is over.
    fn tried(&mut self, mut login: Login, exchange: Exchange) {
        let now = self.now;
        let Err(failure) = exchange.result else {
            let idle = &mut self.process(&login).idle;
            if idle.len() < MOST_IDLE {
                idle.push(Idle { opened: exchange.opened, since: now });
            }
            self.seconds[login.began as usize / 1000].succeeded += 1;
            return self.health(login.process, |health, _| health.answered());
        };
        let random = self.rng.f64();
        let next = self.health(login.process, |health, _| {
            login.tries.failed(failure, now as f64, random, health)
        });
        match next {
            Ok(pause) => {
                let connection =
                    if failure.is_answer() { Connection::Any } else { Connection::New };
                self.plan(now + pause as usize, Event::Retry(login, connection));
            }
            Err(_) => {
                let began = login.began as usize;
                self.seconds[began / 1000].denied_ms += (now - began) as u64;
                if self.rng.f64() < COME_BACK {
                    let back = now + self.rng.usize(COME_BACK_MS);
                    self.plan(back, Event::Back);
                }
            }
        }
    }

    fn process(&mut self, login: &Login) -> &mut Process {
        &mut self.processes[login.process as usize]
    }

    /// A step with the health and the races of a process. What the policy goes without is new for every step.
    fn health<T>(&mut self, process: u32, step: impl FnOnce(&mut Health, &mut Races) -> T) -> T {
        let process = &mut self.processes[process as usize];
        let [budget, failures, open_until] = process.health;
        let [full, none, closed] = Health::default().numbers();
        let budget = if self.policy.budget { budget } else { full };
        let [failures, open_until] =
            if self.policy.breaker { [failures, open_until] } else { [none, closed] };
        let mut health = Health::from_numbers(&[budget, failures, open_until]);
        let result = step(&mut health, &mut process.races);
        process.health = health.numbers();
        result
    }
}
