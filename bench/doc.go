// Package bench compares wirews with other libraries and with the least that
// a machine must do. It is a module of its own, so that nobody who imports
// wirews gets what it is compared with.
//
// Each benchmark has its candidates as sub-benchmarks: wirews, gobwas, and,
// where it says something, "bare": the same work written by hand for this one
// case, without a check.
//
// Package bench/regress holds the cases that both libraries are given and that
// only one of them gets right.
package bench
