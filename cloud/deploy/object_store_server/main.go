// The object store for one machine: fake-gcs-server as a library behind a handler of ours.
//
// The library (v1.56.1) keeps preconditions on uploads only, forgets the storage class in a rewrite and knows no
// moveTo, which Google's Hadoop connector uses to rename. Here every change goes through one lock, checks its
// preconditions first, and a download holds the file it has begun with. Newer releases of the library keep
// preconditions themselves; then this file may shrink.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

const (
	objectsAPI   = "/storage/v1/b/"
	downloadsAPI = "/download/storage/v1/b/"
	noSuchObject = int64(0)
)

type gate struct {
	store  *fakestorage.Server
	root   string
	next   http.Handler
	change sync.RWMutex
}

// target is what an object request names: b/<bucket>/o/<object>[/<action>/…].
type target struct {
	bucket, object, action string
	destBucket, destObject string
}

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 picks a free one")
	root := flag.String("root", "", "folder that holds the buckets")
	bucket := flag.String("bucket", "lake", "bucket to make if it is not there")
	flag.Parse()
	if *root == "" {
		log.Fatal("-root is missing: name the folder that holds the buckets")
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		log.Fatal(err)
	}
	address := listener.Addr().String()
	store, err := fakestorage.NewServerWithOptions(fakestorage.Options{
		StorageRoot: *root,
		Scheme:      "http",
		NoListener:  true,
		PublicHost:  address,
		ExternalURL: "http://" + address,
	})
	if err != nil {
		log.Fatal(err)
	}
	removeHalfWritten(store, *root)
	store.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: *bucket})
	fmt.Printf("{\"endpoint\": \"http://%s\"}\n", address)
	go endWithStandardInput()
	log.Fatal(http.Serve(listener, &gate{store: store, root: *root, next: store.HTTPHandler()}))
}

// endWithStandardInput ends the process when whoever started it is gone or says so.
func endWithStandardInput() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

// removeHalfWritten removes what a killed upload left: content whose attributes were not written yet. It was never
// acknowledged, and one such file would fail every listing of its bucket.
func removeHalfWritten(store *fakestorage.Server, root string) {
	_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".metadata") {
			return nil
		}
		relative, _ := filepath.Rel(root, path)
		bucket, object, inBucket := strings.Cut(filepath.ToSlash(relative), "/")
		if !inBucket {
			return nil
		}
		if found, err := store.GetObjectStreaming(bucket, object); err != nil {
			log.Printf("removing %s: its upload was not finished", relative)
			_ = os.Remove(path)
		} else {
			found.Close()
		}
		return nil
	})
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		isMedia := strings.HasPrefix(path, downloadsAPI) || r.URL.Query().Get("alt") == "media"
		if to, ok := parseTarget(path); ok && isMedia && to.action == "" {
			g.download(w, r, to)
			return
		}
		g.change.RLock()
		defer g.change.RUnlock()
		if bucket, ok := parseList(r); ok {
			g.list(w, r, bucket)
		} else {
			g.next.ServeHTTP(w, r)
		}
		return
	}
	// Read before the lock is taken, so that a slow sender holds up nobody.
	body, err := io.ReadAll(r.Body)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	g.change.Lock()
	defer g.change.Unlock()
	to, ok := parseTarget(path)
	if !ok {
		g.next.ServeHTTP(w, r)
		return
	}
	query := r.URL.Query()
	switch to.action {
	case "rewriteTo", "copyTo", "moveTo":
		if g.allowed(w, query, to.destBucket, to.destObject, "if") && g.allowed(w, query, to.bucket, to.object, "ifSource") {
			g.copy(w, r, to, body)
		}
	default:
		if g.allowed(w, query, to.bucket, to.object, "if") {
			g.next.ServeHTTP(w, r)
		}
	}
}

func parseTarget(path string) (target, bool) {
	rest, ok := strings.CutPrefix(path, objectsAPI)
	if !ok {
		if rest, ok = strings.CutPrefix(path, downloadsAPI); !ok {
			return target{}, false
		}
	}
	var parts []string
	for _, part := range strings.Split(rest, "/") {
		text, err := url.PathUnescape(part)
		if err != nil {
			return target{}, false
		}
		parts = append(parts, text)
	}
	if len(parts) < 3 || parts[1] != "o" || parts[2] == "" {
		return target{}, false
	}
	to := target{bucket: parts[0], object: parts[2]}
	if len(parts) > 3 {
		to.action = parts[3]
	}
	switch {
	case len(parts) == 8 && (to.action == "rewriteTo" || to.action == "copyTo"):
		to.destBucket, to.destObject = parts[5], parts[7]
	case len(parts) == 6 && to.action == "moveTo":
		to.destBucket, to.destObject = to.bucket, parts[5]
	}
	return to, true
}

func (g *gate) generation(bucket, object string) int64 {
	found, err := g.store.GetObjectStreaming(bucket, object)
	if err != nil {
		return noSuchObject
	}
	defer found.Close()
	return found.Generation
}

// allowed answers 412 where <prefix>GenerationMatch or <prefix>GenerationNotMatch does not hold.
func (g *gate) allowed(w http.ResponseWriter, query url.Values, bucket, object, prefix string) bool {
	for name, mustEqual := range map[string]bool{"GenerationMatch": true, "GenerationNotMatch": false} {
		text := query.Get(prefix + name)
		if text == "" {
			continue
		}
		wanted, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			fail(w, http.StatusBadRequest, prefix+name+" is not a number: "+text)
			return false
		}
		if (g.generation(bucket, object) == wanted) != mustEqual {
			fail(w, http.StatusPreconditionFailed, "At least one of the pre-conditions you specified did not hold.")
			return false
		}
	}
	return true
}

// copy serves rewriteTo, copyTo and moveTo; attributes in the request replace the source's, the storage class too.
func (g *gate) copy(w http.ResponseWriter, r *http.Request, to target, body []byte) {
	source, err := g.store.GetObjectStreaming(to.bucket, to.object)
	if err != nil || to.destObject == "" {
		fail(w, http.StatusNotFound, "No such object: "+to.bucket+"/"+to.object)
		return
	}
	defer source.Close()
	attributes := fakestorage.ObjectAttrs{
		BucketName: to.destBucket, Name: to.destObject, ContentType: source.ContentType,
		ContentEncoding: source.ContentEncoding, ContentDisposition: source.ContentDisposition,
		ContentLanguage: source.ContentLanguage, CacheControl: source.CacheControl, ACL: source.ACL,
		StorageClass: source.StorageClass, Metadata: source.Metadata, CustomTime: source.CustomTime,
	}
	var asked struct {
		StorageClass string            `json:"storageClass"`
		ContentType  string            `json:"contentType"`
		Metadata     map[string]string `json:"metadata"`
	}
	if len(body) > 0 && to.action != "moveTo" {
		if err := json.Unmarshal(body, &asked); err != nil {
			fail(w, http.StatusBadRequest, "the request is not JSON: "+err.Error())
			return
		}
	}
	if asked.StorageClass != "" {
		attributes.StorageClass = asked.StorageClass
	}
	if asked.ContentType != "" {
		attributes.ContentType = asked.ContentType
	}
	if asked.Metadata != nil {
		attributes.Metadata = asked.Metadata
	}
	if err := g.store.CreateObjectStreaming(fakestorage.StreamingObject{ObjectAttrs: attributes, Content: source.Content}); err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	if to.action == "moveTo" && (to.bucket != to.destBucket || to.object != to.destObject) {
		if err := g.store.Backend().DeleteObject(to.bucket, to.object); err != nil {
			fail(w, http.StatusInternalServerError, err.Error())
			return
		}
	}
	resource := g.resource(r, to.destBucket, to.destObject)
	if to.action == "rewriteTo" {
		size := strconv.FormatInt(source.Size, 10)
		answer(w, map[string]any{
			"kind": "storage#rewriteResponse", "totalBytesRewritten": size, "objectSize": size, "done": true, "resource": resource,
		})
		return
	}
	answer(w, resource)
}

// resource is the object's own JSON, as the library writes it.
func (g *gate) resource(r *http.Request, bucket, object string) json.RawMessage {
	path := objectsAPI + url.PathEscape(bucket) + "/o/" + url.PathEscape(object)
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.Host = r.Host
	recorder := httptest.NewRecorder()
	g.next.ServeHTTP(recorder, request)
	return recorder.Body.Bytes()
}

func (g *gate) download(w http.ResponseWriter, r *http.Request, to target) {
	g.change.RLock()
	found, err := g.store.GetObjectStreaming(to.bucket, to.object)
	if err == nil {
		// The library opens the file at the first use; a seek makes that now, before another version takes its name.
		_, err = found.Content.Seek(0, io.SeekStart)
	}
	g.change.RUnlock()
	wanted := r.URL.Query().Get("generation")
	if err != nil || (wanted != "" && wanted != strconv.FormatInt(found.Generation, 10)) {
		fail(w, http.StatusNotFound, "No such object: "+to.bucket+"/"+to.object)
		return
	}
	defer found.Close()
	match := r.URL.Query().Get("ifGenerationMatch")
	if match != "" && match != strconv.FormatInt(found.Generation, 10) {
		fail(w, http.StatusPreconditionFailed, "At least one of the pre-conditions you specified did not hold.")
		return
	}
	header := w.Header()
	header.Set("Content-Type", found.ContentType)
	if found.ContentEncoding != "" {
		header.Set("Content-Encoding", found.ContentEncoding)
	}
	header.Set("ETag", strconv.Quote(found.Etag))
	header.Set("X-Goog-Generation", strconv.FormatInt(found.Generation, 10))
	header.Set("X-Goog-Metageneration", "1")
	header.Set("X-Goog-Storage-Class", found.StorageClass)
	header.Set("X-Goog-Stored-Content-Length", strconv.FormatInt(found.Size, 10))
	header.Set("X-Goog-Hash", "crc32c="+found.Crc32c+",md5="+found.Md5Hash)
	for name, value := range found.Metadata {
		header.Set("X-Goog-Meta-"+name, value)
	}
	http.ServeContent(w, r, "", found.Updated, found.Content)
}

func answer(w http.ResponseWriter, content any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(content)
}

func fail(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": status, "message": message}})
}
