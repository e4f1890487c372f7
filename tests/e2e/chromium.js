import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

/** Names that lead to this machine, as a forwarded port's or a tunnel's do. */
export const PUBLIC_DOMAIN = "sandbox.test";

/** The Chromium that CHROMIUM names, or the one on the PATH, or Chrome, without any network beyond loopback. */
export const launchChromium = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM || onPath(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--host-resolver-rules=MAP *.${PUBLIC_DOMAIN} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost`,
    ],
  });

function onPath() {
  try {
    return execFileSync("sh", ["-c", "command -v chromium || command -v google-chrome"], { encoding: "utf8" }).trim();
  } catch {
    throw new Error("Chromium is not on the PATH: install it, or name it in CHROMIUM.");
  }
}
