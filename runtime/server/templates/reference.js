"use strict";
const search = document.getElementById("search");
const found = document.getElementById("found");
const entries = [...document.querySelectorAll("[data-words]")];
const groups = [...document.querySelectorAll("main section")];
function look() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let operations = 0;
  for (const entry of entries) {
    entry.hidden = !words.every((word) => entry.dataset.words.includes(word));
    if (!entry.hidden && entry.tagName === "ARTICLE" && !entry.classList.contains("schema")) operations += 1;
  }
  for (const group of groups) group.hidden = !group.querySelector("article:not([hidden])");
  found.textContent = words.length ? operations + " operations" : "";
}
search.hidden = false;
search.addEventListener("input", look);
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== search) {
    event.preventDefault();
    search.focus();
  }
});
