package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.release.BlobModels;
import io.openclaw.release.Content;
import io.openclaw.release.ContentDiff;
import io.openclaw.release.ContentJson;
import io.openclaw.release.Found;
import io.openclaw.release.Manifest;
import io.openclaw.release.ReleaseCheck;
import io.openclaw.release.Sha256;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A node's releases through its admin port, as they were when this was made. */
final class ReleaseClient {
  private static final String RELEASES = "/admin/v1/releases";
  private static final String BLOBS = "/admin/v1/blobs/";

  private final AdminNode node;
  private final Json.Obj list;

  ReleaseClient(AdminNode node) throws IOException, ConfigException, InterruptedException {
    this.node = node;
    list = node.call("GET", RELEASES, null);
  }

  /** The node's answer: what is served, and the releases that are kept, newest first. */
  Json.Obj list() {
    return list;
  }

  /** The releases, newest first. */
  List<Json.Obj> releases() {
    return list.get("releases") instanceof Json.Arr array
        ? array.elements().stream().map(each -> (Json.Obj) each).toList()
        : List.of();
  }

  private static Json.Obj member(Json.Obj object, String name) throws IOException {
    if (object.get(name) instanceof Json.Obj found) {
      return found;
    }
    throw new IOException("the node's answer has no " + name);
  }

  /** The newest version. */
  long headVersion() throws IOException {
    return member(list, "head").get("version") instanceof Json.Num version
        ? (long) version.value()
        : 0;
  }

  /** The version that was in force before this one; 0 is what the configuration says. */
  long versionBefore() throws IOException {
    List<Json.Obj> kept = releases();
    if (kept.isEmpty()) {
      throw new IOException("there is no release to roll back");
    }
    String parent = AdminNode.text(kept.getFirst(), "parent");
    for (Json.Obj release : kept) {
      if (AdminNode.text(release, "id").equals(parent)
          && release.get("version") instanceof Json.Num version) {
        return (long) version.value();
      }
    }
    if (parent.isEmpty()) {
      return 0;
    }
    throw new IOException(
        "the node does not have the release before this one (name another with --to VERSION)");
  }

  private String headId() throws IOException {
    return AdminNode.text(member(list, "head"), "id");
  }

  /** One release, by its version. */
  Json.Obj show(long version) throws IOException, ConfigException, InterruptedException {
    return node.call("GET", RELEASES + "/" + version, null);
  }

  /** The digest of the content that is served. */
  String servedDigest() throws IOException {
    return AdminNode.text(member(list, "serving"), "content");
  }

  /** A content document. */
  Json.Obj document(String digest) throws IOException, ConfigException, InterruptedException {
    try {
      if (JsonReader.read(node.get(BLOBS + digest), ContentJson.VALUES_MAX)
          instanceof Json.Obj document) {
        return document;
      }
      throw new IOException("the content " + digest + " is no object");
    } catch (JsonSyntaxException e) {
      throw new IOException("the content " + digest + " is not JSON", e);
    }
  }

  /** What a content would change of what is served. */
  ContentDiff diff(Content content) throws IOException, ConfigException, InterruptedException {
    return ContentDiff.of(document(servedDigest()), ContentJson.write(content));
  }

  /**
   * The content in force, its models with it: what a release is laid on.
   *
   * @throws IOException where the node serves another, as one that soaks there
   */
  Content served() throws IOException, ConfigException, InterruptedException {
    Json.Obj serving = member(list, "serving");
    if (!AdminNode.text(serving, "id").equals(headId())) {
      throw new IOException(
          "the node serves version "
              + AdminNode.text(serving, "version")
              + ", which is not in force (openclaw release status; try again when nothing is on its"
              + " way, or with --admin-url of another region)");
    }
    byte[] document = node.get(BLOBS + servedDigest());
    Map<String, byte[]> blobs = new LinkedHashMap<>();
    Json.Obj served = document(servedDigest());
    fetch(blobs, served.get("models"), "sha256");
    fetch(blobs, served.get("tenants"), "samples");
    ContentJson.Reading reading =
        ContentJson.read(
            document,
            new BlobModels(
                digest -> {
                  byte[] bytes = blobs.get(digest);
                  return bytes == null ? new Found.Missing<>(digest) : new Found.Whole<>(bytes);
                }));
    Content content = reading.content();
    if (content == null) {
      throw new IOException("the node's content: " + String.join("; ", reading.complaints()));
    }
    return content;
  }

  private void fetch(Map<String, byte[]> blobs, @Nullable Json owners, String member)
      throws IOException, ConfigException, InterruptedException {
    for (Json owner :
        owners instanceof Json.Obj named ? named.members().values() : List.<Json>of()) {
      String digest = owner instanceof Json.Obj each ? AdminNode.text(each, member) : "";
      if (!digest.isEmpty() && !blobs.containsKey(digest)) {
        blobs.put(digest, node.get(BLOBS + digest));
      }
    }
  }

  /** Uploads what the node does not have; how many blobs that were. */
  int upload(Content content) throws IOException, ConfigException, InterruptedException {
    int uploaded = 0;
    for (Map.Entry<String, byte[]> blob : new TreeMap<>(ContentJson.blobs(content)).entrySet()) {
      String path = BLOBS + blob.getKey();
      if (!node.has(path)) {
        node.put(path, blob.getValue());
        uploaded++;
      }
    }
    return uploaded;
  }

  /** The digest of a content's document. */
  static String digest(Content content) {
    return Sha256.hex(ContentJson.bytes(content));
  }

  /** Proposes the next release; the node's answer. */
  Json.Obj propose(String content, Manifest.Action action, Wish wish, boolean dryRun)
      throws IOException, ConfigException, InterruptedException {
    ReleaseCheck.Proposal proposal =
        new ReleaseCheck.Proposal(
            headVersion() + 1,
            headId(),
            wish.author(),
            wish.message(),
            action,
            content,
            wish.allowMassDelete(),
            wish.allowDrift(),
            wish.allowSlow());
    return node.call("POST", RELEASES, new ReleaseWish(proposal, dryRun, wish.now()).json());
  }

  /**
   * What its author says of a release.
   *
   * @param detach whether nobody waits for its end
   */
  record Wish(
      String author,
      String message,
      boolean allowMassDelete,
      boolean allowDrift,
      boolean allowSlow,
      boolean now,
      boolean detach) {}
}
