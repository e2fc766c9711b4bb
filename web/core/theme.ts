// Theme and density are set before the first paint, so that no page flashes.
try {
  const root = document.documentElement;
  // A choice made on this device holds until the person chooses again in their profile.
  const chosen = root.dataset.theme ?? "";
  if (localStorage.getItem("muster.theme.profile") !== chosen) {
    localStorage.setItem("muster.theme.profile", chosen);
    localStorage.removeItem("muster.theme");
  }
  for (const [name, kept] of [["density", "muster.density"], ["shortcuts", "muster.shortcuts"]] as const) {
    const own = root.dataset[name] ?? "";
    if (localStorage.getItem(`${kept}.profile`) === own) continue;
    localStorage.setItem(`${kept}.profile`, own);
    localStorage.removeItem(kept);
  }
  const theme = localStorage.getItem("muster.theme");
  const density = localStorage.getItem("muster.density");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (theme === "system") delete root.dataset.theme;
  if (density === "compact") root.dataset.density = density;
  if (density === "comfortable") delete root.dataset.density;
} catch {
  // Storage may be forbidden: then the system's theme stays.
}
