package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/knadh/koanf/v2"
	"gopkg.in/yaml.v3"
)

// envPrefix begins the environment's names: GUANJIA_HTTP_ADDR. With _FILE
// behind it the value is read from the file named.
const envPrefix = "GUANJIA_"

// Input is where settings come from, later ones over earlier: embedded
// defaults, File, Env, Flags.
type Input struct {
	File  string            // YAML or JSON; empty: none
	Env   []string          // as of os.Environ
	Flags map[string]string // by key
}

// Fault is one thing wrong with the settings. It names the key and never a
// secret's value.
type Fault struct {
	Key     string
	From    string // file, environment, flag
	Problem string
}

func (f Fault) Error() string { return fmt.Sprintf("%s (%s): %s", f.Key, f.From, f.Problem) }

// Line is one setting as it is shown: secrets hidden.
type Line struct {
	Key, Value, From, Help string
}

// layer is one origin's values by key.
type layer struct {
	from   string
	values map[string]string
}

// Load reads the settings. All faults are returned at once, joined.
func Load(in Input) (Settings, []Line, error) {
	known := map[string]Option{}
	for _, o := range Options() {
		known[o.Key] = o
	}
	var faults []error
	layers := []layer{{"default", defaults()}}
	for _, read := range []func() (layer, []error){
		func() (layer, []error) { return fromFile(in.File) },
		func() (layer, []error) { return fromEnv(in.Env, known) },
		func() (layer, []error) { return layer{"flag", in.Flags}, nil },
	} {
		l, errs := read()
		faults = append(faults, errs...)
		layers = append(layers, l)
	}
	merged, from := koanf.New("\x00"), map[string]string{}
	for _, l := range layers {
		for key, value := range l.values {
			if _, ok := known[key]; !ok {
				faults = append(faults, Fault{key, l.from, "is not a setting" + nearest(key, known)})
				continue
			}
			if err := merged.Set(key, value); err != nil {
				faults = append(faults, Fault{key, l.from, err.Error()})
			}
			from[key] = l.from
		}
	}
	s, lines, errs := settle(merged, from)
	faults = append(faults, errs...)
	sort.Slice(faults, func(i, j int) bool { return faults[i].Error() < faults[j].Error() })
	return s, lines, errors.Join(faults...)
}

func defaults() map[string]string {
	values := map[string]string{}
	for _, o := range Options() {
		if o.Key != "demo" {
			values[o.Key] = o.Default
		}
	}
	return values
}

// settle reads every merged value into the settings.
func settle(merged *koanf.Koanf, from map[string]string) (Settings, []Line, []error) {
	var s Settings
	var lines []Line
	var faults []error
	for _, o := range Options() {
		value := merged.String(o.Key)
		if o.Key == "demo" && !merged.Exists("demo") {
			value, from[o.Key] = "true", "default"
			if s.WeChat() || s.DatabaseURL != "" {
				value = "false"
			}
		}
		if err := o.set(&s, value); err != nil {
			faults = append(faults, Fault{o.Key, from[o.Key], err.Error()})
		}
		if o.Secret && value != "" {
			value = "(hidden)"
		}
		lines = append(lines, Line{o.Key, value, from[o.Key], o.Help})
	}
	return s, lines, faults
}

// fromFile reads a file of keys and plain values; JSON is YAML too.
func fromFile(name string) (layer, []error) {
	l := layer{"file " + name, map[string]string{}}
	if name == "" {
		return l, nil
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return l, []error{fmt.Errorf("read settings: %w", err)}
	}
	var values map[string]yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(raw)).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return l, []error{fmt.Errorf("read settings %s: %w", name, err)}
	}
	var faults []error
	for key, node := range values {
		if node.Kind != yaml.ScalarNode {
			faults = append(faults, Fault{key, l.from, "is not a plain value"})
			continue
		}
		if node.Tag == "!!null" {
			node.Value = ""
		}
		l.values[strings.ToLower(key)] = node.Value
	}
	return l, faults
}

// fromEnv reads GUANJIA_… and GUANJIA_…_FILE.
func fromEnv(env []string, known map[string]Option) (layer, []error) {
	l := layer{"environment", map[string]string{}}
	var faults []error
	for _, pair := range env {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || !strings.HasPrefix(name, envPrefix) {
			continue
		}
		key := strings.ToLower(strings.TrimPrefix(name, envPrefix))
		if _, ok := known[key]; !ok && strings.HasSuffix(key, "_file") {
			key = strings.TrimSuffix(key, "_file")
			raw, err := os.ReadFile(value)
			if err != nil {
				faults = append(faults, Fault{key, "environment " + name, "the file cannot be read"})
				continue
			}
			value = strings.TrimRight(string(raw), "\r\n")
		}
		l.values[key] = value
	}
	return l, faults
}

// nearest suggests the known key most like an unknown one.
func nearest(key string, known map[string]Option) string {
	best, least := "", 4
	for k := range known {
		if d := distance(key, k); d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
