package browser

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/djsession/djsession/internal/testenv"
)

// patience is how long a whole test may take, on however busy a machine.
const patience = 4 * time.Minute

// chromium is a browser that runs.
type chromium struct {
	ctx context.Context // of its first tab
}

// profile returns a new, empty directory for what a browser keeps.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "djsession-profile-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a process of the browser's may still write
	return dir
}

// startChromium starts a browser with a profile, which ends with the test.
func startChromium(t *testing.T, profile string) chromium {
	t.Helper()
	path := testenv.Chromium(t)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(profile),
		chromedp.Env("HOME="+profile),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.WindowSize(1280, 860),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return chromium{ctx}
}

// quit closes the browser as its user would, and returns once it has ended.
func (c chromium) quit(t *testing.T) {
	t.Helper()
	if err := chromedp.Cancel(c.ctx); err != nil {
		t.Fatal(err)
	}
}

// tab returns the browser's first tab.
func (c chromium) tab(t *testing.T, s *shop) *tab {
	t.Helper()
	return watch(t, s, c.ctx)
}

// private opens a private window, which shares no cookie with other windows, as another
// browser would.
func (c chromium) private(t *testing.T, s *shop) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return watch(t, s, ctx)
}

// another opens another tab, which shares the cookies. It has a window of its own, so that
// neither is in the background.
func (b *tab) another() *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewWindow(true))
	b.t.Cleanup(cancel)
	return watch(b.t, b.shop, ctx)
}
