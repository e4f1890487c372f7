// Keeps the inspector's page as the tenant has it now. Without this script the page works by its links.

const inspector = /** @type {HTMLElement} */ (document.getElementById("inspector"));
let asked = 0;

/** Shows what the tenant has at this address. @param {string} address */
async function show(address) {
  asked += 1;
  const turn = asked;
  const response = await fetch(address);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.getElementById("inspector");
  if (turn !== asked || !next || next.innerHTML === inspector.innerHTML) return;
  const focused = document.activeElement?.id;
  const scrolled = inspector.querySelector("pre")?.scrollTop ?? 0;
  inspector.replaceChildren(...next.childNodes);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  inspector.querySelector("pre")?.scrollTo(0, scrolled);
}

const here = () => location.pathname;

inspector.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const { pathname } = new URL(link.href);
  history.pushState(null, "", pathname);
  void show(pathname);
});
addEventListener("popstate", () => void show(here()));

new EventSource("/inspector/events").addEventListener("message", () => void show(here()));
