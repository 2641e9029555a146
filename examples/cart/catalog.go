package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Product is something that the shop sells.
type Product struct {
	SKU   string `json:"sku"`
	Name  string `json:"name"`
	About string `json:"about"`
	Price Cents  `json:"price"`
}

// Cents is an amount of money.
type Cents int

func (c Cents) String() string { return fmt.Sprintf("%d.%02d", c/100, c%100) }

//go:embed shop/catalog.json
var catalogJSON []byte

// catalog is what the shop sells, and products the same by SKU. A larger shop would read
// them from the database.
var catalog, products = readCatalog()

func readCatalog() (list []Product, bySKU map[string]Product) {
	if err := json.Unmarshal(catalogJSON, &list); err != nil {
		panic("shop/catalog.json: " + err.Error())
	}
	bySKU = make(map[string]Product, len(list))
	for _, p := range list {
		bySKU[p.SKU] = p
	}
	return list, bySKU
}
