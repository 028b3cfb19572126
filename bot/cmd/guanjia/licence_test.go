package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLicences looks at the licence of every module that the program links:
// each has one, and none asks that what links it be given away.
func TestLicences(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	seen := map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		path, dir, ok := strings.Cut(lines.Text(), "\t")
		if !ok || seen[path] {
			continue
		}
		seen[path] = true
		if kind := licenceOf(dir); kind == "" {
			t.Errorf("%s has no licence that may be linked", path)
		}
	}
	if len(seen) < 20 {
		t.Fatalf("only %d modules are linked", len(seen))
	}
}

// licenceOf is the kind of licence a module is under, empty if none is known
// that may be linked into anything.
func licenceOf(dir string) string {
	var files []string
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "License*", "COPYING*"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern)) // the patterns are sound
		files = append(files, found...)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		text := strings.Join(strings.Fields(string(raw)), " ")
		for kind, words := range map[string]string{
			"Apache-2.0": "Apache License Version 2.0", "MIT": "Permission is hereby granted, free of charge", "ISC": "Permission to use, copy, modify, and",
			"BSD": "Redistribution and use in source and binary forms", "MPL-2.0": "Mozilla Public License", "CC0": "CC0", "Unlicense": "free and unencumbered software",
		} {
			if strings.Contains(text, words) {
				return kind
			}
		}
	}
	return ""
}
