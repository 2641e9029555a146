package hashers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// slow is a hasher whose hashes end when they are told to.
type slow struct {
	unhardened
	started, finish chan struct{}
	running, bound  atomic.Int32
	exceeded        atomic.Bool
}

func (s *slow) run() {
	if s.running.Add(1) > s.bound.Load() {
		s.exceeded.Store(true)
	}
	s.started <- struct{}{}
	<-s.finish
	s.running.Add(-1)
}

func (s *slow) encode(string) (string, error)         { s.run(); return "slow$", nil }
func (s *slow) decode(string) (stored, error)         { return s, nil }
func (s *slow) matches(password string) (bool, error) { s.run(); return password == testPassword, nil }
func (s *slow) outdated() bool                        { return false }

func slowHashers(t *testing.T, concurrent int) (*Hashers, *slow) {
	h := mustNew(t, Options{Concurrent: concurrent})
	s := &slow{started: make(chan struct{}, 100), finish: make(chan struct{})}
	s.bound.Store(int32(concurrent))
	h.preferred, h.byAlgorithm = "slow", map[string]hasher{"slow": s}
	return h, s
}

func TestConcurrentHashesAreBounded(t *testing.T) {
	const bound, callers = 3, 20
	h, s := slowHashers(t, bound)
	errs := make(chan error, callers)
	for i := range callers {
		go func() {
			var err error
			switch i % 3 {
			case 0:
				_, err = h.Make(t.Context(), testPassword)
			case 1:
				err = spend(t.Context(), h, testPassword)
			default:
				var result Result
				if result, err = h.Check(t.Context(), testPassword, "slow$"); err == nil && !result.OK {
					err = errors.New("no match")
				}
			}
			errs <- err
		}()
	}
	for range bound {
		<-s.started
	}
	waitUntil(func() bool { return h.waiting.Load() == callers-bound })
	if len(s.started) > 0 {
		t.Fatal("more than the bound have started")
	}
	close(s.finish)
	for range callers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if s.exceeded.Load() {
		t.Error("more than the bound ran at once")
	}
}

// waitUntil waits for what another goroutine is about to do.
func waitUntil(done func() bool) {
	for !done() {
		runtime.Gosched()
	}
}

// TestQueueIsBounded: who finds the queue full does not wait, and whoever gave up leaves
// room for another.
func TestQueueIsBounded(t *testing.T) {
	h, s := slowHashers(t, 1)
	h.queue = 2
	errs := make(chan error, 10)
	start := func(ctx context.Context) { go func() { errs <- spend(ctx, h, testPassword) }() }
	start(t.Context())
	<-s.started
	impatient, giveUp := context.WithCancel(t.Context())
	start(t.Context())
	start(impatient)
	waitUntil(func() bool { return h.waiting.Load() == 2 })
	for range 30 {
		if err := spend(t.Context(), h, testPassword); !errors.Is(err, ErrBusy) || errors.Is(err, context.Canceled) {
			t.Fatalf("a full queue: %v", err)
		}
	}
	giveUp()
	if err := <-errs; !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
		t.Errorf("one who gave up: %v", err)
	}
	waitUntil(func() bool { return h.waiting.Load() == 1 })
	start(t.Context())
	waitUntil(func() bool { return h.waiting.Load() == 2 })
	close(s.finish)
	for range 3 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestLoggerMayCheck: a log handler that checks a password itself finds a free place.
func TestLoggerMayCheck(t *testing.T) {
	var h *Hashers
	asked := 0
	o := preferring("md5", "")
	o.Concurrent = 1
	o.Logger = slog.New(handlerFunc(func(ctx context.Context) {
		asked++
		if err := spend(ctx, h, testPassword); err != nil {
			t.Error(err)
		}
	}))
	h = mustNew(t, o)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if result, err := h.Check(ctx, testPassword, "md5$damaged"); err != nil || result.OK || asked != 1 {
		t.Errorf("%+v, %v, logged %d times", result, err, asked)
	}
}

// handlerFunc is a slog.Handler.
type handlerFunc func(context.Context)

func (handlerFunc) Enabled(context.Context, slog.Level) bool          { return true }
func (f handlerFunc) Handle(ctx context.Context, _ slog.Record) error { f(ctx); return nil }
func (f handlerFunc) WithAttrs([]slog.Attr) slog.Handler              { return f }
func (f handlerFunc) WithGroup(string) slog.Handler                   { return f }

func TestBusy(t *testing.T) {
	h, s := slowHashers(t, 1)
	done := make(chan error)
	go func() { done <- spend(t.Context(), h, testPassword) }()
	<-s.started

	waiting, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	ended, end := context.WithCancel(t.Context())
	end()
	for name, call := range map[string]func(context.Context) error{
		"Check":           func(ctx context.Context) error { _, err := h.Check(ctx, testPassword, "slow$"); return err },
		"Make":            func(ctx context.Context) error { _, err := h.Make(ctx, testPassword); return err },
		"Check of nobody": func(ctx context.Context) error { return spend(ctx, h, testPassword) },
	} {
		if err := call(waiting); !errors.Is(err, ErrBusy) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if err := call(ended); !errors.Is(err, ErrBusy) || !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	close(s.finish)
	if err := <-done; err != nil {
		t.Error(err)
	}
	// The place is free again, but not for a request that has ended.
	if err := spend(t.Context(), h, testPassword); err != nil {
		t.Error(err)
	}
	if err := spend(ended, h, testPassword); !errors.Is(err, ErrBusy) {
		t.Errorf("ended before: %v", err)
	}
}

// counting is a hasher that counts what it is made to do.
type counting struct {
	ok, old                        bool
	encodes, matchings, hardenings int
}

func (c *counting) encode(string) (string, error) { c.encodes++; return "", nil }
func (c *counting) decode(encoded string) (stored, error) {
	if strings.HasSuffix(encoded, "damaged") {
		return nil, errDamaged
	}
	return c, nil
}
func (c *counting) matches(string) (bool, error) { c.matchings++; return c.ok, nil }
func (c *counting) outdated() bool               { return c.old }
func (c *counting) harden(string) error          { c.hardenings++; return nil }

// TestCost: whatever the outcome, the time of one hash is spent; more only for a wrong
// password of an outdated hash of the preferred algorithm, be its parameters said or not.
func TestCost(t *testing.T) {
	const one, other = "one$", "other$"
	for _, tt := range []struct {
		name, password, encoded   string
		ok, old, updates          bool
		encodes, hashes, hardened int
		want                      Result
	}{
		{name: "right", encoded: one, ok: true, hashes: 1, want: Result{OK: true}},
		{name: "right, outdated", encoded: one, ok: true, old: true, hashes: 1, want: Result{OK: true}},
		{name: "right, outdated, said", encoded: one, ok: true, old: true, updates: true, hashes: 1, want: Result{OK: true, MustUpdate: true}},
		{name: "right, current, said", encoded: one, ok: true, updates: true, hashes: 1, want: Result{OK: true}},
		{name: "right, another, said", encoded: other, ok: true, updates: true, hashes: 1, want: Result{OK: true, MustUpdate: true}},
		{name: "right, another", encoded: other, ok: true, hashes: 1, want: Result{OK: true}},
		{name: "wrong", encoded: one, hashes: 1},
		{name: "wrong, outdated", encoded: one, old: true, hashes: 1, hardened: 1},
		{name: "wrong, outdated, said", encoded: one, old: true, updates: true, hashes: 1, hardened: 1},
		{name: "wrong, current, said", encoded: one, updates: true, hashes: 1},
		{name: "wrong, another", encoded: other, old: true, hashes: 1},
		{name: "wrong, another, said", encoded: other, old: true, updates: true, hashes: 1},
		{name: "NUL", password: "a\x00b", encoded: one, ok: true, updates: true, old: true, hashes: 1},
		{name: "not UTF-8", password: "\xff", encoded: one, ok: true, hashes: 1},
		{name: "too long", password: strings.Repeat("x", maxPasswordLength+1), encoded: one, ok: true, hashes: 1},
		{name: "damaged", encoded: one + "damaged", encodes: 1},
		{name: "unknown", encoded: "nonsense", encodes: 1},
		{name: "unusable", encoded: "!" + one, encodes: 1},
		{name: "empty", encoded: "", encodes: 1},
		{name: "too long a hash", encoded: one + strings.Repeat("x", maxEncoded), encodes: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := mustNew(t, preferring("md5", ""))
			c := &counting{ok: tt.ok, old: tt.old}
			h.preferred, h.updates = "one", tt.updates
			h.byAlgorithm = map[string]hasher{"one": c, "other": c}
			got := check(t, h, tt.password, tt.encoded)
			if got != tt.want || c.encodes != tt.encodes || c.matchings != tt.hashes || c.hardenings != tt.hardened {
				t.Errorf("%+v, %+v", got, *c)
			}
		})
	}
}

// TestUpdatesNeedParameters: without explicit ones, nothing is hashed anew.
func TestUpdatesNeedParameters(t *testing.T) {
	said := preferring("pbkdf2_sha256", "5.2")
	unsaid := said
	unsaid.Parameters = nil
	outdated := map[string]bool{} // whether it is outdated for pbkdf2_sha256 with 10 iterations
	for _, algorithm := range All() {
		if h, err := New(preferring(algorithm, "5.0")); err == nil {
			outdated[mustMake(t, h, testPassword)] = algorithm != "pbkdf2_sha256"
		}
	}
	old := mustNew(t, preferring("pbkdf2_sha256", "3.1"))
	outdated[mustMake(t, old, testPassword)] = true // for its salt
	if len(outdated) != len(All())+1 {
		t.Fatalf("%d hashes", len(outdated))
	}
	for encoded, want := range outdated {
		if got := check(t, mustNew(t, said), testPassword, encoded); got != (Result{OK: true, MustUpdate: want}) {
			t.Errorf("parameters said: %s: %+v", encoded, got)
		}
		if got := check(t, mustNew(t, unsaid), testPassword, encoded); got != (Result{OK: true}) {
			t.Errorf("parameters not said: %s: %+v", encoded, got)
		}
		if got := check(t, old, testPassword, encoded); !got.OK && !strings.HasPrefix(encoded, "argon2$argon2id") {
			t.Errorf("an older Django: %s: %+v", encoded, got)
		}
	}
}

// TestNoUpdateOfWhatCannotBeMade: plain bcrypt cannot make hashes of long passwords.
func TestNoUpdateOfWhatCannotBeMade(t *testing.T) {
	long := strings.Repeat("x", 73)
	encoded := mustMake(t, mustNew(t, preferring("md5", "")), long)
	h := mustNew(t, preferring("bcrypt", ""))
	if got := check(t, h, long, encoded); got != (Result{OK: true}) {
		t.Errorf("%+v", got)
	}
	if err := spend(t.Context(), h, long); err != nil {
		t.Error(err)
	}
}

func TestLongPasswords(t *testing.T) {
	long := strings.Repeat("x", maxPasswordLength)
	for _, algorithm := range All() {
		h, err := New(preferring(algorithm, "5.0"))
		if err != nil {
			t.Fatal(err)
		}
		if algorithm == "bcrypt" {
			continue
		}
		encoded := mustMake(t, h, long)
		if !check(t, h, long, encoded).OK {
			t.Errorf("%s: the longest password does not match", algorithm)
		}
		if check(t, h, long+"x", encoded).OK {
			t.Errorf("%s: a longer password matches", algorithm)
		}
	}
}

func TestLogsOnceWithoutTheHash(t *testing.T) {
	logger, text := logged()
	o := preferring("pbkdf2_sha256", "")
	o.PasswordHashers, o.Logger = []string{"pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "scrypt"}, logger
	h := mustNew(t, o)
	const secret = "SECRETSECRETSECRETSECR"
	for range 3 {
		for _, encoded := range []string{
			"", "!", "!" + secret, // nothing to wonder about
			secret, "crypt$$" + secret, "rot13$" + secret + "$", secret + "$" + secret,
			"md5$" + secret + "$" + secret, "pbkdf2_sha256$" + secret, "pbkdf2_sha256$x$" + secret + "$" + secret,
			"pbkdf2_sha256$999999999$" + secret + "$" + secret, "argon2$argon2d$v=19$m=16,t=1,p=1$" + secret + "$" + secret,
			"argon2$argon2id$v=16$m=16,t=1,p=1$" + secret + "$" + secret, "argon2$argon2id$v=19$m=9999999,t=1,p=1$" + secret + "$" + secret,
			"scrypt$17$" + secret + "$1$1$" + secret, "bcrypt$$2b$31$" + secret[:21] + bcryptDigits[21:],
			"argon2$" + strings.Repeat(secret, 100),
		} {
			if check(t, h, testPassword, encoded).OK {
				t.Errorf("%s matches", encoded)
			}
		}
	}
	if strings.Contains(text.String(), secret[:4]) || strings.Contains(text.String(), testPassword) {
		t.Errorf("the log holds a hash or a password:\n%s", text)
	}
	var got []string
	for line := range strings.Lines(text.String()) {
		_, after, _ := strings.Cut(line, "algorithm=")
		algorithm, reason, _ := strings.Cut(strings.TrimSpace(after), " ")
		got = append(got, algorithm+": "+strings.Trim(strings.TrimPrefix(reason, "reason="), `"`))
	}
	want := []string{
		"unknown: " + errNotConfigured.Error(), "crypt: " + errNotConfigured.Error(), "md5: " + errNotConfigured.Error(),
		"pbkdf2_sha256: " + errDamaged.Error(), "pbkdf2_sha256: " + errBeyondBounds.Error(),
		"argon2: " + errArgon2Variety.Error(), "argon2: " + errArgon2Version.Error(), "argon2: " + errBeyondBounds.Error(),
		"scrypt: " + errScryptRefused.Error(), "bcrypt: " + errBeyondBounds.Error(), "argon2: " + errTooLong.Error(),
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("logged\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestAbsurdParametersCostNothing: they are refused before a hash starts.
func TestAbsurdParametersCostNothing(t *testing.T) {
	h := mustNew(t, preferring("md5", ""))
	const digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, encoded := range []string{
		"pbkdf2_sha256$10000001$salt$" + digest, "pbkdf2_sha1$2147483647$salt$" + digest, "pbkdf2_sha256$99999999999999999999999$salt$" + digest,
		"argon2$argon2id$v=19$m=1048577,t=1,p=1$" + digest + "$" + digest, "argon2$argon2id$v=19$m=1048576,t=3,p=1$" + digest + "$" + digest,
		"argon2$argon2i$v=19$m=8,t=4294967295,p=1$" + digest + "$" + digest, "argon2$argon2i$v=19$m=4294967295,t=1,p=1$" + digest + "$" + digest,
		"argon2$argon2id$v=19$m=99999,t=1,p=256$" + digest + "$" + digest, "argon2$argon2id$v=19$m=99999999999999999999,t=99999999999999999999,p=1$" + digest + "$" + digest,
		"bcrypt$$2b$17$" + bcryptDigits, "bcrypt_sha256$$2b$31$" + bcryptDigits,
		"scrypt$32768$salt$8$1$" + digest, "scrypt$16384$salt$8$81$" + digest, "scrypt$2$salt$1$99999999$" + digest, "scrypt$4611686018427387904$salt$4611686018427387904$4611686018427387904$" + digest,
		"scrypt$2$salt$131072$1$" + digest, "scrypt$65536$salt$1$1$" + digest, "scrypt$8192$salt$8$20000$" + digest,
	} {
		if check(t, h, testPassword, encoded).OK {
			t.Errorf("%s matches", encoded)
		}
		if _, kept := h.decode(t.Context(), encoded); kept != nil {
			t.Errorf("%s would be hashed", encoded)
		}
	}
}

// TestBoundsLeaveRoom: what is at the bounds is accepted.
func TestBoundsLeaveRoom(t *testing.T) {
	h := mustNew(t, preferring("md5", ""))
	const digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, encoded := range []string{
		"pbkdf2_sha256$10000000$salt$" + digest, "argon2$argon2id$v=19$m=1048576,t=2,p=255$" + digest + "$" + digest,
		"bcrypt$$2b$16$" + bcryptDigits, "scrypt$16384$salt$8$80$" + digest, "scrypt$16384$salt$15$1$" + digest,
	} {
		if _, kept := h.decode(t.Context(), encoded); kept == nil {
			t.Errorf("%s is refused", encoded)
		}
	}
}
