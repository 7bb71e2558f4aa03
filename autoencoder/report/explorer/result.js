// The decoded image, with the images beside it, and their losses.

function result({ root, values, network, state }) {
  const slot = (name) => {
    const element = root.querySelector(`.slot.${name}`);
    return [element, element.querySelector("canvas"), element.querySelector("p")];
  };
  const [, canvas, code] = slot("decoded");
  const numbers = root.querySelector(".numbers");
  const time = root.querySelector(".time");

  const decode = newestOnly(async ({ z, input, posterior }) => {
    const { image, imageLoss } = await network.decode(z, input?.X ?? null);
    paint(canvas, image, values.shape);
    code.textContent = described(z);
    if (posterior) numbers.textContent = losses(imageLoss, posterior.terms);
    time.textContent = times(network.milliseconds);
    root.dataset.shown = z; // what the canvas shows, for tests
  });

  function showBeside(name, image) {
    const [element, beside, text] = slot(name);
    element.hidden = !image;
    if (!image) return;
    paint(beside, image.X, values.shape);
    text.textContent = image.caption;
  }

  return () => {
    showBeside("input", state.input); // the plane puts the nearest image there
    showBeside("to", state.to);
    numbers.hidden = !state.posterior;
    decode({ ...state });
  };
}

function losses(imageLoss, terms) {
  const kl = terms.reduce((sum, term) => sum + term);
  return `image loss ${imageLoss.toFixed(2)} nats, KL ${kl.toFixed(2)} nats`;
}

function times({ decode, encode }) {
  const encoded = encode === undefined ? "" : `, encoded in ${encode.toFixed(0)} ms`;
  return `Decoded in ${decode.toFixed(0)} ms${encoded}, in this page.`;
}
