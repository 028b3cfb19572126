package main

import (
	"guanjia/bot/kms"
	"guanjia/bot/store"
	"guanjia/config"
)

// recordsOf are the options for opening the records of the settings.
func recordsOf(s config.Settings) (store.Options, error) {
	o := store.Options{Dir: s.DataDir, Database: s.DatabaseURL.Reveal(), KeyFile: s.DataKeyFile}
	if s.KMSURL == "" {
		return o, nil
	}
	keys, err := kms.NewVault(s.KMSURL, s.KMSKey, s.KMSToken.Reveal())
	if err != nil {
		return o, usageError{err}
	}
	o.Keys = keys
	return o, nil
}
