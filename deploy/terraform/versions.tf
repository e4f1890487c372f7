terraform {
  required_version = ">= 1.3"

  required_providers {
    auth0 = {
      source  = "auth0/auth0"
      version = "~> 1.49"
    }
    authsignal = {
      source  = "authsignal/authsignal"
      version = "~> 3.3"
    }
  }
}
