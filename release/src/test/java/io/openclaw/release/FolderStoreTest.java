package io.openclaw.release;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest {
  /** A process that ends. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @TempDir Path folder = Path.of("");

  private FolderStore store() throws IOException {
    return new FolderStore(folder, ReleaseKeys.open(folder));
  }

  /** Publishes as a node does: blobs, manifest, and then the word that it is in force. */
  private void publish(ReleaseStore store, long version, Content content) throws IOException {
    String parent =
        store.stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef before) ? before.id() : "";
    List<Manifest.Blob> blobs = new ArrayList<>();
    for (Map.Entry<String, byte[]> blob : ContentJson.blobs(content).entrySet()) {
      store.put(blob.getKey(), blob.getValue());
      blobs.add(new Manifest.Blob(blob.getKey(), blob.getValue().length));
    }
    SignedManifest signed =
        ReleaseKeys.open(folder)
            .sign(
                new Manifest(
                    version,
                    parent,
                    "ops",
                    version,
                    "m",
                    Manifest.Action.APPLY,
                    Sha256.hex(ContentJson.bytes(content)),
                    blobs));
    store.put(signed);
    store.stable(new ReleaseRef(version, signed.id()));
  }

  private static Content content(int n) {
    return new Content(
        null,
        null,
        List.of(Contents.model("card", "{\"n\":" + n + "}")),
        List.of(Contents.tenant("t" + n)),
        List.of(),
        List.of(),
        Map.of());
  }

  @Test
  void what_was_published_is_read_back_whole() throws Exception {
    publish(store(), 1, content(1));
    publish(store(), 2, Contents.full());
    assertThat(store().versions()).containsExactly(1L, 2L);
    assertThat(folder.resolve("releases/0000000002.json")).exists();
    assertThat(StoredRelease.read(store(), 2))
        .isInstanceOfSatisfying(
            Found.Whole.class,
            whole ->
                assertThat(ContentJson.bytes(((StoredRelease) whole.value()).content()))
                    .isEqualTo(ContentJson.bytes(Contents.full())));
    assertThat(store().stable())
        .isInstanceOfSatisfying(
            Found.Whole.class,
            whole -> assertThat(((ReleaseRef) whole.value()).version()).isEqualTo(2));
  }

  @Test
  void what_is_not_there_is_missing_and_what_is_damaged_is_corrupt() throws Exception {
    assertThat(store().stable()).isInstanceOf(Found.Missing.class);
    assertThat(store().manifest(1)).isInstanceOf(Found.Missing.class);
    assertThat(store().blob("a".repeat(64))).isInstanceOf(Found.Missing.class);
    publish(store(), 1, content(1));
    Path manifest = folder.resolve("releases/0000000001.json");
    Files.copy(manifest, folder.resolve("releases/0000000002.json"));
    assertThat(store().manifest(2)).as("under another number").isInstanceOf(Found.Corrupt.class);
    Files.writeString(folder.resolve("stable"), "{\"version\":1}");
    assertThat(store().stable()).isInstanceOf(Found.Corrupt.class);
    Files.writeString(manifest, "{");
    assertThat(store().manifest(1)).isInstanceOf(Found.Corrupt.class);
  }

  /** The planted faults: one byte of every file, anywhere in it. */
  @Test
  void a_changed_byte_in_any_file_is_never_served() throws Exception {
    publish(store(), 1, Contents.full());
    List<Path> files;
    try (var all = Files.walk(folder)) {
      files =
          all.filter(Files::isRegularFile)
              .filter(f -> f.toString().contains("releases") || f.toString().contains("blobs"))
              .toList();
    }
    assertThat(files).hasSize(4);
    for (Path file : files) {
      byte[] good = Files.readAllBytes(file);
      for (int i = 0; i < good.length; i++) {
        byte[] bad = good.clone();
        bad[i] ^= 1;
        Files.write(file, bad);
        assertThat(StoredRelease.read(store(), 1))
            .as(file + ", byte " + i)
            .isInstanceOf(Found.Corrupt.class);
      }
      Files.write(file, good);
    }
    assertThat(StoredRelease.read(store(), 1)).isInstanceOf(Found.Whole.class);
  }

  @Test
  void a_blob_goes_under_its_own_digest_only() throws Exception {
    FolderStore store = store();
    assertThatThrownBy(() -> store.put("a".repeat(64), "x".getBytes(UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("digest");
    assertThatThrownBy(() -> store.blob("../../etc/passwd"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void killed_at_any_step_of_a_publish_it_has_the_old_release_or_the_new_one() throws Exception {
    List<String> steps = new ArrayList<>();
    publish(store(), 1, content(1));
    publish(new FolderStore(folder, ReleaseKeys.open(folder), steps::add), 2, content(2));
    assertThat(steps).hasSize(16).contains("blob write", "manifest rename", "stable sync");
    int news = 0;
    for (int last = 0; last < steps.size(); last++) {
      int version = last + 3;
      List<String> taken = new ArrayList<>();
      int end = last;
      FolderStore dying =
          new FolderStore(
              folder,
              ReleaseKeys.open(folder),
              step -> {
                taken.add(step);
                if (taken.size() > end) {
                  throw new Killed();
                }
              });
      long before = inForce();
      assertThatThrownBy(() -> publish(dying, before + 1, content(version)))
          .isInstanceOf(Killed.class);
      long after = inForce();
      assertThat(after).as(taken.getLast()).isBetween(before, before + 1);
      assertThat(StoredRelease.read(store(), after)).isInstanceOf(Found.Whole.class);
      news += after > before ? 1 : 0;
    }
    assertThat(news).as("after the rename of stable").isEqualTo(2);
  }

  private long inForce() throws IOException {
    return store().stable() instanceof Found.Whole<ReleaseRef>(ReleaseRef stable)
        ? stable.version()
        : 0;
  }

  @Test
  void old_releases_go_with_what_only_they_need() throws Exception {
    for (int version = 1; version <= 6; version++) {
      publish(store(), version, content(version % 5)); // the first and the sixth are the same
    }
    store().put(Sha256.hex("young".getBytes(UTF_8)), "young".getBytes(UTF_8));
    long now = System.currentTimeMillis();
    store().prune(2, Set.of(), now);
    assertThat(store().versions()).containsExactly(5L, 6L);
    assertThat(blobFiles()).as("all are young").isEqualTo(11);
    try (var all = Files.walk(folder.resolve("blobs"))) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!Files.readString(file).equals("young")) {
          Files.setLastModifiedTime(
              file, FileTime.fromMillis(now - FolderStore.UNNAMED_MILLIS - 1000));
        }
      }
    }
    store().prune(2, Set.of(), now);
    assertThat(blobFiles()).isEqualTo(5);
    for (long version : store().versions()) {
      assertThat(StoredRelease.read(store(), version)).isInstanceOf(Found.Whole.class);
    }
  }

  @Test
  void what_is_staged_stays_however_old_it_is() throws Exception {
    publish(store(), 1, content(1));
    byte[] staged = "staged".getBytes(UTF_8);
    String digest = Sha256.hex(staged);
    store().put(digest, staged);
    store().prune(1, Set.of(digest), Long.MAX_VALUE / 2);
    assertThat(store().has(digest)).isTrue();
    store().prune(1, Set.of(), Long.MAX_VALUE / 2);
    assertThat(store().has(digest)).isFalse();
  }

  @Test
  void the_release_in_force_never_goes() throws Exception {
    for (int version = 1; version <= 3; version++) {
      publish(store(), version, content(version));
    }
    SignedManifest first =
        switch (store().manifest(1)) {
          case Found.Whole<SignedManifest>(SignedManifest signed) -> signed;
          case Found.Missing<SignedManifest> none -> throw new AssertionError(none);
          case Found.Corrupt<SignedManifest> bad -> throw new AssertionError(bad);
        };
    store().stable(new ReleaseRef(1, first.id()));
    store().prune(1, Set.of(), Long.MAX_VALUE / 2);
    assertThat(store().versions()).contains(1L);
    assertThat(StoredRelease.read(store(), 1)).isInstanceOf(Found.Whole.class);
  }

  private long blobFiles() throws IOException {
    try (var all = Files.walk(Objects.requireNonNull(folder.resolve("blobs")))) {
      return all.filter(Files::isRegularFile).count();
    }
  }
}
