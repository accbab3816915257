// The chat page: the panel of the cited paragraph, example questions, export, feedback, keys.
// Everything comes as finished HTML from the server, where it has been escaped.
"use strict";

const data = JSON.parse(document.getElementById("ui-data").textContent);
const say = (name) => data.texts[name];
let panel, opener;

function buildPanel() {
  panel = document.createElement("aside");
  panel.id = "panel";
  panel.hidden = true;
  panel.setAttribute("aria-label", say("sources"));
  panel.innerHTML = '<div class="panel-bar"><button type="button" class="small" data-step="-1">←</button>' +
    '<button type="button" class="small" data-step="1">→</button>' +
    '<button type="button" class="small" data-close></button></div><div class="panel-body" aria-live="polite"></div>';
  panel.querySelector("[data-close]").textContent = `${say("close")} ✕`;
  document.body.append(panel);
}

async function openPanel(button) {
  const cite = JSON.parse(button.dataset.cite);
  const row = rowOf(button);
  const question = row ? row.standalone_question : "";
  opener = button;
  document.querySelectorAll(".cite.current").forEach((other) => other.classList.remove("current"));
  button.classList.add("current");
  const reply = await fetch("/ui/panel", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...cite, question, lang: data.lang }),
  });
  const body = panel.querySelector(".panel-body");
  panel.scrollTop = 0;
  if (reply.ok) body.innerHTML = await reply.text();
  else body.textContent = say("no_document");
  panel.hidden = false;
  document.body.classList.add("panel-open");
  const cited = body.querySelector(".cited");
  if (cited) {
    cited.focus({ preventScroll: true });
    const mark = cited.querySelector("mark") || cited;
    const low = mark.getBoundingClientRect().bottom - panel.getBoundingClientRect().top - panel.clientHeight + 60;
    panel.scrollTop = Math.max(0, low); // only as far as needed: the citation stays in view where it can
  }
  if (window.innerWidth <= 760) button.scrollIntoView({ block: "center" });
  else button.scrollIntoView({ block: "nearest" });
}

function closePanel() {
  panel.hidden = true;
  document.body.classList.remove("panel-open");
  document.querySelectorAll(".cite.current").forEach((other) => other.classList.remove("current"));
  if (opener && opener.isConnected) opener.focus();
}

function step(by) {
  const all = [...document.querySelectorAll(".cite")].filter((b) => b.offsetParent);
  const next = all[all.indexOf(document.querySelector(".cite.current")) + by];
  if (next) openPanel(next);
}

function rowOf(element) {
  const turn = element.closest("article[data-row]");
  return turn ? JSON.parse(turn.dataset.row) : null;
}

function ask(question) {
  const box = document.querySelector("#ask textarea");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  setTimeout(() => document.querySelector("#ask .submit-button").click(), 60);
}

async function copyText(text) {
  try { await navigator.clipboard.writeText(text); } catch {
    // plain http on another host has no clipboard API
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
  }
}

function flash(button, text) {
  if (button.dataset.before) return;
  button.dataset.before = button.textContent;
  button.textContent = text;
  setTimeout(() => { button.textContent = button.dataset.before; delete button.dataset.before; }, 1500);
}

function plain(row) {
  // sentences with markers, then the numbered pinpoints
  const numbers = new Map();
  const lines = row.sentences.map((sentence) => {
    const marks = sentence.citations.map((c) => {
      if (!numbers.has(c.paragraph_id)) numbers.set(c.paragraph_id, [numbers.size + 1, c.label || c.paragraph_id]);
      return `[${numbers.get(c.paragraph_id)[0]}]`;
    });
    return sentence.text + [...new Set(marks)].join("");
  });
  const sources = [...numbers.values()].map(([number, label]) => `[${number}] ${label}`);
  return [...lines, "", ...sources].join("\n").trim();
}

async function download(format, rows) {
  const reply = await fetch("/ui/export", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ format, rows }),
  });
  if (!reply.ok) throw new Error(`export failed with status ${reply.status}`);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = `${data.lang === "zh" ? "问答" : "answers"}.${format}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function feedback(button, thumb, reason) {
  const row = rowOf(button);
  const paragraphs = row.sentences.flatMap((s) => s.citations.map((c) => c.paragraph_id));
  const reply = await fetch("/ui/feedback", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ thumb, reason, question: row.question, paragraphs, refused: row.refused, fingerprint: row.fingerprint }),
  });
  button.classList.add("chosen");
  const facts = button.closest(".meta").querySelector(".facts");
  facts.textContent = reply.ok ? say("thanks") : say("fault");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const set = button.dataset;
  if (set.cite) openPanel(button);
  else if (button.classList.contains("example")) ask(button.textContent);
  else if ("close" in set) closePanel();
  else if (set.step) step(Number(set.step));
  else if (set.copy) copyText(set.copy).then(() => flash(button, say("copied")));
  else if ("copyAnswer" in set) copyText(plain(rowOf(button))).then(() => flash(button, say("copied")));
  else if (set.export) download(set.export, [rowOf(button)]).catch(() => flash(button, say("fault")));
  else if (set.exportAll) {
    const rows = [...document.querySelectorAll("#conversation article[data-row]")].map(rowOf);
    if (rows.length) download(set.exportAll, rows).catch(() => flash(button, say("fault")));
  } else if ("print" in set) window.print();
  else if (set.thumb === "up") feedback(button, "up", "");
  else if (set.thumb === "down") {
    button.classList.add("chosen");
    const reasons = button.closest(".meta").querySelector(".reasons");
    reasons.hidden = false;
    reasons.querySelector("button").focus();
  } else if (set.reason) {
    feedback(button, "down", set.reason);
    button.closest(".reasons").hidden = true;
  }
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, [contenteditable]");
  if (event.key === "Escape" && panel && !panel.hidden) closePanel();
  else if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === "/") { event.preventDefault(); document.querySelector("#ask textarea").focus(); }
  else if (panel && !panel.hidden && event.key === "ArrowLeft") step(-1);
  else if (panel && !panel.hidden && event.key === "ArrowRight") step(1);
});

// A new turn is scrolled into view once; a reader who scrolls meanwhile is left alone.
let turns = 0;
new MutationObserver(() => {
  const found = document.querySelectorAll("#conversation article.turn");
  if (found.length > turns && found.length) found[found.length - 1].scrollIntoView({ block: "start", behavior: "smooth" });
  turns = found.length;
  if (!found.length && panel && !panel.hidden) closePanel();
}).observe(document.body, { childList: true, subtree: true });

document.documentElement.lang = data.lang === "zh" ? "zh-CN" : "en";
buildPanel();
