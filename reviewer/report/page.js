"use strict";
(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const findings = () => all("article.finding").filter((one) => !one.hidden);

  const counted = (number) => number.toLocaleString("en");

  const filter = () => {
    const chosen = (name) => new Set(all(`input[name=${name}]:checked`).map((box) => box.value));
    const severities = chosen("severity"), proofs = chosen("proof");
    for (const one of all("[data-severity]"))
      one.hidden = !(severities.has(one.dataset.severity) && proofs.has(one.dataset.proof));
    const shown = findings().length, total = all("article.finding").length;
    document.getElementById("shown").textContent =
      shown === total ? `${counted(total)} ${total === 1 ? "finding" : "findings"} shown`
                      : `${counted(shown)} of ${counted(total)} findings shown`;
  };

  const reveal = (target) => {
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
    }
    if (target.hidden) {
      for (const box of all("input[type=checkbox]")) box.checked = true;
      filter();
    }
    target.scrollIntoView({ block: target.tagName === "ARTICLE" ? "center" : "start" });
    target.focus({ preventScroll: true });
  };

  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target) reveal(target);
  };

  const step = (by) => {
    const shown = findings();
    if (!shown.length) return;
    const at = shown.indexOf(document.activeElement.closest("article.finding"));
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(shown.length - 1, Math.max(0, at + by));
    reveal(shown[next]);
    history.replaceState(null, "", `#${shown[next].id}`);
  };

  for (const box of all("input[type=checkbox]")) box.addEventListener("change", filter);

  const split = document.getElementById("split");
  split?.addEventListener("click", () => {
    const on = document.body.classList.toggle("split");
    split.setAttribute("aria-pressed", String(on));
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
  });

  // On paper everything is open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });

  addEventListener("hashchange", follow);
  follow();
})();
