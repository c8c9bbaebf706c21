package release

import (
	"bytes"
	"io"
	"io/fs"
	"time"
)

// file is one of a module's: a zip.File, and its fs.FileInfo.
type file struct {
	path    string
	content []byte
}

func (f file) Path() string                 { return f.path }
func (f file) Lstat() (fs.FileInfo, error)  { return f, nil }
func (f file) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.content)), nil }

func (f file) Name() string       { return f.path }
func (f file) Size() int64        { return int64(len(f.content)) }
func (f file) Mode() fs.FileMode  { return 0o644 }
func (f file) ModTime() time.Time { return time.Time{} }
func (f file) IsDir() bool        { return false }
func (f file) Sys() any           { return nil }
