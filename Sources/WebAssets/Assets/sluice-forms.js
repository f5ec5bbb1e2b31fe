// Hooks of the forms. Every page works without them; they save a reload.
(() => {
  const { all, on } = window.sluice;

  // Previews: what a form would do, drawn by the server a moment after the last change.
  let timer, asked = 0;
  const preview = (form) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const mine = ++asked, region = form.dataset.preview;
      try {
        const answer = await fetch(form.dataset.previewTo, {
          method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "Sluice-Region": region },
        });
        const place = document.querySelector(`[data-region="${region}"]`);
        if (answer.ok && mine === asked && !place.contains(document.activeElement)) place.innerHTML = await answer.text();
      } catch {}
    }, 350);
  };
  const owner = (node) => (node.form ?? node.closest("form"))?.closest("[data-preview]");
  for (const type of ["input", "change"]) document.addEventListener(type, (event) => {
    const form = owner(event.target);
    if (form) preview(form);
  });

  // Times of a schedule.
  on("click", "[data-drop]", (node) => {
    const form = owner(node);
    node.parentElement.remove();
    if (form) preview(form);
  });
  on("click", "[data-add]", (node, event) => {
    const last = node.previousElementSibling;
    if (!last) return;
    event.preventDefault();
    const fresh = last.cloneNode(true);
    fresh.querySelector("input").value = "";
    node.before(fresh);
    fresh.querySelector("input").focus();
  });
  on("click", "[data-swap]", (node, event) => {
    event.preventDefault();
    const form = node.form, { from, to } = form.elements;
    [from.value, to.value] = [to.value, from.value];
    from.removeAttribute("aria-invalid");
    node.parentElement.remove();
    preview(form);
    from.focus();
  });

  // Accounts that are picked stand before the list, others in it.
  on("change", "[data-picks] [type=checkbox]", (box) => {
    const picks = box.closest("[data-picks]"), label = box.closest("label"), list = picks.querySelector("details");
    if (box.checked) {
      label.className = "tag";
      if (!label.querySelector("svg")) label.insertAdjacentHTML("beforeend", '<svg class="i s"><use href="#i-x"/></svg>');
      list.before(label);
    } else {
      label.className = "item check";
      label.querySelector("svg")?.remove();
      list.querySelector(".pop").prepend(label);
    }
  });

  // All boxes of a name at once; the box above them follows.
  const boxes = (name) => all(`input[type=checkbox][name="${name}"]:not(:disabled)`).filter((box) => !box.closest("[hidden]"));
  on("click", "[data-all]", (node, event) => {
    const list = boxes(node.dataset.all).filter((box) => !node.dataset.of || box.dataset.of === node.dataset.of);
    const value = node.type === "checkbox" ? node.checked : list.some((box) => !box.checked);
    if (node.type !== "checkbox") event.preventDefault();
    for (const box of list) box.checked = value;
    list[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("change", (event) => {
    const said = document.querySelector(`[data-count="${event.target.name}"]`);
    if (said) said.textContent = said.dataset.text.replace("{n}", boxes(event.target.name).filter((box) => box.checked).length);
    const top = document.querySelector(`input[data-all="${event.target.name}"]`);
    if (!top || !event.target.name) return;
    const list = boxes(event.target.name), count = list.filter((box) => box.checked).length;
    top.checked = count === list.length;
    top.toggleAttribute("data-some", count > 0 && count < list.length);
  });

  on("change", "[data-send]", (node) => node.form.requestSubmit());
  on("click", "[data-reveal]", (node) => {
    const field = document.getElementById(node.dataset.reveal), hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    node.setAttribute("aria-pressed", hidden);
  });

  // A span of hours, drawn over the runs per hour.
  const hist = document.querySelector("[data-range-start]"), plot = hist?.querySelector(".plot");
  if (plot) {
    const hours = +hist.dataset.rangeHours, start = Date.parse(hist.dataset.rangeStart + "Z");
    const hour = (event) => {
      const box = hist.querySelector(".plot").getBoundingClientRect();
      return Math.max(0, Math.min(hours - 1, Math.floor(((event.clientX - box.left) / box.width) * hours)));
    };
    let first = null, last = null;
    const draw = () => {
      const svg = hist.querySelector(".plot");
      const frame = svg.querySelector(".sel") ?? svg.appendChild(document.createElementNS(svg.namespaceURI, "rect"));
      const a = Math.min(first, last), b = Math.max(first, last) + 1;
      for (const [name, value] of Object.entries({ class: "sel", x: `${(a / hours) * 100}%`, width: `${((b - a) / hours) * 100}%`, y: 1, height: 76, rx: 3 })) frame.setAttribute(name, value);
    };
    hist.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "touch" || event.button || !event.target.closest(".plot") || event.target.closest("a")) return;
      event.preventDefault();
      hist.setPointerCapture(event.pointerId);
      first = last = hour(event);
      draw();
    });
    hist.addEventListener("pointermove", (event) => {
      if (first === null) return;
      last = hour(event);
      draw();
    });
    hist.addEventListener("pointerup", () => {
      if (first === null) return;
      const stamp = (count) => new Date(start + count * 3600000).toISOString().slice(0, 16);
      const place = new URL(location);
      place.searchParams.set("from", stamp(Math.min(first, last)));
      place.searchParams.set("to", stamp(Math.max(first, last) + 1));
      first = null;
      location = place;
    });
    hist.addEventListener("pointercancel", () => (first = null));
  }

  // Counts down to the next try, then goes there.
  const again = document.querySelector("[data-again]");
  if (again) {
    const text = again.textContent, pause = +again.dataset.again;
    let left = pause;
    setInterval(() => {
      if (--left > 0) again.textContent = text.replace(pause, left);
      else if (left === 0) fetch("/readyz").then((answer) => (answer.ok ? (location = again.dataset.againTo) : (left = pause + 1)), () => (left = pause + 1));
    }, 1000);
  }

  for (const dialog of all("dialog[data-modal][open]")) {
    dialog.close();
    dialog.showModal();
    dialog.querySelector(".input")?.focus();
  }

  // Passkeys: the server gives a challenge, the device signs it.
  const passkey = document.querySelector("[data-passkey]");
  if (passkey && !window.PublicKeyCredential?.parseRequestOptionsFromJSON) passkey.hidden = true;
  on("click", "[data-passkey]", async (node) => {
    node.disabled = true;
    try {
      const options = await (await fetch(node.dataset.passkey, { method: "POST" })).json();
      const signed = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      const answer = await fetch(node.dataset.passkey + "/answer", {
        method: "POST", body: JSON.stringify(signed), headers: { "Content-Type": "application/json" },
      });
      if (answer.ok) location = new FormData(node.form).get("next") || "/";
    } catch {}
    node.disabled = false;
  });
})();
