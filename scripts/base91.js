// The text of the module in pkg/. js-shim/base91.wat reads it.
//
// 13 bits are two digits from "#" to "}", the more significant one first. A backslash would be two characters in a
// string, and a template may take a dollar sign for its own: "~" and "!" stand for them.

const [ZERO, BASE, BITS] = [35, 91, 13];

/** @param {Uint8Array} bytes */
export const toBase91 = (bytes) => {
  const digits = [];
  let [bits, count] = [0, 0];
  for (const byte of bytes) {
    bits |= byte << count;
    count += 8;
    if (count < BITS) continue;
    digits.push(...pair(bits & ((1 << BITS) - 1)));
    bits >>>= BITS;
    count -= BITS;
  }
  if (count > 0) digits.push(...pair(bits));
  return String.fromCharCode(...digits.map((digit) => ZERO + digit))
    .replaceAll("\\", "~")
    .replaceAll("$", "!");
};

/** @param {number} number */
const pair = (number) => [Math.floor(number / BASE), number % BASE];

/** @param {string} text */
export const fromBase91 = (text) => {
  const digits = Buffer.from(text.replaceAll("~", "\\").replaceAll("!", "$"), "latin1").map((digit) => digit - ZERO);
  const bytes = [];
  let [bits, count] = [0, 0];
  for (let at = 0; at < digits.length; at += 2) {
    bits |= (digits[at] * BASE + digits[at + 1]) << count;
    for (count += BITS; count >= 8; count -= 8) {
      bytes.push(bits & 255);
      bits >>>= 8;
    }
  }
  return Buffer.from(bytes);
};
