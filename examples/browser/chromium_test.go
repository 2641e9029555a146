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
	t    *testing.T
	shop *shop
	ctx  context.Context // of its first tab
	used bool            // the first tab is taken
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
func (s *shop) startChromium(profile string) *chromium {
	s.t.Helper()
	path := testenv.Chromium(s.t)
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
	s.t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	s.t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithErrorf(s.t.Logf))
	s.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return &chromium{t: s.t, shop: s, ctx: ctx}
}

// quit closes the browser as its user would, and returns once it has ended.
func (c *chromium) quit() {
	c.t.Helper()
	if err := chromedp.Cancel(c.ctx); err != nil {
		c.t.Fatal(err)
	}
}

// tab opens a tab in a window of its own, so that none is in the background.
func (c *chromium) tab() *tab {
	c.t.Helper()
	if !c.used {
		c.used = true
		return watch(c.t, c.shop, c.ctx)
	}
	return c.open(chromedp.WithNewWindow(true))
}

// private opens a private window: it shares no cookie with the others.
func (c *chromium) private() *tab {
	c.t.Helper()
	return c.open(chromedp.WithNewBrowserContext())
}

func (c *chromium) open(option chromedp.ContextOption) *tab {
	c.t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx, option)
	c.t.Cleanup(cancel)
	return watch(c.t, c.shop, ctx)
}
