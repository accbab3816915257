// A chat bubble for any page: <script src="https://server/widget.js" data-lang="zh"></script>
// Optional attributes: data-key (access key), data-color (#0b5c8a), data-title, data-position ("left").
// One web component in a shadow tree: the page's styles do not reach in, ours do not leak out.
"use strict";

(() => {
  const script = document.currentScript;
  const server = new URL(script.src).origin;
  const lang = script.dataset.lang === "en" ? "en" : "zh";
  const words = {
    zh: { open: "文件问答", close: "关闭", ask: "请输入问题", send: "发送", searching: "正在查找……", sources: "出处",
      fault: "暂时无法回答，请稍后再试。", greeting: "请就文件内容提问，每句话都附段落出处。", log: "对话",
      verdicts: { verbatim: "逐字", supported: "支持", partial: "部分支持", unsupported: "未获支持" } },
    en: { open: "Ask the documents", close: "Close", ask: "Your question", send: "Send", searching: "Searching …", sources: "Sources",
      fault: "No answer at the moment; please try again later.", greeting: "Ask about the documents; every sentence names its paragraph.", log: "Conversation",
      verdicts: { verbatim: "verbatim", supported: "supported", partial: "partly supported", unsupported: "unsupported" } },
  }[lang];

  const style = `
    :host { all: initial; --color: #0b5c8a; }
    * { box-sizing: border-box; font-family: "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", system-ui, sans-serif; }
    .bubble { position: fixed; right: 20px; bottom: 20px; z-index: 2147483000; border: 0; border-radius: 99px; padding: 14px 20px; font-size: 16px; color: #fff; background: var(--color); cursor: pointer; box-shadow: 0 4px 18px rgb(0 0 0 / 25%); }
    .window { position: fixed; right: 20px; bottom: 84px; z-index: 2147483000; width: min(400px, calc(100vw - 24px)); height: min(600px, calc(100vh - 110px)); display: flex; flex-direction: column; background: #fff; color: #17212b; border: 1px solid #d8e0e7; border-radius: 16px; overflow: hidden; box-shadow: 0 8px 40px rgb(0 0 0 / 22%); font-size: 15px; line-height: 1.75; }
    :host([position="left"]) .bubble, :host([position="left"]) .window { right: auto; left: 20px; }
    .window[hidden] { display: none; }
    header { display: flex; align-items: center; justify-content: space-between; padding: 10px 14px; background: var(--color); color: #fff; font-weight: 600; }
    header button { background: transparent; border: 0; color: inherit; font-size: 15px; cursor: pointer; }
    .log { flex: 1; overflow-y: auto; padding: 12px 14px; overflow-wrap: anywhere; }
    .asked { margin: 12px 0 6px auto; width: fit-content; max-width: 85%; background: #e4f0f8; border-radius: 12px; padding: 6px 12px; white-space: pre-wrap; }
    .said p { margin: 0 0 6px; white-space: pre-line; } .status, .notice { color: #51606e; }
    a.mark { color: #0b5c8a; font-weight: 600; text-decoration: none; background: #e4f0f8; border-radius: 5px; padding: 0 4px; margin-left: 4px; font-size: 13px; }
    .badge { font-size: 12px; margin-left: 4px; color: #176639; } .badge.partial { color: #7a5200; } .badge.unsupported { color: #a32020; }
    .sources { margin: 6px 0 0; padding: 6px 0 0; border-top: 1px solid #d8e0e7; list-style: none; font-size: 14px; } .sources a { color: #0b5c8a; }
    form { display: flex; gap: 8px; padding: 10px; border-top: 1px solid #d8e0e7; }
    input { flex: 1; min-width: 0; font-size: 16px; padding: 8px 12px; border: 1px solid #8695a3; border-radius: 10px; background: #fff; color: #17212b; }
    form button { border: 0; border-radius: 10px; background: var(--color); color: #fff; padding: 8px 14px; font-size: 15px; cursor: pointer; } form button:disabled { opacity: .5; }
    :focus-visible { outline: 3px solid #4aa3d6; outline-offset: 2px; }`;

  class UncacChat extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.history = [];
      const root = this.attachShadow({ mode: "open" });
      // built element by element: nothing from the server or the page is ever parsed as HTML
      this.bubble = make("button", { class: "bubble", type: "button", "aria-expanded": "false" }, this.getAttribute("title") || words.open);
      this.window = make("section", { class: "window", role: "dialog", "aria-label": words.open, hidden: "" });
      const close = make("button", { type: "button", "aria-label": words.close }, "✕");
      const header = make("header", {}, this.getAttribute("title") || words.open);
      header.append(close);
      this.log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": words.log, tabindex: "0" });
      this.log.append(make("p", { class: "status" }, words.greeting));
      this.form = make("form");
      this.input = make("input", { "aria-label": words.ask, placeholder: words.ask, maxlength: "2000", autocomplete: "off" });
      this.send = make("button", {}, words.send);
      this.form.append(this.input, this.send);
      this.window.append(header, this.log, this.form);
      const sheet = make("style", {}, style);
      const nonce = script.nonce || this.getAttribute("nonce");
      if (nonce) sheet.nonce = nonce;
      if ("adoptedStyleSheets" in root) { // works under a style-src policy without unsafe-inline
        const adopted = new CSSStyleSheet();
        adopted.replaceSync(style);
        root.adoptedStyleSheets = [adopted];
      } else root.append(sheet);
      root.append(this.window, this.bubble);
      if (this.getAttribute("color")) this.style.setProperty("--color", this.getAttribute("color"));
      this.bubble.addEventListener("click", () => this.toggle(this.window.hidden));
      close.addEventListener("click", () => this.toggle(false));
      root.addEventListener("keydown", (event) => { if (event.key === "Escape") this.toggle(false); });
      this.form.addEventListener("submit", (event) => { event.preventDefault(); this.ask(this.input.value.trim()); });
    }

    toggle(open) {
      this.window.hidden = !open;
      this.bubble.setAttribute("aria-expanded", String(open));
      (open ? this.input : this.bubble).focus();
    }

    async ask(question) {
      if (!question || this.send.disabled) return;
      this.input.value = "";
      this.send.disabled = true;
      const said = make("div", { class: "said" });
      const status = make("p", { class: "status" }, words.searching);
      said.append(status);
      this.log.append(make("div", { class: "asked" }, question), said);
      said.scrollIntoView({ block: "end" });
      try {
        const answer = await this.stream(question, said, status);
        this.history.push({ question: answer.standalone_question, answer: answer.text });
        this.history = this.history.slice(-10);
      } catch {
        status.textContent = words.fault;
        said.append(status);
      }
      this.send.disabled = false;
      this.input.focus();
    }

    async stream(question, said, status) {
      const headers = { "Content-Type": "application/json" };
      if (this.getAttribute("key")) headers.Authorization = `Bearer ${this.getAttribute("key")}`;
      const reply = await fetch(`${server}/answer`, {
        method: "POST", headers, body: JSON.stringify({ question, history: this.history, lang, stream: true }),
      });
      if (!reply.ok) throw new Error(`status ${reply.status}`);
      const numbers = new Map();
      let shown = 0, answer = null;
      for await (const [kind, data] of events(reply.body)) {
        if (kind === "error") throw new Error(data.detail);
        if (kind === "status" && data.status === "fallback") { said.replaceChildren(status); numbers.clear(); shown = 0; }
        if (kind === "sentence") { status.before(sentence(data, numbers)); shown += 1; }
        if (kind === "answer") {
          answer = data;
          data.sentences.slice(shown).forEach((one) => status.before(sentence(one, numbers)));
        }
      }
      if (!answer) throw new Error("the stream ended early");
      status.remove();
      answer.notices.forEach((notice) => said.append(make("p", { class: "notice" }, notice)));
      if (numbers.size) said.append(sources(numbers));
      return answer;
    }
  }

  function make(tag, attributes = {}, text = "") {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text) element.textContent = text;
    return element;
  }

  function link(citation, text, attributes) {
    const found = new URL(citation.url, server);
    // the server names itself as its clients reach it; the page may reach it under another name
    const href = server + found.pathname + found.search + found.hash;
    return make("a", { href, target: "_blank", rel: "noopener", ...attributes }, text);
  }

  function sentence(row, numbers) {
    const paragraph = make("p", {}, row.text);
    for (const citation of row.citations) {
      if (!numbers.has(citation.paragraph_id)) numbers.set(citation.paragraph_id, [numbers.size + 1, citation]);
      const [number] = numbers.get(citation.paragraph_id);
      paragraph.append(link(citation, `[${number}]`, { class: "mark", title: citation.label }));
    }
    if (row.citations.length) paragraph.append(make("span", { class: `badge ${row.verdict}` }, words.verdicts[row.verdict]));
    return paragraph;
  }

  function sources(numbers) {
    const list = make("ol", { class: "sources", "aria-label": words.sources });
    for (const [number, citation] of numbers.values()) {
      const item = make("li", {}, `[${number}] `);
      item.append(link(citation, citation.label, {}));
      list.append(item);
    }
    return list;
  }

  async function* events(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += value;
      let end;
      while ((end = buffer.indexOf("\n\n")) >= 0) {
        const lines = buffer.slice(0, end).split("\n");
        buffer = buffer.slice(end + 2);
        const kind = lines.find((line) => line.startsWith("event: "));
        const data = lines.filter((line) => line.startsWith("data: ")).map((line) => line.slice(6)).join("\n");
        if (kind && data) yield [kind.slice(7), JSON.parse(data)];
      }
    }
  }

  if (!customElements.get("uncac-chat")) customElements.define("uncac-chat", UncacChat);
  const start = () => {
    const chat = document.createElement("uncac-chat");
    for (const name of ["key", "color", "title", "position"]) if (script.dataset[name]) chat.setAttribute(name, script.dataset[name]);
    document.body.append(chat);
  };
  if (document.body) start(); else document.addEventListener("DOMContentLoaded", start);
})();
