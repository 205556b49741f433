// What the pages cannot do without a script. Every page works without this file; it only makes the way shorter.
(() => {
  "use strict";
  const root = document.documentElement;
  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

  // Theme: system, light or dark.
  function showTheme() {
    const chosen = root.dataset.theme ?? "system";
    for (const button of document.querySelectorAll("[data-set-theme]"))
      button.setAttribute("aria-pressed", String(button.dataset.setTheme === chosen));
  }
  function setTheme(theme) {
    if (theme === "system") {
      delete root.dataset.theme;
      localStorage.removeItem("theme");
    } else {
      root.dataset.theme = theme;
      localStorage.setItem("theme", theme);
    }
    showTheme();
    document.dispatchEvent(new CustomEvent("theme"));
  }

  // Dialogs and the search shortcut. A [data-opens] link goes to its page when the dialog is not there.
  function open(id) {
    const dialog = document.getElementById(id);
    if (!dialog?.showModal) return false;
    if (!dialog.open) dialog.showModal();
    return true;
  }
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !typing(event.target);
    const command = event.key.toLowerCase() === "k" && (event.metaKey || event.ctrlKey);
    if ((slash || command) && open("search")) event.preventDefault();
    if (event.key === "Escape") document.querySelector(".me[open]")?.removeAttribute("open");
  });

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    const opener = at("[data-opens]");
    if (opener && open(opener.dataset.opens)) event.preventDefault();
    if (at("[data-closes]") || event.target.matches("dialog[open]")) at("dialog")?.close();
    if (at("[data-set-theme]")) setTheme(at("[data-set-theme]").dataset.setTheme);
    if (at("[data-copies]")) copy(at("[data-copies]"));
    if (at("[data-fills]")) fill(at("[data-fills]"));
  });

  // Copying a code block; the button says that it did.
  async function copy(button) {
    const text = document.getElementById(button.dataset.copies).textContent;
    const word = button.dataset.word ?? (button.dataset.word = button.textContent);
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Select and copy";
    }
    setTimeout(() => (button.textContent = word), 2000);
  }

  // Sign in as a person of the demo: fills the form, the person still presses the button.
  function fill(button) {
    for (const name of ["login", "password"]) document.querySelector(`[name="${name}"]`).value = button.dataset[name];
    document.querySelector("main form button")?.focus();
  }

  // A form of an older page (another tab signed in since) sends the token of now.
  const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1];
  document.addEventListener("submit", (event) => {
    const field = event.target.querySelector("[name=csrfmiddlewaretoken]");
    if (field && token()) field.value = token();
    keep(event.target);
  }, true);
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!token()) return;
    detail.headers["X-CSRFToken"] = token();
    if (detail.parameters.csrfmiddlewaretoken) detail.parameters.csrfmiddlewaretoken = token();
  });

  // What was typed survives an expired login: kept for this tab, given back once after signing in.
  const kept = () => `typed:${location.pathname}`;
  function keep(form) {
    if (form.method !== "post" || form.querySelector("[type=password]")) return;
    const fields = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
    sessionStorage.setItem(kept(), JSON.stringify(fields));
  }
  function giveBack() {
    if (!meta("sign-in")) return; // the sign-in page itself, or an error
    const saved = sessionStorage.getItem(kept());
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("typed:")) sessionStorage.removeItem(key);
    const from = document.referrer && new URL(document.referrer).pathname;
    if (!saved || from !== meta("sign-in")) return;
    for (const [name, value] of JSON.parse(saved))
      for (const field of document.getElementsByName(name)) {
        if (field.type === "radio" || field.type === "checkbox") field.checked ||= field.value === value;
        else if (field.type !== "hidden") field.value = value;
      }
    document.getElementById("given-back")?.removeAttribute("hidden");
  }

  // A part of a page that meets the sign-in page, or no server at all, leaves the page as it is and says so.
  const signedOut = ({ xhr }) => xhr.responseURL && new URL(xhr.responseURL).pathname === meta("sign-in");
  const outNote = (hidden) => document.getElementById("signed-out")?.toggleAttribute("hidden", hidden);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!signedOut(event.detail)) return;
    event.detail.shouldSwap = false;
    outNote(false);
  });
  const offline = (hidden) => document.getElementById("offline")?.toggleAttribute("hidden", hidden);
  document.addEventListener("htmx:sendError", () => offline(false));
  document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
    offline(true);
    if (!signedOut(detail)) outNote(true);
  });

  // Polling backs off from 2 to 30 seconds, rests in a hidden tab, and ends when an answer has no [data-poll].
  const waits = new Map();
  function poll(element) {
    const address = element.getAttribute("hx-get");
    const wait = waits.get(address) ?? 2000;
    waits.set(address, Math.min(wait * 1.3, 30000));
    setTimeout(() => {
      if (!element.isConnected) return;
      if (document.hidden) poll(element);
      else htmx.trigger(element, "poll");
    }, wait);
  }
  const mount = (within) => {
    if (within.matches?.("[data-poll]")) poll(within);
    within.querySelectorAll("[data-poll]").forEach(poll);
  };
  document.addEventListener("htmx:load", ({ detail }) => mount(detail.elt));
  document.addEventListener("htmx:sendError", ({ target }) => target.matches("[data-poll]") && poll(target));
  document.addEventListener("htmx:responseError", ({ target }) => target.matches("[data-poll]") && poll(target));

  showTheme();
  giveBack();
  document.querySelector("[data-focus]")?.focus();
})();
