package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

const mostPerPage = 1000

// listing is one answer to objects.list. The library reads every object's attributes for each answer; here only the
// folders that can hold what is asked for are walked, in the order of names, and only as far as a page goes.
type listing struct {
	prefix, delimiter, start, end string
	most                          int
	names, prefixes               []string
	next                          string
}

// parseList tells whether the request is objects.list, and of which bucket.
func parseList(r *http.Request) (string, bool) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), objectsAPI)
	if !ok || r.Method != http.MethodGet {
		return "", false
	}
	bucket, tail, _ := strings.Cut(rest, "/")
	delimiter := r.URL.Query().Get("delimiter")
	if (tail != "o" && tail != "o/") || (delimiter != "" && delimiter != "/") {
		return "", false
	}
	name, err := url.PathUnescape(bucket)
	return name, err == nil
}

func (g *gate) list(w http.ResponseWriter, r *http.Request, bucket string) {
	folder := filepath.Join(g.root, url.PathEscape(bucket))
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		fail(w, http.StatusNotFound, "The specified bucket does not exist.")
		return
	}
	query := r.URL.Query()
	asked := listing{
		prefix: query.Get("prefix"), delimiter: query.Get("delimiter"),
		start: query.Get("startOffset"), end: query.Get("endOffset"), most: mostPerPage,
	}
	if text := query.Get("maxResults"); text != "" {
		most, err := strconv.Atoi(text)
		if err != nil || most < 1 {
			fail(w, http.StatusBadRequest, "maxResults is not a number above 0: "+text)
			return
		}
		asked.most = min(most, mostPerPage)
	}
	if token := query.Get("pageToken"); token != "" {
		asked.start = token
	}
	asked.walk(folder, "")
	answered := map[string]any{"kind": "storage#objects"}
	items := make([]json.RawMessage, 0, len(asked.names))
	for _, name := range asked.names {
		items = append(items, g.resource(r, bucket, name))
	}
	if len(items) > 0 {
		answered["items"] = items
	}
	if len(asked.prefixes) > 0 {
		answered["prefixes"] = asked.prefixes
	}
	if asked.next != "" {
		answered["nextPageToken"] = asked.next
	}
	answer(w, answered)
}

// walk adds what lies in the folder, whose objects' names begin with base; false once the page is full.
func (l *listing) walk(folder, base string) bool {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return true
	}
	names := make([]string, 0, len(entries))
	present := make(map[string]bool, len(entries))
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() {
			name += "/"
		}
		present[name] = true
		names = append(names, name)
	}
	// A folder sorts as its objects' names do: "a-b" comes before "a/".
	sort.Strings(names)
	for _, own := range names {
		name := base + own
		if l.end != "" && name >= l.end {
			return true
		}
		isFolder := strings.HasSuffix(own, "/")
		if isFolder {
			if !strings.HasPrefix(name, l.prefix) && !strings.HasPrefix(l.prefix, name) {
				continue
			}
			if l.start != "" && name < l.start && !strings.HasPrefix(l.start, name) {
				continue
			}
			below := filepath.Join(folder, own)
			if l.delimiter != "" && strings.HasPrefix(name, l.prefix) && name != l.prefix {
				if holdsObject(below) && !l.take(name, &l.prefixes) {
					return false
				}
			} else if !l.walk(below, name) {
				return false
			}
			continue
		}
		attributesOf := strings.TrimSuffix(own, ".metadata")
		isAttributes := attributesOf != own && present[attributesOf]
		if isAttributes || !strings.HasPrefix(name, l.prefix) || name < l.start {
			continue
		}
		if !l.take(name, &l.names) {
			return false
		}
	}
	return true
}

func (l *listing) take(name string, into *[]string) bool {
	if len(l.names)+len(l.prefixes) == l.most {
		l.next = name
		return false
	}
	*into = append(*into, name)
	return true
}

// holdsObject tells a folder with objects from one that only deleted objects left behind.
func holdsObject(folder string) bool {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if !entry.IsDir() || holdsObject(filepath.Join(folder, entry.Name())) {
			return true
		}
	}
	return false
}
