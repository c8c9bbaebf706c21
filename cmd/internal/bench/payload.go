package bench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wirews/wirews/ws"
)

// words are what texts are made of, by kind.
var words = map[string]string{
	"ascii":    "the quick brown fox jumps over a lazy dog and 42 sleeping cats (again) while it rains, they say",
	"latin":    "garçon façade naïve über größer señor mañana crème brûlée português årsmøte łódź čaj déjà",
	"greek":    "καλημέρα κόσμε θάλασσα ουρανός φιλοσοφία δημοκρατία ήλιος βιβλίο",
	"cyrillic": "привет мир небо солнце книга река сегодня завтра быстрый объект",
	"arabic":   "مرحبا بالعالم كتاب سماء شمس بحر مدينة صباح",
	"cjk":      "漢字仮名 日本語 世界 速度 記憶 한국어 세계 中文 測試",
	"emoji":    "😀🚀 👩🏽‍💻 🌍🌏 🎉 🐢🐇 🏳️‍🌈 🔥 ✅",
}

// Kinds returns the kinds of payload: binary, json, mixed (text in all scripts
// at once), and text in each.
func Kinds() []string {
	kinds := []string{"binary", "json", "mixed"}
	for kind := range words {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// opCode returns the opcode that messages of the kind have.
func opCode(kind string) ws.OpCode {
	if kind == "binary" {
		return ws.OpBinary
	}
	return ws.OpText
}

// newPayload returns size bytes of the kind. They are the same for the same
// number, and others for another.
func newPayload(kind string, size, number int) []byte {
	random := rand.New(rand.NewPCG(uint64(number), 0x5770))
	switch kind {
	case "binary":
		p := make([]byte, size)
		for i := range p {
			p[i] = byte(random.Uint32())
		}
		return p
	case "json":
		return newJSON(size, number, random)
	}
	return newText(kind, size, random)
}

// newText strings words together, and ends with spaces where no further
// character fits.
func newText(kind string, size int, random *rand.Rand) []byte {
	var list []string
	if kind == "mixed" {
		for _, k := range Kinds() {
			list = append(list, strings.Fields(words[k])...)
		}
	} else {
		list = strings.Fields(words[kind])
	}
	var p []byte
	for len(p) < size {
		p = append(append(p, list[random.IntN(len(list))]...), ' ')
	}
	return padText(p, size)
}

// padText cuts p to size bytes at a character, and fills up with spaces.
func padText(p []byte, size int) []byte {
	end := size
	for end < len(p) && !utf8.RuneStart(p[end]) {
		end--
	}
	for p = p[:end]; len(p) < size; {
		p = append(p, ' ')
	}
	return p
}

// newJSON makes an array of records; where there is no room for one, a string
// or a digit.
func newJSON(size, number int, random *rand.Rand) []byte {
	if size == 1 {
		return []byte{'0' + byte(number%10)}
	}
	p := []byte{'['}
	for {
		record := fmt.Sprintf(`{"id":%d,"user":"u%06x","price":%.2f,"tags":["new","sale"],"ok":%t}`,
			number, random.IntN(1<<24), random.Float64()*1000, random.IntN(2) == 0)
		if len(p)+1+len(record)+len(`,""]`) > size {
			break
		}
		if len(p) > 1 {
			p = append(p, ',')
		}
		p = append(p, record...)
		number++
	}
	if len(p) == 1 {
		text := fmt.Sprintf("%0*d", size, number)
		return []byte(`"` + text[len(text)-(size-2):] + `"`)
	}
	p = append(p, `,"`...)
	for len(p) < size-2 {
		p = append(p, 'a'+byte(random.IntN(26)))
	}
	return append(p, `"]`...)
}
