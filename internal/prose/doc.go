// Package prose holds what README, docs and the documentation of packages say
// against the code: numbers that are constants, the table of what each front of
// the handshake refuses, ratios that are quoted from the page of figures, and
// what the scripts of .ci promise. It has no code of its own.
package prose
