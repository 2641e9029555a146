package safeurl

import (
	"regexp"
	"slices"
	"strings"
)

// origin is where a browser is or goes: the host with its port unless that is
// the scheme's default one.
type origin struct{ scheme, host string }

var (
	browserScheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*):`)
	defaultPorts  = map[string]string{"http": ":80", "https": ":443", "ws": ":80", "wss": ":443", "ftp": ":21"}
)

// browse returns where a browser at base, a page of http or https, goes by a link
// or Location: the WHATWG URL Standard's parser as far as scheme and host. Where
// that finds no host, or the scheme has none, the host is "". Hosts are not
// decoded, so that an escaped one differs from every host of a site.
func browse(base origin, link string) origin {
	link = strings.TrimFunc(link, func(r rune) bool { return r <= ' ' })
	link = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(link)

	to := base
	if match := browserScheme.FindStringSubmatch(link); match != nil {
		to.scheme = strings.ToLower(match[1])
		link = link[len(match[0]):]
		switch {
		case defaultPorts[to.scheme] == "": // file, javascript, data, ...
			return origin{to.scheme, ""}
		case to.scheme == base.scheme && !strings.HasPrefix(link, "//"):
			// Relative in spite of its scheme, unless backslashes begin a host.
		default:
			return authority(to.scheme, link)
		}
	}
	if len(link) >= 2 && isSlash(rune(link[0])) && isSlash(rune(link[1])) {
		return authority(to.scheme, link)
	}
	return base
}

// authority reads the host behind any number of slashes.
func authority(scheme, link string) origin {
	link = strings.TrimLeftFunc(link, isSlash)
	if end := strings.IndexAny(link, `/\?#`); end >= 0 {
		link = link[:end]
	}
	link = link[strings.LastIndex(link, "@")+1:]
	return origin{scheme, canonicalHost(scheme, link)}
}

func canonicalHost(scheme, host string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(host), defaultPorts[scheme]), ":")
}

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// onSite reports whether a browser that goes from base to there stays on base's
// origin or hosts, by HTTPS only if that is required.
func onSite(base, there origin, hosts []string, requireHTTPS bool) bool {
	if there == base {
		return true
	}
	isHost := func(host string) bool { return canonicalHost(there.scheme, host) == there.host }
	return there.host != "" && slices.ContainsFunc(hosts, isHost) &&
		(there.scheme == "https" || there.scheme == "http" && !requireHTTPS)
}
