package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"guanjia/config"
)

// composed is what a compose file says, as far as it is held against the program.
type composed struct {
	Services map[string]struct {
		Image, User string
		Environment map[string]string
		Secrets     []string
		Volumes     []string
	}
	Volumes map[string]any
	Secrets map[string]struct{ File string }
}

// No engine runs the compose file here; what can be held against the program
// is: it parses, every setting in it is one, whatever it refers to is there,
// nothing runs as root, and the proxy asks instances that exist.
func TestComposeFile(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	read := func(name string) string {
		raw, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	var c composed
	if err := yaml.Unmarshal([]byte(read("compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	known := map[string]config.Option{}
	for _, o := range config.Options() {
		known["GUANJIA_"+strings.ToUpper(o.Key)] = o
	}
	rooted := regexp.MustCompile(`^(|0|root)(:.*)?$`)
	var peers []string
	for name, s := range c.Services {
		if rooted.MatchString(s.User) {
			t.Errorf("%s runs as %q", name, s.User)
		}
		if tag := s.Image[strings.Index(s.Image, ":")+1:]; s.Image != "guanjia" && (tag == s.Image || tag == "latest") {
			t.Errorf("%s: no version of %s is named", name, s.Image)
		}
		for _, secret := range s.Secrets {
			if c.Secrets[secret].File == "" {
				t.Errorf("%s asks for a secret %s that is nowhere", name, secret)
			}
		}
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if _, named := c.Volumes[from]; named {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, from)); err != nil {
				t.Errorf("%s mounts %s: %v", name, from, err)
			}
		}
		for key, value := range s.Environment {
			if !strings.HasPrefix(key, "GUANJIA_") {
				continue
			}
			if err := settingOf(known, s.Secrets, key, value); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if peer := s.Environment["GUANJIA_PEER_ADDR"]; peer != "" {
			peers = append(peers, peer)
			if !strings.HasPrefix(peer, name+":") {
				t.Errorf("%s is reached by the others at %s", name, peer)
			}
			if door := "server " + name + ":8080 "; !strings.Contains(read("docs/nginx.conf"), door) || s.Environment["GUANJIA_HTTP_ADDR"] != "0.0.0.0:8080" {
				t.Errorf("the proxy does not ask %s at its door", name)
			}
		}
	}
	slices.Sort(peers)
	if !slices.Equal(peers, []string{"one:8090", "two:8090"}) {
		t.Errorf("the instances are %v", peers)
	}
	users := regexp.MustCompile(`(?m)^USER (.+)$`).FindAllStringSubmatch(read("Dockerfile"), -1)
	if len(users) == 0 || rooted.MatchString(users[len(users)-1][1]) {
		t.Errorf("the image runs as %v", users)
	}
}

// settingOf holds one variable of the environment against the settings.
func settingOf(known map[string]config.Option, secrets []string, key, value string) error {
	if _, direct := known[key]; direct && !strings.HasPrefix(value, "/run/secrets/") {
		if known[key].Secret && key != "GUANJIA_REDIS_URL" {
			return fmt.Errorf("%s is a secret and stands in the file", key)
		}
		return nil
	}
	_, direct := known[key]
	option, byFile := known[strings.TrimSuffix(key, "_FILE")]
	if !direct && !(byFile && option.Secret) {
		return fmt.Errorf("%s is no setting", key)
	}
	if name, ok := strings.CutPrefix(value, "/run/secrets/"); !ok || !slices.Contains(secrets, name) {
		return fmt.Errorf("%s reads %s, which it is not given", key, value)
	}
	return nil
}
