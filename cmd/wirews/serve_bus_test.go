package main

import (
	"slices"
	"strings"
	"testing"
)

func TestTheNodesOfACluster(t *testing.T) {
	for _, c := range []struct {
		flag  string
		addrs []string
		http  string
		next  string
	}{
		{"1/3", []string{"127.0.0.1:7080", "127.0.0.1:7081", "127.0.0.1:7082"}, "localhost:8080", "wirews serve --cluster 2/3"},
		{"3/3", []string{"127.0.0.1:7082", "127.0.0.1:7080", "127.0.0.1:7081"}, "localhost:8082", "wirews serve --cluster 1/3"},
		{"localhost:1,[::1]:2,127.0.0.1:3", []string{"localhost:1", "[::1]:2", "127.0.0.1:3"}, "", "wirews serve --addr localhost:0 --cluster [::1]:2,127.0.0.1:3,localhost:1"},
	} {
		n, err := parseCluster(c.flag)
		if err != nil || !slices.Equal(n.addrs, c.addrs) || n.next() != c.next || n.number > 0 && n.addr() != c.http {
			t.Errorf("%q: %+v, next %q, error %v", c.flag, n, n.next(), err)
		}
	}
}

func TestAClusterThatCannotBeIsRefused(t *testing.T) {
	for flag, want := range map[string]string{
		"1":                                   "want 1/3",
		"1/2":                                 "from 3 to 9",
		"0/3":                                 "from 3 to 9",
		"4/3":                                 "from 3 to 9",
		"1/10":                                "from 3 to 9",
		"a/3":                                 "from 3 to 9",
		"1/3/3":                               "from 3 to 9",
		"a:1,b:2":                             "3 to 9 addresses",
		"127.0.0.1:1,127.0.0.1:2,127.0.0.1":   "want a host and a port",
		"127.0.0.1:1,127.0.0.1:2,127.0.0.1:0": "want a host and a port",
		"127.0.0.1:1,127.0.0.1:2,127.0.0.1:1": "twice",
		"127.0.0.1:1,127.0.0.1:2,10.0.0.1:3":  "--bus jetstream://",
	} {
		if _, err := parseCluster(flag); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", flag, err, want)
		}
	}
}

func TestTheNameOfANode(t *testing.T) {
	for name, ok := range map[string]bool{
		"":                      true,
		"a-1.example:8080":      true,
		"two words":             false,
		"a@b":                   false,
		"ä":                     false,
		strings.Repeat("x", 64): true,
		strings.Repeat("x", 65): false,
	} {
		if err := checkNode(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
