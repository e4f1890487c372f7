// `node scripts/media.js`: the images of the Marketplace's listing, each from the SVG file of its name in
// marketplace/media/. The name says its size.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launchChromium } from "../tests/e2e/chromium.js";

const media = new URL("../marketplace/media/", import.meta.url);
const browser = await launchChromium();
try {
  const page = await browser.newPage();
  for (const name of readdirSync(media).filter((file) => file.endsWith(".svg"))) {
    const [width, height] = name.split("-")[0].split("x").map(Number);
    await page.setViewportSize({ width, height });
    await page.goto(new URL(name, media).href);
    await page.screenshot({ path: fileURLToPath(new URL(name.replace(/svg$/, "png"), media)) });
  }
} finally {
  await browser.close();
}
