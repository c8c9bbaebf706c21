package redisbus_test

import (
	"testing"

	"github.com/wirews/wirews/internal/api"
)

// TestExportedAPI: what has been released is not changed by accident.
func TestExportedAPI(t *testing.T) { api.Check(t, ".", ".") }
