// Package page is the web page of the command's server.
package page

import "embed"

// Files is the page: index.html and what it refers to.
//
//go:embed *.html *.css *.js *.svg
var Files embed.FS
