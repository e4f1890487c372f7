//! When to try again, and when to stop.
//!
//! A login's tries are bounded by a deadline, its own number of retries, and what the whole process
//! may retry ([`Health`]): a budget, so that an outage is not answered with a storm of retries, and a
//! breaker, so that a login in a long outage doesn't wait in vain. Neither ever refuses a login. Both
//! count only outages: that one user is rate-limited (429) costs the others no retry.
//!
//! All times are milliseconds of a clock that never jumps.

/// The whole hook stays under nine seconds.
pub const HOOK_MS: f64 = 8_500.0;
/// The longest try while the breaker is open.
pub const SHORT_TRY_MS: f64 = 2_000.0;
/// A try that would have less time than this is not begun.
const LEAST_TRY_MS: f64 = 250.0;
/// The longest pause before the first retry. It doubles with each further one.
const BACKOFF_MS: f64 = 200.0;
/// What a retry takes from the budget. Each login's request adds one: in the long run there is one retry
/// for ten requests.
const RETRY_COST: f64 = 10.0;
/// The most that a process saves up, and what it starts with: five retries.
const FULL_BUDGET: f64 = 5.0 * RETRY_COST;
/// A kept connection may stay silent for so long.
const LONGEST_SILENCE_MS: f64 = 1_000.0;
/// An address of a server that has more of them may take so long to connect.
const LONGEST_ADDRESS_MS: f64 = 1_000.0;
/// The breaker opens after so many failed tries in a row.
const FAILURES_TO_OPEN: f64 = 5.0;
/// How long it stays open.
const OPEN_MS: f64 = 5_000.0;

/// How long a hook waits for Authsignal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Of one try, in milliseconds.
    pub timeout_ms: f64,
    /// Tries after the first.
    pub max_retries: u32,
}

/// How one try failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    /// No connection, or one that broke before the answer was whole.
    NoConnection,
    /// No whole answer in time, on a new connection.
    Timeout,
    /// No whole answer in time, on a kept connection. That one may be dead while Authsignal is well.
    KeptTimeout,
    /// A status that is neither 2xx nor 3xx.
    Status {
        /// The HTTP status.
        status: u16,
        /// `Retry-After`, in milliseconds from now.
        retry_after_ms: Option<f64>,
    },
    /// 400 `AUTHENTICATOR_NOT_FOUND`: the tenant has no authenticator configured.
    NoAuthenticator,
    /// A redirect, which is never followed.
    Redirect,
    /// An answer of more than 256 KiB.
    TooLarge,
    /// An answer that is no HTTP response, or no JSON.
    Unreadable,
    /// The request could not even be made: this runtime has no client that can send it.
    NotSent,
}

/// The reason of a 400 that a tenant's first day may bring.
const NO_AUTHENTICATOR: &[u8] = b"AUTHENTICATOR_NOT_FOUND";

impl Failure {
    /// What an error of the platform means, by its name. A `TypeError` is what `fetch` gives if there is no connection.
    pub fn of_error(name: &str) -> Failure {
        match name {
            "TypeError" => Failure::NoConnection,
            "TooLarge" => Failure::TooLarge,
            "Unsendable" => Failure::NotSent,
            _ => Failure::Unreadable,
        }
    }

    /// The same refusal, with what its body says of the reason.
    pub fn because(self, body: &str) -> Failure {
        let mut parts = body.as_bytes().windows(NO_AUTHENTICATOR.len());
        if self.has_reason() && parts.any(|part| part == NO_AUTHENTICATOR) {
            return Failure::NoAuthenticator;
        }
        self
    }

    /// What a status says: none for 2xx. A browser shows a redirect that it doesn't follow as status 0.
    /// `retry_after_ms` is asked for a refusal's `Retry-After`, in milliseconds from now.
    pub fn of_status(status: u16, retry_after_ms: impl FnOnce() -> Option<f64>) -> Option<Failure> {
        match status {
            200..=299 => None,
            0 | 300..=399 => Some(Failure::Redirect),
            400..=599 => Some(Failure::Status { status, retry_after_ms: retry_after_ms() }),
            _ => Some(Failure::Unreadable),
        }
    }

    /// Whether the body may say why: only that of a 400 is worth waiting for.
    pub fn has_reason(self) -> bool {
        matches!(self, Failure::Status { status: 400, .. })
    }

    /// Whether Authsignal was out of reach, which is what `onUnavailable` is about.
    pub fn is_outage(self) -> bool {
        matches!(
            self,
            Failure::NoConnection | Failure::Timeout | Failure::Status { status: 500..=599, .. }
        )
    }

    /// Whether another try can help.
    fn is_transient(self) -> bool {
        self.is_outage()
            || matches!(self, Failure::KeptTimeout | Failure::Status { status: 408 | 429, .. })
    }

    /// Whether Authsignal, or what stands before it, has answered.
    pub fn is_answer(self) -> bool {
        match self {
            Failure::NoConnection | Failure::Timeout | Failure::KeptTimeout | Failure::NotSent => {
                false
            }
            Failure::Status { .. }
            | Failure::NoAuthenticator
            | Failure::Redirect
            | Failure::TooLarge
            | Failure::Unreadable => true,
        }
    }

    /// Whether it is a whole answer that another request can't change, so that a race is won by it.
    pub fn is_final(self) -> bool {
        match self {
            Failure::NoAuthenticator | Failure::Redirect => true,
            Failure::Status { .. } => !self.is_transient(),
            _ => false,
        }
    }

    fn retry_after_ms(self) -> f64 {
        match self {
            Failure::Status { retry_after_ms: Some(ms), .. } => ms.max(0.0),
            _ => 0.0,
        }
    }
}

/// What a `Retry-After` says, which is seconds or a date, in milliseconds from now. `read_date` gives a date's
/// milliseconds since 1970, or `NaN`.
pub fn retry_after_ms(value: &str, now_ms: f64, read_date: fn(&str) -> f64) -> Option<f64> {
    let seconds = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let ms = if seconds {
        value.bytes().fold(0.0, |number, digit| number * 10.0 + f64::from(digit - b'0')) * 1000.0
    } else {
        read_date(value) - now_ms
    };
    Some(ms).filter(|ms| !ms.is_nan())
}

/// No usable answer after all tries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unavailable {
    /// How the last try failed.
    pub failure: Failure,
    /// Whether every try failed in an outage.
    pub outage: bool,
}

/// What the process has seen of Authsignal lately. It outlives every login and every instance of the
/// module: three numbers that the host keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Health {
    budget: f64,
    failures: f64,
    open_until: f64,
}

impl Default for Health {
    fn default() -> Self {
        Health { budget: FULL_BUDGET, failures: 0.0, open_until: 0.0 }
    }
}

impl Health {
    /// Restores what [`numbers`](Self::numbers) gave. Anything else is a new process.
    pub fn from_numbers(numbers: &[f64]) -> Health {
        match *numbers {
            [budget, failures, open_until] => Health { budget, failures, open_until },
            _ => Health::default(),
        }
    }

    /// The state, for the host to keep.
    pub fn numbers(&self) -> [f64; 3] {
        [self.budget, self.failures, self.open_until]
    }

    /// Whether the breaker is open.
    pub fn is_open(&self, now: f64) -> bool {
        now < self.open_until
    }

    fn request(&mut self) {
        self.budget = (self.budget + 1.0).min(FULL_BUDGET);
    }

    /// A try was answered: with success, or with what another try can't change.
    pub fn answered(&mut self) {
        self.failures = 0.0;
        self.open_until = 0.0;
    }

    fn failed(&mut self, now: f64) {
        self.failures += 1.0;
        if self.failures >= FAILURES_TO_OPEN {
            self.open_until = now + OPEN_MS;
        }
    }

    /// Takes a retry from the budget, if there is one.
    pub fn draw_retry(&mut self) -> bool {
        let granted = self.budget >= RETRY_COST;
        if granted {
            self.budget -= RETRY_COST;
        }
        granted
    }
}

/// The tries of one login.
#[derive(Clone, Debug)]
pub struct Tries {
    deadline: f64,
    try_ms: f64,
    shortened: bool,
    retries_left: u32,
    backoff_ms: f64,
    all_outages: bool,
}

impl Tries {
    /// A login's tries, from the moment that its hook began.
    pub fn new(limits: Limits, began: f64, now: f64, health: &mut Health) -> Tries {
        health.request();
        let open = health.is_open(now);
        Tries {
            deadline: began + HOOK_MS,
            try_ms: if open { limits.timeout_ms.min(SHORT_TRY_MS) } else { limits.timeout_ms },
            shortened: open && limits.timeout_ms > SHORT_TRY_MS,
            retries_left: if open { 0 } else { limits.max_retries },
            backoff_ms: BACKOFF_MS,
            all_outages: true,
        }
    }

    /// How long a request that is sent now may take.
    pub fn time_for_try(&self, now: f64) -> f64 {
        self.try_ms.min(self.deadline - now).max(0.0)
    }

    /// Whether there is time for a request that is sent now.
    pub fn has_time(&self, now: f64) -> bool {
        now + LEAST_TRY_MS <= self.deadline
    }

    /// How long a kept connection may stay silent before a new one races it.
    pub fn race_delay(&self) -> f64 {
        LONGEST_SILENCE_MS.min(self.try_ms / 2.0)
    }

    /// How long a new connection may try an address of the server that is not its last, in whole milliseconds.
    pub fn time_for_address(&self) -> u32 {
        LONGEST_ADDRESS_MS.min(self.try_ms / 3.0).max(1.0) as u32
    }

    /// A try failed. Gives the pause before the next, or what to conclude with. `random` is in `0..1`.
    pub fn failed(
        &mut self,
        failure: Failure,
        now: f64,
        random: f64,
        health: &mut Health,
    ) -> Result<f64, Unavailable> {
        let outage = failure.is_outage();
        self.all_outages &= outage;
        let unavailable = Unavailable { failure, outage: self.all_outages };
        if failure.is_answer() && !outage {
            health.answered();
        }
        // That a shortened try was too short says nothing of Authsignal: if it counted, it would keep the breaker
        // open for ever when answers only take longer than that.
        if outage && !(self.shortened && failure == Failure::Timeout) {
            health.failed(now);
        }

        // Half of the pause is certain, half is chance, so that logins that failed together don't come
        // back together.
        let backoff = self.backoff_ms * (0.5 + 0.5 * random);
        let pause = backoff.max(failure.retry_after_ms());
        let wanted = failure.is_transient() && self.retries_left > 0 && self.has_time(now + pause);
        // After a time-out on a kept connection the retry is free: the connection is closed, so that happens once.
        if !wanted || health.is_open(now) || outage && !health.draw_retry() {
            return Err(unavailable);
        }
        self.retries_left -= 1;
        self.backoff_ms *= 2.0;
        Ok(pause)
    }
}
