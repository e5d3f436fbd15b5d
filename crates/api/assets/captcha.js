// Solves the puzzle of a form: finds a number such that SHA-256 of the challenge, a dot and the number starts with enough
// zero bits. SHA-256 is FIPS 180-4; it is written out here because the browser's own takes longer to be called than to run.
const primes = [];
for (let n = 2; primes.length < 64; n++) if (primes.every(p => n % p)) primes.push(n);
const fraction = x => (x - Math.floor(x)) * 2 ** 32 | 0;
const K = Int32Array.from(primes, p => fraction(Math.cbrt(p)));
const START = Int32Array.from(primes.slice(0, 8), p => fraction(Math.sqrt(p)));
const W = new Int32Array(64);

// One block of 64 bytes, from the state before it.
const compress = (before, bytes, at) => {
  for (let i = 0; i < 16; i++, at += 4) W[i] = bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    W[i] = W[i - 16] + W[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3)
      + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) | 0;
  }
  let [a, b, c, d, e, f, g, h] = before;
  for (let i = 0; i < 64; i++) {
    const t = h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + W[i] | 0;
    const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
    h = g, g = f, f = e, e = d + t | 0, d = c, c = b, b = a, a = t + u | 0;
  }
  return [a, b, c, d, e, f, g, h].map((x, i) => x + before[i] | 0);
};

// The bytes of a text that `length` bytes come before, filled up to whole blocks.
const padded = (text, length) => {
  const blocks = Math.ceil((text.length + 9) / 64), bytes = new Uint8Array(blocks * 64);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  bytes[text.length] = 128;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, (length + text.length) * 8);
  return bytes;
};

export const solve = async (challenge, bits) => {
  const prefix = challenge + '.', whole = prefix.length - prefix.length % 64, rest = prefix.slice(whole);
  const head = padded(prefix.slice(0, whole), 0);
  let middle = START, until = Date.now() + 20;
  for (let at = 0; at < whole; at += 64) middle = compress(middle, head, at);
  for (let number = 0; ; number++) {
    const tail = padded(rest + number, whole);
    let state = middle;
    for (let at = 0; at < tail.length; at += 64) state = compress(state, tail, at);
    if (Math.clz32(state[0]) >= bits) return prefix + number;
    // The page stays alive.
    if (number % 256 == 0 && Date.now() > until) {
      await new Promise(go => setTimeout(go));
      until = Date.now() + 20;
    }
  }
};

export default async address => {
  const { data } = await (await fetch(address)).json();
  return solve(data.challenge, data.bits);
};
