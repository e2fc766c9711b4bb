import type htmx from "htmx.org";

/**
 * What a reader opened (a dialog, a fold) stays open when news draws the part of the page around it
 * anew: the server does not know that it is open, and would shut it under the reader's hand.
 */
export function keepOpen(library: typeof htmx): void {
  library.registerExtension("keep-open", {
    htmx_before_morph_attr: (_element: Element, { attrName, newValue }: { attrName: string; newValue: string | null }) =>
      attrName !== "open" || newValue !== null,
  });
}
