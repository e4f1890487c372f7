// Passkeys of Chromium's virtual authenticator.

/**
 * @typedef {Awaited<ReturnType<typeof passkeysOf>>[number]} Passkey
 * @typedef {Awaited<ReturnType<typeof addPasskeys>>} VirtualAuthenticator
 */

/**
 * Gives the browser an authenticator that has these passkeys, and says yes to everything.
 * @param {import("playwright-core").Page} page
 * @param {Passkey[]} passkeys
 */
export async function addPasskeys(page, passkeys) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of passkeys) await session.send("WebAuthn.addCredential", { authenticatorId, credential });
  return { session, authenticatorId };
}

/**
 * The passkeys that were made there.
 * @param {{ session: import("playwright-core").CDPSession, authenticatorId: string }} authenticator
 */
export async function passkeysOf({ session, authenticatorId }) {
  const { credentials } = await session.send("WebAuthn.getCredentials", { authenticatorId });
  return credentials;
}
