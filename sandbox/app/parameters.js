// What a person may choose to ask the tenant for. The browser and the server have the same list.

export const PARAMETERS = ["scope", "audience", "acr_values", "prompt", "max_age", "organization", "connection"];

/**
 * The parameters of an authorization request out of a form: those that are known and filled in.
 * @param {Iterable<[string, unknown]>} fields
 * @returns {Record<string, any>}
 */
export function parametersOf(fields) {
  return Object.fromEntries(
    [...fields]
      .filter(([name, value]) => PARAMETERS.includes(name) && typeof value === "string" && value.trim() !== "")
      .map(([name, value]) => [name, name === "max_age" ? Number(value) : String(value).trim()]),
  );
}
