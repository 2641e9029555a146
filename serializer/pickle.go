package serializer

import "errors"

// Pickle is django.contrib.sessions.serializers.PickleSerializer, and what Django's caches
// store.
var Pickle Serializer = pickleSerializer{}

type pickleSerializer struct{}

var errUnfinished = errors.New("not written yet")

func (pickleSerializer) Dumps(*Dict) ([]byte, error) { return nil, errUnfinished }

func (pickleSerializer) Loads([]byte) (*Dict, error) { return nil, errUnfinished }
