package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
)

func init() {
	register(map[string]operation{
		"csrf.begin":  csrfBegin,
		"csrf.token":  csrfToken,
		"csrf.rotate": csrfRotate,
		"csrf.end":    csrfEnd,
		"csrf.once":   csrfOnce,
		"csrf.reset":  csrfReset,
	})
}

func (c *call) liveForm() (*liveForm, int) {
	id := argsOf[formArgs](c).Live
	l := liveForms[id]
	if l == nil {
		fail("no such request: %d", id)
	}
	if l.site != c.site() {
		fail("the settings changed within a request")
	}
	return l, id
}

func (l *liveForm) token() (token string, err error) {
	l.do(func(_ http.ResponseWriter, r *http.Request) bool {
		token, err = l.site.forms.Token(r)
		if err != nil {
			return true
		}
		input, err2 := l.site.forms.Input(r)
		if want := `<input type="hidden" name="csrfmiddlewaretoken" value="`; err2 != nil || len(input) != len(want)+len(token)+2 ||
			!strings.HasPrefix(string(input), want) {
			err = fmt.Errorf("Input: %q, %v", input, err2)
		}
		return true
	})
	return token, err
}

func csrfToken(c *call) (any, error) {
	l, _ := c.liveForm()
	return l.token()
}

func (l *liveForm) rotate() {
	l.do(func(_ http.ResponseWriter, r *http.Request) bool { l.site.forms.RotateToken(r); return true })
}

func csrfRotate(c *call) (any, error) {
	l, _ := c.liveForm()
	l.rotate()
	return nil, nil
}

// end writes the response and returns what was sent and stored.
func (l *liveForm) end(a *formArgs) (any, error) {
	if a.Abort {
		close(l.commands)
		<-l.done
		return nil, nil
	}
	l.do(func(w http.ResponseWriter, r *http.Request) bool {
		maps.Copy(w.Header(), a.Answer)
		w.WriteHeader(a.Status)
		w.Write(a.Content)
		return false
	})
	<-l.done
	if l.panicked != nil {
		panic(l.panicked)
	}
	if l.failed != nil {
		return nil, l.failed
	}
	result := map[string]any{"status": l.rec.Code, "vary": list(l.rec.Result().Header["Vary"]), "session": nil}
	cookies := []string{}
	for _, line := range l.rec.Result().Header["Set-Cookie"] {
		if strings.HasPrefix(line, l.site.spec.CSRFName+"=") {
			cookies = append(cookies, line)
		}
	}
	result["cookies"] = cookies
	if l.site.spec.UseSessions {
		v, ok, saved := l.site.memory.get(l.key, "_csrftoken")
		result["session"] = map[string]any{"saved": saved, "value": found(v, ok)}
	}
	return result, nil
}

func csrfEnd(c *call) (any, error) {
	l, id := c.liveForm()
	delete(liveForms, id)
	return l.end(argsOf[formArgs](c))
}

// csrfOnce is a whole request, whose handler does what a.Do lists.
func csrfOnce(c *call) (any, error) {
	a := argsOf[formArgs](c)
	l, err := begin(c, a)
	if err != nil {
		return nil, err
	}
	v := l.verdict()
	tokens := []string{}
	for _, what := range a.Do {
		switch what {
		case "token":
			token, err := l.token()
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, token)
		case "rotate":
			l.rotate()
		default:
			fail("unknown command: %q", what)
		}
	}
	v["tokens"] = tokens
	a.Status = http.StatusOK
	end, err := l.end(a)
	if err != nil {
		return nil, err
	}
	maps.Copy(v, end.(map[string]any))
	return v, nil
}

// csrfReset ends the requests and removes the sessions that a test left.
func csrfReset(*call) (any, error) {
	for _, l := range liveForms {
		close(l.commands)
		<-l.done
	}
	clear(liveForms)
	for _, s := range sites {
		s.memory.reset()
	}
	clear(followed)
	return nil, nil
}
