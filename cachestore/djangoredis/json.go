package djangoredis

import (
	"github.com/djsession/djsession/serializer"
)

// jsonSerializer is serializer.JSON, except that text is UTF-8.
type jsonSerializer struct{}

func (jsonSerializer) Dumps(d *serializer.Dict) ([]byte, error) { return serializer.JSON.Dumps(d) }

func (jsonSerializer) Loads(data []byte) (*serializer.Dict, error) {
	for _, c := range data {
		if c >= 0x80 { // a site's own subclass writes such text
			d := new(serializer.Dict)
			return d, d.UnmarshalJSON(data)
		}
	}
	return serializer.JSON.Loads(data)
}
