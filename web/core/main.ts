// What every page of the team loads: htmx and a few habits. Islands bring themselves to life.
import htmx from "htmx.org";
import { copyOnClick } from "./copy";
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
import { announceFocus } from "./focus";
import { printOnClick } from "./print";
import { fillTimeZones } from "./zone";
import "../islands/email-editor";
import "../islands/m-ago";
import "../islands/m-chart";
import "../islands/m-grid";
import "../islands/m-live";
import "../islands/m-palette";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

window.htmx = htmx;
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
announceFocus(document);
copyOnClick(document);
printOnClick(document);
fillTimeZones(document);
