// The tab Interpolate: the straight line from one image's mean code to another's.

function interpolate(explorer) {
  const { root, values, sheet, state, change, network } = explorer;
  const panel = root.querySelector(".panel.interpolate");
  const slider = panel.querySelector(".share");
  const ends = [...panel.querySelectorAll("[name=end]")]; // which end a pick sets
  const chosen = firstEnds(values);
  const check = picker(panel.querySelector(".choices"), "end-image", explorer, pick);

  const encodeEnds = newestOnly(async () => {
    const images = chosen.map((i) => ({ X: sheet.pixels(i), caption: caption(i, values) }));
    const codes = await Promise.all(images.map((image) => network.encode(image.X)));
    if (state.tab !== "interpolate") return;
    const line = codes.map((code) => code.mean);
    const [input, to] = images;
    change({ input, to, line, z: between(...line, slider.valueAsNumber) });
  });

  function pick(i) {
    chosen[ends.findIndex((end) => end.checked)] = i;
    encodeEnds();
  }

  ends.forEach((end, i) => end.addEventListener("change", () => check(chosen[i])));
  slider.addEventListener("input", () => {
    if (state.line) change({ z: between(...state.line, slider.valueAsNumber) });
  });
  check(chosen[0]);
  return encodeEnds;
}

// The post goes from a sandal to a boot. Elsewhere: images of the first and last class.
function firstEnds({ choices, labels, classes }) {
  const [first, last] = [choices[0], choices.at(-1)];
  if (!labels) return [first, last];
  const named = (name) => choices.find((i) => classes[labels[i]].name === name);
  return [named("Sandal") ?? first, named("Ankle boot") ?? last];
}
