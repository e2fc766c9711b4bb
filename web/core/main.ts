// What every page of the team loads: htmx and a few habits. Islands bring themselves to life.
import htmx from "htmx.org";
import { copyOnClick } from "./copy";
import { fillOnClick } from "./fill";
import { sendCsrf } from "./csrf";
import { fillSavedForms } from "./autosave";
import { guardForms } from "./guard";
import { openMenus } from "./menus";
import { openDialogs } from "./dialogs";
import { listenToKeys } from "./keys";
import { showProgress } from "./progress";
import { keepAppearance } from "./appearance";
import { receiveToasts } from "./toasts";
import { retargetRefusals } from "./refusals";
import { keepFocus } from "./focus";
import { keepOpen } from "./morph";
import { printOnClick } from "./print";
import { fillTimeZones } from "./zone";
import { walkInbox } from "./inbox";
import "../islands/email-editor";
import "../islands/m-ago";
import "../islands/m-board";
import "../islands/m-calendar";
import "../islands/m-chart";
import "../islands/m-gantt";
import "../islands/m-grid";
import "../islands/m-live";
import "../islands/m-mention";
import "../islands/m-palette";
import "../islands/m-raci";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

window.htmx = htmx;
keepOpen(htmx);
sendCsrf(document);
retargetRefusals(document);
showProgress(document);
receiveToasts(document);
openMenus(document);
openDialogs(document);
listenToKeys(document);
keepAppearance(document);
guardForms(window);
fillSavedForms(document);
keepFocus(document);
copyOnClick(document);
fillOnClick(document);
printOnClick(document);
fillTimeZones(document);
walkInbox(document);
// Pages with a sheet of money bring its hands; the others do without.
if (document.querySelector("budget-grid, rule-bar")) {
  void import("../islands/budget-grid");
  void import("../islands/rule-bar");
}
