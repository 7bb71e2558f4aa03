// The latent explorer: one code z, shown in every way at once. Sliders, the plane and
// the tabs change it; each change is shown by all.
//
// state: z, the code; posterior, {mean, stdDev, terms} of the encoded image, or null;
// input and to, {X, caption} of images beside the decoded one, or null; line, the codes
// at the ends of an interpolation, or null; tab, which of the tabs is open.

for (const root of document.querySelectorAll(".explorer")) explore(root);

async function explore(root) {
  const text = (name) => root.querySelector(`script.${name}`)?.textContent;
  const values = JSON.parse(text("values"));
  const sheet = await openSheet(root.querySelector(".sheet"), values);
  const z = values.kl.map(() => 0);
  const state = { z, posterior: null, input: null, to: null, line: null, tab: "sample" };
  const views = [];
  const explorer = { root, values, sheet, state, change, network: null };
  globalThis.explorer = explorer; // for the browser's console

  function change(changes) {
    Object.assign(state, changes);
    views.forEach((show) => show(state));
  }

  if (!text("weights")) {
    views.push(plane(explorer), await decodedPlane(explorer));
  } else {
    try {
      explorer.network = connect(text("worker"), text("weights"), values);
      await explorer.network.loaded;
    } catch {
      root.querySelector(".problem").hidden = false;
      return;
    }
    views.push(result(explorer), sliders(explorer));
    if (values.points) views.push(plane(explorer));
    const panels = { sample: sample(explorer), encode: encode(explorer) };
    tabs(explorer, { ...panels, interpolate: interpolate(explorer) });
  }
  change({});
}
