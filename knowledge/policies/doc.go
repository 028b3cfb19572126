// Package policies is 惠企政策: measures for firms, founders and households,
// with conditions as rules over a profile. A match says, condition by
// condition, what holds, what does not and what is not known yet; a fact that
// nobody told is asked for and never counts against anyone.
//
// It refuses to decide: a match is "may fit", the authority decides. It never
// tells a policy as in force whose last day has passed, whose dates nobody
// found, or that was superseded; Standing says which it is, in words.
package policies
