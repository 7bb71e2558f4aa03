// The tab Encode: an image's mean and standard deviation, samples of z, and what the
// decoder makes of them.

function encode(explorer) {
  const { root, values, sheet, state, change, network } = explorer;
  const panel = root.querySelector(".panel.encode");
  const check = picker(panel.querySelector(".choices"), "image", explorer, pick);
  const board = values.drawing && pad(panel, values, draw);
  let input = { X: sheet.pixels(values.choices[0]), caption: caption(values.choices[0], values) };
  check(values.choices[0]);

  const show = newestOnly(async (shown) => {
    const posterior = await network.encode(shown.X);
    if (state.tab !== "encode") return;
    change({ z: reparametrized(posterior.mean, posterior.stdDev), posterior, input: shown });
  });

  function pick(i) {
    board?.clear();
    show((input = { X: sheet.pixels(i), caption: caption(i, values) }));
  }

  function draw(X) {
    check(null);
    show((input = { X, caption: "your drawing" }));
  }

  panel.querySelector(".again").addEventListener("click", () => {
    const { mean, stdDev } = state.posterior;
    change({ z: reparametrized(mean, stdDev) });
  });
  panel.querySelector(".to-mean").addEventListener("click", () =>
    change({ z: [...state.posterior.mean] }),
  );
  return () => show(input);
}
