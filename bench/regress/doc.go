// Package regress holds, as tests, the known defects of packages ws, wsutil and
// wsflate of github.com/gobwas/ws v1.5.0: each case is run on both libraries,
// and what is right is decided by the same function. A test fails if wirews is
// wrong, and also if gobwas/ws has become right: then the line is to be marked
// as mended, and docs that mention it are to be changed.
//
// An id such as W6 names a line in the project's list of defects; #30 is an
// issue or a pull request of github.com/gobwas/ws.
package regress
