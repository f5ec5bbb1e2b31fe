// Days: calendars and charts say what lies under the pointer; days are picked with pointer and keys.
(() => {
  const { one, all, on, fill, make, icon, texts } = window.sluice, doc = document;

  // Calendars: a place under the pointer is a day by arithmetic (shapes.py has the geometry).
  const sizes = { k6: [6, 1, 3], k10: [10, 2, 5] };
  const looks = { s: ["ok", "done"], f: ["run", "done"], r: ["run", "run"], q: ["", "clock"], m: ["warn", "warn"], x: ["bad", "bad"], n: ["", "minus"] };
  const tip = make("div", "pop tip");
  tip.hidden = true;
  const states = (svg) => svg.dataset.cells.replace(/(\w)(\d+)/g, (_, state, count) => state.repeat(count)).replaceAll(" ", "");
  const left = (box, day) => {
    const [width, gap, week] = sizes[box.dataset.size];
    return day * (width + gap) + Math.floor((day + +box.dataset.offset) / 7) * (week - gap);
  };
  const scale = (svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const date = (box, day) => new Date(Date.parse(box.dataset.first) + day * 864e5);
  const iso = (box, day) => date(box, day).toISOString().slice(0, 10);
  const name = (when) => {
    const months = texts.tMonths.split("|"), month = when.getUTCMonth();
    return texts.tDays.split("|")[when.getUTCDay()] + " " + when.getUTCDate() + (months[1] ? " " + months[month] : "/" + (month + 1));
  };
  const hint = (title, x, y, text, state) => {
    tip.innerHTML = '<p class="line"><b></b></p><p class="sm t2"></p>';
    one("b", tip).textContent = title;
    one(".sm", tip).textContent = text;
    if (state) {
      const [tone, mark] = looks[state], chip = make("span", "chip end " + tone, texts.tStates.split("|")["sfrqmxn".indexOf(state)]);
      chip.insertAdjacentHTML("afterbegin", icon(mark));
      tip.firstChild.append(chip);
    }
    doc.body.append(tip);
    tip.hidden = false;
    const width = tip.offsetWidth;
    tip.style.left = Math.max(8, Math.min(innerWidth - width - 8, x - width / 2)) + scrollX + "px";
    tip.style.top = y + scrollY + 8 + "px";
  };
  const frame = (svg, kind, from, to) => {
    const box = svg.closest("[data-cov]"), x = left(box, from) - 3;
    one("." + kind, box)?.remove();
    const rect = svg.appendChild(doc.createElementNS(svg.namespaceURI, "rect"));
    const values = { class: kind, x, y: -4, width: left(box, to) + sizes[box.dataset.size][0] + 3 - x, height: svg.viewBox.baseVal.height + 8, rx: 4 };
    for (const key in values) rect.setAttribute(key, values[key]);
  };
  const look = (svg, day) => {
    const box = svg.closest("[data-cov]"), place = svg.getBoundingClientRect(), state = states(svg)[day];
    const count = svg.dataset.rows.split(" ")[day], note = JSON.parse(svg.dataset.notes || "{}")[day];
    const rows = count && state !== "n" ? fill(texts.tRows, { n: (+count).toLocaleString(doc.documentElement.lang === "vi" ? "de" : "en") }) : "";
    hint(svg.dataset.name + ", " + name(date(box, day)), place.left + (left(box, day) + 5) * scale(svg), place.bottom, note || rows, state);
  };
  const dayAt = (svg, event) => {
    const box = svg.closest("[data-cov]"), x = (event.clientX - svg.getBoundingClientRect().left) / scale(svg), count = states(svg).length;
    let day = 0;
    while (day + 1 < count && left(box, day + 1) <= x) day++;
    return day;
  };
  let at = null, drag = null, priced;
  const select = (svg, from, to) => {
    const form = one("form[data-price]");
    if (!form) return;
    if (from > to) [from, to] = [to, from];
    const box = svg.closest("[data-cov]"), fields = form.elements;
    frame(svg, "sel", from, to);
    form.hidden = false;
    [fields.stream.value, fields.from.value, fields.to.value] = [svg.dataset.stream, iso(box, from), iso(box, to)];
    one("[data-lead]", form).textContent = fill(texts.tSelected, { n: to - from + 1, stream: svg.dataset.name });
    one("[data-cost]", form).textContent = "";
    const query = new URLSearchParams(new FormData(form)), place = new URL(location);
    for (const [key, value] of query) place.searchParams.set(key, value);
    history.replaceState(null, "", place);
    clearTimeout(priced);
    priced = setTimeout(async () => {
      const answer = await fetch(form.dataset.price + "?" + query, { headers: { accept: "text/plain" } }).catch(() => 0);
      if (answer.ok && fields.from.value === query.get("from") && fields.to.value === query.get("to")) one("[data-cost]", form).textContent = await answer.text();
    }, 250);
  };
  const clear = () => {
    const form = one("form[data-price]:not([hidden])");
    if (!form) return false;
    form.hidden = true;
    one(".cov .sel")?.remove();
    const place = new URL(location);
    for (const key of ["stream", "from", "to"]) place.searchParams.delete(key);
    history.replaceState(null, "", place);
    return true;
  };
  // Days that the address has picked.
  const picked = one("form[data-price]:not([hidden])");
  if (picked) {
    const { stream, from, to } = picked.elements, svg = one(`svg[data-stream="${stream.value}"]`);
    const day = (text) => Math.round((Date.parse(text) - Date.parse(svg.closest("[data-cov]").dataset.first)) / 864e5);
    if (svg) select(svg, day(from.value), day(to.value));
  }
  on("click", "[data-clear]", (_, event) => clear() && event.preventDefault());
  on("pointermove", "svg[data-cells]", (svg, event) => {
    const day = dayAt(svg, event);
    look(svg, day);
    if (drag?.svg === svg) select(svg, drag.day, day);
  });
  on("pointerdown", "svg[data-cells]", (svg, event) => {
    if (event.pointerType === "touch" || event.button) return;
    drag = at = { svg, day: dayAt(svg, event) };
    select(svg, drag.day, drag.day);
    event.preventDefault();
    svg.focus();
  });
  doc.addEventListener("pointerup", () => (drag = null));
  on("pointermove", "[data-chart] svg", (svg, event) => {
    const data = svg.closest("[data-chart]").dataset, values = data.values.split("|"), box = svg.getBoundingClientRect();
    const day = Math.min(values.length - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * values.length)));
    hint(name(new Date(Date.parse(data.first) + day * 864e5)), event.clientX, box.bottom, values[day]);
  });
  on("pointerout", "svg[data-cells],[data-chart] svg", () => (tip.hidden = true));
  on("focusout", "svg[data-cells]", (svg) => {
    tip.hidden = true;
    one(".foc", svg)?.remove();
  });
  const calendarKey = (svg, event) => {
    const count = states(svg).length, rows = all("svg[data-cells]", svg.closest("[data-cov]"));
    if (at?.svg !== svg) at = { svg, day: at?.day ?? count - 1, start: null };
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], turn = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) {
      const start = event.shiftKey ? at.start ?? at.day : null;
      at = { svg, day: Math.max(0, Math.min(count - 1, at.day + step)), start };
      if (start !== null) select(svg, start, at.day);
    } else if (turn) {
      const other = rows[rows.indexOf(svg) + turn];
      if (!other) return true;
      at = { svg: other, day: at.day, start: null };
      other.focus();
    } else if (event.key === "t") at.day = count - 1;
    else if (event.key === "Enter") {
      if (one("form[data-price]:not([hidden])")) one("form[data-price]").requestSubmit();
      else select(svg, at.day, at.day);
      return true;
    } else return false;
    frame(at.svg, "foc", at.day, at.day);
    look(at.svg, at.day);
    return true;
  };

  // Before the other keys: what the calendar takes they leave alone.
  doc.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const svg = event.target.closest?.("svg[data-cells]");
    const took = event.key === "Escape" ? !one("dialog:modal,details.has-pop[open],input:focus") && clear() : svg && texts.keys !== "off" && calendarKey(svg, event);
    if (took) event.preventDefault();
  }, true);
})();
