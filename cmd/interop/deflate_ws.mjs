// The parameters of permessage-deflate under the names of RFC 7692, as Node's ws has them. Window bits are 0 where
// nothing is said, and 1 for client_max_window_bits without a value.

export function options(params) {
  const bits = (n) => (n === 1 ? true : n || undefined);
  return {
    serverNoContextTakeover: params.server_no_context_takeover || undefined,
    clientNoContextTakeover: params.client_no_context_takeover || undefined,
    serverMaxWindowBits: bits(params.server_max_window_bits),
    clientMaxWindowBits: bits(params.client_max_window_bits),
  };
}

// agreed returns what a connection compresses with, or null if it does not.
export function agreed(socket) {
  const params = socket._extensions['permessage-deflate']?.params;
  return params ? {
    server_no_context_takeover: Boolean(params.server_no_context_takeover),
    client_no_context_takeover: Boolean(params.client_no_context_takeover),
    server_max_window_bits: params.server_max_window_bits ?? 15,
    client_max_window_bits: params.client_max_window_bits ?? 15,
  } : null;
}
