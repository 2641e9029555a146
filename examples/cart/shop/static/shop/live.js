// Keeps the panel with the session up to date, and tells what changed. It asks Go, with the
// cookie that the browser has by then; Go only reads the session for it. Without this
// script the panel shows the session as it was when the page was made.
"use strict";
(() => {
  const panel = document.querySelector(".session");
  const pre = panel.querySelector("pre");
  const state = panel.querySelector(".state");
  const user = document.querySelector("[data-user]")?.dataset.user ?? "";
  const make = (tag, name, text = "") => Object.assign(document.createElement(tag), { className: name, textContent: text });
  const live = make("span", "live", "live");
  const changes = make("ul", "changes");
  const stale = make("p", "stale");
  state.prepend(live);
  pre.after(changes, stale);
  stale.append("The session has changed since this page was made. ", Object.assign(make("a", "", "Reload"), { href: location.href }));
  stale.hidden = true;

  // members reads the JSON that the panel shows: a value is on the line of its name.
  const members = (json) => new Map(json.split("\n").slice(1, -1).map((line) => {
    const [, name, value] = line.match(/^ *"((?:[^"\\]|\\.)*)": (.*?),?$/) ?? ["", line, ""];
    return [name, value];
  }));

  // difference tells what happened between two states of the session.
  const difference = (old, now) => {
    const a = members(old.json), b = members(now.json);
    const changed = [...b].filter(([name, value]) => a.get(name) !== value).map(([name]) => name);
    const removed = [...a.keys()].filter((name) => !b.has(name));
    return { changed, removed, rekeyed: old.key !== now.key };
  };

  const describe = ({ changed, removed, rekeyed }, old, now) => {
    if (!now.key) return [["The session ended"]];
    const list = (names) => [...new Set(names.filter((name) => name !== "written_by").map((name) => name.startsWith("_auth_user_") ? "the login" : name))].join(", ");
    const parts = [];
    if (!old.key) parts.push("began the session");
    else if (rekeyed) parts.push("gave it a new key");
    if (list(changed)) parts.push("set " + list(changed));
    if (list(removed)) parts.push("removed " + list(removed));
    return parts.length ? [[now.written_by || "Somebody", " " + parts.join("; ")]] : [];
  };

  const highlight = (json, changed) => {
    pre.replaceChildren(...json.split("\n").map((line) => {
      const row = make("span", ""), parts = line.match(/^( *)("(?:[^"\\]|\\.)*")(: )(.*?)(,?)$/);
      if (!parts) return Object.assign(row, { textContent: line });
      if (changed.includes(parts[2].slice(1, -1))) row.className = "changed";
      row.append(parts[1], make("b", "", parts[2]), parts[3], make("i", "", parts[4]), parts[5]);
      return row;
    }));
  };

  const show = (now, diff) => {
    panel.querySelector(".key").textContent = now.key || "none yet";
    let by = panel.querySelector(".by");
    if (!by) state.append((by = make("span", "by")));
    by.hidden = !now.written_by;
    by.dataset.by = now.written_by;
    by.textContent = "written last by " + now.written_by;
    panel.querySelector(".empty")?.toggleAttribute("hidden", now.key !== "");
    highlight(now.json, diff.changed);
  };

  // The state that this tab knew last, on whichever page, and what it saw happen.
  const known = JSON.parse(sessionStorage.getItem("session") ?? '{"key":"","json":"{}","log":[]}');
  let log = known.log;
  const update = (now) => {
    const diff = difference(known, now), texts = describe(diff, known, now);
    if (known.key === now.key && known.json === now.json) return false;
    log = [...texts, ...log].slice(0, 4);
    Object.assign(known, now, { log });
    sessionStorage.setItem("session", JSON.stringify(known));
    show(now, diff);
    return true;
  };
  const tell = () => changes.replaceChildren(...log.map(([who, what]) => {
    const line = make("li", "");
    line.append(make("b", "", who), what ?? "");
    return line;
  }));

  let first; // as it was when the page was made
  const ask = async () => {
    try {
      const answer = await fetch("/session/", { cache: "no-store" });
      if (!answer.ok) throw new Error(answer.statusText);
      const now = await answer.json();
      if (!update(now) && !first) show(now, { changed: [] });
      first ??= now;
      tell();
      stale.hidden = now.json === first.json && now.user === user;
      live.classList.remove("off");
      panel.dataset.live = String(Number(panel.dataset.live ?? 0) + 1);
    } catch {
      live.classList.add("off"); // and try again
    }
    setTimeout(next, 1000);
  };
  const next = () => document.hidden ? document.addEventListener("visibilitychange", next, { once: true }) : ask();
  next();
})();
