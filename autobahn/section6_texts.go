package autobahn

import "fmt"

// Section 6, second half: single texts, after Markus Kuhn's "UTF-8 decoder
// capability and stress test".

func validTexts() part {
	return texts(5, "code points of one to four octets",
		"68656c6c6f24776f726c64", "68656c6c6fc2a2776f726c64", "68656c6c6fe282ac776f726c64", "68656c6c6ff0a4ada2776f726c64", "cebae1bdb9cf83cebcceb5")
}

func prefixes() part {
	var list []string
	for i := range len(kosme) {
		list = append(list, fmt.Sprintf("%x", kosme[:i+1]))
	}
	return texts(6, "the begin of a valid text", list...)
}

func firstCodePoints() part {
	return texts(7, "the first code point of each length", "00", "c280", "e0a080", "f0908080")
}

func longFormsFirst() part {
	return texts(8, "the first code point of five and six octets", "f888808080", "fc8480808080")
}

func lastCodePoints() part {
	return texts(9, "the last code point of each length", "7f", "dfbf", "efbfbf", "f48fbfbf")
}

func longFormsLast() part {
	return texts(10, "the last code point of four, five and six octets, beyond U+10FFFF", "f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf")
}

func boundaries() part {
	return texts(11, "beside the surrogates, and at the end of Unicode", "ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080")
}

func loneContinuations() part {
	var all string
	for c := 0x80; c < 0xbf; c++ {
		all += fmt.Sprintf("%02x", c)
	}
	return texts(12, "continuation octets without a start", "80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf", all)
}

func loneStarts() part {
	starts := func(from, to int) (s string) {
		for c := from; c <= to; c++ {
			s += fmt.Sprintf("%02x20", c)
		}
		return s
	}
	return texts(13, "start octets without continuations", starts(0xc0, 0xde), starts(0xe0, 0xee), starts(0xf0, 0xf6), starts(0xf8, 0xfa), starts(0xfc, 0xfc))
}

// withoutLast are sequences of which the last octet is missing.
var withoutLast = []string{"c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"}

func lastMissing() part { return texts(14, "sequences without their last octet", withoutLast...) }

func joinedIncomplete() part {
	var all string
	for _, s := range withoutLast {
		all += s
	}
	return texts(15, "many sequences without their last octet", all)
}

func neverOctets() part {
	return texts(16, "octets that never occur", "fe", "ff", "fefeffff")
}

func overlongSlash() part {
	return texts(17, "a slash in too many octets", "c0af", "e080af", "f08080af", "f8808080af", "fc80808080af")
}

func longestOverlong() part {
	return texts(18, "the last code point that is in too many octets", "c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf")
}

func overlongNUL() part {
	return texts(19, "NUL in too many octets", "c080", "e08080", "f0808080", "f880808080", "fc8080808080")
}

func surrogates() part {
	return texts(20, "a surrogate", "eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf")
}

func surrogatePairs() part {
	return texts(21, "a pair of surrogates",
		"eda080edb080", "eda080edbfbf", "edadbfedb080", "edadbfedbfbf", "edae80edb080", "edae80edbfbf", "edafbfedb080", "edafbfedbfbf")
}

// noncharacters are the last two code points of each plane: valid in UTF-8.
func noncharacters() part {
	var list []string
	for plane := rune(0); plane <= 16; plane++ {
		for _, last := range []rune{0xfffe, 0xffff} {
			list = append(list, fmt.Sprintf("%x", string(plane<<16|last)))
		}
	}
	return texts(22, "noncharacters", list...)
}

func specials() part {
	return texts(23, "the specials at the end of the first plane", "efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf")
}
