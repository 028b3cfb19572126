// A page that is looked at anew while it stands: what has changed in <main> is
// exchanged, the focus stays where it was, and what is being written is left
// alone. Without a script the page stays as it came.
const main = document.querySelector("main[data-live]");
const every = Number(main.dataset.live) * 1000;

/** A name by which an element is found again. @param {Element | null} e */
const nameOf = (e) => e && [e.closest("form")?.getAttribute("action"), e.getAttribute("href"), e.getAttribute("name"), e.getAttribute("value")].join(" ");

/** Whether something is being written or chosen. */
const writing = () => [...main.querySelectorAll("input, textarea")].some((e) => e === document.activeElement || (e.type === "radio" ? e.checked : e.value !== e.defaultValue));

function look() {
  const request = new XMLHttpRequest();
  request.responseType = "document"; // parsed without being run
  request.timeout = 10_000;
  request.onloadend = () => {
    const fresh = request.status === 200 && request.responseXML?.querySelector("main[data-live]");
    if (fresh && !writing() && fresh.innerHTML !== main.innerHTML) {
      const focused = main.contains(document.activeElement) ? nameOf(document.activeElement) : null;
      main.replaceChildren(...document.importNode(fresh, true).childNodes);
      if (focused) [...main.querySelectorAll("a, button")].find((e) => nameOf(e) === focused)?.focus();
    }
    if (request.status === 401 || request.status === 404) return location.reload(); // signed out, or the call is over
    setTimeout(look, every);
  };
  request.open("GET", location.href);
  request.send();
}
setTimeout(look, every);
