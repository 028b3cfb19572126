package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"gopkg.in/yaml.v3"

	"guanjia/bot"
	"guanjia/intents"
	"guanjia/intents/examples"
)

// taught is the intent layer in service. It is exchanged as a whole: who is
// being understood is understood by one model from beginning to end.
type taught struct {
	current atomic.Pointer[intents.Recognizer]
	// ready is closed when there is one, or there will be none for fault; nil
	// where there is one from the beginning.
	ready chan struct{}
	fault error
}

// Understand implements bot.Understander. Who speaks while the first model is
// still being learnt waits for it. Where there will be none the service ends,
// and until it has nothing is understood.
func (t *taught) Understand(u bot.Utterance) bot.Understanding {
	if mind := t.now(); mind != nil {
		return mind.Understand(u)
	}
	return bot.Understanding{Text: u.Text, Norm: u.Text, Intent: bot.OutOfScope, Decision: bot.Abstain}
}

// serve puts a model in service; it remembers nothing of the one before.
func (t *taught) serve(mind *intents.Recognizer) { t.current.Store(mind.Remembering()) }

// now is the model in service, waited for if need be.
func (t *taught) now() *intents.Recognizer {
	if t.ready != nil {
		<-t.ready
	}
	return t.current.Load()
}

// learning waits until there is a model, and says why there will be none.
func (t *taught) learning(ctx context.Context) error {
	if t.ready == nil {
		return nil
	}
	select {
	case <-t.ready:
		return t.fault
	case <-ctx.Done():
		return nil
	}
}

// learnt says whether there is a model to answer with at once.
func (t *taught) learnt() bool {
	if t.ready == nil {
		return true
	}
	select {
	case <-t.ready:
		return t.current.Load() != nil
	default:
		return false
	}
}

// taughtDir is the folder of a data directory that keeps what was learnt of
// people, a file an intent in the form of the built-in examples.
const taughtDir = "examples"

// taughtFile is the file of an intent there.
func taughtFile(intent string) string { return "taught-" + intent + ".yml" }

// withTaught is the built-in examples with those of a folder beside them.
type withTaught struct {
	fs.FS
	dir   string
	known func() (map[string]examples.Example, error) // the built-in ones by their words
}

// examplesOf are the built-in examples and those a data directory was taught.
func examplesOf(dataDir string) fs.FS { return examplesBeside(filepath.Join(dataDir, taughtDir)) }

// examplesBeside are the built-in examples and those of a folder.
func examplesBeside(dir string) fs.FS {
	return withTaught{examples.Embedded(), dir, sync.OnceValues(builtIn)}
}

// own lists the folder's files; a folder that is not there has none.
func (w withTaught) own() ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(w.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		return e.IsDir() || !strings.HasPrefix(e.Name(), "taught-") || !strings.HasSuffix(e.Name(), ".yml")
	}), err
}

// ReadDir implements fs.ReadDirFS.
func (w withTaught) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(w.FS, name)
	if err != nil || name != "." {
		return entries, err
	}
	own, err := w.own()
	return append(entries, own...), err
}

// ReadFile implements fs.ReadFileFS. What a later release of the program has
// among its own examples is left out: nothing may stand twice.
func (w withTaught) ReadFile(name string) ([]byte, error) {
	if !strings.HasPrefix(name, "taught-") {
		return fs.ReadFile(w.FS, name)
	}
	raw, err := os.ReadFile(filepath.Join(w.dir, filepath.Base(name)))
	if err != nil {
		return nil, err
	}
	list, err := examples.Parse(name, raw)
	if err != nil || len(list) == 0 {
		return raw, err
	}
	known, err := w.known()
	if err != nil {
		return nil, err
	}
	fresh := slices.DeleteFunc(slices.Clone(list), func(e examples.Example) bool { _, stands := known[sameWords(e.Text)]; return stands })
	return taughtYAML(list[0].Intent, fresh)
}

// builtIn are the built-in examples by their words.
func builtIn() (map[string]examples.Example, error) {
	list, err := examples.Load(examples.Embedded())
	if err != nil {
		return nil, err
	}
	known := make(map[string]examples.Example, len(list))
	for _, e := range list {
		known[sameWords(e.Text)] = e
	}
	return known, nil
}

// sameWords is what two utterances that count as one have in common: spaces,
// case and the marks at the end make no difference.
func sameWords(text string) string {
	return strings.ToLower(strings.Join(strings.Fields(strings.TrimRight(text, "。.！!？?～~，, ")), " "))
}

// taughtYAML writes examples of one intent.
func taughtYAML(intent string, list []examples.Example) ([]byte, error) {
	type one struct {
		Text   string `yaml:"text"`
		Author string `yaml:"author,omitempty"`
		Source string `yaml:"source,omitempty"`
	}
	file := struct {
		Intent   string `yaml:"intent"`
		Examples []one  `yaml:"examples"`
	}{Intent: intent, Examples: []one{}}
	for _, e := range list {
		file.Examples = append(file.Examples, one{e.Text, e.Author, e.Source})
	}
	raw, err := yaml.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("write examples of %s: %w", intent, err)
	}
	return raw, nil
}
