// The fields that the Dashboard shows, in the form of Auth0's template.

describe("configuration.json", () => {
  const { secrets, configuration, dependencies } = require("./integration/configuration.json");

  it.each([...secrets, ...configuration].map((field) => [field.name, field]))(
    "%s has what the Dashboard shows",
    (_, field) => {
      expect(field.name).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      for (const text of [field.label, field.description]) expect(text).toMatch(/^\S.*\S$/);
      const known = ["name", "label", "description", "default_value", "options"];
      expect(Object.keys(field).filter((key) => !known.includes(key))).toEqual([]);
      if (field.options === undefined) return;
      for (const option of field.options) expect(Object.keys(option)).toEqual(["value", "label"]);
      expect(field.options.map(({ value }) => value)).toContain(field.default_value);
    },
  );

  it("has no default for a secret", () => {
    for (const secret of secrets) expect(secret).not.toHaveProperty("default_value");
  });

  it("depends on this very version of the package, and on nothing else", () => {
    const { name, version } = require("../pkg/package.json");
    expect(dependencies).toEqual([{ name, version }]);
  });
});
