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

  const images = Object.keys(unpacked).filter((path) => !path.startsWith("integration/"));

  it("has nothing else but the images of the columns and the logo, if Authsignal has supplied it", () => {
    const columns = [1, 2, 3].map((number) => `media/460x260-column-${number}.png`);
    expect(images.filter((path) => path !== "media/256x256-logo.png")).toEqual(columns);
  });

  it.each(images)("has %s in the size that its name says", (path) => {
    const [, width, height] = /\/(\d+)x(\d+)-/.exec(path).map(Number);
    const png = Buffer.from(unpacked[path]);
    expect(png.toString("latin1", 1, 4)).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
  });

  it.each(INTEGRATION)("has the bytes of %s", (path) => {
    expect(Buffer.from(unpacked[path])).toEqual(readFileSync(join(__dirname, path)));
  });

  it("is the same each time", () => {
    expect(Buffer.from(pack())).toEqual(Buffer.from(pack()));
  });
});
