// Package migration holds the promise to users of github.com/gobwas/ws: a
// program needs nothing but other import paths.
//
// The programs in testdata are written for that library. The tests copy each
// of them, rewrite its imports with the command that
// docs/migrating-from-gobwas.md shows, build both, let both talk to the same
// peer over loopback, and compare what goes over the wire, byte for byte, and
// what they print. Three things are made comparable first:
//
//   - RFC 9110, section 5.3, leaves the order of fields with different names
//     open, and section 5.1 the case of names: the lines of a head are sorted
//     and their names written small.
//   - RFC 6455 leaves open what a refusal says besides its status: the fields
//     Connection, Content-Type and X-Content-Type-Options are left out of one
//     that the program makes, and of one that the library makes only the
//     status line is compared.
//   - Sec-WebSocket-Key and masking keys are random: the former is left out
//     once it has been found to be 16 bytes in base64, and frames of clients
//     are compared unmasked once they have been found to be masked.
//
// Whether a frame leaves by one write or by two does not show in a stream.
package migration
