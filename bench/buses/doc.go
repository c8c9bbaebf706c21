// Package buses measures what it costs to carry the messages of a wshub.Hub to another
// node, beside the broker alone.
package buses
