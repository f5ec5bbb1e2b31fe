// SyncHTTP
