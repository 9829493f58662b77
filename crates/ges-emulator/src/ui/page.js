"use strict";
// Loads this page every two seconds and replaces what has changed.
(() => {
  const EVERY = 2000, SAY_AT_MOST_EVERY = 10000;
  const live = document.getElementById("live");
  const changes = document.getElementById("changes");
  const button = document.getElementById("pause");
  let isPaused = false, wait = 0, said = 0, silentSince = null;

  const clock = () => new Date().toLocaleTimeString();
  const say = (place, text) => { if (place.textContent !== text) place.textContent = text; };

  function replace(old, fresh) {
    if (!fresh || old.innerHTML === fresh.innerHTML) return false;
    const before = old.cloneNode(true);
    for (const details of old.querySelectorAll("details[open]")) {
      const same = details.id && fresh.querySelector("#" + CSS.escape(details.id));
      if (same) same.open = true;
    }
    if (before.innerHTML === fresh.innerHTML) return false;
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    // A section in which the user types or has selected text is not replaced.
    const selection = document.getSelection();
    if (focused instanceof HTMLInputElement) return false;
    if (!selection.isCollapsed && old.contains(selection.anchorNode)) return false;
    const path = focused && pathTo(old, focused);
    old.replaceChildren(...fresh.childNodes);
    if (path) (focused.id && document.getElementById(focused.id) || atPath(old, path))?.focus({ preventScroll: true });
    return true;
  }

  function pathTo(root, element) {
    const path = [];
    for (; element !== root; element = element.parentElement) path.unshift([...element.parentElement.children].indexOf(element));
    return path;
  }

  function atPath(root, path) {
    return path.reduce((element, index) => element?.children[index], root);
  }

  async function refresh() {
    const reply = await fetch(location.pathname + location.search, { cache: "no-store", redirect: "error" });
    if (!reply.ok) throw new Error(String(reply.status));
    const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
    const changed = [];
    for (const section of document.querySelectorAll("main > section")) {
      if (replace(section, fresh.getElementById(section.id))) changed.push(section.id);
    }
    for (const selector of ["#facts", "header nav"]) replace(document.querySelector(selector), fresh.querySelector(selector));
    if (changed.length && Date.now() - said > SAY_AT_MOST_EVERY) {
      said = Date.now();
      say(changes, "Changed: " + changed.join(", ") + " at " + clock());
    }
  }

  async function turn() {
    clearTimeout(wait);
    if (isPaused || document.hidden) return;
    try {
      await refresh();
      silentSince = null;
      if (!isPaused) say(live, "Live, every " + EVERY / 1000 + " seconds.");
    } catch {
      silentSince ??= clock();
      say(live, "No response since " + silentSince + ". Trying again.");
    }
    clearTimeout(wait);
    wait = setTimeout(turn, EVERY);
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.textContent = isPaused ? "Resume" : "Pause";
    if (isPaused) say(live, "Paused at " + clock() + ".");
    turn();
  });
  document.addEventListener("visibilitychange", turn);
  turn();
})();
