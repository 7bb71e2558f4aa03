// The tab Encode: an image's mean and standard deviation, samples of z, and what the
// decoder makes of them.

function encode(explorer) {
  const { root, values, sheet, state, change, network } = explorer;
  const panel = root.querySelector(".panel.encode");
  const check = picker(panel.querySelector(".choices"), "image", explorer, pick);
  const clearPad = values.drawing && pad(panel, values, draw);
  const picked = (i) => ({ X: sheet.pixels(i), caption: caption(i, values) });
  let input = picked(values.choices[0]);
  check(values.choices[0]);

  const show = newestOnly(async (shown) => {
    const posterior = await network.encode(shown.X);
    if (state.tab !== "encode") return;
    change({ z: reparametrized(posterior.mean, posterior.stdDev), posterior, input: shown });
  });

  function pick(i) {
    clearPad?.();
    show((input = picked(i)));
  }

  function draw(X) {
    check(null);
    show((input = { X, caption: "your drawing" }));
  }

  function setFrom(choose) {
    const { posterior } = state;
    if (posterior) change({ z: choose(posterior.mean, posterior.stdDev) });
  }

  const on = (name, choose) =>
    panel.querySelector(name).addEventListener("click", () => setFrom(choose));
  on(".again", reparametrized);
  on(".to-mean", (mean) => [...mean]);
  return () => show(input);
}
