package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"syscall"
)

// journalFile is the name of the journal in the data directory.
const journalFile = "journal"

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
const longestJournal = 8 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// journal is the file that makes light turns durable: one record for a group
// of them, written and synced together. What is in it is written into the
// tables a moment later, and the file begun anew from its start: overwriting
// needs no new blocks, which makes the sync cheaper than appending. Old records
// behind the new ones have lower numbers and so are not mistaken for them.
type journal struct {
	file *os.File
	end  int64  // where the next record goes
	seq  uint64 // of the last record
	buf  []byte
}

// openJournal opens the journal of a directory and reads the records that
// follow number applied, which must be in the tables before it is written to.
func openJournal(dir string, applied uint64) (*journal, [][]byte, error) {
	path := filepath.Join(dir, journalFile)
	raw, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("read journal: %w", err)
	}
	payloads, err := scanJournal(raw, applied)
	if err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open journal: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open journal: %w", err), f.Close())
	}
	return &journal{file: f, seq: applied + uint64(len(payloads))}, payloads, nil
}

// scanJournal reads the payloads of the records that follow number applied. It
// stops at the first record that is not whole, which is
// the one that was being written when the process or the machine died: nobody
// was told of it. A whole record with a higher number behind it proves that
// this one had been synced, and that is ErrJournal.
func scanJournal(raw []byte, applied uint64) (payloads [][]byte, err error) {
	rest, next := raw, uint64(0)
	for {
		seq, payload, size := readRecord(rest)
		if size == 0 || next != 0 && seq != next {
			break
		}
		next = seq + 1
		rest = rest[size:]
		if seq <= applied {
			continue
		}
		if seq != applied+uint64(len(payloads))+1 {
			return nil, fmt.Errorf("%w: record %d follows %d", ErrJournal, seq, applied+uint64(len(payloads)))
		}
		payloads = append(payloads, payload)
	}
	last := applied + uint64(len(payloads))
	for i := bytes.Index(rest, recordStart); i >= 0; i = bytes.Index(rest, recordStart) {
		if seq, _, size := readRecord(rest[i:]); size > 0 && seq > last+1 {
			return nil, fmt.Errorf("%w: record %d is damaged", ErrJournal, last+1)
		}
		rest = rest[i+1:]
	}
	return payloads, nil
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
	if _, err := j.file.WriteAt(record, j.end); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if err := syscall.Fdatasync(int(j.file.Fd())); err != nil {
		return fmt.Errorf("sync journal: %w", err)
	}
	j.end += int64(len(record))
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
	raw := make([]byte, j.end)
	if _, err := j.file.ReadAt(raw, 0); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return scanJournal(raw, applied)
}

// restart begins the file anew, when everything in it is in the tables.
func (j *journal) restart() { j.end = 0 }

// erase begins the file anew and leaves nothing of what was in it.
func (j *journal) erase() error {
	j.end = 0
	err := j.file.Truncate(0)
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("erase journal: %w", err)
	}
	return nil
}

func (j *journal) close() error { return j.file.Close() }
