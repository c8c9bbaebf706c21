// Payloads as the page handles them: a string is a text message, an ArrayBuffer a binary one.

const encoder = new TextEncoder();
const previewChars = 160;
export const previewBytes = 24;

// What send() does to a lone surrogate (it becomes U+FFFD), so that the echo can equal what was kept.
export function wellFormed(text) {
  return text.toWellFormed ? text.toWellFormed() : text;
}

export function bytesOf(data) {
  return typeof data === 'string' ? encoder.encode(data) : new Uint8Array(data);
}

export function kindOf(data) {
  return typeof data === 'string' ? 'text' : 'binary';
}

// difference says in words how an echo differs from what was sent; '' means not at all.
export function difference(sent, got) {
  if (sent === got) return '';
  if (kindOf(sent) !== kindOf(got)) return `sent as ${kindOf(sent)}`;
  const a = bytesOf(sent);
  const b = bytesOf(got);
  if (a.length !== b.length) return `${sizeText(a.length)} were sent`;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return `byte ${i} differs: sent ${hexText([a[i]])}`;
  }
  return '';
}

export function preview(data) {
  return typeof data === 'string' ? previewText(data) : previewBinary(new Uint8Array(data));
}

function previewText(text) {
  // Cut at a code point: half of a surrogate pair would show as a replacement character.
  const cut = text.length > previewChars
    ? text.slice(0, previewChars).replace(/[\uD800-\uDBFF]$/, '') + '…'
    : text;
  return cut.replace(/\r\n|\r|\n/g, ' ⏎ ');
}

function previewBinary(bytes) {
  const head = hexText(bytes.subarray(0, previewBytes));
  const rest = bytes.length - previewBytes;
  return rest > 0 ? `${head} … and ${sizeText(rest)}` : head;
}

export function hexText(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

// parseHex reads hex digits, in pairs or run together, with an optional 0x and the usual separators.
export function parseHex(source) {
  const digits = source.replace(/0x|[\s,:;_-]/gi, '');
  const stranger = digits.match(/[^0-9a-f]/iu);
  if (stranger) throw new Error(`“${stranger[0]}” is not a hex digit.`);
  if (digits.length % 2) throw new Error(`${digits.length} digits: a byte takes two, so one is missing.`);
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes.buffer;
}

// Random, so that neither compression nor a repeated or swapped block can pass for a faithful echo.
export function randomBytes(length) {
  const quota = 65536; // the most that one call of getRandomValues fills
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += quota) crypto.getRandomValues(bytes.subarray(at, at + quota));
  return bytes.buffer;
}

export function sizeText(bytes) {
  if (bytes === 1) return '1 byte';
  if (bytes < 1024) return `${bytes} bytes`;
  const kib = bytes / 1024;
  const [value, unit] = kib < 1024 ? [kib, 'KiB'] : [kib / 1024, 'MiB'];
  return `${Number(value.toFixed(1))} ${unit}`;
}

export function milliseconds(ms) {
  return ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
}
