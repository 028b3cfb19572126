// Package cluster makes several instances on one database one service: the
// instance that holds the lease of the records leads and does the work, and
// every other one carries what comes to its doors to it, so that any of them
// may be asked. When the one that leads ends, is stopped or is cut off from the
// database, another takes the lease, and a request that was on its way goes
// there within its patience.
//
// It refuses to decide who leads (the lease does), to carry anything for who
// does not prove to hold the installation's key (TLS with a key made of it, on
// both sides), to give an answer that was read here after the lead was lost, or
// while that is not known, and to make twice what may be made once only.
package cluster
