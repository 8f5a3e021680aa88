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

const symbols = await Promise.all(icons.map(async (name) => {
  const svg = await readFile(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
  const paths = svg.match(/<(path|circle|line|rect|polyline)[^>]*\/>/g).join("");
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${paths}</symbol>`;
}));
await writeFile(`${out}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
