// Package guardpage gives tests of vector kernels memory whose neighbours
// cannot be touched: a byte read or written outside of it ends the test.
package guardpage
