package payload

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/djsession/djsession/internal/testenv"
)

// What one session is decoded and encoded to stays as it is while others are, in memory that is used again, and while
// damaged ones fail in the middle.
func TestSessionsStayApart(t *testing.T) {
	var group sync.WaitGroup
	for owner := range 8 {
		group.Go(func() {
			r := rand.New(rand.NewPCG(9, uint64(owner)))
			type kept struct{ want, decoded, encoded []byte }
			var all []kept
			for turn := range 60 {
				want := bytes.Repeat(fmt.Appendf(nil, `{"owner":%d,"turn":%d},`, owner, turn), 1+r.IntN(5000/(1+r.IntN(500))))
				encoded, err := Append(t.Context(), nil, want, turn%4 > 0)
				if err != nil {
					t.Error(err)
					return
				}
				whole := base64.RawURLEncoding.EncodeToString(testenv.Zlib(t, want, zlib.DefaultCompression))
				for _, text := range []string{"." + whole[:r.IntN(len(whole))], string(encoded), "." + whole} {
					data, hold, err := Decode(t.Context(), text, 1<<20)
					hold.Release()
					if err != nil && strings.HasSuffix("."+whole, text) {
						t.Error(err)
					}
					if err == nil {
						all = append(all, kept{want, data, encoded})
					}
				}
			}
			for _, k := range all {
				again, hold, err := Decode(t.Context(), string(k.encoded), 1<<20)
				hold.Release()
				if err != nil || !bytes.Equal(again, k.want) || !bytes.Equal(k.decoded, k.want) {
					t.Errorf("%.40q and %.40q, %v; want %.40q", k.decoded, again, err, k.want)
					return
				}
			}
		})
	}
	group.Wait()
	if len(slots) != 0 || len(codecs) != 0 {
		t.Errorf("%d slots and %d turns were not released", len(slots), len(codecs))
	}
}
