// Command write writes the files of the packages in compat/replace. It is run in
// the folder above it, by go generate.
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/wirews/wirews/bench/replace"
)

func main() {
	files, err := replace.Files()
	if err != nil {
		log.Fatal(err)
	}
	for name, text := range files {
		file := filepath.Join(replace.Root, "compat", "replace", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o666); err != nil {
			log.Fatal(err)
		}
	}
}
