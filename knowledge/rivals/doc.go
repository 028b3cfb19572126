// Package rivals holds our ranking of guides against SQLite's FTS5 and bleve, on the
// same guides and questions in the same run. It is tests alone, behind the build
// tag that FTS5 needs anyway: the program links neither.
//
//	go test -tags sqlite_fts5 ./knowledge/rivals -v -guides FILE
package rivals
