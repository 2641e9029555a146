package serializer

func marshal(v any) ([]byte, error) {
	value, err := Encode(v)
	if err != nil {
		return nil, err
	}
	return value.Bytes(), nil
}

func unmarshal(data []byte, into any) error {
	v, err := Parse(data)
	if err != nil {
		return err
	}
	return v.Decode(into)
}

func valid(text string) error { return validate(text, readLimits) }
