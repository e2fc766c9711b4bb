// Builds everything that the pages load into the Python package: one manifest of modules and
// sheets with hashed names, two small classic scripts, one icon sprite.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { makeSprite } from "./icons.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const outDir = here("../src/muster/ui/static/built");
const target = ["es2022", "chrome123", "firefox121", "safari17.5"];
const common = { root: here("."), configFile: false, logLevel: "warn", publicDir: false };

await build({
  ...common,
  base: "/static/built/",
  build: {
    outDir,
    target,
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600, // the chart engine, which is fetched only where a chart is seen
    rolldownOptions: { input: ["core/main.ts", "styles/main.css"].map((path) => here(path)) },
  },
});

// Classic scripts with fixed names: the theme must be known before the first paint, and the
// tracker is copied into other people's pages.
for (const [entry, name] of [["core/theme.ts", "theme"], ["snippet/t.ts", "t"]]) {
  await build({
    ...common,
    build: {
      outDir,
      target: name === "t" ? "es2021" : target,
      emptyOutDir: false,
      lib: { entry: here(entry), formats: ["iife"], name: `muster_${name}`, fileName: () => `${name}.js` },
    },
  });
}

makeSprite(`${outDir}/icons.svg`);

// The tracker is a guest on other people's pages: it stays small.
const size = gzipSync(readFileSync(`${outDir}/t.js`), { level: 9 }).length;
if (size > 2048) throw new Error(`t.js has ${size} bytes packed with gzip; 2048 are the most.`);
