variable "authsignal_secret" {
  type        = string
  sensitive   = true
  description = "The secret key of the Server API, from Settings > API keys in the Authsignal Portal."
}

variable "authsignal_region" {
  type        = string
  description = "The region of the Authsignal tenant: us, eu, au or ca."

  validation {
    condition     = contains(["us", "eu", "au", "ca"], var.authsignal_region)
    error_message = "The region is us, eu, au or ca."
  }
}
