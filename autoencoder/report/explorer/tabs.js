// The tabs: what sets z. An arrow key opens the next one.

// panels: {name: open}, where open() is called when a tab is opened.
function tabs({ root, change }, panels) {
  const buttons = [...root.querySelectorAll("[role=tab]")];

  function open(chosen) {
    for (const button of buttons) {
      const isChosen = button === chosen;
      button.setAttribute("aria-selected", isChosen);
      button.tabIndex = isChosen ? 0 : -1;
      root.querySelector(`.panel.${button.dataset.tab}`).hidden = !isChosen;
    }
    const tab = chosen.dataset.tab;
    change({ tab, posterior: null, input: null, to: null, line: null });
    panels[tab]();
  }

  buttons.forEach((button, i) => {
    button.addEventListener("click", () => open(button));
    button.addEventListener("keydown", ({ key }) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
      if (!step) return;
      const next = buttons[(i + step + buttons.length) % buttons.length];
      next.focus();
      open(next);
    });
  });
}
