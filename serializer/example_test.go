package serializer_test

import (
	"fmt"
	"log"

	"github.com/djsession/djsession/serializer"
)

// Setting one key leaves all others as Django wrote them.
func Example() {
	d, err := serializer.JSON.Loads([]byte(`{"ratio":1.0,"id":1180591620717411303424,"seen":[3,1]}`))
	if err != nil {
		log.Fatal(err)
	}
	value, err := serializer.Encode(map[string]float64{"price": 2})
	if err != nil {
		log.Fatal(err)
	}
	d.Set("last", value)
	text, err := serializer.JSON.Dumps(d)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", text)
	// Output: {"ratio":1.0,"id":1180591620717411303424,"seen":[3,1],"last":{"price":2.0}}
}

func ExampleValue_Decode() {
	d, err := serializer.JSON.Loads([]byte(`{"cart":[{"sku":"A-1","qty":2}]}`))
	if err != nil {
		log.Fatal(err)
	}
	var cart []struct {
		SKU string `json:"sku"`
		Qty int    `json:"qty"`
	}
	if value, ok := d.Get("cart"); ok {
		if err := value.Decode(&cart); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(cart[0].SKU, cart[0].Qty)

	var wrong []string
	value, _ := d.Get("cart")
	fmt.Println(value.Decode(&wrong))
	// Output:
	// A-1 2
	// cannot read a JSON object into Go type string
}

// One part of a value can be changed with the others kept as they are spelled.
func ExampleDict_UnmarshalJSON() {
	d, err := serializer.JSON.Loads([]byte(`{"prefs":{"zoom":1.50,"limit":1e400,"tags":["b","a"]}}`))
	if err != nil {
		log.Fatal(err)
	}
	var prefs serializer.Dict
	value, _ := d.Get("prefs")
	if err := value.Decode(&prefs); err != nil {
		log.Fatal(err)
	}
	theme, err := serializer.Encode("dark")
	if err != nil {
		log.Fatal(err)
	}
	prefs.Set("theme", theme)
	changed, err := serializer.Encode(&prefs)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", changed.Bytes())
	// Output: {"zoom":1.50,"limit":1e400,"tags":["b","a"],"theme":"dark"}
}

func ExampleDict_All() {
	d, err := serializer.JSON.Loads([]byte(`{"z":1,"a":1.0,"m":null}`))
	if err != nil {
		log.Fatal(err)
	}
	for key, value := range d.All() {
		fmt.Println(key, value.Kind())
	}
	// Output:
	// z int
	// a float
	// m null
}
