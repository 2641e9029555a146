package main

import (
	"log/slog"
	"slices"

	"github.com/djsession/djsession/auth/hashers"
)

// hashSpec are the options of hashers.New.
type hashSpec struct {
	Version    string                    `json:"version"`
	Hashers    []string                  `json:"hashers"`
	Parameters map[string]hashParameters `json:"parameters"`
}

// hashParameters are hashers.Parameters of one algorithm.
type hashParameters struct {
	Algorithm   string `json:"algorithm"`
	Iterations  int    `json:"iterations"`
	Rounds      int    `json:"rounds"`
	TimeCost    int    `json:"time_cost"`
	MemoryCost  int    `json:"memory_cost"`
	Parallelism int    `json:"parallelism"`
	HashLen     int    `json:"hash_len"`
	WorkFactor  int    `json:"work_factor"`
	BlockSize   int    `json:"block_size"`
	MaxMem      int    `json:"maxmem"`
}

func (p hashParameters) parameters() hashers.Parameters {
	switch p.Algorithm {
	case "pbkdf2_sha256":
		return hashers.PBKDF2SHA256{Iterations: p.Iterations}
	case "pbkdf2_sha1":
		return hashers.PBKDF2SHA1{Iterations: p.Iterations}
	case "argon2":
		return hashers.Argon2{TimeCost: p.TimeCost, MemoryCost: p.MemoryCost, Parallelism: p.Parallelism, HashLen: p.HashLen}
	case "bcrypt_sha256":
		return hashers.BCryptSHA256{Rounds: p.Rounds}
	case "bcrypt":
		return hashers.BCrypt{Rounds: p.Rounds}
	case "scrypt":
		return hashers.Scrypt{WorkFactor: p.WorkFactor, BlockSize: p.BlockSize, Parallelism: p.Parallelism, MaxMem: p.MaxMem}
	}
	fail("Go has no parameters for %q", p.Algorithm)
	return nil
}

func (s *hashSpec) open(log slog.Handler) (*hashers.Hashers, error) {
	o := hashers.Options{DjangoVersion: s.Version, PasswordHashers: s.Hashers, Logger: slog.New(log)}
	for name, p := range s.Parameters {
		if o.Parameters == nil {
			o.Parameters = map[string]hashers.Parameters{}
		}
		o.Parameters[name] = p.parameters()
	}
	return hashers.New(o)
}

type hashArgs struct {
	hashSpec
	Password []byte `json:"password"`
	Encoded  string `json:"encoded"`
}

func init() {
	register(map[string]operation{
		"hash.make":     hashMake,
		"hash.check":    hashCheck,
		"hash.spend":    hashSpend,
		"hash.identify": hashIdentify,
		"hash.unusable": func(*call) (any, error) { return hashers.Unusable(), nil },
		"hash.usable":   func(c *call) (any, error) { return hashers.IsUsable(argsOf[hashArgs](c).Encoded), nil },
	})
}

func hashMake(c *call) (any, error) {
	a := argsOf[hashArgs](c)
	h, err := a.open(&recordLog{})
	if err != nil {
		return nil, err
	}
	return h.Make(c.ctx(), string(a.Password))
}

func hashCheck(c *call) (any, error) {
	a := argsOf[hashArgs](c)
	log := &recordLog{}
	h, err := a.open(log)
	if err != nil {
		return nil, err
	}
	r, err := h.Check(c.ctx(), string(a.Password), a.Encoded)
	if err != nil {
		return nil, err
	}
	why := ""
	if len(log.records) > 0 {
		why = log.records[0]["reason"]
	}
	return map[string]any{"ok": r.OK, "must_update": r.MustUpdate, "why": why}, nil
}

func hashSpend(c *call) (any, error) {
	a := argsOf[hashArgs](c)
	h, err := a.open(&recordLog{})
	if err != nil {
		return nil, err
	}
	_, err = h.Check(c.ctx(), string(a.Password), "")
	return nil, err
}

// hashIdentify returns the algorithm of a hash as Go's log names it when the hash cannot
// match, and whether Go knows it.
func hashIdentify(c *call) (any, error) {
	a := argsOf[hashArgs](c)
	if _, err := a.open(&recordLog{}); err != nil {
		return nil, err
	}
	withOnly := func(only string) (algorithm, reason string) {
		log := &recordLog{}
		h := must((&hashSpec{Version: a.Version, Hashers: []string{only}}).open(log))
		must(h.Check(c.ctx(), "", a.Encoded))
		if len(log.records) == 0 {
			return "", ""
		}
		return log.records[0]["algorithm"], log.records[0]["reason"]
	}
	name, why := withOnly("md5")
	if name == "" { // it is a hash of md5
		name, why = "md5", "its algorithm is not in PASSWORD_HASHERS"
	}
	configured := slices.ContainsFunc(hashers.All(), func(known string) bool { return known == name })
	return map[string]any{"algorithm": name, "why": why, "known": configured}, nil
}
