/**
 * The bytes of a base 85 text: five characters for four bytes. The digits are the printable characters
 * from `(` on, but for the backslash and the backtick, so that the text survives any editor.
 * @param {string} text
 */
export const decode = (text) => {
  const view = new DataView(new ArrayBuffer((text.length / 5) * 4));
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    number = number * 85 + code - 40 - (code > 92 ? 1 : 0) - (code > 96 ? 1 : 0);
    if (++at % 5 === 0) {
      view.setUint32((at / 5) * 4 - 4, number);
      number = 0;
    }
  }
  return new Uint8Array(view.buffer);
};
