// Package themes is 一件事: what a citizen's one matter in life (a child is
// born, a shop is opened, a firm is closed) means in several departments at
// once. A theme is a small decision tree over service guides; its answers cut
// the matters, papers and steps down to what this citizen needs, in one plan.
//
// It asks only what changes the plan: a question is put while some condition
// that names it is still open under the answers so far. "Not sure" leaves a
// condition open, and what hangs on it stays in the plan as possibly needed,
// so that whoever is not sure of anything sees the superset.
//
// It refuses to smooth over what is not known: each theme lists its gaps, a
// matter that rests on common knowledge is marked unverified, and a step
// without a known time limit adds none to the critical path but is counted.
// It says nothing itself; the errand words the plan for each channel.
package themes
