/**
 * The hands of the e-mail editor: a token goes where the writer was, Alt + arrows move the chosen
 * block. Everything else is forms that the server answers.
 *
 * @example
 *   <email-editor>
 *     <li data-block="a1" aria-current="true">… <button data-moves="up">…</button></li>
 *     <input data-takes-tokens> <button data-token="{{ first_name }}">first_name</button>
 *   </email-editor>
 */
export class EmailEditor extends HTMLElement {
  #last: HTMLInputElement | HTMLTextAreaElement | HTMLElement | undefined;

  connectedCallback() {
    this.addEventListener("focusin", this.#remember);
    this.addEventListener("mousedown", this.#keepFocus);
    this.addEventListener("click", this.#put);
    this.addEventListener("keydown", this.#move);
  }

  disconnectedCallback() {
    this.removeEventListener("focusin", this.#remember);
    this.removeEventListener("mousedown", this.#keepFocus);
    this.removeEventListener("click", this.#put);
    this.removeEventListener("keydown", this.#move);
  }

  #remember = (event: Event) => {
    const field = (event.target as Element).closest<HTMLElement>("[data-takes-tokens], [contenteditable]");
    if (field) this.#last = field;
  };

  // A press on a token must not take the cursor out of the text.
  #keepFocus = (event: Event) => {
    if ((event.target as Element).closest("[data-token]")) event.preventDefault();
  };

  #put = (event: Event) => {
    const token = (event.target as Element).closest<HTMLElement>("[data-token]")?.dataset.token;
    const field = this.#last?.isConnected ? this.#last : this.querySelector<HTMLElement>("[contenteditable], [data-takes-tokens]");
    if (!token || !field) return;
    if (isField(field)) {
      const { text, cursor } = inserted(field.value, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, token);
      field.value = text;
      field.setSelectionRange(cursor, cursor);
    } else {
      field.focus();
      this.ownerDocument.execCommand("insertText", false, token);
    }
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  #move = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    const row = (event.target as Element).closest("[data-block]");
    const button = row?.querySelector<HTMLButtonElement>(`[data-moves="${event.key === "ArrowUp" ? "up" : "down"}"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  };
}

function isField(field: HTMLElement): field is HTMLInputElement | HTMLTextAreaElement {
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
}

/** The text with the token in place of what was chosen, and where the cursor stands then. */
export function inserted(text: string, start: number, end: number, token: string): { text: string; cursor: number } {
  return { text: text.slice(0, start) + token + text.slice(end), cursor: start + token.length };
}

/**
 * A textarea with HTML as text that can be bold, italic, a list or a link. The textarea stays and
 * is what the form posts; without this island its HTML is edited as it is.
 *
 * @example <rich-text><textarea name="text" data-bold="Bold" data-link="Link">…</textarea></rich-text>
 */
export class RichText extends HTMLElement {
  #paper: HTMLElement | undefined;
  #bar: HTMLElement | undefined;

  connectedCallback() {
    // A parser brings the children after the element itself.
    queueMicrotask(() => this.#unfold());
  }

  #unfold() {
    const area = this.querySelector("textarea");
    if (!area || this.#paper || !this.isConnected) return;
    const page = this.ownerDocument;
    this.#bar = page.createElement("p");
    this.#bar.className = "row wrap";
    for (const [command, words] of tools(area.dataset)) {
      const button = page.createElement("button");
      button.type = "button";
      button.className = "btn btn-quiet btn-sm";
      button.textContent = words;
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => this.#do(command, area));
      this.#bar.append(button);
    }
    const paper = page.createElement("div");
    paper.className = "textarea";
    paper.contentEditable = "true";
    paper.setAttribute("role", "textbox");
    paper.setAttribute("aria-multiline", "true");
    const label = page.querySelector(`label[for="${area.id}"]`);
    if (label) {
      label.id ||= `${area.id}-label`;
      paper.setAttribute("aria-labelledby", label.id);
      label.addEventListener("click", () => paper.focus());
    }
    // The HTML was sanitised by the server when it was kept.
    paper.innerHTML = area.value;
    paper.addEventListener("input", (event) => {
      if ((event as InputEvent).isComposing) return;
      area.value = paper.innerHTML;
    });
    paper.addEventListener("compositionend", () => {
      area.value = paper.innerHTML;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    });
    paper.addEventListener("paste", (event) => {
      const words = event.clipboardData?.getData("text/plain");
      if (words === undefined) return;
      event.preventDefault();
      page.execCommand("insertText", false, words);
    });
    this.#paper = paper;
    // Styles inside of tags would be refused by the page and dropped by the server.
    page.execCommand?.("styleWithCSS", false, "false");
    area.toggleAttribute("hidden", true);
    this.prepend(this.#bar, paper);
  }

  disconnectedCallback() {
    this.#paper?.remove();
    this.#bar?.remove();
    this.#paper = this.#bar = undefined;
    const area = this.querySelector("textarea");
    area?.toggleAttribute("hidden", false);
  }

  #do(command: string, area: HTMLTextAreaElement) {
    const page = this.ownerDocument;
    this.#paper?.focus();
    const address = command === "createLink" ? page.defaultView?.prompt(area.dataset.address ?? "", "https://") : undefined;
    if (command === "createLink" && !address) return;
    page.execCommand(command, false, address ?? undefined);
    area.value = this.#paper?.innerHTML ?? area.value;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** The commands whose words the textarea brings along, in order. */
export function tools(words: DOMStringMap): [string, string][] {
  const commands: [string, string | undefined][] = [
    ["bold", words.bold], ["italic", words.italic], ["insertUnorderedList", words.list],
    ["createLink", words.link], ["unlink", words.unlink],
  ];
  return commands.filter((command): command is [string, string] => Boolean(command[1]));
}

customElements.define("rich-text", RichText);
customElements.define("email-editor", EmailEditor);
