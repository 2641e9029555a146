package browser

import (
	"bytes"
	"context"
	"flag"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var pictures = flag.String("pictures", "", "directory for the README's pictures; none are written without it")

// largest is the size of a picture in bytes.
const largest = 150_000

// testPictures takes the README's pictures, and looks at the shop in small windows, which every
// page has to fit into.
func testPictures(t *testing.T, c chromium, s *shop) {
	b := c.private(t, s)
	b.open("/")
	b.add("Coffee beans")
	b.open("/shop/login/")
	b.logIn(password)
	b.do(chromedp.EmulateViewport(1280, 780), chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	}))
	b.add("Stoneware mug")
	b.picture("shop-django.png")
	b.open("/cart/")
	b.add("Coffee beans")
	b.picture("shop-go.png")
	for _, width := range []int64{390, 820} {
		b.do(chromedp.EmulateViewport(width, 800))
		for _, path := range []string{"/", "/cart/", "/account/", "/login/", "/password/"} {
			b.open(path)
			if wide := b.text(`String(document.documentElement.scrollWidth)`); wide != strconv.FormatInt(width, 10) {
				t.Errorf("%s is %s wide in a window of %d", path, wide, width)
			}
			if missing := b.text(`[...document.images].filter((i) => !i.naturalWidth).map((i) => i.src).join(" ")`); missing != "" {
				t.Errorf("%s lacks the pictures %s", path, missing)
			}
		}
	}
}

// picture takes a picture of the tab, of few colours, as a small file.
func (b *tab) picture(name string) {
	b.t.Helper()
	b.wait(`document.querySelector(".session").dataset.live > 0`)
	taken, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	decoded, err := png.Decode(bytes.NewReader(taken))
	if err != nil {
		b.t.Fatal(err)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, reduce(decoded)); err != nil {
		b.t.Fatal(err)
	}
	if small.Len() > largest {
		b.t.Errorf("%s has %d bytes", name, small.Len())
	}
	if *pictures == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(*pictures, name), small.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// reduce draws a picture with those 256 colours that it has most of.
func reduce(img image.Image) *image.Paletted {
	counts := map[color.Color]int{}
	bounds := img.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[img.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.Color) int { return counts[b] - counts[a] })
	palette := color.Palette(colours[:min(256, len(colours))])
	nearest := map[color.Color]uint8{}
	for _, c := range colours {
		nearest[c] = uint8(palette.Index(c))
	}
	reduced := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			reduced.SetColorIndex(x, y, nearest[img.At(x, y)])
		}
	}
	return reduced
}
