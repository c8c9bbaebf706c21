package websocket

// FlusherSleeps reports whether nothing looks for replies that are held back.
func FlusherSleeps() bool { return !flushers.awake.Load() }
