// Command attack has "wirews attack" attack servers, each in a process of its own:
// ours on each level of the API, and those of other libraries, as bench/conformance
// serves them. It runs in the folder bench of the repository.
//
//	go run ./attack -out ../docs/attacks.md      # all, and the page about it
//	go run ./attack -ours -quick -strict         # ours, in a minute; the status is 1 if one is weak
//	go run ./attack -servers gorilla,coder       # some
package main
