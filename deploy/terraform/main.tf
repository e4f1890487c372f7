# Both sides of the integration. The environment configures the providers: AUTH0_DOMAIN, AUTH0_CLIENT_ID and
# AUTH0_CLIENT_SECRET; AUTHSIGNAL_HOST, AUTHSIGNAL_TENANT_ID and AUTHSIGNAL_API_SECRET.

# Without it, the first login would create the action with the outcome ALLOW.
resource "authsignal_action_configuration" "auth0_login" {
  action_code                = "auth0-login"
  default_user_action_result = "CHALLENGE"
}

resource "auth0_action" "authsignal_mfa" {
  name    = "Authsignal MFA"
  runtime = "node22"
  # Not templatefile() and no heredoc: they would replace ${ in the code.
  code   = file("${path.module}/../../pkg/action.js")
  deploy = true

  supported_triggers {
    id      = "post-login"
    version = "v3"
  }

  secrets {
    name  = "AUTHSIGNAL_SECRET"
    value = var.authsignal_secret
  }

  secrets {
    name  = "AUTHSIGNAL_REGION"
    value = var.authsignal_region
  }
}

# The whole Login flow: list your other Actions here, in their order.
resource "auth0_trigger_actions" "login_flow" {
  trigger = "post-login"

  actions {
    id           = auth0_action.authsignal_mfa.id
    display_name = auth0_action.authsignal_mfa.name
  }

  # The first login already meets the outcome CHALLENGE.
  depends_on = [authsignal_action_configuration.auth0_login]
}
