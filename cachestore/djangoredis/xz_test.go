package djangoredis_test

import (
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/djsession/djsession/cachestore"
	"github.com/djsession/djsession/cachestore/djangoredis"
	"github.com/djsession/djsession/signing"
)

// Values that Python's lzma wrote.
const (
	xzSession = "fd377a585a000004e6d6b4460200210114000000ffe7ec09e0008000105d003d8888223728409eed394d32d3e2ad65003ffd6c74e6044ad200012c81" +
		"01000000d7ef0187b1c467fb020000000004595a" // as django-redis does
	xzDictionary = "fd377a585a000004e6d6b44602002101240000005e1fc7f90100077b2261223a20317d00dc67caa1f245c5e100012008bb19d9bb1fb6f37d01000000" +
		"0004595a" // with a dictionary of 1 GiB
	xzZeros = "fd377a585a000004e6d6b4460200210114000000ffe7ec09ffff11016c5d00006ffdffffa3b7ff473e481572396151b89228e6a38607f9eee41e82d3" +
		"2fc53a3c014bb17ec98a8a4d2fa30dd97fa6e38c231153e05918c5758ae277f8b6947f0c6ac0de744964e2e95c53b204d8f7440cab5f0d6d46e9e5c3" +
		"7688b79657acb64de1691d6ffb4b88106c42cb883f5c008fd04eaf262894711f3d8f24e1709ea7235fec28cb85d195988a7e2a91f22775f719c00698" +
		"4d98fdd8afd5900fc42553f8f591363105a5b0ee6fc1704d470cd19111aaad601dbaceb127185c5986e9665258bee976ac59e4e55b0508f9c7daadfc" +
		"fb522b74cd1e5b2042f9dd533df82964093b80cb2a6cdfb53bf0c4bd2e5faa0f3e4b664290130eff1093f8717859f80bcdff9528460fa9fc7cdefb9a" +
		"302e56c08f85f38381c065c42553f8f591363105a5b0ee6fc1704d470cd19111aaad601dbaceb127185c5986e9665258bee976ac59e4e55b0508f9c7" +
		"daadfcfb522b74cd1e5b2042f9dd533df82964093b80cb2a6cdfb53bf0c4bc4827e6588000ed0005001ca624f1000000b6535a668691fe1d00019303" +
		"8080800186cfef5fb1c467fb020000000004595a" // 2 MiB of them
)

func TestLZMA(t *testing.T) {
	e := djangoredis.Encoding(djangoredis.JSON, djangoredis.LZMA)
	for _, c := range []struct {
		name, value string
		want        error // nil for any
		ok          bool
	}{
		{"session", xzSession, nil, true},
		{"dictionary", xzDictionary, nil, false},
		{"zeros", xzZeros, signing.ErrTooLarge, false},
	} {
		value, err := hex.DecodeString(c.value)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d, err := e.Decode(t.Context(), cachestore.Item{Value: string(value)}, limit)
		runtime.ReadMemStats(&after)
		if (err == nil) != c.ok || !errors.Is(err, c.want) && c.want != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 32<<20 {
			t.Errorf("%s: %d MiB were allocated", c.name, took>>20)
		}
		if c.ok && dump(t, d) != `{"a": "`+strings.Repeat("x", 120)+`"}` {
			t.Errorf("%s: %s", c.name, dump(t, d))
		}
	}
}
