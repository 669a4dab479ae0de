package io.openclaw.app;

import io.openclaw.domain.Json;
import io.openclaw.release.CanonicalJson;
import io.openclaw.release.DurableFile;
import io.openclaw.release.FolderStore;
import io.openclaw.release.Manifest;
import io.openclaw.release.Sha256;
import io.openclaw.release.SignedManifest;
import io.openclaw.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a node's releases into a directory that is laid out as {@code release.source} is read:
 * blobs first, then the manifests that name them, oldest first. What is there already stays
 * untouched, so that a copying tool sees no change.
 */
final class ReleaseExport {
  private final AdminNode node;
  private final Path directory;
  private final List<Long> versions = new ArrayList<>();
  private final List<String> leftOut = new ArrayList<>();
  private int blobs;
  private int manifests;

  ReleaseExport(AdminNode node, Path directory) {
    this.node = node;
    this.directory = directory;
  }

  /** All releases that the node keeps, whole; the others are named by {@link #leftOut}. */
  void write() throws IOException, ConfigException, InterruptedException {
    ReleaseClient client = new ReleaseClient(node);
    for (Json.Obj each : client.releases().reversed()) {
      String fault = AdminNode.text(each, "fault");
      if (each.get("version") instanceof Json.Num number) {
        long version = (long) number.value();
        if (fault.isEmpty()) {
          release(version, client.show(version));
        } else {
          leftOut.add("release " + version + ": " + fault);
        }
      }
    }
  }

  private void release(long version, Json.Obj shown)
      throws IOException, ConfigException, InterruptedException {
    if (!(shown.get("signed") instanceof Json.Obj json)) {
      throw new IOException("the node's answer has no signed release " + version);
    }
    byte[] document = CanonicalJson.write(json);
    SignedManifest signed;
    try {
      signed = SignedManifest.read(document);
    } catch (IllegalArgumentException e) {
      throw new IOException("release " + version + ": " + e.getMessage(), e);
    }
    for (Manifest.Blob blob : signed.manifest().blobs()) {
      Path file = directory.resolve(FolderStore.blobPath(blob.sha256()));
      if (!Files.exists(file) || !Sha256.hex(Files.readAllBytes(file)).equals(blob.sha256())) {
        byte[] bytes = node.get("/admin/v1/blobs/" + blob.sha256());
        if (!Sha256.hex(bytes).equals(blob.sha256())) {
          throw new IOException("blob " + blob.sha256() + ": the node gave other bytes");
        }
        replace(file, bytes);
        blobs++;
      }
    }
    Path file = directory.resolve(FolderStore.manifestPath(version));
    if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), document)) {
      replace(file, document);
      manifests++;
    }
    versions.add(version);
  }

  private static void replace(Path file, byte[] bytes) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    DurableFile.replace(file, bytes, false);
  }

  /** What could not be written, and why. */
  List<String> leftOut() {
    return leftOut;
  }

  /** What was written, for a program. */
  Json.Obj json() {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("directory", new Json.Str(directory.toString()));
    members.put("releases", new Json.Num(versions.size()));
    members.put("blobsWritten", new Json.Num(blobs));
    members.put("manifestsWritten", new Json.Num(manifests));
    members.put("leftOut", new Json.Arr(leftOut.stream().<Json>map(Json.Str::new).toList()));
    return new Json.Obj(members);
  }

  /** What was written, for a person. */
  String text() {
    return directory
        + ": "
        + versions.size()
        + " releases, of which "
        + manifests
        + " were written now, with "
        + blobs
        + " blobs";
  }
}
