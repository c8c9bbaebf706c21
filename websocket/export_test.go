package websocket

// WatchmanSleeps reports whether nothing looks for replies that are held back.
func WatchmanSleeps() bool { return !watchmen.awake.Load() }
