// Read the payload: base64, gzip, a JSON header, then columns of numbers.

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function inflated(bytes) {
  // Browsers from before 2023 lack the stream; the vendored gunzip steps in.
  if (!("DecompressionStream" in window)) return window.lomsongGunzip(bytes);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Read `n` varints of any size, a missing value as NaN. */
function counts(bytes, n) {
  const values = new Float64Array(n);
  let place = 0;
  for (let i = 0; i < n; i += 1) {
    let byte = bytes[place];
    place += 1;
    let value = byte & 127;
    let unit = 128;
    while (byte > 127) {
      byte = bytes[place];
      place += 1;
      value += (byte & 127) * unit;
      unit *= 128;
    }
    values[i] = value ? value - 1 : NaN;
  }
  return values;
}

const unfolded = (value) => (value % 2 ? -(value + 1) / 2 : value / 2);

/** Read signed 32-bit integers: most of the payload, so by bits alone. */
function integers(bytes, n) {
  const values = new Int32Array(n);
  let place = 0;
  for (let i = 0; i < n; i += 1) {
    let byte = bytes[place];
    place += 1;
    let value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[place];
      place += 1;
      value |= (byte & 127) << shift;
    }
    values[i] = (value >>> 1) ^ -(value & 1);
  }
  return values;
}

const READERS = {
  codes: (bytes) => bytes,
  exact: (bytes) => new Float64Array(bytes.slice().buffer),
  counts,
  levels: (bytes, n) => counts(bytes, n).map(unfolded),
  integers,
};

function unpacked(bytes) {
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength)));
  const body = bytes.subarray(4 + headerLength);
  return {
    data: header.data,
    has: (name) => name in header.columns,
    column(name) {
      const [kind, offset, length, n] = header.columns[name];
      return READERS[kind](body.subarray(offset, offset + length), n);
    },
  };
}

/** Give an object columns that are read when somebody first asks for one; most wait for a popup. */
function withColumns(object, pack, prefix, names, turn = (values) => values) {
  for (const name of names) {
    let values;
    Object.defineProperty(object, name, {
      enumerable: true,
      get() {
        values ??= turn(pack.column(`${prefix}.${name}`));
        return values;
      },
    });
  }
  return object;
}

/** Turn steps into the values they lead to, in place. */
function summed(steps) {
  for (let i = 1; i < steps.length; i += 1) steps[i] += steps[i - 1];
  return steps;
}

/** Return where each run of so many values starts, and where the last one ends. */
function starts(lengths) {
  const result = new Int32Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i += 1) result[i + 1] = result[i] + lengths[i];
  return result;
}
