// Theme and density are set before the first paint, so that no page flashes.
try {
  const root = document.documentElement;
  const theme = localStorage.getItem("muster.theme");
  const density = localStorage.getItem("muster.density");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (density === "compact") root.dataset.density = density;
} catch {
  // Storage may be forbidden: then the system's theme stays.
}
