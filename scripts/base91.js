// The text of the module in pkg/. js-shim/base91.wat reads it.
//
// 13 bits are two digits, the more significant one first.

/**
 * The printable ASCII characters but three: a quote and a backslash would be two characters in a string, and a template
 * may take a dollar sign for its own.
 */
const DIGITS = String.fromCharCode(...Array.from({ length: 94 }, (_, at) => 33 + at)).replace(/["$\\]/g, "");
const [BASE, BITS] = [91, 13];

/** @param {Uint8Array} bytes */
export const toBase91 = (bytes) => {
  let text = "";
  let [bits, count] = [0, 0];
  for (const byte of bytes) {
    bits |= byte << count;
    count += 8;
    if (count < BITS) continue;
    text += pair(bits & ((1 << BITS) - 1));
    bits >>>= BITS;
    count -= BITS;
  }
  return count > 0 ? text + pair(bits) : text;
};

/** @param {number} number */
const pair = (number) => DIGITS[Math.floor(number / BASE)] + DIGITS[number % BASE];

/** @param {string} text */
export const fromBase91 = (text) => {
  const bytes = [];
  let [bits, count] = [0, 0];
  for (let at = 0; at < text.length; at += 2) {
    bits |= (DIGITS.indexOf(text[at]) * BASE + DIGITS.indexOf(text[at + 1])) << count;
    for (count += BITS; count >= 8; count -= 8) {
      bytes.push(bits & 255);
      bits >>>= 8;
    }
  }
  return Buffer.from(bytes);
};
