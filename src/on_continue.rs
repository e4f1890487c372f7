//! `onContinuePostLogin`: validate the challenge, then record it or deny.

use crate::authsignal::{ActionCode, Answer, ChallengeToken, Request, UserId};
use crate::cause::Cause;
use crate::event::Event;
use crate::messages::{Message, Messages};
use crate::options::{NoConfig, OptionsInput, method_name};
use crate::outcome::{Claim, Outcome, Step, Verdict};
use crate::retry::{Limits, Unavailable};
use crate::url::{ApiUrl, ClaimName};
use crate::value::Value;

/// What has to be known when the answer to a validate request comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// How long the answer is waited for.
    pub limits: Limits,
    messages: Messages,
    api_url: ApiUrl,
    action: ActionCode,
    user: UserId,
    challenge: Value,
    claim: Option<ClaimName>,
}

/// The first step.
pub fn begin(event: &Event, options: impl FnOnce() -> OptionsInput) -> Step<Pending> {
    let config = match options().parse(event) {
        Ok(config) => config,
        Err(NoConfig::Off) => {
            return Step::Done(denied(Messages::default(), Cause::OptionsOffAtContinue));
        }
        Err(NoConfig::Invalid(invalid)) => {
            let cause = Cause::Options(invalid.error);
            return Step::Done(Verdict::unavailable(invalid.messages, cause));
        }
    };
    let Some(user) = config.user(event) else {
        return Step::Done(Verdict::unavailable(config.messages, Cause::Event("user.user_id")));
    };
    let Some(token) = token(event) else {
        return Step::Done(denied(config.messages, Cause::InvalidToken));
    };
    let request = Request::validate(&config.api_url, config.secret, &user, &config.action, token);
    let pending = Pending {
        limits: config.limits,
        messages: config.messages,
        api_url: config.api_url,
        action: config.action,
        user,
        challenge: event.transaction.metadata.authsignal_challenge.clone(),
        claim: config.claim,
    };
    Step::Send(request, pending)
}

impl Pending {
    /// The second step: the challenge is recorded only if everything holds.
    pub fn conclude(self, answer: Result<Answer, Unavailable>, now_ms: f64) -> Verdict {
        let answer = match answer {
            Ok(answer) => answer,
            Err(Unavailable { failure, .. }) => {
                return Verdict::unavailable(self.messages, Cause::Unavailable(failure));
            }
        };
        if let Some(cause) = self.objection(&answer) {
            return denied(self.messages, cause);
        }
        let name = method_name(&self.api_url, &self.action);
        let method = answer.verification_method.text().map(str::to_owned);
        let claim = self.claim.and_then(|name| Claim::new(name, self.action, now_ms, method));
        let outcome = Outcome::RecordMethod { name };
        Verdict { claim, ..Verdict::new(self.messages, outcome, Cause::ChallengePassed) }
    }

    /// The first condition that does not hold.
    fn objection(&self, answer: &Answer) -> Option<Cause> {
        let Answer { is_valid, state, action, action_code, user_id, idempotency_key, .. } = answer;
        let expected = self.action.as_str();
        let named = !action.is_absent() || !action_code.is_absent();

        if !is_valid.is_true() || state.text() != Some("CHALLENGE_SUCCEEDED") {
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

    /// Whether the answer is of the challenge that this transaction began, if that is known.
    fn is_own_challenge(&self, idempotency_key: &Value) -> bool {
        match &self.challenge {
            Value::Absent => true,
            Value::Text(key) => idempotency_key.text() == Some(key),
            _ => false,
        }
    }
}

fn denied(messages: Messages, cause: Cause) -> Verdict {
    Verdict::deny(messages, Message::Failure, cause)
}

/// The one token in the body or the query. Two that differ are none.
fn token(event: &Event) -> Option<ChallengeToken> {
    let mut tokens = [&event.request.body.token, &event.request.query.token]
        .into_iter()
        .filter(|token| !token.is_absent());
    let token = tokens.next()?;
    tokens.all(|other| other == token).then(|| token.text())?.and_then(ChallengeToken::parse)
}
