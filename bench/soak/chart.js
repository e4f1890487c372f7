// The soak as one SVG: resident memory and the module's, over the logins.

import { parse, View } from "vega";
import { compile } from "vega-lite";

/** Reads on white as on black. */
const INK = "#768390";

/** @param {import("./index.js").Results} results @returns {Promise<string>} */
export const chart = async ({ samples, warmUp }) => {
  const panel = (
    /** @type {keyof import("./index.js").Results["fits"]} */ field,
    /** @type {string} */ title,
    /** @type {string} */ color,
  ) => ({
    ...{ title, width: 270, height: 180 },
    layer: [
      {
        data: { values: samples.map((sample) => ({ login: sample.logins, mb: sample[field] / 1e6 })) },
        mark: { type: "line", strokeWidth: 2, color },
        encoding: {
          x: {
            field: "login",
            type: "quantitative",
            title: "logins in one process",
            axis: { tickCount: 5, format: "~s" },
          },
          y: { field: "mb", type: "quantitative", title: "MB", axis: { tickCount: 5 }, scale: { zero: true } },
        },
      },
      {
        data: { values: [{ login: warmUp }] },
        mark: { type: "rule", color: INK, strokeDash: [4, 4] },
        encoding: { x: { field: "login", type: "quantitative" } },
      },
    ],
  });
  const spec = /** @type {import("vega-lite").TopLevelSpec} */ ({
    background: "transparent",
    hconcat: [panel("resident", "Resident memory", "#2f81f7"), panel("wasm", "WebAssembly memory", "#db6d28")],
    spacing: 40,
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: null },
      title: { color: INK, anchor: "start", fontSize: 13 },
      axis: {
        labelColor: INK,
        titleColor: INK,
        labelFontSize: 11,
        domainColor: INK,
        tickColor: INK,
        gridColor: INK,
        gridOpacity: 0.2,
      },
    },
  });
  return `${await new View(parse(compile(spec).spec), { renderer: "none" }).toSVG()}\n`;
};
