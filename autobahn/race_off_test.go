//go:build !race

package autobahn

const raceDetector = false
