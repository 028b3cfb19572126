package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// journalFiles are the names of the journal's files in the data directory.
var journalFiles = [2]string{"journal-0", "journal-1"}

// ErrJournal means that the journal does not go with the records: what was
// acknowledged is missing in it. Moving the file away opens the records
// without the turns it holds.
var ErrJournal = errors.New("journal does not go with the records")

// A record is a header and a payload. The header is, little endian: a mark,
// the payload's length, the record's number, and the CRC-32C of length, number
// and payload.
const (
	recordMark    = 0x316c6a67 // gjl1
	recordHeader  = 20
	longestRecord = 64 << 20 // bytes of a payload
)

// longestJournal is how long the journal may grow before it is written into
// the tables, in bytes.
const longestJournal = 32 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// journal is the pair of files that make light turns durable: one record for a
// group of them, written and synced together. While what is in one file is
// written into the tables, records go into the other; then it is begun anew
// from its start: overwriting needs no new blocks, which makes the sync cheaper
// than appending. Old records behind the new ones have lower numbers and so
// are not mistaken for them.
type journal struct {
	files [2]*os.File
	ends  [2]int64 // where the next record goes
	at    int      // the file that is written to
	seq   uint64   // of the last record
	buf   []byte
}

// openJournal opens the journal of a directory and reads the records that
// follow number applied, which must be in the tables before it is written to.
func openJournal(dir string, applied uint64) (j *journal, payloads [][]byte, err error) {
	var raw [2][]byte
	j = &journal{}
	for i, name := range journalFiles {
		path := filepath.Join(dir, name)
		if raw[i], err = os.ReadFile(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, nil, errors.Join(fmt.Errorf("read journal: %w", err), j.close())
		}
		if j.files[i], err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
			return nil, nil, errors.Join(fmt.Errorf("open journal: %w", err), j.close())
		}
	}
	if err := syncDir(dir); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open journal: %w", err), j.close())
	}
	if payloads, err = recordsAfter(applied, raw[:]...); err != nil {
		return nil, nil, errors.Join(err, j.close())
	}
	j.seq = applied + uint64(len(payloads))
	return j, payloads, nil
}

// record is one record of the journal.
type record struct {
	seq     uint64
	payload []byte
}

// recordsAfter reads the payloads of the records that follow number applied
// from the journal's files. That none is missing is proof that they go with
// the tables: otherwise it is ErrJournal.
func recordsAfter(applied uint64, files ...[]byte) ([][]byte, error) {
	var all []record
	for _, raw := range files {
		records, err := scanJournal(raw, applied)
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	slices.SortFunc(all, func(a, b record) int { return cmp.Compare(a.seq, b.seq) })
	payloads := make([][]byte, len(all))
	for i, r := range all {
		if r.seq != applied+uint64(i)+1 {
			return nil, fmt.Errorf("%w: record %d follows %d", ErrJournal, r.seq, applied+uint64(i))
		}
		payloads[i] = r.payload
	}
	return payloads, nil
}

// scanJournal reads a file's records after number applied. It stops at the
// first record that is not whole, which is the one that was being written when
// the process or the machine died: nobody was told of it. A whole record with
// a higher number behind it proves that this one had been synced, and that is
// ErrJournal.
func scanJournal(raw []byte, applied uint64) (records []record, err error) {
	rest, next := raw, uint64(0)
	for {
		seq, payload, size := readRecord(rest)
		if size == 0 || next != 0 && seq != next {
			break
		}
		next = seq + 1
		rest = rest[size:]
		if seq > applied {
			records = append(records, record{seq, payload})
		}
	}
	last := max(applied, next)
	for i := bytes.Index(rest, recordStart); i >= 0; i = bytes.Index(rest, recordStart) {
		if seq, _, size := readRecord(rest[i:]); size > 0 && seq > last {
			return nil, fmt.Errorf("%w: the one before record %d is damaged", ErrJournal, seq)
		}
		rest = rest[i+1:]
	}
	return records, nil
}

var recordStart = binary.LittleEndian.AppendUint32(nil, recordMark)

// readRecord reads the record at the beginning of raw; size is 0 if there is
// no whole one.
func readRecord(raw []byte) (seq uint64, payload []byte, size int) {
	if len(raw) < recordHeader || binary.LittleEndian.Uint32(raw) != recordMark {
		return 0, nil, 0
	}
	n := int(binary.LittleEndian.Uint32(raw[4:]))
	if n > longestRecord || n > len(raw)-recordHeader {
		return 0, nil, 0
	}
	seq, payload = binary.LittleEndian.Uint64(raw[8:]), raw[recordHeader:recordHeader+n]
	if binary.LittleEndian.Uint32(raw[16:]) != checksum(raw[4:16], payload) {
		return 0, nil, 0
	}
	return seq, payload, recordHeader + n
}

func checksum(header, payload []byte) uint32 {
	return crc32.Update(crc32.Update(0, castagnoli, header), castagnoli, payload)
}

// append makes a payload durable. When it fails, whether the record is there
// is not known; its number is not used again.
func (j *journal) append(payload func([]byte) []byte) error {
	j.seq++
	record := j.encode(payload)
	if len(record)-recordHeader > longestRecord {
		return fmt.Errorf("write journal: a record of %d bytes is too long", len(record))
	}
	if _, err := j.files[j.at].WriteAt(record, j.ends[j.at]); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := syscall.Fdatasync(int(j.files[j.at].Fd())); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	j.ends[j.at] += int64(len(record))
	return nil
}

// encode makes the record of a payload under the journal's number; it is good
// until the next.
func (j *journal) encode(payload func([]byte) []byte) []byte {
	b := payload(append(j.buf[:0], make([]byte, recordHeader)...))
	binary.LittleEndian.PutUint32(b, recordMark)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-recordHeader))
	binary.LittleEndian.PutUint64(b[8:], j.seq)
	binary.LittleEndian.PutUint32(b[16:], checksum(b[4:16], b[recordHeader:]))
	j.buf = b
	return b
}

// read reads back the records after number applied, which a failed append has
// left standing.
func (j *journal) read(applied uint64) ([][]byte, error) {
	var raw [2][]byte
	for i, f := range j.files {
		raw[i] = make([]byte, j.ends[i])
		if _, err := f.ReadAt(raw[i], 0); err != nil {
			return nil, fmt.Errorf("read journal: %w", err)
		}
	}
	return recordsAfter(applied, raw[:]...)
}

// turn goes on in the other file, whose records must all be in the tables, and
// returns the number of the last record in this one.
func (j *journal) turn() (last uint64) {
	j.at = 1 - j.at
	j.ends[j.at] = 0
	return j.seq
}

// length is how much has gathered in the file that is written to, in bytes.
func (j *journal) length() int64 { return j.ends[j.at] }

// restart begins both files anew, when everything in them is in the tables.
func (j *journal) restart() { j.ends = [2]int64{} }

// erase begins the files anew and leaves nothing of what was in them.
func (j *journal) erase() error {
	j.restart()
	for _, f := range j.files {
		err := f.Truncate(0)
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			return fmt.Errorf("erase journal: %w", err)
		}
	}
	return nil
}

func (j *journal) close() error {
	var errs []error
	for _, f := range j.files {
		if f != nil {
			errs = append(errs, f.Close())
		}
	}
	return errors.Join(errs...)
}
