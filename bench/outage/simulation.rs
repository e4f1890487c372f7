//! Logins in a fleet of processes, through an outage and after it, on a simulated clock.
//!
//! The model is told in full in `bench/outage.rs`. Each login goes through `retry.rs` as the module's loop
//! (`src/wasm/http.rs`) does: the numbers that the host keeps are read before each step and kept after it,
//! and waits are whole milliseconds.

use authsignal_auth0::options::Limits;
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
}

/// The options' defaults, with the protections of the process.
pub const OURS: Policy =
    Policy { name: "budget and breaker", max_retries: 2, budget: true, breaker: true };
/// The same retries with the same back-off and deadline, without them.
pub const NAIVE: Policy = Policy { name: "neither", budget: false, breaker: false, ..OURS };
/// What the outage is without any retry.
pub const NONE: Policy = Policy { name: "no retries", max_retries: 0, ..NAIVE };

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
        kept: vec![[f64::NAN; 3]; scale.processes],
        agenda: (0..AGENDA_MS).map(|_| vec![]).collect(),
        seconds: vec![Second::default(); LAST + AFTER],
        now: 0,
    };
    let mut due = 0.0;
    let mut events = vec![];
    while fleet.now < (LAST + AFTER) * 1000 {
        fleet.server.work(fleet.now);
        if fleet.now < LAST * 1000 {
            due += scale.logins_per_second / 1000.0;
        }
        while due >= 1.0 {
            due -= 1.0;
            fleet.begin();
        }
        std::mem::swap(&mut events, &mut fleet.agenda[fleet.now % AGENDA_MS]);
        for event in events.drain(..) {
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

struct Fleet {
    policy: Policy,
    rng: Rng,
    server: Server,
    /// What the host keeps for each process.
    kept: Vec<[f64; 3]>,
    /// What happens in each of the coming milliseconds.
    agenda: Vec<Vec<Event>>,
    seconds: Vec<Second>,
    now: usize,
}

struct Login {
    process: u32,
    began: u32,
    tries: Tries,
}

enum Event {
    /// A user who was denied is back.
    Back,
    Ended(Login, Result<(), Failure>),
    /// The pause before a retry is over.
    Retry(Login),
}

impl Fleet {
    fn happen(&mut self, event: Event) {
        match event {
            Event::Back => self.begin(),
            Event::Ended(login, result) => self.ended(login, result),
            Event::Retry(login) => self.send(login),
        }
    }

    fn plan(&mut self, after_ms: usize, event: Event) {
        // This millisecond's events are being gone through.
        let after_ms = after_ms.max(1);
        assert!(after_ms < AGENDA_MS);
        self.agenda[(self.now + after_ms) % AGENDA_MS].push(event);
    }

    /// A login begins in any of the processes.
    fn begin(&mut self) {
        if self.now >= LAST * 1000 {
            return;
        }
        self.seconds[self.now / 1000].logins += 1;
        let process = self.rng.u32(..self.kept.len() as u32);
        let limits = Limits { timeout_ms: TIMEOUT_MS, max_retries: self.policy.max_retries };
        let now = self.now as f64;
        let tries = self.health(process, |health| Tries::new(limits, now, now, health));
        self.send(Login { process, began: self.now as u32, tries });
    }

    fn send(&mut self, login: Login) {
        self.seconds[self.now / 1000].requests += 1;
        let time_ms = login.tries.time_for_try(self.now as f64) as usize;
        let (after_ms, result) = match self.server.answer(self.now, &mut self.rng) {
            Some((after_ms, result)) if after_ms < time_ms => (after_ms, result),
            _ => (time_ms, Err(Failure::Timeout)),
        };
        self.plan(after_ms, Event::Ended(login, result));
    }

    fn ended(&mut self, mut login: Login, result: Result<(), Failure>) {
        let (process, now) = (login.process, self.now as f64);
        let Err(failure) = result else {
            self.seconds[login.began as usize / 1000].succeeded += 1;
            return self.health(process, Health::answered);
        };
        let random = self.rng.f64();
        let next = self.health(process, |health| login.tries.failed(failure, now, random, health));
        match next {
            Ok(pause) => self.plan(pause as usize, Event::Retry(login)),
            Err(_) => {
                let began = login.began as usize;
                self.seconds[began / 1000].denied_ms += (self.now - began) as u64;
                if self.rng.f64() < COME_BACK {
                    let after_ms = self.rng.usize(COME_BACK_MS);
                    self.plan(after_ms, Event::Back);
                }
            }
        }
    }

    /// A step with the health of a process. What the policy goes without is new for every step.
    fn health<T>(&mut self, process: u32, step: impl FnOnce(&mut Health) -> T) -> T {
        let kept = &mut self.kept[process as usize];
        let [budget, failures, open_until] = *kept;
        let [full, none, closed] = Health::default().numbers();
        let budget = if self.policy.budget { budget } else { full };
        let [failures, open_until] =
            if self.policy.breaker { [failures, open_until] } else { [none, closed] };
        let mut health = Health::from_numbers([budget, failures, open_until]);
        let result = step(&mut health);
        *kept = health.numbers();
        result
    }
}
