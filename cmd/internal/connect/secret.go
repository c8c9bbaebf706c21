package connect

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// AddHeader adds a line "Name: value" to h, or with "@FILE" the lines of a file:
// neither the history of a shell nor the list of processes has these.
func AddHeader(h http.Header, line string) error {
	lines, err := HeaderLines(line)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		h.Add(name, strings.TrimSpace(value))
	}
	return err
}

// HeaderLines returns a line "Name: value", or with "@FILE" the lines of a file,
// without those that are empty or begin with #.
func HeaderLines(line string) (lines []string, err error) {
	name, ok := strings.CutPrefix(line, "@")
	if !ok {
		return []string{line}, checkHeader(line)
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("--header %s: %w", line, err)
	}
	for raw := range bytes.Lines(b) {
		line := strings.TrimSpace(string(raw))
		if line == "" || line[0] == '#' {
			continue
		}
		if checkHeader(line) != nil {
			// Not the line: it may be a secret.
			return nil, fmt.Errorf("--header @%s: a line is not of the form Name: value", name)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func checkHeader(line string) error {
	name, _, ok := strings.Cut(line, ":")
	if name == "" || strings.TrimSpace(name) != name || !ok || strings.ContainsAny(line, "\r\n") {
		return fmt.Errorf("header %q is not of the form Name: value; @FILE reads such lines from a file", line)
	}
	return nil
}

// Bearer returns the field Authorization for a token in a file, or in a variable
// of the environment if file is empty.
func Bearer(file, variable string) (string, error) {
	token := os.Getenv(variable)
	from := "the variable " + variable
	if file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("--bearer-file: %w", err)
		}
		token, from = string(b), file
	}
	if token = strings.TrimSpace(token); token == "" || strings.ContainsAny(token, "\r\n") {
		return "", fmt.Errorf("%s has no token: want one line", from)
	}
	return "Bearer " + token, nil
}
