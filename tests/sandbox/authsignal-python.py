"""Every call of Authsignal's official Python client, against the local Authsignal. Prints what each gives, as JSON."""

import json
import sys
import urllib.request

from authsignal.client import AuthsignalClient

origin, url, secret = sys.argv[1:]
client = AuthsignalClient(secret, api_url=url)
user, action = "auth0|ada", "auth0-login"
given = {}

tracked = client.track(user, action, {"email": "ada@example.com"})
given["track"] = [tracked["state"], tracked["is_enrolled"]]
body = json.dumps({"token": tracked["token"], "verificationMethod": "AUTHENTICATOR_APP"}).encode()
request = urllib.request.Request(f"{origin}/sandbox/challenges/complete", body, {"Content-Type": "application/json"})
urllib.request.urlopen(request).read()

validated = client.validate_challenge({"token": tracked["token"], "action": action, "userId": user})
given["validate_challenge"] = [validated["is_valid"], validated["state"]]
found = client.get_action(user, action, tracked["idempotency_key"])
given["get_action"] = found["state"]
changed = client.update_action(user, action, tracked["idempotency_key"], {"state": "REVIEW_REQUIRED"})
given["update_action"] = changed["state"]

given["update_user"] = client.update_user(user, {"email": "new@example.com"})["email"]
given["get_user"] = client.get_user(user)["email"]
enrolled = client.enroll_verified_authenticator(
    user, {"verificationMethod": "EMAIL_OTP", "email": "new@example.com"}
)
authenticator = enrolled["authenticator"]
given["enroll_verified_authenticator"] = authenticator["verification_method"]
given["get_authenticators"] = sorted(one["verification_method"] for one in client.get_authenticators(user))
client.delete_authenticator(user, authenticator["user_authenticator_id"])
given["delete_authenticator"] = [one["verification_method"] for one in client.get_authenticators(user)]
client.delete_user(user)
given["delete_user"] = client.get_user(user)["is_enrolled"]
print(json.dumps(given))
