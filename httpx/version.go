package httpx

// Version is the version of a message: HTTP/1.1 is Version{1, 1}.
type Version struct{ Major, Minor byte }

// AtLeast reports whether v is major.minor or later.
func (v Version) AtLeast(major, minor byte) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

// parseVersion parses an HTTP-version (RFC 9112, 2.3), which is
// case-sensitive and has one digit on each side of the dot.
func parseVersion(b []byte) (v Version, ok bool) {
	if len(b) != 8 || string(b[:5]) != "HTTP/" || b[6] != '.' {
		return Version{}, false
	}
	v = Version{Major: b[5] - '0', Minor: b[7] - '0'}
	return v, v.Major <= 9 && v.Minor <= 9
}
