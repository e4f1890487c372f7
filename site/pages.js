// A plugin for TypeDoc, which builds the site: the pages have the names that a reader looks for, and a link to a folder
// leads somewhere.

import { readdirSync, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { Converter, DocumentReflection, normalizePath } from "typedoc";

/** @param {import("typedoc").Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => nameAfterHeading(page));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const path of project.files.getMediaPaths()) {
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) addFolder(project, path);
    }
  });
}

/** TypeDoc would name the page after its file. @param {DocumentReflection} page */
function nameAfterHeading(page) {
  const text = page.content.map((part) => part.text).join("");
  page.name = /^# (.*)$/m.exec(text)?.[1].replaceAll("`", "") ?? page.name;
}

/**
 * TypeDoc publishes the files that the pages link to, but no folders. This page lists the files of one.
 * @param {import("typedoc").ProjectReflection} project
 * @param {import("typedoc").NormalizedPath} folder
 */
function addFolder(project, folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const list = files.flatMap((file) => {
    const path = normalizePath(join(file.parentPath, file.name));
    const { target } = project.files.registerAbsolute(path);
    /** @type {import("typedoc").CommentDisplayPart[]} */
    const item = [
      { kind: "text", text: `- [\`${relative(folder, path)}\`](<` },
      { kind: "relative-link", text: path, target, targetAnchor: undefined },
      { kind: "text", text: ">)\n" },
    ];
    return item;
  });
  const name = `${basename(folder)}/`;
  const page = new DocumentReflection(name, project, [{ kind: "text", text: `# ${name}\n\n` }, ...list], {});
  project.addChild(page);
  project.registerReflection(page, undefined, folder);
}
