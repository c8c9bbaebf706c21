// What a row of the log shows when it is opened: the whole message, JSON indented, bytes as a dump.

import { hexText, preview, previewBytes, sizeText } from './payload.js';

const mostKept = 64 << 10; // characters or bytes of one message: the log must not keep hundreds of MiB
const dumped = 8; // bytes a line, which is what a phone has room for
const deepest = 40; // levels of JSON that are indented further

// kept returns the part of a message that a row keeps for being opened, or undefined where its preview says all.
export function kept(data) {
  if (typeof data !== 'string') {
    const { byteLength } = data;
    return byteLength > previewBytes ? { data: data.slice(0, mostKept), left: byteLength - mostKept } : undefined;
  }
  if (preview(data) === data && !/^\s*[[{]/.test(data)) return undefined;
  // By way of an array: a slice of a string would keep the whole of it in memory.
  const part = data.length > mostKept ? Array.from(data.slice(0, mostKept)).join('') : data;
  return { data: part, left: data.length - mostKept };
}

// opened is the text of what kept has returned.
export function opened({ data, left }) {
  const text = typeof data === 'string' ? indented(data) : dump(new Uint8Array(data));
  return left > 0 ? `${text}\n… the first ${sizeText(mostKept)}` : text;
}

// indented puts line breaks and spaces into JSON, and returns anything else as it is. Only space between tokens is
// changed: parsing and writing it again would round long numbers, and drop keys that are there twice.
export function indented(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let depth = 0;
  const line = () => `\n${'  '.repeat(Math.min(depth, deepest))}`;
  const token = /"(?:[^"\\]|\\.)*"|\s+|[{[]\s*[}\]]|[{}[\]:,]/g;
  return text.replace(token, (found) => {
    if (found[0] === '"') return found;
    if (found.trim() === '') return '';
    if (found.length > 1) return found[0] + found.at(-1);
    if (found === ':') return ': ';
    if (found === ',') return found + line();
    if (found === '{' || found === '[') {
      depth++;
      return found + line();
    }
    depth--;
    return line() + found;
  });
}

function dump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += dumped) {
    const part = bytes.subarray(at, at + dumped);
    const characters = String.fromCharCode(...part).replace(/[^ -~]/g, '·');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hexText(part).padEnd(3 * dumped)} ${characters}`);
  }
  return lines.join('\n');
}
