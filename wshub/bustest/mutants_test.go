package bustest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wirews/wirews/wshub/bustest"
)

func TestACluster(t *testing.T) { bustest.Run(t, newCluster("").broker()) }

// mutant names what is wrong with the bus, in a process whose tests have to fail.
const mutant = "BUSTEST_MUTANT"

func TestMutant(t *testing.T) {
	wrong := os.Getenv(mutant)
	if wrong == "" {
		t.Skip("it is run by TestRunFindsWhatIsWrong")
	}
	b := newCluster(wrong).broker()
	b.Patience = 2 * time.Second
	bustest.Run(t, b)
}

// What a bus does wrong fails the test that is for it.
func TestRunFindsWhatIsWrong(t *testing.T) {
	for wrong, by := range map[string]string{
		"loses keys":                  "records arrive as they are",
		"mixes up topics":             "topics are apart",
		"takes any topic":             "a topic that is empty or too long is an error",
		"loses a record now and then": "a topic has one order",
		"gives a record twice":        "a topic has one order",
		"returns another position":    "records arrive as they are",
		"forgets the oldest":          "history",
		"knows no gap":                "what is not kept is a gap",
		"has a stale history":         "history and subscription leave no hole",
		"does not cancel":             "a cancelled subscription is over",
		"works after Close":           "a closed bus is over",
		"ignores contexts":            "an ended context ends a call",
		"waits for the broker":        "an interruption holds up no call for ever",
		"says nothing of gaps":        "an interruption leaves no hole without a gap",
	} {
		t.Run(wrong, func(t *testing.T) {
			t.Parallel()
			name := strings.ReplaceAll(by, " ", "_")
			cmd := exec.Command(os.Args[0], "-test.run", "^TestMutant$/^"+name+"$", "-test.count=1", "-test.timeout=60s")
			cmd.Env = append(os.Environ(), mutant+"="+wrong)
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL: TestMutant/"+name) {
				t.Errorf("%q has not failed: %v\n%s", by, err, out)
			}
		})
	}
}
