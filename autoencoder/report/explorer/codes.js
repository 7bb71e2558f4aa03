// Codes: arrays of latent_dim numbers.

// Arrow keys as steps to the right and up.
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

// A sample of N(0, 1), by Box and Muller.
function normal() {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  return radius * Math.cos(2 * Math.PI * Math.random());
}

// The reparametrization trick, as in encoder.py: epsilon comes in from outside.
function reparametrized(mean, stdDev) {
  return mean.map((value, i) => value + normal() * stdDev[i]);
}

// A draw from a Gaussian; factor is the lower Cholesky factor of its covariance.
function drawn({ mean, factor }) {
  const epsilon = mean.map(normal);
  return mean.map((value, i) =>
    factor[i].reduce((sum, part, j) => sum + part * epsilon[j], value),
  );
}

// The code at a share of the straight line between two.
function between(from, to, share) {
  return from.map((value, i) => value + share * (to[i] - value));
}

function described(code) {
  const shown = code.slice(0, 8).map((value) => value.toFixed(2));
  return `z = (${shown.join(", ")}${code.length > 8 ? ", …" : ""})`;
}
