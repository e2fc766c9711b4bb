// Makes one SVG sprite of only the icons that the pages use (icons.json).
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export function makeSprite(target) {
  const folder = fileURLToPath(new URL("./node_modules/@tabler/icons/icons/outline", import.meta.url));
  const names = JSON.parse(readFileSync(new URL("./icons.json", import.meta.url), "utf8"));
  const symbols = names.map((name) => {
    const svg = readFileSync(join(folder, `${name}.svg`), "utf8");
    const shapes = [...svg.matchAll(/<(?:path|circle|rect|line|polyline|ellipse)\b[^>]*>/g)]
      .map((found) => found[0].replace(/\s+/g, " ").replace(/ ?\/>/, "/>"))
      .filter((shape) => !shape.includes('stroke="none"'));
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.join("")}</symbol>`;
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
  return names.length;
}
