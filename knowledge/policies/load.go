package policies

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"guanjia/knowledge/words"
)

//go:embed *.yaml
var embedded embed.FS

// Catalogue holds the policies in the order of their files, and the facts
// their conditions read.
type Catalogue struct {
	policies []*Policy
	byID     map[string]*Policy
	facts    map[string]Fact
	order    []string // of facts, as the file has them
}

type file struct {
	Sources map[string]struct {
		Title string `yaml:"title"`
	} `yaml:"sources"`
	Facts    yaml.Node `yaml:"facts"`
	Policies []*Policy `yaml:"policies"`
}

// Starter are the policies that come with the program.
func Starter() (*Catalogue, error) { return Load(embedded) }

// Load gathers policies of folders, of which the later win by id (汇聚): the
// starter set, then what an installation has published. Every fault is
// reported, with file and policy.
func Load(folders ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{byID: map[string]*Policy{}, facts: map[string]Fact{}}
	var faults []error
	for _, dir := range folders {
		names, err := fs.Glob(dir, "*.yaml")
		if err != nil {
			return nil, fmt.Errorf("list policy files: %w", err)
		}
		for _, name := range names {
			faults = append(faults, c.add(dir, name))
		}
	}
	for _, p := range c.policies {
		faults = append(faults, p.check(c.facts))
		p.prepare()
	}
	for _, p := range c.policies {
		if p.ReplacedBy != "" && c.byID[p.ReplacedBy] == nil {
			faults = append(faults, fmt.Errorf("%s: %s: replaced by %q, which is not there", p.File, p.ID, p.ReplacedBy))
		}
	}
	return c, errors.Join(faults...)
}

func (c *Catalogue) add(dir fs.FS, name string) error {
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		return fmt.Errorf("read policy file: %w", err)
	}
	var f file
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := c.addFacts(&f.Facts); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	var faults []error
	for _, p := range f.Policies {
		p.File = name
		for _, id := range p.SourceIDs {
			s, ok := f.Sources[id]
			if !ok {
				faults = append(faults, fmt.Errorf("%s: %s: source %q is not among the sources", name, p.ID, id))
			}
			p.Sources = append(p.Sources, s.Title)
		}
		c.put(p)
	}
	return errors.Join(faults...)
}

// put adds a policy, in the place of one of the same id.
func (c *Catalogue) put(p *Policy) {
	if old := c.byID[p.ID]; old != nil {
		for i := range c.policies {
			if c.policies[i] == old {
				c.policies[i] = p
			}
		}
	} else {
		c.policies = append(c.policies, p)
	}
	c.byID[p.ID] = p
}

// addFacts reads facts in their order.
func (c *Catalogue) addFacts(n *yaml.Node) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		var f Fact
		if err := n.Content[i+1].Decode(&f); err != nil {
			return err
		}
		id := n.Content[i].Value
		f.prepare(id)
		if f.Ask == "" || f.Label == "" || len(f.Options) < 2 {
			return fmt.Errorf("fact %s wants a question, a label and answers", id)
		}
		if _, known := c.facts[id]; !known {
			c.order = append(c.order, id)
		}
		c.facts[id] = f
	}
	return nil
}

// All are the policies in order.
func (c *Catalogue) All() []*Policy { return c.policies }

// Policy finds a policy, nil if there is none of that id.
func (c *Catalogue) Policy(id string) *Policy { return c.byID[id] }

// Fact finds a fact.
func (c *Catalogue) Fact(id string) (Fact, bool) {
	f, ok := c.facts[id]
	return f, ok
}

// Facts are the ids of all facts, in order.
func (c *Catalogue) Facts() []string { return c.order }

// Find is the policy the words name, nil if none; of several names the one
// told in most characters holds.
func (c *Catalogue) Find(text string) *Policy {
	said := words.Fold(text)
	var best *Policy
	longest := 0
	for _, p := range c.policies {
		if n := words.Longest(said, p.names); n > longest {
			best, longest = p, n
		}
	}
	if best != nil {
		return best
	}
	for _, p := range c.policies {
		for _, tells := range p.Tells {
			if tells.In(said) {
				return p
			}
		}
	}
	return nil
}

// commonPairs are pairs of characters that many policies have in their names; they tell
// none apart.
const commonPairs = "补贴 补助 奖励 减免 减半 优惠 政策 企业 公司 个人 东莞 认定 资助 扶持 申请 申报 计划"

// likeEnough is how many of the telling pairs of a policy's name words must have to be
// near it.
const likeEnough = 0.4

// Like are the policies whose names are nearest to words that name none, the nearest
// first, at most so many.
func (c *Catalogue) Like(text string, most int) []*Policy {
	said := words.Fold(text)
	type near struct {
		*Policy
		share float64
	}
	var all []near
	for _, p := range c.policies {
		best := 0.0
		for _, name := range p.names {
			best = max(best, likeness(said, name))
		}
		if best >= likeEnough {
			all = append(all, near{p, best})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(b.share, a.share) })
	var out []*Policy
	for _, n := range all[:min(most, len(all))] {
		out = append(out, n.Policy)
	}
	return out
}

// likeness is how many of the telling pairs of a folded name stand in folded words.
func likeness(said, name string) float64 {
	runes, n, in := []rune(name), 0, 0
	for i := range len(runes) - 1 {
		pair := string(runes[i : i+2])
		if strings.Contains(commonPairs, pair) {
			continue
		}
		n++
		if strings.Contains(said, pair) {
			in++
		}
	}
	if n == 0 {
		return 0
	}
	return float64(in) / float64(n)
}

// Hear is what words tell of the facts without being asked.
func (c *Catalogue) Hear(text string) Profile {
	said := words.Fold(text)
	heard := Profile{}
	for _, id := range c.order {
		f := c.facts[id]
		if v := f.hear(said); v != "" {
			heard[id] = v
			if f.Scope != "" && heard[Scope] == "" {
				heard[Scope] = f.Scope
			}
		}
	}
	return heard
}

// New are the policies that were published after a moment and by another.
func (c *Catalogue) New(after, now time.Time) []*Policy {
	var out []*Policy
	for _, p := range c.policies {
		if p.Published != "" && p.Published > after.Format(time.DateOnly) && p.Published <= now.Format(time.DateOnly) && p.Status != Superseded {
			out = append(out, p)
		}
	}
	return out
}

// Expiring are the policies in force whose last day falls within a span.
func (c *Catalogue) Expiring(now time.Time, within time.Duration) []*Policy {
	today, last := now.Format(time.DateOnly), now.Add(within).Format(time.DateOnly)
	var out []*Policy
	for _, p := range c.policies {
		if end := p.Ends(); end >= today && end <= last && p.Status != Superseded {
			out = append(out, p)
		}
	}
	return out
}

// Gaps are what nobody knows of the policies, a sentence each with its policy.
func (c *Catalogue) Gaps() [][2]string {
	var out [][2]string
	for _, p := range c.policies {
		for _, g := range p.Gaps {
			out = append(out, [2]string{p.ID, strings.TrimSpace(g)})
		}
	}
	return out
}
