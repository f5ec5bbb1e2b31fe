// Live parts, keys, calendars, dialogs. Every page works without it.
(() => {
  const doc = document, texts = doc.body.dataset, html = doc.documentElement;
  const one = (query, node = doc) => node.querySelector(query);
  const all = (query, node = doc) => [...node.querySelectorAll(query)];
  const on = (type, query, act) => doc.addEventListener(type, (event) => {
    const node = event.target.closest?.(query);
    if (node) act(node, event);
  });
  const fill = (text, values) => text.replace(/{(\w+)}/g, (_, name) => values[name]);
  const make = (name, kind, text = "") => Object.assign(doc.createElement(name), { className: kind, textContent: text });
  const icon = (name) => `<svg class="i"><use href="#i-${name}"/></svg>`;
  window.sluice = { one, all, on, fill, make, icon, texts };
  const still = matchMedia("(prefers-reduced-motion:reduce)").matches;

  // Makes the children of a node like those that came: what is the same stays, and with it focus, open parts and motion.
  // What has a key is found wherever it stood: a row stays that of its account, also in another place or group.
  const key = (node) => node.dataset?.row || node.id;
  const same = (a, b) => a.nodeName === b.nodeName && key(a) === key(b);
  const renew = (node, wanted) => {
    const focus = doc.activeElement, keyed = new Map(all("[data-row],[id]", node).map((each) => [key(each), each]));
    morph(node, wanted, keyed);
    for (const gone of keyed.values()) gone.remove();
    // What is moved loses it.
    if (focus !== doc.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
  };
  const morph = (node, wanted, keyed) => {
    let at = node.firstChild;
    for (const want of wanted.childNodes) {
      const name = key(want);
      let found = name ? keyed.get(name) : at;
      while (found && !same(found, want)) found = name ? null : found.nextSibling;
      keyed.delete(found && name);
      if (!found) found = node.insertBefore(want.cloneNode(), at);
      else if (!name) while (at !== found) at = next(at, keyed);
      else if (found !== at) node.insertBefore(found, at);
      at = found.nextSibling;
      if (want.nodeType !== 1) {
        if (found.data !== want.data) {
          found.data = want.data;
          const figure = found.parentElement?.closest(".num,.key");
          if (figure && !still) figure.animate([{ background: "var(--accent-soft)" }, {}], 600);
        }
        continue;
      }
      for (const { name, value } of [...want.attributes]) if (found.getAttribute(name) !== value) found.setAttribute(name, value);
      for (const { name } of [...found.attributes]) if (!want.hasAttribute(name) && name !== "open") found.removeAttribute(name);
      morph(found, want, keyed);
    }
    while (at) at = next(at, keyed);
  };
  // What has a key may be wanted further down.
  const next = (node, keyed) => {
    const after = node.nextSibling;
    if (keyed.get(key(node)) !== node) node.remove();
    return after;
  };

  // Live parts: one stream, none in a hidden tab; a lost one is said, tried again, and in the end the page is read anew.
  const speaker = doc.body.appendChild(make("p", "vh"));
  speaker.setAttribute("role", "status");
  let source, last = "", spoken = Date.now(), lost, tries = 0, clock;
  const speak = () => {
    if (Date.now() - spoken < 15000) return;
    spoken = Date.now();
    speaker.textContent = one("h1")?.textContent;
  };
  const listen = () => {
    const place = new URL(texts.live, location);
    if (last) place.searchParams.set("last", last);
    source = new EventSource(place);
    source.onopen = () => {
      tries = 0;
      lost?.remove();
      lost = null;
    };
    source.onerror = () => {
      source.close();
      const wait = Math.min(30, 2 ** ++tries), since = new Date().toLocaleTimeString("en-GB");
      if (!lost) {
        lost = make("div", "banner warn");
        lost.innerHTML = icon("clock") + "<p><b></b> <span></span></p>";
        one("b", lost).textContent = fill(texts.tLost, { time: since });
        lost.append(Object.assign(make("a", "link", texts.tReload), { href: location }));
        one(".banners").prepend(lost);
      }
      let left = wait;
      const tick = () => {
        if (lost) one("span", lost).textContent = fill(texts.tAgain, { n: left });
        if (left-- > 0) return;
        clearInterval(clock);
        if (tries < 4) listen();
        else fetch("/readyz").then((answer) => (answer.ok ? location.reload() : source.onerror()), () => source.onerror());
      };
      clearInterval(clock);
      clock = setInterval(tick, 1000);
      tick();
    };
    source.addEventListener("regions", (event) => {
      last = event.lastEventId;
      const parts = JSON.parse(event.data);
      requestAnimationFrame(() => {
        for (const [name, text] of Object.entries(parts)) for (const node of all(`[data-region="${name}"]`)) {
          if (node.held === text) continue;
          node.held = text;
          const wanted = make("template", "");
          wanted.innerHTML = text;
          renew(node, wanted.content);
          if (name === "head") speak();
        }
        if (row && !row.isConnected) row = null;
        row?.classList.add("on");
        narrow();
      });
    });
    source.addEventListener("toast", (event) => toast(event.data));
    source.addEventListener("reload", () => location.reload());
    source.addEventListener("goto", (event) => (location = event.data));
  };
  if (texts.live) {
    listen();
    doc.addEventListener("visibilitychange", () => {
      source.close();
      clearInterval(clock);
      if (!doc.hidden) listen();
    });
    addEventListener("pagehide", () => source.close());
    addEventListener("pageshow", (event) => event.persisted && listen());
  }

  // Toasts stay 6 s, longer under the pointer, and for good when something failed.
  const keep = (node) => {
    if (node.classList.contains("bad")) return;
    let timer;
    const start = () => (timer = setTimeout(() => node.remove(), 6000));
    node.onmouseenter = () => clearTimeout(timer);
    node.onmouseleave = start;
    start();
  };
  const toast = (text) => {
    const place = one(".toasts");
    place.insertAdjacentHTML("beforeend", text);
    keep(place.lastElementChild);
  };
  const say = (tone, name, text) => {
    const node = make("div", "toast " + tone);
    node.innerHTML = icon(name) + "<p></p>";
    node.lastChild.textContent = text;
    toast(node.outerHTML);
  };
  all(".toast").forEach(keep);

  // Dialogs: pages shown in place, and questions before what cannot be undone.
  const show = (dialog) => {
    dialog.removeAttribute("open");
    dialog.classList.remove("flat");
    doc.body.append(dialog);
    dialog.onclose = () => dialog.remove();
    dialog.showModal();
    return dialog;
  };
  const open = async (place) => {
    try {
      const page = new DOMParser().parseFromString(await (await fetch(place, { headers: { Accept: "text/html" } })).text(), "text/html");
      const dialog = doc.adoptNode(one("main dialog", page));
      dialog.autofocus = true;
      show(dialog);
    } catch {
      location = place;
    }
  };
  on("click", "a[data-dialog]", (link, event) => (event.preventDefault(), open(link.href)));
  on("click", "[data-close]", (node, event) => {
    const box = node.closest(".toast,dialog:modal");
    if (!box) return;
    event.preventDefault();
    box.close ? box.close() : box.remove();
  });
  on("submit", "form", (form, event) => {
    const button = event.submitter;
    if (form.dataset.confirm && !form.sure) {
      event.preventDefault();
      const dialog = make("dialog", "dialog"), top = make("div", "in"), foot = make("form", "card-f");
      const stay = make("button", "btn", texts.tKeep), act = make("button", "btn kill", button?.textContent.trim());
      foot.method = "dialog";
      foot.append(stay, act);
      top.append(make("h2", "", form.dataset.confirm), make("p", "t2", form.dataset.detail));
      dialog.append(top, foot);
      act.onclick = () => {
        form.sure = true;
        form.requestSubmit(button);
      };
      return show(dialog);
    }
    if (form.getAttribute("action") === "/preferences") {
      event.preventDefault();
      const data = new URLSearchParams(new FormData(form, button));
      fetch("/preferences", { method: "POST", body: data }).then(() => {
        const theme = data.get("theme");
        if (!theme) return location.reload();
        html.className = theme === "system" ? "" : theme;
        for (const choice of all("[name=theme][aria-pressed]")) choice.setAttribute("aria-pressed", choice.value === theme);
      }, () => say("bad", "bad", texts.tOffline));
    } else if (form.method === "post") setTimeout(() => button?.setAttribute("aria-busy", true));
  });
  on("click", "[data-copy]", (node) => navigator.clipboard.writeText(node.dataset.copy).then(() => say("ok", "done", texts.tCopied)));
  // The history badge opens under the pointer, too, and closes behind it unless it was clicked.
  let leaving;
  if (matchMedia("(hover: hover)").matches) doc.addEventListener("pointerover", (event) => {
    const pill = one("details:has(>.pill)");
    clearTimeout(leaving);
    if (!pill?.contains(event.target)) leaving = setTimeout(() => pill?.byPointer && (pill.open = pill.byPointer = false), 250);
    else if (!pill.open) pill.open = pill.byPointer = true;
  });
  on("click", ".pill", (node, event) => {
    const pill = node.parentNode;
    if (pill.byPointer) event.preventDefault();
    pill.byPointer = false;
  });
  doc.addEventListener("click", (event) => {
    for (const menu of all("details.has-pop[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  // Styles that the first paint does without.
  addEventListener("load", () => all("[data-late]").forEach((link) => (link.media = "all")));

  // Lists: filter in place, a row reached with j and k.
  let row, picked;
  const narrow = () => {
    const field = one("[data-filter]"), text = field?.value.toLowerCase();
    if (text === undefined) return;
    for (const node of all("[data-row]")) {
      node.hidden = !node.textContent.toLowerCase().includes(text);
      const why = node.nextElementSibling;
      if (why?.matches(".why")) why.hidden = node.hidden;
    }
    for (const group of all("[data-rows] tbody")) group.hidden = !one("[data-row]:not([hidden])", group);
  };
  on("input", "[data-filter]", narrow);
  const go = (step) => {
    const rows = all("[data-row]").filter((node) => node.getClientRects().length);
    const place = Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + (row ? step : 0)));
    row?.classList.remove("on");
    row = rows[place];
    row?.classList.add("on");
    row?.scrollIntoView({ block: "nearest" });
    (one("a", row) ?? row)?.focus({ preventScroll: true });
  };
  const pick = (range) => {
    const boxes = all("[data-row] input[type=checkbox]"), box = row && one("input[type=checkbox]", row);
    if (!box) return;
    const value = !box.checked, ends = [boxes.indexOf(box), range && picked ? boxes.indexOf(picked) : boxes.indexOf(box)].sort((a, b) => a - b);
    for (const other of boxes.slice(ends[0], ends[1] + 1)) if (other.checked !== value) other.click();
    picked = box;
  };

  // Keys. They rest in fields and can be turned off; Ctrl Enter and Esc always work.
  const roads = { d: "/", a: "/accounts", q: "/sync/quick", c: "/sync/schedules", l: "/sync/logs", s: "/sync/settings", p: texts.running, j: texts.running };
  let led = 0;
  doc.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const { key, target } = event, field = target.matches?.("input:not([type=checkbox],[type=radio]),select,textarea");
    if (key === "Enter" && (event.ctrlKey || event.metaKey)) return target.form?.requestSubmit();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Escape") {
      const menu = one("details.has-pop[open]");
      if (one("dialog:modal")) return;
      if (menu) return (menu.open = false), one("summary", menu).focus();
      if (field) return target.blur();
      if (row) return row.classList.remove("on"), (row = null);
      return one(".crumbs a:last-of-type")?.click();
    }
    if (field || texts.keys === "off" || one("dialog:modal")) return;
    const done = () => event.preventDefault();
    if (Date.now() - led < 1200) {
      led = 0;
      if (key in roads) return done(), (location = roads[key] || "/sync/logs?status=in_progress");
    }
    if (key === "g") led = Date.now();
    else if (key === "?") open("/keys"), done();
    else if (key === "j" || key === "k") go(key === "j" ? 1 : -1), done();
    else if (key === "Enter" && row && target === row && row.dataset.href) location = row.dataset.href;
    else if (key === "x" || key === "X") pick(key === "X");
    else if (key === "/") done(), (one("[data-filter],[data-narrow]") ?? one(".find input"))?.focus();
    else if (key === "z") one(".toast form button")?.click();
    else {
      // In a list a key acts on the row that was reached, never on another.
      const query = `[data-key="${CSS.escape(key)}"]`, why = row?.nextElementSibling;
      const found = (row && one(query, row)) ?? (why?.matches(".why") && one(query, why) || all("main " + query).find((node) => !node.closest("[data-rows]")));
      if (!found) return;
      done();
      found.click();
      one(".pop a,.pop button,.pop input", found.parentElement)?.focus();
    }
  });
})();
