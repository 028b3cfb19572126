package main

import (
	_ "embed"
	"net/http"
)

// description is what other programs may call, in OpenAPI 3.0. TestOpenAPI
// holds the routes and their answers to it.
//
//go:embed openapi.yaml
var description []byte

func describe(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Write(description)
}
