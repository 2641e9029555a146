package tools

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// readYAML reads a file of the repository.
func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", path))
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// targets are the targets of the Makefile.
func targets(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, rule := range regexp.MustCompile(`(?m)^([a-z-]+):(?:[^=]|$)`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, rule[1])
	}
	return names
}

// mustMake: every `make target` in a text is a target of the Makefile.
func mustMake(t *testing.T, where, text string) {
	t.Helper()
	for _, found := range regexp.MustCompile(`\bmake ([a-z-]+)`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(targets(t), found[1]) {
			t.Errorf("%s: the Makefile has no target %s", where, found[1])
		}
	}
}

// TestHelp: make help names targets that exist, and no target for users is missing.
func TestHelp(t *testing.T) {
	needs(t, "make", "bash", "sed")
	out, err := exec.CommandContext(t.Context(), "make", "-s", "-C", "..", "help").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	mustMake(t, "make help", string(out))
	for _, target := range []string{"test", "matrix", "unit", "demo", "screenshots", "fuzz", "bench", "microbench", "fixtures", "torture", "compat-table", "map", "help"} {
		if !strings.Contains("\n"+string(out), "\nmake "+target+" ") {
			t.Errorf("make help does not name %s:\n%s", target, out)
		}
	}
}

// TestWorkflows: every workflow runs targets that exist, and actions of a major version.
func TestWorkflows(t *testing.T) {
	paths, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no workflows: ", err)
	}
	for _, path := range paths {
		var workflow struct {
			On   map[string]any
			Jobs map[string]struct {
				RunsOn string `yaml:"runs-on"`
				Steps  []struct{ Uses, Run string }
			}
		}
		readYAML(t, strings.TrimPrefix(path, ".."+string(filepath.Separator)), &workflow)
		if len(workflow.On) == 0 || len(workflow.Jobs) == 0 {
			t.Errorf("%s never runs, or has no jobs", path)
		}
		for name, job := range workflow.Jobs {
			if job.RunsOn == "" || len(job.Steps) == 0 {
				t.Errorf("%s: job %s runs nowhere, or nothing", path, name)
			}
			for _, step := range job.Steps {
				mustMake(t, path, step.Run)
				if (step.Uses == "") == (step.Run == "") {
					t.Errorf("%s: a step of job %s runs nothing", path, name)
				}
				if step.Uses != "" && !regexp.MustCompile(`^[\w.-]+/[\w.-]+@v\d+$`).MatchString(step.Uses) {
					t.Errorf("%s: %s is not pinned to a major version", path, step.Uses)
				}
			}
		}
	}
}

// TestAllDjangosAreTested: the workflow runs make test so that no Django may be left out, and
// installs a Python for each.
func TestAllDjangosAreTested(t *testing.T) {
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Run  string
				With map[string]string
			}
		}
	}
	readYAML(t, ".github/workflows/test.yml", &workflow)
	var pythons []string
	required := false
	for _, step := range workflow.Jobs["all"].Steps {
		required = required || step.Run == "make test REQUIRE=all"
		pythons = append(pythons, strings.Fields(step.With["python-version"])...)
	}
	if !required {
		t.Error("the workflow does not run make test REQUIRE=all")
	}
	var pins struct {
		Djangos []struct {
			Name    string
			Pythons []string
		}
	}
	readYAML(t, "compat_test/djangos.json", &pins) // JSON is YAML
	for _, d := range pins.Djangos {
		if !slices.ContainsFunc(d.Pythons, func(python string) bool { return slices.Contains(pythons, python) }) {
			t.Errorf("Django %s needs a Python of %v, and the workflow installs %v", d.Name, d.Pythons, pythons)
		}
	}
	if len(pins.Djangos) == 0 {
		t.Error("no Djangos")
	}
}

// TestDependabot: it looks at the modules that there are.
func TestDependabot(t *testing.T) {
	var config struct {
		Version int
		Updates []struct {
			Ecosystem   string `yaml:"package-ecosystem"`
			Directories []string
		}
	}
	readYAML(t, ".github/dependabot.yml", &config)
	if config.Version != 2 {
		t.Errorf("version %d, want 2", config.Version)
	}
	seen := map[string][]string{}
	for _, u := range config.Updates {
		seen[u.Ecosystem] = slices.Sorted(slices.Values(u.Directories))
	}
	if _, ok := seen["github-actions"]; !ok {
		t.Error("it does not look at the actions")
	}
	if modules := modules(t); !slices.Equal(seen["gomod"], modules) {
		t.Errorf("it looks at the modules in %v, and there are some in %v", seen["gomod"], modules)
	}
}

// modules returns the directories with a go.mod, from the root.
func modules(t *testing.T) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && path != ".." {
			return fs.SkipDir
		}
		if err == nil && entry.Name() == "go.mod" {
			dirs = append(dirs, "/"+strings.TrimPrefix(strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".."), "/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(dirs)
	return dirs
}

// TestIssueForms: each form has what GitHub needs of it, and a bug report asks for the doctor.
func TestIssueForms(t *testing.T) {
	for _, name := range []string{"bug", "question", "feature"} {
		var form struct {
			Name, Description string
			Body              []struct {
				Type, ID   string
				Attributes struct{ Label, Value string }
			}
		}
		readYAML(t, ".github/ISSUE_TEMPLATE/"+name+".yml", &form)
		if form.Name == "" || form.Description == "" || len(form.Body) == 0 {
			t.Errorf("%s.yml has no name, description or body", name)
		}
		labels := ""
		for _, field := range form.Body {
			labels += field.Attributes.Label + "\n"
			if field.Type != "markdown" && (field.ID == "" || field.Attributes.Label == "") || field.Type == "markdown" && field.Attributes.Value == "" {
				t.Errorf("%s.yml: a field without an id, a label or a value: %+v", name, field)
			}
		}
		if name == "bug" && !(strings.Contains(labels, "`djsession doctor --json`") && strings.Contains(labels, "Versions")) {
			t.Errorf("a bug report asks for %q", labels)
		}
	}
	var config map[string]any
	readYAML(t, ".github/ISSUE_TEMPLATE/config.yml", &config)
	if config["contact_links"] == nil {
		t.Error("config.yml has no link for vulnerabilities")
	}
}

// TestReleaseConfiguration: it builds what there is. goreleaser check knows the rest.
func TestReleaseConfiguration(t *testing.T) {
	var config struct {
		Version int
		Builds  []struct {
			Main string
			Goos []string
		}
		Archives []struct{ Files []string }
	}
	readYAML(t, ".goreleaser.yaml", &config)
	if config.Version != 2 || len(config.Builds) != 1 || len(config.Builds[0].Goos) < 3 || len(config.Archives) != 1 {
		t.Fatalf("%+v", config)
	}
	for _, path := range append(config.Archives[0].Files, config.Builds[0].Main) {
		if _, err := os.Stat(filepath.Join("..", path)); err != nil {
			t.Error(err)
		}
	}
}
