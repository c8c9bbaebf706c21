package autobahn

import "strings"

// reasons say why the cases of a part want what they want, by the number of the
// part, or by that of the section for all of its other parts. The sections of
// the RFCs stand beside each case.
var reasons = map[string]string{
	"1":    "A length of up to 125 stands in the second octet, one of up to 65535 in two more octets, a longer one in eight. Whoever is wrong at a border loses that message and all that follows.",
	"2":    "A ping is answered by a pong with the same octets, as soon as possible and even inside a fragmented message. A pong that nobody has asked for is not answered. Control frames have 125 octets at most.",
	"3":    "The reserved bits are 0 until an extension is agreed that gives them a meaning. Whoever receives another value cannot know what the frame means, and has to fail the connection.",
	"4":    "Opcodes 3 to 7 and 11 to 15 have no meaning yet. Whoever receives one has to fail the connection.",
	"5":    "The first fragment of a message has the opcode, the others are continuations, the last one has FIN. Control frames may stand between them, and are never in fragments themselves. A continuation of nothing is an error, and so is a message inside a message.",
	"6":    "Text is UTF-8: code points up to U+10FFFF, without surrogates, in as few octets as possible. It is the message that has to be UTF-8; a fragment may end inside a code point. Whoever receives anything else fails the connection.",
	"6.4":  "Text that is wrong stays wrong, whatever follows. Whoever looks at it piece by piece can fail the connection at the first wrong octet, and need not take in the rest of the message.",
	"7.1":  "After a close frame nobody sends data. It is answered by a close frame, and what follows it is ignored.",
	"7.3":  "A close frame is empty, or begins with a code of two octets after which a reason may stand. It is a control frame, and so has 125 octets at most.",
	"7.5":  "The reason of a close frame is UTF-8, and wrong text fails the connection.",
	"7.7":  "1000 to 1011 are defined except for three, 3000 to 3999 are for libraries, 4000 to 4999 for applications. They usually come back in the answer.",
	"7.9":  "Codes below 1000 are not used, 1005 and 1006 stand for what no close frame says, and 1004 and 1016 to 2999 are reserved.",
	"7.13": "Nothing is said about codes beyond 4999.",
	"9":    "A message may have any length, and any number of fragments; they may arrive in any pieces. An endpoint that has to look at a message again with each piece of it does not finish in time.",
	"10":   "Whoever sends may cut a message wherever it likes.",
	"12":   "With RSV1 a message is compressed, and may refer to those before it, unless it was agreed that none does. A thousand of them one after the other show whether both sides remember the same.",
	"13":   "Windows and context takeover are agreed for each direction. Whoever refers to what is farther back than agreed sends what its peer has forgotten.",
	"20.1": "A request that is not an opening handshake, or that others on the way may read differently, does not begin a connection. The server answers it with an error.",
	"20.2": "Names of fields and most tokens have no case, lists may stand in one field or in several, and what a server does not know it ignores. An offer that it cannot accept it declines; that is no reason to refuse the handshake.",
	"20.3": "A response that is not the answer to the client's own request does not begin a connection, and an extension or a subprotocol that was not asked for must not be used. The client ends TCP and sends nothing.",
	"20.4": "Names of fields and most tokens have no case, Connection is a list, the reason phrase may be empty, and unknown fields are ignored.",
	"21.1": "A length has to be written in as few octets as possible, and the first of 64 bits is 0.",
	"21.2": "A client masks each frame, so that nobody can have it send octets of his choice to a proxy; a server masks none. Whoever receives it the other way round closes the connection.",
	"22.1": "Compressed octets may be all that deflate can say. RSV1 belongs to the first frame of a message; the other reserved bits, and RSV1 in other frames, still have no meaning. What does not inflate fails the connection.",
	"22.2": "Whoever accepts an offer grants what it demands, says so in the answer, keeps to it, and asks for nothing that the offer does not allow.",
	"23":   "1012 to 1014 have been registered since RFC 6455. 1015 stands for what no close frame says, 1017 is not registered, and codes beyond 4999 are not defined.",
	"24":   "All of it is legal, and costs the sender little. What the receiver has to remember, or to answer, must not grow without bound.",
	"25":   "A length is an announcement, and fragments may go on for ever. An endpoint sets a limit, and closes with 1009 when it is reached; it does not set memory aside for what has not come.",
	"26":   "A message of 1 MiB may inflate to 1 GiB. The limit has to hold for what comes out, while it comes out.",
	"27.1": "The end of TCP is the end of the connection, with or without a close frame. Whoever does not notice holds what is dead.",
	"27.2": "TCP knows nothing of frames: they arrive in any pieces.",
	"27.3": "Whoever closes a socket with octets unread has its system reset the connection, and what is still on its way is lost. Close the sending half, read to the end, and then close the whole.",
}

// reason returns why a case with that number wants what it wants.
func reason(id string) string {
	for {
		if why, ok := reasons[id]; ok {
			return why
		}
		i := strings.LastIndexByte(id, '.')
		if i < 0 {
			return ""
		}
		id = id[:i]
	}
}
