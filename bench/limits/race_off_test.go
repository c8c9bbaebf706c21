//go:build !race

package main

// raceEnabled: with the race detector, pools drop at random what is given back.
const raceEnabled = false
