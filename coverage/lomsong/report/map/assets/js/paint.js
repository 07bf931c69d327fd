// Paint classes and marks on a canvas: one look for map, legend, list and print.

const INK = "#1d1d1d";
const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif';
const PERIOD = 8;

const paints = { colours: {}, levels: {}, patterns: new Map(), tones: new Map() };

const DRAWN = {
  // No grid power: black at 45 degrees.
  no_grid(context) {
    context.strokeStyle = "#000";
    context.lineWidth = 1.3;
    for (const shift of [-PERIOD, 0, PERIOD]) {
      context.moveTo(shift - 1, PERIOD + 1);
      context.lineTo(shift + PERIOD + 1, -1);
    }
    context.stroke();
  },
  // Unknown class: dots on white.
  unknown(context) {
    context.fillStyle = "#4a4a4a";
    for (const [x, y] of [[2, 2], [6, 6]]) {
      context.beginPath();
      context.arc(x, y, 0.95, 0, 7);
      context.fill();
    }
  },
  // Inferred: upright white lines; modelled: level ones. Measured stays whole.
  inferred(context) {
    context.fillStyle = "rgba(255,255,255,.82)";
    context.fillRect(3, 0, 1.7, PERIOD);
  },
  modelled(context) {
    context.fillStyle = "rgba(255,255,255,.82)";
    context.fillRect(0, 3, PERIOD, 1.7);
  },
  // Covered with the plan: white plus signs.
  planned(context) {
    context.fillStyle = "#fff";
    context.fillRect(3.2, 1.5, 1.6, 5);
    context.fillRect(1.5, 3.2, 5, 1.6);
  },
};

function pattern(context, name, scale) {
  const key = `${name} ${scale}`;
  if (!paints.patterns.has(key)) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = Math.round(PERIOD * scale);
    const inner = tile.getContext("2d");
    inner.scale(tile.width / PERIOD, tile.width / PERIOD);
    DRAWN[name](inner);
    const made = context.createPattern(tile, "repeat");
    made.setTransform(new DOMMatrix().scale(PERIOD / tile.width));
    paints.patterns.set(key, made);
  }
  return paints.patterns.get(key);
}

/** Share of an area that its lines leave white, or its dots leave dark: what the eye mixes where both are tiny. */
const LINED = 1.7 / PERIOD;
const TONES = { inferred: ["#ffffff", LINED * 0.82], modelled: ["#ffffff", LINED * 0.82], unknown: ["#4a4a4a", 0.09] };

/** Mix a colour with that of its lines. */
function toned(colour, lines) {
  if (!(lines in TONES)) return colour;
  const key = `${colour} ${lines}`;
  if (!paints.tones.has(key)) {
    const [other, share] = TONES[lines];
    const channel = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
    const mixed = [0, 1, 2].map((i) => Math.round(channel(colour, i) * (1 - share) + channel(other, i) * share));
    paints.tones.set(key, `rgb(${mixed})`);
  }
  return paints.tones.get(key);
}

/** Fill the current path as a class with its evidence and power; a small one with the tone of its lines. */
function fillAs(context, { name, evidence, power }, scale, { small = false } = {}) {
  const lines = name === "unknown" ? "unknown" : name === "planned" ? "planned" : evidence;
  context.fillStyle = small ? toned(paints.colours[name], lines) : paints.colours[name];
  context.fill("evenodd");
  if (!small && lines in DRAWN) {
    context.fillStyle = pattern(context, lines, scale);
    context.fill("evenodd");
  }
  if (power === "no_grid") {
    context.fillStyle = pattern(context, "no_grid", scale);
    context.fill("evenodd");
  }
}

/** Draw the mark of power unknown: a hollow bolt and a question mark. */
function markPowerUnknown(context, x, y, size = 11) {
  const unit = size / 11;
  const bolt = new Path2D();
  for (const [dx, dy] of [[-3, -6.5], [-7.5, 1], [-5, 1], [-6.5, 6.5], [-1.5, -1.2], [-4, -1.2], [-1, -6.5]]) {
    bolt.lineTo(x + dx * unit, y + dy * unit);
  }
  bolt.closePath();
  context.font = `700 ${size}px ${FONT}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3.4;
  context.strokeStyle = "#fff";
  context.stroke(bolt);
  context.strokeText("?", x, y);
  context.fillStyle = "#fff";
  context.fill(bolt);
  context.lineWidth = 1.1;
  context.strokeStyle = INK;
  context.stroke(bolt);
  context.fillStyle = INK;
  context.fillText("?", x, y);
}

/** Draw a cluster: a house for the hamlet's centre, a disc for other dwellings. */
function drawCluster(context, x, y, { name, centre, size, ring }) {
  context.beginPath();
  if (centre) {
    context.moveTo(x, y - size * 1.25);
    context.lineTo(x + size, y - size * 0.2);
    context.lineTo(x + size, y + size);
    context.lineTo(x - size, y + size);
    context.lineTo(x - size, y - size * 0.2);
    context.closePath();
  } else {
    context.arc(x, y, size, 0, 7);
  }
  context.lineWidth = ring ? 4.5 : 3;
  context.strokeStyle = "#fff";
  context.stroke();
  context.fillStyle = paints.colours[name];
  context.fill();
  context.lineWidth = 1.4;
  context.strokeStyle = INK;
  context.stroke();
  if (name === "unknown") {
    context.fillStyle = INK;
    context.beginPath();
    context.arc(x, y, 1.3, 0, 7);
    context.fill();
  }
}

/** Draw a known site: a mast; hollow where its position is only estimated. */
function drawMast(context, x, y, estimated) {
  context.beginPath();
  context.moveTo(x, y - 7);
  context.lineTo(x + 5, y + 5);
  context.lineTo(x - 5, y + 5);
  context.closePath();
  context.lineJoin = "round";
  context.lineWidth = 3.4;
  context.strokeStyle = "#fff";
  context.stroke();
  context.fillStyle = estimated ? "#fff" : INK;
  context.fill();
  context.lineWidth = 1.3;
  context.strokeStyle = INK;
  context.stroke();
}

/** Make a small canvas that shows something as the map does. */
function swatch(width, height, draw) {
  const canvas = make("canvas", { class: "swatch", "aria-hidden": "true" });
  const scale = Math.max(2, window.devicePixelRatio || 1);
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  draw(context, scale);
  return canvas;
}

function classSwatch(look, { width = 26, height = 16 } = {}) {
  return swatch(width, height, (context, scale) => {
    context.beginPath();
    context.rect(0.5, 0.5, width - 1, height - 1);
    fillAs(context, look, scale);
    context.strokeStyle = "rgba(0,0,0,.6)";
    context.lineWidth = 1;
    context.stroke();
    if (look.power === "unknown") markPowerUnknown(context, width / 2, height / 2 + 0.5);
  });
}
