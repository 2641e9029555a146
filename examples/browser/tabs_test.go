package browser

import (
	"sync"
	"testing"
)

// testTwoTabs adds to one cart in two tabs at once. No item is lost, and each tab's panel
// shows in the end what is stored.
func testTwoTabs(t *testing.T, c chromium, s *shop) {
	a := c.private(t, s)
	b := a.another()
	a.open("/cart/")
	a.add("Green tea")
	b.open("/cart/")
	b.sees("go cart: nobody, tea×1")
	var adding sync.WaitGroup
	for tab, product := range map[*tab]string{a: "Stoneware mug", b: "Gooseneck kettle"} {
		adding.Go(func() {
			for range 4 {
				tab.add("Coffee beans")
				tab.add(product)
			}
		})
	}
	adding.Wait()
	a.wait(`document.querySelector(".session pre").innerText.includes('"sku":"kettle","quantity":4')`)
	b.wait(`document.querySelector(".session pre").innerText.includes('"sku":"mug","quantity":4')`)
	for _, path := range []string{"/cart/", "/"} {
		a.open(path)
		for sku, want := range map[string]string{"tea": "1", "coffee": "8", "mug": "4", "kettle": "4"} {
			if got := a.text(`document.querySelector("[data-sku=` + sku + `]")?.dataset.quantity ?? "none"`); got != want {
				t.Errorf("%s: %s of %s, want %s", path, got, sku, want)
			}
		}
	}
}
