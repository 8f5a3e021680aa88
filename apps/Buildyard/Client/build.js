// Bundles the browser's part into wwwroot/dist: styles, scripts and one sprite of the icons in use.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

const out = "wwwroot/dist";
const icons = [
  "alert-circle", "alert-triangle", "apps", "arrow-down", "arrow-left", "arrow-right", "arrow-up", "building", "check", "circle-check",
  "circle-off", "circle-x", "code", "copy", "credit-card", "download", "git-branch", "history", "hourglass", "key", "lifebuoy",
  "lock", "logout", "moon", "player-play", "player-stop", "plus", "refresh", "rotate-clockwise", "settings", "sun", "trash", "user", "user-plus", "users",
];

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: {
    site: "Client/site.js",
    theme: "Client/theme.js",
    editor: "Client/editor.js",
    compare: "Client/compare.js",
    style: "Client/site.css",
  },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022"],
  logLevel: "warning",
});

// Drawn with a finer line than the set's own. One file holds the whole set: a package of a file an icon takes npm ten seconds to unpack.
const set = JSON.parse(await readFile("node_modules/@iconify-json/tabler/icons.json", "utf8")).icons;
const symbols = icons.map((name) => `<symbol id="${name}" viewBox="0 0 24 24">${set[name].body.replaceAll('stroke-width="2"', 'stroke-width="1.75"')}</symbol>`);
await writeFile(`${out}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
