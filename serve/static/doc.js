// Document pages: mark the cited stretch, copy citations, print. The page reads fully without it.
"use strict";

function markSpan() {
  const main = document.querySelector("main[data-span]");
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  document.querySelectorAll("main mark").forEach((mark) => mark.replaceWith(...mark.childNodes));
  if (!target) return;
  target.scrollIntoView({ block: "center" });
  if (!main || main.dataset.used) return;
  main.dataset.used = "1"; // the span belongs to the first fragment only
  const [start, end] = main.dataset.span.split("-").map(Number);
  let offset = 0;
  for (const node of [...target.querySelector(".text").childNodes]) {
    if (node.nodeName === "BR") { offset += 1; continue; }
    // offsets are counted in characters as the server counts them, not in UTF-16 units
    const characters = [...node.textContent];
    const from = Math.max(start - offset, 0), to = Math.min(end - offset, characters.length);
    offset += characters.length;
    if (from >= to) continue;
    const mark = document.createElement("mark");
    mark.textContent = characters.slice(from, to).join("");
    node.replaceWith(characters.slice(0, from).join(""), mark, characters.slice(to).join(""));
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.id === "print") window.print();
  if (button.dataset.copy) {
    await copyText(button.dataset.copy);
    const before = button.textContent;
    button.textContent = document.querySelector("main").dataset.copied;
    setTimeout(() => { button.textContent = before; }, 1500);
  }
});

async function copyText(text) {
  try { await navigator.clipboard.writeText(text); } catch {
    // plain http on another host has no clipboard API
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
  }
}

window.addEventListener("hashchange", markSpan);
// Open WebUI puts "#:~:text=..." behind links that have a fragment already; the browser leaves its "#" there
if (location.hash.endsWith("#")) location.replace(location.hash.slice(0, -1));
else markSpan();
