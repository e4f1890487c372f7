//! `onContinuePostLogin`: validate the challenge, then record it or deny.

use crate::authsignal::{ChallengeToken, Request, UserId, ValidateAnswer};
use crate::event::Event;
use crate::options::{Config, Given, Voice};
use crate::outcome::{Cause, Outcome, Step, Verdict};
use crate::retry::Unavailable;
use crate::value::Value;

/// What has to be known when the answer to a validate request comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The settings of this login.
    pub config: Box<Config>,
    user: UserId,
    challenge: Value,
}

/// The first step.
pub fn begin(event: &Event, options: impl FnOnce() -> Given) -> Step<Pending> {
    let config = match options().parse(event) {
        Ok(config) => config,
        Err(error) => {
            let (voice, cause) = *error;
            return Step::Done(match cause {
                Cause::OptionsOff => denied(voice, Cause::OptionsOffAtContinue),
                _ => Verdict::unavailable(voice, cause),
            });
        }
    };
    let Some(user) = config.user(event) else {
        return Step::Done(Verdict::unavailable(config.into_voice(), Cause::Event("user.user_id")));
    };
    let Some(token) = token(event) else {
        return Step::Done(denied(config.into_voice(), Cause::InvalidToken));
    };
    let request = Request::validate(&config.api_url, &config.secret, &user, &config.action, token);
    let challenge = event.transaction.metadata.authsignal_challenge.clone();
    Step::Send(request, Pending { config, user, challenge })
}

impl Pending {
    /// The second step: the challenge is recorded only where everything holds.
    pub fn conclude(self, answer: Result<ValidateAnswer, Unavailable>) -> Verdict {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Unavailable { failure, .. }) => {
                let voice = self.config.into_voice();
                return Verdict::unavailable(voice, Cause::Unavailable(failure));
            }
        };
        match self.objection(&answer) {
            Some(cause) => denied(self.config.into_voice(), cause),
            None => Verdict {
                outcome: Outcome::RecordMethod { name: self.config.method_name() },
                cause: Cause::ChallengePassed,
                voice: self.config.into_voice(),
            },
        }
    }

    /// The first condition that does not hold.
    fn objection(&self, answer: &ValidateAnswer) -> Option<Cause> {
        let ValidateAnswer { is_valid, state, action, action_code, user_id, idempotency_key } =
            answer;
        let expected = self.config.action.as_str();
        let named = !action.is_absent() || !action_code.is_absent();

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
            _ => false,
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
        .filter(|token| !token.is_absent());
    let token = tokens.next()?;
    tokens.all(|other| other == token).then(|| token.text())?.and_then(ChallengeToken::parse)
}
