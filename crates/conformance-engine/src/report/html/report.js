"use strict";
// Filters by outcome, operation and text. Without this script everything is shown, and nothing can be filtered.
const bar = document.querySelector(".filters");
const buttons = [...bar.querySelectorAll("button[data-outcome]")];
const operation = bar.querySelector("select");
const search = bar.querySelector("input");
const shown = document.querySelector("#shown");
const entries = [...document.querySelectorAll("details.entry")];
const groups = [...document.querySelectorAll("details.alike")];
const causes = [...document.querySelectorAll("section.cause")];
const texts = new Map();
const textOf = (entry) => {
  if (!texts.has(entry)) texts.set(entry, entry.textContent.toLowerCase());
  return texts.get(entry);
};
const filter = () => {
  const outcomes = new Set(buttons.filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.outcome));
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const entry of entries) {
    const fits = (outcomes.size === 0 || outcomes.has(entry.dataset.outcome))
      && (operation.value === "" || entry.dataset.operation === operation.value)
      && words.every((word) => textOf(entry).includes(word));
    entry.hidden = !fits;
    if (fits) count += 1;
  }
  // What a filter finds is not hidden in a closed group.
  const isFiltered = outcomes.size > 0 || operation.value !== "" || words.length > 0;
  for (const group of groups) group.open = isFiltered;
  for (const cause of causes) cause.hidden = !cause.querySelector("details.entry:not([hidden])");
  shown.textContent = count === entries.length ? `${count} shown` : `${count} of ${entries.length} shown`;
};
for (const button of buttons) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
operation.addEventListener("change", filter);
search.addEventListener("input", filter);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && event.target === search) {
    search.value = "";
    filter();
  }
});
const open = (isOpen) => [...groups, ...entries].filter((entry) => !entry.hidden).forEach((entry) => { entry.open = isOpen; });
bar.querySelector("#open").addEventListener("click", () => open(true));
bar.querySelector("#close").addEventListener("click", () => open(false));
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const line = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(line.textContent);
      button.textContent = "Copied";
    } catch {
      // A file that was opened from disk may not reach the clipboard; the line is selected instead.
      getSelection().selectAllChildren(line);
      button.textContent = "Selected";
    }
  });
}
const target = () => {
  const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (entry && entry.matches("details.entry")) {
    entry.hidden = false;
    entry.open = true;
    const group = entry.closest("details.alike");
    if (group) group.open = true;
    entry.scrollIntoView();
  }
};
addEventListener("hashchange", target);
bar.hidden = false;
filter();
target();
