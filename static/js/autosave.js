// Autosave of form[data-autosave]. What stands in the form belongs to who fills it in: an answer of the server brings
// questions, errors and the verdict around it, and only while nothing was changed since it was asked for and no hand is
// on the page; otherwise another answer follows. One request is under way at a time, and leaving waits for it.
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const BOXES = ["first", "rest"]; // their children are parts, each with an id
  const SINGLE = ["summary", "verdict", "discard"];
  const OURS = ["csrfmiddlewaretoken", "seen", "page", "drawn", "tried"];
  const UNSAVED = "Not saved; what you typed is still here";
  const PATIENCE = 20000, RETRY = 5000, CLICK = 400; // milliseconds; a click follows the release of a finger within CLICK
  const byId = (id) => document.getElementById(id);
  const say = (words) => (byId("saved").textContent = words);
  const answers = () => JSON.stringify([...new FormData(form)].filter(([name]) => !OURS.includes(name)));

  let saved = byId("given-back")?.hidden === false ? null : answers(); // what the server has
  let asked = null; // what the request under way carries
  let held = null; // an answer that is still to be shown, and what it is for
  let leaving = null; // the form and button that wait for the request under way
  let moved = ""; // where these answers went because another page changed the draft
  let gone = false, pressed = false;

  form.addEventListener("htmx:configRequest", (event) => {
    if (gone || leaving || answers() === saved) return event.preventDefault();
    asked = answers();
    if (moved) event.detail.path = moved.replace(/edit\/$/, "save/");
    say("Saving…");
  });
  form.addEventListener("htmx:beforeOnLoad", (event) => {
    const apart = event.detail.xhr.getResponseHeader("HX-Redirect");
    if (!apart) return;
    event.preventDefault(); // not before what was typed meanwhile is there, too
    [moved, saved] = [apart, asked];
    byId("seen").value = "";
  });
  form.addEventListener("htmx:beforeSwap", ({ detail }) => {
    detail.shouldSwap = false;
    const answer = new DOMParser().parseFromString(detail.serverResponse, "text/html");
    if (!answer.getElementById("verdict")) return; // the sign-in page, or an error
    const seen = answer.getElementById("seen");
    if (seen) {
      byId("seen").value = seen.value;
      saved = asked;
    }
    held = { answer, to: asked };
    const address = detail.xhr.getResponseHeader("HX-Replace-Url");
    if (address) history.replaceState(null, "", address);
  });
  form.addEventListener("htmx:afterRequest", ({ detail }) => {
    const kept = asked === saved;
    asked = null;
    say(kept ? "Saved a moment ago" : UNSAVED);
    if (moved) return answers() === saved ? go() : htmx.trigger(form, "change");
    if (leaving) return detail.xhr.status || leaving.from !== form ? again() : (leaving = null);
    if (!kept) setTimeout(() => htmx.trigger(form, "change"), RETRY);
    settle();
  });

  // Leaving: by a form of this page once nothing is under way, or by any other way after a question.
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.defaultPrevented) return;
    if (gone) return event.preventDefault();
    if (asked === null) return leave();
    event.preventDefault();
    leaving = { from: event.target, button: event.submitter };
    say("Sending…");
  });
  function leave() {
    gone = true;
    setTimeout(() => (form.inert = true)); // what is typed from here on would be lost
    setTimeout(stay, PATIENCE);
  }
  function again() {
    const { from, button } = leaving;
    leaving = null;
    from.requestSubmit(button?.isConnected ? button : null);
  }
  function go() {
    leave();
    location.href = moved;
  }
  function stay() {
    gone = form.inert = false;
  }
  addEventListener("pageshow", stay);
  document.addEventListener("keydown", ({ key }) => key === "Escape" && stay());
  addEventListener("beforeunload", (event) => {
    if (!gone && (asked !== null || (saved !== null && answers() !== saved))) event.preventDefault();
  });

  // A hand on the page: what it is on must not be taken away before it is lifted.
  const hand = (down) => {
    if (pressed && !down) setTimeout(settle, CLICK);
    pressed = down;
  };
  for (const name of ["pointerdown", "pointermove", "pointerup", "pointercancel"])
    document.addEventListener(name, (event) => hand(event.buttons > 0 && !event.target.closest?.("select")), true);
  document.addEventListener("keydown", ({ key }) => key === " " && hand(true), true);
  document.addEventListener("keyup", () => hand(false), true);
  addEventListener("blur", () => hand(false));
  form.addEventListener("focusout", () => setTimeout(settle));

  function settle() {
    if (!held || pressed || asked !== null) return;
    const { answer, to } = held;
    held = null;
    if (to !== answers()) return; // its own answer follows
    const focus = document.activeElement.id;
    const all = [
      ...BOXES.map((id) => merge(byId(id), answer.getElementById(id))),
      ...SINGLE.map((id) => replace(byId(id), answer.getElementById(id))),
    ];
    if (focus && document.activeElement.id !== focus) byId(focus)?.focus({ preventScroll: true });
    if (saved === to) saved = answers(); // new questions are empty
    if (all.includes(false)) held = { answer, to: answers() };
  }
  // Both return false if a part has to wait until nobody types in it.
  function merge(box, fresh) {
    const wanted = [...fresh.children].map((part) => part.cloneNode(true));
    const there = new Map([...box.children].map((part) => [part.id, part]));
    const ids = new Set(wanted.map((part) => part.id));
    const kept = [...there.values()].filter((part) => ids.has(part.id) || typing(part));
    for (const part of there.values()) if (!kept.includes(part)) part.remove();
    let spot = box.firstElementChild;
    let all = kept.every((part) => ids.has(part.id));
    for (const part of wanted) {
      const old = there.get(part.id);
      if (!old) box.insertBefore(part, spot);
      else if (!replace(old, part)) all = false;
      spot = byId(part.id).nextElementSibling;
    }
    return all;
  }
  function replace(old, fresh) {
    if (!old || !fresh || bare(old) === bare(fresh)) return true;
    if (typing(old)) return false;
    old.replaceWith(fresh.cloneNode(true));
    return true;
  }
  const typing = (part) =>
    part.contains(document.activeElement) &&
    document.activeElement.matches("select, textarea, input:not([type=radio], [type=checkbox])");
  // A part without the answers in it.
  function bare(part) {
    const copy = part.cloneNode(true);
    for (const one of copy.querySelectorAll("[checked], [selected]"))
      ["checked", "selected"].forEach((name) => one.removeAttribute(name));
    for (const one of copy.querySelectorAll("input:not([type=radio], [type=checkbox])")) one.removeAttribute("value");
    for (const one of copy.querySelectorAll("textarea")) one.textContent = "";
    for (const one of copy.querySelectorAll("details")) one.removeAttribute("open");
    return copy.outerHTML;
  }
})();
