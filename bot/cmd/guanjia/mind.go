package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"guanjia/config"
	"guanjia/intents"
	"guanjia/knowledge"
)

// openMind makes the intent layer know the installation's names and the
// examples of a folder. What the classifier learnt is kept on shelf; without
// one it is learnt anew.
func openMind(ctx context.Context, base *knowledge.Base, towns []config.Town, shelf string, folder fs.FS) (*intents.Recognizer, error) {
	departments, _, err := config.Catalogue()
	if err != nil {
		return nil, err
	}
	mind, err := intents.New(lexiconOf(base, towns, departments), nil)
	if err != nil {
		return nil, fmt.Errorf("open intents: %w", err)
	}
	return mind, mind.Train(ctx, folder, shelf)
}

// openMind is the intent layer over the guides of the data directory.
func (p *program) openMind(ctx context.Context) (*intents.Recognizer, error) {
	guides, err := p.guidesNow(ctx)
	if err != nil {
		return nil, err
	}
	towns, err := config.Towns()
	if err != nil {
		return nil, err
	}
	return openMind(ctx, guides, towns, shelf(p.settings.DataDir), examplesOf(p.settings.DataDir))
}

// shelf is the folder that keeps what was learnt: the user's cache, which
// serves every data directory, or, for a user without one, the data directory
// if it is there.
func shelf(dataDir string) string {
	if home, err := os.UserCacheDir(); err == nil {
		if dir := filepath.Join(home, "guanjia"); os.MkdirAll(dir, 0o700) == nil {
			return dir
		}
	}
	if s, err := os.Stat(dataDir); err == nil && s.IsDir() {
		return dataDir
	}
	return ""
}

// doubtful are aliases of towns that are common words too.
func doubtful() map[string]bool {
	return map[string]bool{"道教": true, "太平": true, "红梅": true, "水乡": true, "恒力": true, "高新区": true, "后街": true, "大岭": true, "长平": true, "粤海": true}
}

// ourDeed says whether a guide's name is something people do with us rather
// than a service they name: 预约, 诉求进度, 投诉, 粤康码. Those are intents.
func ourDeed(name string) bool {
	for _, word := range []string{"预约", "进度", "投诉", "诉求", "工单", "催办", "康码", "没号"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// lexiconOf gathers everything the installation knows by name.
func lexiconOf(base *knowledge.Base, towns []config.Town, departments []config.Department) intents.Lexicon {
	var lex intents.Lexicon
	for _, t := range towns {
		entry := intents.Town{Name: intents.Name{ID: t.ID, Names: []string{t.Short()}}}
		if t.Name != t.Short() {
			entry.Names = append(entry.Names, t.Name)
		}
		entry.Names = append(entry.Names, t.ID) // as it is written in Latin letters
		for _, alias := range t.Aliases {
			if doubtful()[alias] {
				entry.Doubtful = append(entry.Doubtful, alias)
			} else {
				entry.Names = append(entry.Names, alias)
			}
		}
		lex.Towns = append(lex.Towns, entry)
	}
	for _, h := range config.Halls(towns) {
		lex.Halls = append(lex.Halls, intents.Name{ID: h.ID, Names: append([]string{h.Name}, h.Aliases...)})
	}
	for _, s := range base.Services() {
		entry := intents.Name{ID: s.ID}
		for _, name := range append([]string{s.Title}, s.Aliases...) {
			if !ourDeed(name) {
				entry.Names = append(entry.Names, name)
			}
		}
		lex.Services = append(lex.Services, entry)
	}
	for _, d := range departments {
		lex.Departments = append(lex.Departments, intents.Name{ID: d.ID, Names: []string{d.Name, d.Short}})
	}
	return lex
}
