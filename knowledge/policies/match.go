package policies

import "time"

// Verdict is how a policy fits a profile, condition by condition.
type Verdict struct {
	Policy   *Policy
	Fits     Truth // Unknown: something still has to be told
	Reasons  []Reason
	Standing Standing
}

// Reason is one condition and whether it holds.
type Reason struct {
	Text  string
	Holds Truth
	Fact  string
}

// Match holds a policy against a profile.
func (p *Policy) Match(profile Profile, now time.Time) Verdict {
	v := Verdict{Policy: p, Standing: p.Standing(now)}
	worst, best := Yes, No
	for _, c := range p.Conditions {
		holds := c.Under(profile)
		worst, best = min(worst, holds), max(best, holds)
		v.Reasons = append(v.Reasons, Reason{Text: c.Text, Holds: holds, Fact: c.Fact})
	}
	v.Fits = worst
	if p.Logic == "any" {
		v.Fits = best
	}
	return v
}

// Match holds every policy for such askers against a profile: those that fit
// first, then those that may, then those that do not; the ones in force before
// the doubtful. Superseded ones are left out.
func (c *Catalogue) Match(profile Profile, now time.Time) []Verdict {
	var byRank [6][]Verdict
	for _, p := range c.policies {
		if p.Status == Superseded || !p.Suits(profile[Scope]) {
			continue
		}
		v := p.Match(profile, now)
		rank := 2 * int(Yes-v.Fits)
		if !v.Standing.Current {
			rank++
		}
		byRank[rank] = append(byRank[rank], v)
	}
	var out []Verdict
	for _, vs := range byRank {
		out = append(out, vs...)
	}
	return out
}

// Scope is the fact that says for whom one asks; it is asked first.
const Scope = "scope"

// MostQuestions is how many facts are asked for at most, the scope among them.
const MostQuestions = 6

// Next is the fact to ask for now: the one that decides most of the policies
// still open. Empty when nothing would be decided, or enough was asked. With
// only set, that one policy counts alone.
func (c *Catalogue) Next(profile Profile, only string, now time.Time) string {
	if only == "" && profile[Scope] == "" {
		return Scope
	}
	if len(profile) >= MostQuestions && only == "" {
		return ""
	}
	weight := map[string]float64{}
	for _, p := range c.policies {
		if only != "" && p.ID != only || only == "" && (!p.Suits(profile[Scope]) || p.Status == Superseded) {
			continue
		}
		v := p.Match(profile, now)
		if v.Fits != Unknown {
			continue
		}
		open := map[string]bool{}
		for _, cond := range p.Conditions {
			if cond.Under(profile) != Unknown {
				continue
			}
			for _, f := range cond.facts() {
				if profile[f] == "" {
					open[f] = true
				}
			}
		}
		share := 1.0
		if v.Standing.Current {
			share = 2 // what is surely in force comes first
		}
		for f := range open {
			weight[f] += share / float64(len(open))
		}
	}
	best := ""
	for _, f := range c.order {
		if weight[f] > 0 && (best == "" || weight[f] > weight[best]) {
			best = f
		}
	}
	return best
}
