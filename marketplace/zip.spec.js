const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { unzipSync } = require("fflate");

const { pack } = require("./zip");

const INTEGRATION = [
  "integration/configuration.json",
  "integration/installation_guide.md",
  "integration/integration.action.js",
  "integration/integration.action.spec.js",
];

describe("the zip file", () => {
  const unpacked = unzipSync(pack());

  it("has the four files of Auth0's template", () => {
    expect(Object.keys(unpacked).filter((path) => path.startsWith("integration/"))).toEqual(INTEGRATION);
  });

  it("has nothing else but images", () => {
    const others = Object.keys(unpacked).filter((path) => !path.startsWith("integration/"));
    for (const path of others) expect(path).toMatch(/^media\/(256x256-logo|460x260-column-\d)\.png$/);
  });

  it.each(INTEGRATION)("has the bytes of %s", (path) => {
    expect(Buffer.from(unpacked[path])).toEqual(readFileSync(join(__dirname, path)));
  });

  it("is the same each time", () => {
    expect(Buffer.from(pack())).toEqual(Buffer.from(pack()));
  });
});
