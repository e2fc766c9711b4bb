/** Light, dark or as the system; comfortable or compact. Kept on this device. */
export function keepAppearance(page: Document): void {
  const root = page.documentElement;
  const show = () => {
    for (const button of page.querySelectorAll<HTMLElement>("[data-theme-choice]"))
      button.setAttribute("aria-current", String((root.dataset.theme ?? "") === button.dataset.themeChoice));
    for (const button of page.querySelectorAll<HTMLElement>("[data-density-choice]"))
      button.setAttribute("aria-current", String(root.dataset.density === button.dataset.densityChoice));
  };
  page.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-theme-choice], [data-density-choice]");
    if (!button) return;
    if (button.dataset.themeChoice !== undefined) {
      const theme = button.dataset.themeChoice;
      if (theme) root.dataset.theme = theme;
      else delete root.dataset.theme;
      localStorage.setItem("muster.theme", theme || "system");
      page.dispatchEvent(new CustomEvent("theme-changed"));
    } else if (root.dataset.density === button.dataset.densityChoice) {
      delete root.dataset.density;
      localStorage.setItem("muster.density", "comfortable");
    } else {
      root.dataset.density = button.dataset.densityChoice;
      localStorage.setItem("muster.density", button.dataset.densityChoice ?? "");
    }
    show();
  });
  show();
}
