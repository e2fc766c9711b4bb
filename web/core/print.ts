/** `data-prints` on a button prints the page, for those who do not know the key. */
export function printOnClick(page: Document): void {
  page.addEventListener("click", (event) => {
    if ((event.target as Element).closest?.("[data-prints]")) window.print();
  });
}
