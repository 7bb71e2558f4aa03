// A slider for each latent dimension, those with the most KL first.

const FIRST_SLIDERS = 12;

// Returns show(state): moves the sliders to z, and marks an encoded image's mean and
// standard deviation on them.
function sliders(explorer) {
  const { root, values, state } = explorer;
  const more = root.querySelector(".more");
  const order = values.kl.map((_, i) => i).sort((a, b) => values.kl[b] - values.kl[a]);
  const rows = [];

  function add(dimensions) {
    const added = dimensions.map((i) => sliderRow(i, explorer));
    added.forEach((row) => row.show(state));
    more.before(...added.map((row) => row.element));
    rows.push(...added);
    return added;
  }

  add(order.slice(0, FIRST_SLIDERS));
  more.hidden = order.length <= FIRST_SLIDERS;
  more.textContent = `Show the other ${order.length - FIRST_SLIDERS} dimensions`;
  more.addEventListener("click", () => {
    more.hidden = true;
    add(order.slice(FIRST_SLIDERS))[0].element.querySelector("input").focus();
  });
  return () => rows.forEach((row) => row.show(state));
}

function sliderRow(i, { root, values, state, change }) {
  const element = root.querySelector(".slider").content.cloneNode(true).firstElementChild;
  const [input, band, tick] = ["input", ".band", ".tick"].map((selector) =>
    element.querySelector(selector),
  );
  const limit = values.limits[i];
  element.querySelector(".name").textContent = `z${i}`;
  element.querySelector(".kl").textContent = `KL ${values.kl[i].toFixed(2)} nats`;
  input.setAttribute("aria-label", `z${i}, ${values.kl[i].toFixed(2)} nats of KL`);
  Object.assign(input, { min: -limit, max: limit, step: limit / 100 });
  input.addEventListener("input", () =>
    change({ z: state.z.map((old, j) => (j === i ? input.valueAsNumber : old)) }),
  );

  // Where a value is along the track, from 0 to 1.
  const place = (value) => Math.min(1, Math.max(0, (value + limit) / (2 * limit)));
  function show({ z, posterior }) {
    if (input.valueAsNumber !== z[i]) input.value = z[i];
    input.setAttribute("aria-valuetext", z[i].toFixed(2));
    element.querySelector(".value").textContent = z[i].toFixed(2);
    band.hidden = tick.hidden = !posterior;
    const text = element.querySelector(".posterior");
    text.textContent = "";
    if (!posterior) return;
    const [mean, stdDev] = [posterior.mean[i], posterior.stdDev[i]];
    text.textContent = `${mean.toFixed(2)} ± ${stdDev.toFixed(2)}`;
    band.style.setProperty("--from", place(mean - stdDev));
    band.style.setProperty("--to", place(mean + stdDev));
    tick.style.setProperty("--at", place(mean));
  }
  return { element, show };
}
