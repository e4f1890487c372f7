//! `onContinuePostLogin`: validate the challenge, then record it or deny.

use crate::authsignal::{ActionCode, ChallengeToken, Request, UserId, ValidateAnswer};
use crate::event::Event;
use crate::options::{Given, Limits, Voice};
use crate::outcome::{Cause, Outcome, Step, Verdict};
use crate::retry::Unavailable;
use crate::value::Value;

/// A validate request that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// What to send.
    pub request: Request,
    /// How long to wait for it.
    pub limits: Limits,
    voice: Voice,
    user: UserId,
    action: ActionCode,
    challenge: Value,
    method_name: String,
}

/// The first step.
pub fn begin(event: &Event, options: impl FnOnce() -> Given) -> Step<Pending> {
    let (voice, config) = options().parse(event);
    let config = match config {
        Ok(config) => config,
        Err(cause @ Cause::OptionsOff) => return Step::Done(denied(voice, cause)),
        Err(cause) => return Step::Done(Verdict::unavailable(voice, cause)),
    };
    let Some(user) = config.user(event) else {
        return Step::Done(Verdict::unavailable(voice, Cause::Event("user.user_id")));
    };
    let Some(token) = token(event) else {
        return Step::Done(denied(voice, Cause::InvalidToken));
    };
    Step::Send(Pending {
        request: Request::validate(&config.api_url, &config.secret, &user, &config.action, token),
        limits: config.limits,
        voice,
        user,
        challenge: event.transaction.metadata.authsignal_challenge.clone(),
        method_name: config.method_name(),
        action: config.action,
    })
}

impl Pending {
    /// The second step: the challenge is recorded only where everything holds.
    pub fn conclude(self, answer: Result<ValidateAnswer, Unavailable>) -> Verdict {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Unavailable { failure, .. }) => {
                return Verdict::unavailable(self.voice, Cause::Unavailable(failure));
            }
        };
        match self.objection(&answer) {
            Some(cause) => denied(self.voice, cause),
            None => Verdict {
                outcome: Outcome::RecordMethod { name: self.method_name },
                cause: Cause::ChallengePassed,
                voice: self.voice,
            },
        }
    }

    /// The first condition that does not hold.
    fn objection(&self, answer: &ValidateAnswer) -> Option<Cause> {
        let ValidateAnswer { is_valid, state, action, action_code, user_id, idempotency_key } =
            answer;
        let expected = self.action.as_str();
        let named = *action != Value::Absent || *action_code != Value::Absent;

        if *is_valid != Value::Bool(true) || state.text() != Some("CHALLENGE_SUCCEEDED") {
            Some(Cause::ChallengeNotPassed)
        } else if !named || action.contradicts(expected) || action_code.contradicts(expected) {
            Some(Cause::ActionMismatch)
        } else if user_id.contradicts(self.user.as_str()) {
            Some(Cause::UserMismatch)
        } else if !self.is_own_challenge(idempotency_key) {
            Some(Cause::ChallengeMismatch)
        } else {
            None
        }
    }

    /// Whether the answer is of the challenge that this transaction began, where it is known.
    fn is_own_challenge(&self, idempotency_key: &Value) -> bool {
        match &self.challenge {
            Value::Absent => true,
            Value::Text(key) => idempotency_key.text() == Some(key),
            Value::Bool(_) | Value::Number(_) | Value::Other => false,
        }
    }
}

fn denied(voice: Voice, cause: Cause) -> Verdict {
    Verdict { outcome: Outcome::Deny { reason: voice.failure.clone() }, cause, voice }
}

/// The one token in the body or the query. Two that differ are none.
fn token(event: &Event) -> Option<ChallengeToken> {
    let mut tokens = [&event.request.body.token, &event.request.query.token]
        .into_iter()
        .filter(|token| **token != Value::Absent);
    let token = tokens.next()?;
    tokens.all(|other| other == token).then(|| token.text())?.and_then(ChallengeToken::parse)
}
