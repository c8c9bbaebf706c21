//go:build race

package autobahn

const raceDetector = true
