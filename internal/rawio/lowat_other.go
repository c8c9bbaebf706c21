//go:build !linux && !darwin

package rawio

import "errors"

// SetNotSentLowat is for systems that have TCP_NOTSENT_LOWAT.
func SetNotSentLowat(uintptr, int) error { return errors.ErrUnsupported }
