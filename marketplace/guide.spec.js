// The installation guide has the form of Auth0's template, and follows Auth0's writing tips.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { secrets, configuration } = require("./integration/configuration.json");

const guide = readFileSync(join(__dirname, "integration/installation_guide.md"), "utf8");

describe("installation_guide.md", () => {
  it("has the headings of the template, in their order", () => {
    expect(guide.match(/^#.*$/gm)).toEqual([
      "## Prerequisites",
      "## Set up Authsignal",
      "## Add the Auth0 Action",
      "## Results",
      "## Troubleshooting",
    ]);
  });

  it("has the fixed steps of the template, in their order", () => {
    const [, steps] = /^## Add the Auth0 Action\n([^]*?)^## /m.exec(guide) ?? [];
    expect(steps.match(/^1\. .*$/gm)).toEqual([
      "1. Select **Add Integration** (at the top of this page).",
      "1. Read the necessary access requirements, and select **Continue**.",
      "1. Configure the integration using the following fields:",
      "1. Add the integration to your Library by selecting **Create**.",
      "1. In the modal that appears, select the **Add to flow** link.",
      "1. Drag the Action into the desired location in the flow.",
      "1. Select **Apply Changes**.",
    ]);
  });

  it.each([...configuration, ...secrets].map(({ label }) => label))("explains the field %s", (label) => {
    expect(guide).toMatch(new RegExp(`^ {4}\\* .*\\*\\*${label.replaceAll("'", ".")}\\*\\*.*: `, "m"));
  });

  it("names only fields that exist, in bold", () => {
    const [, results] = /^## Results\n([^]*)$/m.exec(guide) ?? [];
    const labels = [...configuration, ...secrets].flatMap(({ label, options = [] }) => [
      label,
      ...options.map((option) => option.label),
    ]);
    // What the Authsignal Portal calls the outcome.
    labels.push("Challenge");
    for (const [, bold] of results.matchAll(/\*\*(.+?)\*\*/g)) expect(labels).toContain(bold);
  });

  it("says select, and no link is called here", () => {
    expect(guide).not.toMatch(/\bclick/i);
    for (const [, text] of guide.matchAll(/\[(.+?)\]\(/g)) expect(text).not.toMatch(/^(click )?here$|^this link$/i);
  });

  it("has only https links, and nothing that is still to be written", () => {
    for (const [, link] of guide.matchAll(/\]\((.+?)\)/g)) expect(link).toMatch(/^https:/);
    expect(guide).not.toContain("TODO");
  });
});
