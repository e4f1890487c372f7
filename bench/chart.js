// Two plots as one SVG: the cold start, and the CPU of a login over the number of logins before it.

import { parse, View } from "vega";
import { compile } from "vega-lite";
import { CONTENDERS, NAMES } from "./contenders.js";

/** @import { Results } from "./index.js" */

/** Reads on white as on black. */
const INK = "#768390";
const COLORS = { ours: "#2f81f7", official: "#db6d28", bareFetch: "#8b949e", bareHttp: "#57ab5a" };

const color = {
  field: "contender",
  type: /** @type {const} */ ("nominal"),
  scale: { domain: CONTENDERS.map((name) => NAMES[name]), range: CONTENDERS.map((name) => COLORS[name]) },
  legend: { title: null, orient: /** @type {const} */ ("bottom"), direction: /** @type {const} */ ("horizontal") },
};

/** @param {Results} results @returns {Promise<string>} */
export const chart = async (results) => {
  const starts = results.nodes.flatMap(({ version, measures }) =>
    CONTENDERS.map((name, order) => {
      const ms = measures.find(({ id }) => id === "cold")?.contenders[name].median ?? 0;
      return { node: `Node ${version.split(".")[0]}`, contender: NAMES[name], order, ms, label: `${ms.toFixed(0)} ms` };
    }),
  );
  const [newest] = results.nodes.slice(-1);
  const costs = CONTENDERS.flatMap((name) =>
    newest.cpuByLogin.map((point) => ({ contender: NAMES[name], login: point.login, ms: point[name] / 1000 })),
  );

  const bars = {
    ...{ title: "Cold start: load and first challenge", width: 230, height: 190, data: { values: starts } },
    encoding: {
      y: { field: "node", type: "nominal", sort: null, title: null, axis: { domain: false, ticks: false } },
      yOffset: { field: "order", type: "ordinal", sort: null },
      x: { field: "ms", type: "quantitative", title: "ms", axis: { tickCount: 4 } },
    },
    layer: [
      { mark: { type: "bar" }, encoding: { color } },
      {
        mark: { type: "text", align: "left", dx: 4, color: INK },
        encoding: { text: { field: "label", type: "nominal" } },
      },
    ],
  };
  const lines = {
    title: `CPU of a login, Node ${newest.version.split(".")[0]}`,
    ...{ width: 300, height: 190, data: { values: costs } },
    mark: { type: "line", strokeWidth: 2 },
    encoding: {
      x: { field: "login", type: "quantitative", title: "logins in one process", axis: { tickCount: 5 } },
      y: { field: "ms", type: "quantitative", title: "ms", axis: { tickCount: 5 } },
      color,
    },
  };
  const spec = /** @type {import("vega-lite").TopLevelSpec} */ ({
    background: "transparent",
    hconcat: [bars, lines],
    spacing: 40,
    config: {
      font: "system-ui, sans-serif",
      view: { stroke: null },
      title: { color: INK, anchor: "start", fontSize: 13 },
      legend: { labelColor: INK, labelFontSize: 12 },
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
