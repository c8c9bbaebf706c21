package plain

import "net/url"

// URL returns what a report, a log or an error may say of u: not who logs in, and no
// query, since either may be a secret.
func URL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
